import { compile, type Expr, input, interpreter, type Updates, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adan, ademamix, adopt, grams, laprop, mars, novograd } from '../src/index.js';

/** The values of a vector that begins at 1 along these gradients. */
async function along(gradients: readonly (readonly number[])[], rule: (g: readonly Expr[], w: Parameters<typeof adan>[1]) => Updates): Promise<number[][]> {
  const size = gradients[0]?.length ?? 0;
  const w = variable(Array.from({ length: size }, () => 1), { name: 'w', dtype: 'float64' });
  const g = input('float64', [size]);
  const step = await compile({ inputs: { g }, updates: rule([g], [w]) }, interpreter());
  const values: number[][] = [];
  for (const gradient of gradients) {
    await step({ g: gradient });
    values.push(Array.from(await w.read()));
  }
  return values;
}

function near(actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(actual.length).toBe(expected.length);
  actual.flat().forEach((value, k) => expect(value).toBeCloseTo(expected.flat()[k] ?? NaN, 12));
}

describe('adan', () => {
  it('takes a first step of the rate, and divides by what decays', async () => {
    near(await along([[3, -0.1]], (g, w) => adan(g, w, { learningRate: 0.5, epsilon: 0, weightDecay: 0.5 })), [[0.5 / 1.25, 1.5 / 1.25]]);
    near(await along([[3, -0.1]], (g, w) => adan(g, w, { learningRate: 0.5, epsilon: 0, weightDecay: 0.5, decay: 'decoupled' })), [[0.25, 1.25]]);
  });

  it('looks ahead along the change of the gradient, which a norm bounds', async () => {
    // Gradients 3 and 1.5, clipped to 1 and 1: no change. So the second step is that of a constant gradient, the rate again.
    near(await along([[3], [1.5]], (g, w) => adan(g, w, { learningRate: 0.1, epsilon: 0, maxGradNorm: 1 })), [[0.9], [0.8]]);
    // From 0 to 1: m = 0.5, w = 0.5, v = 0.5 (1.5)^2 with all betas 1/2; corrected by 3/4 each.
    const step = (0.5 / 0.75 + 0.5 * 0.5 / 0.75) / Math.sqrt(0.5 * 1.5 ** 2 / 0.75);
    near(await along([[0], [1]], (g, w) => adan(g, w, { learningRate: 0.1, epsilon: 1e-30, beta1: 0.5, beta2: 0.5, beta3: 0.5 })), [[1], [1 - 0.1 * step]]);
  });
});

describe('ademamix', () => {
  it('warms up: half of alpha at half of the way, and the half-life of the slow mean in between', async () => {
    // Half-lives of 1 and 2 steps at beta 1/2 and 2^-1/2: 1.5 in the middle, so that 2^-2/3 stays. m / (1 - beta1^t) is the constant gradient 1.
    const first = 1 - 2 ** (-2 / 3);
    const second = Math.SQRT1_2 * first + 1 - Math.SQRT1_2;
    const options = { learningRate: 0.1, beta1: 0.5, beta3: Math.SQRT1_2, alpha: 4, epsilon: 0, alphaWarmup: 2, beta3Warmup: 2 };
    const values = (await along([[1], [1]], (g, w) => ademamix(g, w, options))).flat();
    // To betas 1e-8 is added before their logarithms.
    expect(values[0]).toBeCloseTo(1 - 0.1 * (1 + 2 * first), 7);
    expect(values[1]).toBeCloseTo(1 - 0.1 * (2 + 2 * first + 4 * second), 7);
  });
});

describe('adopt', () => {
  it('moves nothing in the first step, and clips at 1 in the second', async () => {
    near(await along([[0.1, 2], [1, 1]], (g, w) => adopt(g, w, { learningRate: 0.1, beta1: 0.5, weightDecay: 0.5 })), [[1, 1], [1 - 0.1 * (0.5 + 0.5), 1 - 0.1 * (0.25 + 0.5)]]);
    near(await along([[0.1], [1]], (g, w) => adopt(g, w, { learningRate: 0.1, beta1: 0.5, clip: Infinity })), [[1], [0.5]]);
  });
});

describe('laprop', () => {
  it('decays last, by a share that is not times the rate', async () => {
    near(await along([[-4]], (g, w) => laprop(g, w, { learningRate: 0.5, weightDecay: 0.1 })), [[1.5 * 0.9]]);
  });

  it('is centred from the eleventh step on: a constant gradient has no variance', async () => {
    const values = await along(Array.from({ length: 12 }, () => [2]), (g, w) => laprop(g, w, { learningRate: 0.01, beta1: 0, beta2: 0.5, epsilon: 1, centered: true }));
    // sqrt(v / c) is 2 while young. Then v - u^2 = 4 c - (2 c)^2 with c = 1 - 2^-t.
    const steps = values.map(([x = NaN], t) => (t === 0 ? 1 : values[t - 1]?.[0] ?? NaN) - x);
    expect(steps[9]).toBeCloseTo(0.02 / 3, 12);
    const c = 1 - 2 ** -11;
    expect(steps[10]).toBeCloseTo(0.02 / (Math.sqrt((4 * c - (2 * c) ** 2) / c) + 1), 12);
  });
});

describe('novograd', () => {
  it('keeps one second moment for each parameter', () => {
    const w = variable([[1, 2], [3, 4]], { name: 'w' });
    expect(novograd([w.mul(1)], [w]).state.map((s) => `${s.name}[${s.shape.join()}]`)).toEqual(['novograd/m/w[2,2]', 'novograd/v/w[]', 'novograd/t[]']);
  });

  it('divides by the norm, and counts a first gradient once or twice', async () => {
    const options = { learningRate: 0.1, beta1: 0.5, epsilon: 0, weightDecay: 0.5 } as const;
    near(await along([[3, 4]], (g, w) => novograd(g, w, options)), [[1 - 0.1 * 1.1, 1 - 0.1 * 1.3]]);
    near(await along([[3, 4]], (g, w) => novograd(g, w, { ...options, firstGradient: 'twice' })), [[1 - 0.15 * 1.1, 1 - 0.15 * 1.3]]);
  });
});

describe('mars', () => {
  it('bounds the norm of the corrected gradient for each parameter', () => {
    const w = variable([1, 2], { name: 'w' });
    const plain = mars([w.mul(1)], [w], { gamma: 0, maxNorm: Infinity });
    expect(plain.state.map(({ name }) => name)).toEqual(['mars/m/w', 'mars/v/w', 'mars/previous/w', 'mars/t']);
  });

  it('goes along the signs of Lion, which need no second moment', async () => {
    near(await along([[3, -4]], (g, w) => mars(g, w, { base: 'lion', learningRate: 0.1, weightDecay: 1 })), [[1 - 0.2, 1]]);
  });
});

describe('grams', () => {
  it('follows the gradient where momentum would go against it', async () => {
    // m after gradients 1 and -0.1 is 0.5 0.5 - 0.05 = 0.2; the step goes up by its size.
    const size = 0.2 / 0.75 / Math.sqrt((0.25 * 1 + 0.5 * 0.01) / 0.75);
    near(await along([[1], [-0.1]], (g, w) => grams(g, w, { learningRate: 0.1, beta1: 0.5, beta2: 0.5, epsilon: 0 })), [[0.9], [0.9 + 0.1 * size]]);
  });
});
