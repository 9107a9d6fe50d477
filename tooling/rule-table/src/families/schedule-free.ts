/** Rows of the family `@pappus/schedule-free`. */
import type { RuleRow } from '../row.js';

export const scheduleFree = {} as const satisfies Readonly<Record<string, RuleRow>>;
