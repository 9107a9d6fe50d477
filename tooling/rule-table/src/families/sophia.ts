/** Rows of the family `@pappus/sophia`. */
import type { RuleRow } from '../row.js';

export const sophia = {} as const satisfies Readonly<Record<string, RuleRow>>;
