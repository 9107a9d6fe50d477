/** What is checked of the values of a call once they fit the inputs: indices, and what only the sizes tell. */
import type { Computation, NamedExpr } from './backend.js';
import type { BoundInputs } from './bind-inputs.js';
import { type IndexCheck, indexChecks, verifyIndices } from './check-indices.js';
import { checkSizes } from '../graph/check-sizes.js';
import type { TypedArray } from '../graph/dtype.js';
import type { Expr } from '../graph/expr.js';

/** Checks what a call gives as indices; outputs of another function are on the device, and not checked. */
export function checkGivenIndices(checks: readonly IndexCheck[], inputs: readonly NamedExpr[], { values, sizes }: BoundInputs): void {
  const given = (input: Expr): { name: string; values: TypedArray } | undefined => {
    const at = inputs.findIndex(({ expr }) => expr === input);
    const [declared, value] = [inputs[at], values[at]];
    return declared === undefined || value === undefined || 'backend' in value ? undefined : { name: `input '${declared.name}'`, values: value };
  };
  verifyIndices(checks, given, sizes);
}

/** What is computed: outputs, and what variables become. */
export const rootsOf = ({ outputs, updates }: Computation): readonly Expr[] => [...outputs, ...updates].map(({ expr }) => expr);

/**
 * All that a call checks of values that `bindInputs` has bound, for those who run a step in their own way.
 *
 * @throws {InputError|ShapeError} if an index is out of range, or the sizes do not fit together
 */
export function checkValues(computation: Computation, bound: BoundInputs): void {
  const roots = rootsOf(computation);
  checkGivenIndices(indexChecks(roots), computation.inputs, bound);
  checkSizes(roots, bound.sizes);
}
