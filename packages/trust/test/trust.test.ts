import { compile, type Expr, input, interpreter, OptimizerError, type Updates, type Variable, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { fromage, lamb, lars } from '../src/index.js';

type Rule = (grads: readonly Expr[], params: readonly Variable[]) => Updates;

/** Where parameters of two elements are after steps with the same gradient. */
async function after(rule: Rule, from: readonly number[], grad: readonly number[], steps = 1): Promise<number[]> {
  const w = variable([...from], { name: 'w', dtype: 'float64' });
  const g = input('float64', [2]);
  const step = await compile({ inputs: { g }, updates: rule([g], [w]) }, interpreter());
  for (let t = 0; t < steps; t++) await step({ g: [...grad] });
  return Array.from(await w.read());
}

function close(actual: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 12);
}

describe('lamb', () => {
  it('takes a first step of the rate times the norm, along the signs of the gradient', async () => {
    // |(3, 4)| = 5, and the step of Adam is (1, -1), of the norm sqrt(2).
    const each = (0.1 * 5) / Math.SQRT2;
    close(await after((g, p) => lamb(g, p, { learningRate: 0.1, epsilon: 0 }), [3, 4], [1e-3, -7]), [3 - each, 4 + each]);
  });

  it('steps as Adam does where the parameter is 0, or is left out by a function', async () => {
    close(await after((g, p) => lamb(g, p, { learningRate: 0.1, epsilon: 0 }), [0, 0], [2, -7]), [-0.1, 0.1]);
    close(await after((g, p) => lamb(g, p, { learningRate: 0.1, epsilon: 0, trust: ({ param }) => (param.rank > 1 ? 1 : 0) }), [3, 4], [2, -7]), [2.9, 4.1]);
  });

  it('counts both norms as minNorm at least', async () => {
    // The norm of the step is sqrt(2), that of the parameter 5.
    close(await after((g, p) => lamb(g, p, { learningRate: 0.1, epsilon: 0, minNorm: 2 }), [3, 4], [2, -7]), [3 - 0.1 * 5 / 2, 4 + 0.1 * 5 / 2]);
    close(await after((g, p) => lamb(g, p, { learningRate: 0.1, epsilon: 0, minNorm: 10 }), [3, 4], [2, -7]), [2.9, 4.1]);
  });

  it('without correction steps by the means as they are', async () => {
    // Half of the gradient over the root of a 16th of its square.
    close(await after((g, p) => lamb(g, p, { learningRate: 0.1, beta1: 0.5, beta2: 15 / 16, epsilon: 0, trust: 0, correctBias: false }), [3, 4], [2, -7]), [2.8, 4.2]);
  });
});

describe('lars', () => {
  it('divides by the sum of norms, or by the norm of the sum', async () => {
    // |w| = 5 and |g| = 10: with a decay of 1 the sum of norms is 15, and the gradient with the decay, (-3, -4), is 5 long.
    const options = { learningRate: 1, trustCoefficient: 0.3, momentum: 0, weightDecay: 1 } as const;
    close(await after((g, p) => lars(g, p, options), [3, 4], [-6, -8]), [3.3, 4.4]);
    close(await after((g, p) => lars(g, p, { ...options, divisor: 'normOfSum' }), [3, 4], [-6, -8]), [3.9, 5.2]);
  });

  it.each([
    [{ trust: 2 }, 'trust'],
    [{ momentum: 1 }, 'momentum'],
    [{ trustCoefficient: -1 }, 'trustCoefficient'],
  ])('refuses %o', (options, name) => {
    const w = variable(1, { name: 'w' });
    expect(() => lars(w.square(), [w], options)).toThrow(OptimizerError);
    expect(() => lars(w.square(), [w], options)).toThrow(new RegExp(`^lars: ${name} must be `));
  });
});

describe('fromage', () => {
  it('takes a step of the rate times the norm, and draws all in', async () => {
    close(await after((g, p) => fromage(g, p, { learningRate: 0.75 }), [3, 4], [0, 2]), [3 / 1.25, (4 - 0.75 * 5) / 1.25]);
  });

  it('keeps the norm below a multiple of the first one', async () => {
    const [a = NaN, b = NaN] = await after((g, p) => fromage(g, p, { learningRate: 0.5, normBound: 0.5 }), [3, 4], [-1, -2], 3);
    expect(Math.hypot(a, b)).toBeCloseTo(2.5, 12);
  });
});
