import { type Expr, hyperparameter, OptimizerError, requireUpdates, type Updates, type Variable, where } from '@pappus/core';

/**
 * Where the parameters of a schedule-free rule are to be evaluated: for each of them the expression of x, the average of all steps, by the
 * variables as they are now. Before the first step it is the parameter itself. Put into a loss it is the loss of the trained model; the
 * parameters themselves (y) are only where gradients are taken, and do worse. Nothing has to be switched between training and evaluation.
 *
 * ```text
 * x = y + (1 - 1 / beta1) (z - y)
 * ```
 *
 * @param updates what a schedule-free rule answered, or such updates merged with others: parameters of other rules are not in the answer,
 * and so evaluated at what they are
 * @throws {OptimizerError} if they are no updates, or none of a schedule-free rule is among them
 * @example
 * const updates = scheduleFreeAdamw(loss, [w, b]);
 * const train = await compile({ inputs, outputs: { loss }, updates }, backend);
 * const [atAverage] = substitute([loss], evaluationParameters(updates));
 * const evaluate = await compile({ inputs, outputs: { loss: atAverage } }, backend);
 */
export function evaluationParameters(updates: Updates): Map<Variable, Expr> {
  requireUpdates(updates, 'evaluationParameters');
  const shared = new Map<string, Variable>();
  for (const variable of updates.state) {
    const role = updates.roleOf(variable);
    if (role !== undefined && role.of === undefined) shared.set(role.slot, variable);
  }
  const found = new Map<Variable, Expr>();
  for (const z of updates.state) {
    const role = updates.roleOf(z);
    if (role?.of === undefined || !role.slot.endsWith('/z')) continue;
    const prefix = role.slot.slice(0, -'z'.length);
    const [weightSum, interpolation] = [shared.get(`${prefix}weightSum`), shared.get(`${prefix}interpolation`)];
    if (weightSum === undefined || interpolation === undefined) continue;
    const y = role.of;
    const beta = hyperparameter(interpolation, y.dtype, 'evaluationParameters');
    // While the sum is 0 nothing has moved, and before the first step neither z nor the interpolation is known.
    found.set(y, where(weightSum.eq(0), y, y.add(beta.reciprocal().neg().add(1).mul(z.sub(y)))));
  }
  if (found.size === 0) throw new OptimizerError('evaluationParameters: there is no state of a schedule-free rule in the updates; give what scheduleFreeSgd, scheduleFreeAdamw or scheduleFreeRadam answered');
  return found;
}
