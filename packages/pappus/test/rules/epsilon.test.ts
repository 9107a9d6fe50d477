// The tolerance of float32 tells where a rule puts its epsilon: rules that put it elsewhere fail.
import type { ReferenceRule } from '@pappus/rule-table';
import { trajectories } from '@pappus/test-support';
import { changes, expectPath, expectWay, replay } from '@pappus/testing/rules';
import { describe, expect, it } from 'vitest';
import { cpu, defineOptimizer, type Expr, interpreter, maximum, type Optimizer, sqrt, sub, type Variable, zerosLike } from '../../src/index.js';
import { replayed, rules } from './reference-rules.js';
import { float32OfTheWay } from './tolerance.js';

type Scalars = Readonly<Record<'t' | 'learningRate' | 'beta1' | 'beta2' | 'epsilon', Expr>>;

const ema = (mean: Expr, value: Expr, decay: Expr): Expr => decay.mul(mean).add(sub(1, decay).mul(value));
const moments = (param: Variable): Record<'m' | 'v', Expr> => ({ m: zerosLike(param), v: zerosLike(param) });

/** Adam with another denominator in its step; `root` is that of the second moment, not corrected. */
function adamDividedBy(denominator: (root: Expr, correction: Expr, epsilon: Expr) => Expr, largest: boolean): Optimizer {
  const update = ({ t, learningRate, beta1, beta2, epsilon }: Scalars, param: Expr, m: Expr, v: Expr): Expr => {
    const correction = sqrt(sub(1, beta2.pow(t)));
    return param.sub(learningRate.div(sub(1, beta1.pow(t))).mul(m).div(denominator(v.sqrt(), correction, epsilon)));
  };
  return defineOptimizer({
    name: 'adam',
    defaults: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    state: (param) => ({ ...moments(param), vMax: zerosLike(param) }),
    update(context) {
      const { param, grad, beta1, beta2 } = context;
      const [m, v] = [ema(context.m, grad, beta1), ema(context.v, grad.square(), beta2)];
      const vMax = maximum(context.vMax, v);
      return { param: update(context, param, m, largest ? vMax : v), m, v, vMax };
    },
  });
}

const afterCorrection = (root: Expr, correction: Expr, epsilon: Expr): Expr => root.div(correction).add(epsilon);
const insideTheRoot = (root: Expr, correction: Expr, epsilon: Expr): Expr => root.square().add(epsilon).sqrt().div(correction);
/** Where it belongs: this proves that the wrong rules differ from ours in nothing else. */
const beforeCorrection = (root: Expr, correction: Expr, epsilon: Expr): Expr => root.add(epsilon).div(correction);

const insideTheMaximum = defineOptimizer({
  name: 'adamax',
  defaults: { learningRate: 2e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  state: (param) => ({ m: zerosLike(param), u: zerosLike(param) }),
  update({ param, grad, m, u, t, learningRate, beta1, beta2, epsilon }) {
    const mNext = ema(m, grad, beta1);
    const uNext = maximum(beta2.mul(u), grad.abs().add(epsilon));
    return { param: param.sub(learningRate.div(sub(1, beta1.pow(t))).mul(mNext).div(uNext)), m: mNext, u: uNext };
  },
});

const adagradOutside = defineOptimizer({
  name: 'adagrad',
  defaults: { learningRate: 1, epsilon: 1e-6 },
  state: (param) => ({ sumSquares: zerosLike(param) }),
  update({ param, grad, sumSquares, learningRate, epsilon }) {
    const next = sumSquares.add(grad.square());
    return { param: param.sub(learningRate.mul(grad).div(next.sqrt().add(epsilon))), sumSquares: next };
  },
});

const rmspropOutside = defineOptimizer({
  name: 'rmsprop',
  defaults: { learningRate: 1, rho: 0.9, epsilon: 1e-6 },
  state: (param) => ({ meanSquare: zerosLike(param) }),
  update({ param, grad, meanSquare, learningRate, rho, epsilon }) {
    const next = ema(meanSquare, grad.square(), rho);
    return { param: param.sub(learningRate.mul(grad).div(next.sqrt().add(epsilon))), meanSquare: next };
  },
});

const adadeltaOutside = defineOptimizer({
  name: 'adadelta',
  defaults: { learningRate: 1, rho: 0.95, epsilon: 1e-6 },
  state: (param) => ({ meanSquare: zerosLike(param), meanSquareDelta: zerosLike(param) }),
  update({ param, grad, meanSquare, meanSquareDelta, learningRate, rho, epsilon }) {
    const next = ema(meanSquare, grad.square(), rho);
    const delta = grad.mul(meanSquareDelta.add(epsilon).sqrt()).div(next.sqrt().add(epsilon));
    return { param: param.sub(learningRate.mul(delta)), meanSquare: next, meanSquareDelta: ema(meanSquareDelta, delta.square(), rho) };
  },
});

const wrong: readonly (readonly [rule: ReferenceRule, where: string, wrong: Optimizer])[] = [
  ['adagrad', 'outside the root', adagradOutside],
  ['rmsprop', 'outside the root', rmspropOutside],
  ['adadelta', 'outside the root of the gradients', adadeltaOutside],
  ['adam', 'after the correction of the bias', adamDividedBy(afterCorrection, false)],
  ['adam', 'inside the root', adamDividedBy(insideTheRoot, false)],
  ['amsgrad', 'after the correction of the bias', adamDividedBy(afterCorrection, true)],
  ['amsgrad', 'inside the root', adamDividedBy(insideTheRoot, true)],
  ['adamax', 'inside the maximum', insideTheMaximum],
];

/** The recorded gradients are from 1e-7 to 20; these are as small as any epsilon here. */
const small = { dtype: 'float32', from: 'zero', gradientScale: 2 ** -20 } as const;

describe.each(wrong)('%s with its epsilon %s', (name, where, rule) => {
  const table = { ...rules, [name]: rule };

  // Adamax divides by the largest gradient so far, which the epsilons of its trajectories do not reach.
  if (name !== 'adamax') {
    it.each(trajectories(name))('fails in float32: $name', async (trajectory) => {
      const { expected, initial } = trajectory;
      const path = await replay(replayed(trajectory, table), trajectory, await cpu(), { dtype: 'float32', from: 'zero' });
      expect(() => expectWay(path, changes(expected, initial), float32OfTheWay, where)).toThrow('numbers differ');
    });
  }

  it.each(trajectories(name))('fails in float32 where gradients are small, and ours does not: $name', async (trajectory) => {
    const expected = await replay(replayed(trajectory), trajectory, interpreter(), { ...small, dtype: 'float64' });
    expectWay(await replay(replayed(trajectory), trajectory, await cpu(), small), expected, float32OfTheWay, where);
    const path = await replay(replayed(trajectory, table), trajectory, await cpu(), small);
    expect(() => expectWay(path, expected, float32OfTheWay, where)).toThrow('numbers differ');
  });
});

it.each([['adam', false], ['amsgrad', true]] as const)('is all that these rules get wrong: %s', async (name, largest) => {
  for (const trajectory of trajectories(name)) {
    const rule = replayed(trajectory, { ...rules, [name]: adamDividedBy(beforeCorrection, largest) });
    expectPath(await replay(rule, trajectory, interpreter(), { dtype: 'float64' }), trajectory.expected, 1e-12, name);
  }
});
