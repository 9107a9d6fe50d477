/** Rows of the family `@pappus/sign`. */
import type { RuleRow } from '../row.js';

export const sign = {} as const satisfies Readonly<Record<string, RuleRow>>;
