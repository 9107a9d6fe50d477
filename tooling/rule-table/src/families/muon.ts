/** Rows of the family `@pappus/muon`. */
import type { RuleRow } from '../row.js';

export const muon = {} as const satisfies Readonly<Record<string, RuleRow>>;
