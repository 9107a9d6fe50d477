/** First values of state: constants that a variable begins with, or expressions of what there is in the first step. */
import { isExpr } from '../graph/brand.js';
import { topological } from '../graph/describe.js';
import type { DType } from '../graph/dtype.js';
import { OptimizerError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { where } from '../operations/elementwise.js';
import { broadcastTo } from '../operations/movement.js';
import { isPlain } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { scalar } from '../graph/construct.js';
import { type Variable, variable, type VariableValue } from '../values/variable.js';

/** A part of the state: the variable that keeps it, and what a rule sees of it. */
export interface Slot {
  readonly variable: Variable;
  readonly seen: Expr;
}

/**
 * The variables of first values, by name. One that depends on variables or inputs, such as the parameter itself, is known in the first
 * step: there the rule sees it, and the variable, which begins with zeros, afterwards. So it does not matter when and where the
 * parameter got its own value.
 *
 * @param dtype that of numbers
 * @param taken names of what else a rule sees
 * @param nameOf the name of a part's variable
 * @param step the number of the step
 * @throws {OptimizerError} if it is no record, or a name is taken
 */
export function makeSlots(rule: string, first: unknown, dtype: DType, taken: readonly string[], nameOf: (slot: string) => string, step: () => Expr): ReadonlyMap<string, Slot> {
  if (!isPlain(first)) throw new OptimizerError(`${rule}: the state must be a record of first values by name, not ${show(first)}`);
  const slots = new Map<string, Slot>();
  for (const [slot, value] of Object.entries<VariableValue | undefined>({ ...first })) {
    if (taken.includes(slot)) throw new OptimizerError(`${rule}: the state ${slot} has the name of something else that the rule sees; give it another`);
    if (value === undefined) continue;
    const name = nameOf(slot);
    if (isExpr(value, name) && !isConstant(value)) {
      const kept = variable(broadcastTo(scalar(0, value.dtype), value.shape), { name });
      slots.set(slot, { variable: kept, seen: where(step().eq(1), value, kept) });
    } else {
      const kept = variable(value, typeof value === 'number' || Array.isArray(value) ? { name, dtype } : { name });
      slots.set(slot, { variable: kept, seen: kept });
    }
  }
  return slots;
}

const LEAVES: ReadonlySet<string> = new Set<Expr['node']['kind']>(['variable', 'input', 'placeholder']);

function isConstant(expr: Expr): boolean {
  return topological([expr]).every(({ node: { kind } }) => !LEAVES.has(kind));
}
