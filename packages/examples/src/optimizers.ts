/** The update rules that the examples offer: all of the table, with what their rows give them beside the rate. */
import { type RuleName, ruleNames, type RuleRow, rules } from '@pappus/rule-table';
import * as pappus from 'pappus';

export type AnyOptimizer = pappus.Optimizer<{ learningRate: pappus.Hyperparameter }>;

const exported: Readonly<Record<RuleName, AnyOptimizer>> = pappus;

export const optimizers: Readonly<Record<RuleName, AnyOptimizer>> = { ...exported, ...Object.fromEntries(ruleNames.map((name) => [name, asInItsRow(name)])) };

function asInItsRow(name: RuleName): AnyOptimizer {
  const row: RuleRow = rules[name];
  const rule: AnyOptimizer = (lossOrGrads, params, options) => exported[name](lossOrGrads, params, { ...row.options, ...options });
  return row.matrices === true ? besideAdamw(rule) : rule;
}

/** `adamw` at a tenth of the rate for what is no matrix. */
function besideAdamw(rule: AnyOptimizer): AnyOptimizer {
  return (lossOrGrads, params, { learningRate }) => {
    const isMatrix = ({ rank }: pappus.Variable): boolean => rank === 2;
    if (params.every(isMatrix)) return rule(lossOrGrads, params, { learningRate });
    const rest = { rule: pappus.adamw, options: { learningRate: typeof learningRate === 'number' ? 0.1 * learningRate : learningRate.mul(0.1) } };
    if (!params.some(isMatrix)) return pappus.partition({ rest })(lossOrGrads, params);
    return pappus.partition({ matrices: { params: isMatrix, rule, options: { learningRate } }, rest })(lossOrGrads, params);
  };
}

/** Where a model is evaluated that a rule of the table trains, if that is not at its parameters. */
export function evaluatedAt(name: RuleName): ((updates: pappus.Updates) => ReadonlyMap<pappus.Expr, pappus.Expr>) | undefined {
  const row: RuleRow = rules[name];
  return row.evaluatedApart === true ? pappus.evaluationParameters : undefined;
}
