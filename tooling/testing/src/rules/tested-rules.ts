// The rules that go through the suite, whatever they are imported from: in Node from their sources, in a page as they are built.
import type { Hyperparameter, Updates, Variable } from '@pappus/core';
import type { Courses } from './suite.js';
import type { TestedRule } from './trial.js';

/** A rule that goes over the updates of another. */
type Transform = (updates: Updates, params?: readonly Variable[], options?: { readonly momentum?: Hyperparameter }) => Updates;

type RuleNames = 'sgd' | 'momentum' | 'nesterovMomentum' | 'adagrad' | 'rmsprop' | 'adadelta' | 'adam' | 'adamax' | 'amsgrad';

/** What the umbrella exports of rules. */
export type Rules = Readonly<Record<RuleNames, TestedRule>> & Readonly<Record<'applyMomentum' | 'applyNesterovMomentum', Transform>>;

export interface NamedRule {
  readonly name: string;
  readonly rule: TestedRule;
  readonly courses: Courses;
}

/** Every rule, with learning rates and steps for the quadratic and for Rosenbrock's function. Momentum over another rule is a rule, too. */
export function testedRules(rules: Rules): NamedRule[] {
  const { adadelta, adagrad, adam, adamax, amsgrad, applyMomentum, applyNesterovMomentum, momentum, nesterovMomentum, rmsprop, sgd } = rules;
  const rows: readonly (readonly [name: string, rule: TestedRule, quadratic: readonly [number, number], rosenbrock: readonly [number, number]])[] = [
    ['sgd', sgd, [0.3, 100], [1e-3, 6000]],
    ['momentum', momentum, [0.1, 200], [1e-3, 2000]],
    ['nesterovMomentum', nesterovMomentum, [0.03, 200], [1e-3, 2000]],
    ['adagrad', adagrad, [1, 100], [1, 4000]],
    ['rmsprop', rmsprop, [0.03, 500], [1e-3, 6000]],
    ['adadelta', adadelta, [1, 3000], [0.03, 10_000]],
    ['adam', adam, [0.1, 200], [0.1, 2000]],
    ['adamax', adamax, [0.1, 300], [0.1, 2500]],
    ['amsgrad', amsgrad, [0.1, 200], [0.1, 2000]],
    ['momentum over rmsprop', (loss, params, options) => applyMomentum(rmsprop(loss, params, options), undefined, { momentum: 0.5 }), [0.01, 1000], [1e-3, 6000]],
    ["Nesterov's momentum over adagrad", (loss, params, options) => applyNesterovMomentum(adagrad(loss, params, options)), [0.3, 500], [0.3, 4000]],
  ];
  return rows.map(([name, rule, quadratic, rosenbrock]) => {
    const course = ([learningRate, steps]: readonly [number, number]): Courses['quadratic'] => ({ learningRate, steps });
    return { name, rule, courses: { quadratic: course(quadratic), rosenbrock: course(rosenbrock) } };
  });
}
