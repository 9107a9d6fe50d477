/** The update rules that the examples offer: all of the table. */
import { type RuleName, ruleNames, type RuleRow, rules } from '@pappus/rule-table';
import * as pappus from 'pappus';

export type AnyOptimizer = pappus.Optimizer<{ learningRate: pappus.Hyperparameter }>;

const exported: Readonly<Record<RuleName, AnyOptimizer>> = pappus;

export const optimizers: Readonly<Record<RuleName, AnyOptimizer>> = { ...exported, ...Object.fromEntries(ruleNames.filter(isForMatrices).map((name) => [name, besideAdamw(exported[name])])) };

function isForMatrices(name: RuleName): boolean {
  const row: RuleRow = rules[name];
  return row.matrices === true;
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
