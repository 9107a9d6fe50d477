/** Rows of the family `@pappus/rate-free`. */
import type { RuleRow } from '../row.js';

export const rateFree = {} as const satisfies Readonly<Record<string, RuleRow>>;
