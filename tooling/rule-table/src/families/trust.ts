/** Rows of the family `@pappus/trust`. */
import type { RuleRow } from '../row.js';

export const trust = {} as const satisfies Readonly<Record<string, RuleRow>>;
