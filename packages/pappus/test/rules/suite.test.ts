// Every rule through the suite that every rule passes. Momentum over another rule is a rule, too.
import { ruleSuite, type TestedRule } from '@pappus/testing/rules';
import {
  adadelta, adagrad, adam, adamax, amsgrad, applyMomentum, applyNesterovMomentum, cpu, interpreter, momentum, nesterovMomentum,
  rmsprop, sgd,
} from '../../src/index.js';

const backends = { 'the interpreter': interpreter, 'the CPU': cpu };

/** Rule, and learning rate and steps for the quadratic and for Rosenbrock's function. */
const rules: readonly (readonly [name: string, rule: TestedRule, quadratic: readonly [number, number], rosenbrock: readonly [number, number]])[] = [
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

for (const [name, rule, quadratic, rosenbrock] of rules) {
  ruleSuite(name, rule, backends, {
    quadratic: { learningRate: quadratic[0], steps: quadratic[1] },
    rosenbrock: { learningRate: rosenbrock[0], steps: rosenbrock[1] },
  });
}
