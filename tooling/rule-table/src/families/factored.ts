/** Rows of the family `@pappus/factored`. */
import type { RuleRow } from '../row.js';

export const factored = {} as const satisfies Readonly<Record<string, RuleRow>>;
