/** The count of steps of a rule. */
import { isExpr } from '../graph/brand.js';
import { describe } from '../graph/describe.js';
import { OptimizerError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { show } from '../arguments/show.js';
import { type Variable, variable } from '../values/variable.js';

/** The number of a step, 1 in the first: a variable that exists once a rule asks for it, or what somebody else counts. */
export class StepCount {
  /** The variable, if the rule counts itself and has asked. */
  variable: Variable | undefined;
  constructor(
    private readonly prefix: string,
    private readonly given: Expr | undefined,
  ) {}

  /** The number of this step. The count ends at the largest int32, where no correction of a bias is left to be made. */
  next(): Expr {
    if (this.given !== undefined) return this.given;
    this.variable ??= variable(0, { name: `${this.prefix}/t`, dtype: 'int32' });
    return this.variable.minimum(2 ** 31 - 2).add(1);
  }
}

/** @throws {OptimizerError} if it is no number of a step */
export function checkStepCount(value: unknown, rule: string): Expr | undefined {
  if (value === undefined) return undefined;
  if (!isExpr(value, `${rule}: t`)) throw new OptimizerError(`${rule}: the option t must be a scalar expression, the number of the step, not ${show(value)}`);
  if (value.rank !== 0 || value.dtype === 'bool') throw new OptimizerError(`${rule}: the option t must be a scalar number, and ${describe(value)} is none`);
  return value;
}
