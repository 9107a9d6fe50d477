import { compile, type Expr, input, interpreter, OptimizerError, type Updates, variable, type Variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { dAdaptSgd, dog, ldog, momo, momoAdam, polyakSgd, prodigy } from '../src/index.js';

const START = [[1, -2, 0.5, 3], [0.25]];
const GRADIENTS = [1, 2, 3, 4, 5, 6].map((t) => START.map((values, p) => values.map((x, i) => Math.sin(t + 2 * i + p) + 0.8 * x)));
const LOSSES = [2, 1.9, 0.3, 1.5, 0.7, 1.2];

/** The parameters, all in a row, after the steps. */
async function run(rule: (grads: readonly Expr[], params: readonly Variable[], loss: Expr) => Updates): Promise<number[]> {
  const params = START.map((values, p) => variable(values, { name: `w${p}`, dtype: 'float64' }));
  const grads = START.map((values) => input('float64', [values.length]));
  const loss = input('float64');
  const [g0, g1] = grads;
  if (g0 === undefined || g1 === undefined) throw new Error('there are two');
  const step = await compile({ inputs: { g0, g1, loss }, updates: rule(grads, params, loss) }, interpreter());
  for (const [t, [a = [], b = []]] of GRADIENTS.entries()) await step({ g0: a, g1: b, loss: LOSSES[t] ?? NaN });
  return (await Promise.all(params.map(async (w) => [...(await w.read())]))).flat();
}

/** As far apart as roundings bring them. */
function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-13);
}

const flat = (values: readonly (readonly number[])[]): number[] => values.flat();
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

describe('prodigy', () => {
  it.each([
    { growthRate: 1.5 },
    { growthRate: 1.2, safeguardWarmup: true, learningRate: 0.5, correctBias: true, distanceFactor: 20 },
    { decay: 'coupled', weightDecay: 0.1, beta3: 0.6 },
    { sumEvery: 3, weightDecay: 0.1 },
  ] as const)('with %o does what a loop of numbers does', async (given) => {
    const o = { learningRate: 1, weightDecay: 0, decay: 'decoupled', correctBias: false, safeguardWarmup: false, sumEvery: 1, growthRate: Infinity, distanceFactor: 1.3, beta3: Math.sqrt(0.99), ...given };
    const [beta1, beta2, d0, epsilon] = [0.9, 0.99, 0.01, 1e-8];
    const start = flat(START);
    let [x, m, v, s] = [start, start.map(() => 0), start.map(() => 0), start.map(() => 0)];
    let [d, dMax, numerator] = [d0, d0, 0];
    for (const [k, step] of GRADIENTS.entries()) {
      const t = k + 1;
      const g = flat(step).map((value, i) => value + (o.decay === 'coupled' ? o.weightDecay * (x[i] ?? NaN) : 0));
      const counts = START.flatMap((values) => values.map((_, i) => (i % o.sumEvery === 0 ? 1 : 0)));
      const L = d * o.learningRate * (o.correctBias ? Math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t) : 1);
      numerator = o.beta3 * numerator + (d / d0) * L * dot(g.map((value, i) => value * (counts[i] ?? NaN)), start.map((from, i) => from - (x[i] ?? NaN)));
      m = m.map((old, i) => beta1 * old + (1 - beta1) * d * (g[i] ?? NaN));
      v = v.map((old, i) => beta2 * old + (1 - beta2) * d * d * (g[i] ?? NaN) ** 2);
      s = s.map((old, i) => o.beta3 * old + (d / d0) * (o.safeguardWarmup ? d : L) * (g[i] ?? NaN) * (counts[i] ?? NaN));
      const estimate = (o.distanceFactor * numerator) / s.reduce((sum, value) => sum + Math.abs(value), 0);
      const before = d === d0 ? Math.max(d, estimate) : d;
      dMax = Math.max(dMax, estimate);
      d = Math.min(dMax, before * o.growthRate);
      x = x.map((old, i) => old - (o.decay === 'decoupled' ? L * o.weightDecay * old : 0) - (L * (m[i] ?? NaN)) / (Math.sqrt(v[i] ?? NaN) + d * epsilon));
    }
    expect(d).toBeGreaterThan(d0);
    expectClose(await run((grads, params) => prodigy(grads, params, { beta2, initialDistance: d0, distanceFactor: 1.3, ...given })), x);
  });

  it('keeps sums of every third element only where it is asked to', () => {
    const w = variable(START[0] ?? [], { name: 'w' });
    const { state } = prodigy([w.mul(1)], [w], { sumEvery: 3 });
    expect(state.map((one) => `${one.name} [${one.shape.join()}]`)).toEqual([
      'prodigy/m/w [4]', 'prodigy/v/w [4]', 'prodigy/s/w [2]', 'prodigy/x0/w [2]', 'prodigy/d []', 'prodigy/dMax []', 'prodigy/first []', 'prodigy/numerator []', 'prodigy/t []',
    ]);
  });
});

describe('dAdaptSgd', () => {
  it('waits for a gradient that is not 0', async () => {
    const w = variable(1, { name: 'w', dtype: 'float64' });
    const g = input('float64');
    const step = await compile({ inputs: { g }, updates: dAdaptSgd([g], [w], { initialDistance: 0.5 }) }, interpreter());
    await step({ g: 0 });
    expect(await w.item()).toBe(1);
    await step({ g: 4 });
    expect(await w.item()).toBe(0.5);
  });
});

describe('dog and ldog', () => {
  it.each([['dog', dog, false], ['ldog', ldog, true]] as const)('%s begins with a rate that is given', async (_, rule, apart) => {
    const groups = apart ? START.map((_, p) => [p]) : [[0, 1]];
    const expected = groups.flatMap((group) => {
      const at = (values: readonly (readonly number[])[]): number[] => group.flatMap((p) => values[p] ?? []);
      const start = at(START);
      let [x, r, G] = [start, 0, 1e-8];
      for (const [k, step] of GRADIENTS.entries()) {
        const g = at(step);
        const way = x.map((value, i) => value - (start[i] ?? NaN));
        r = Math.max(r, Math.sqrt(dot(way, way)));
        G += dot(g, g);
        const rate = k === 0 ? 0.01 : r / Math.sqrt(G);
        x = x.map((value, i) => value - rate * (g[i] ?? NaN));
      }
      return x;
    });
    expectClose(await run((grads, params) => rule(grads, params, { initialRate: 0.01 })), expected);
  });
});

describe('momo and momoAdam', () => {
  it.each([
    { adam: false, correctBias: false, weightDecay: 0 },
    { adam: false, correctBias: true, weightDecay: 0.1 },
    { adam: true, correctBias: true, weightDecay: 0.1, decay: 'proximal' },
    { adam: true, correctBias: true, weightDecay: 0.1, decay: 'decoupled' },
  ] as const)('estimate the lower bound as a loop of numbers does: %o', async ({ adam, correctBias, weightDecay, ...rest }) => {
    const [lr, beta, beta2, first] = [0.3, 0.8, 0.95, -0.5];
    let x = flat(START);
    let [m, v, f, c, lb] = [x.map(() => 0), x.map(() => 0), 0, 0, first];
    const k = 1 + lr * weightDecay;
    for (const [step, grads] of GRADIENTS.entries()) {
      const t = step + 1;
      const g = flat(grads);
      const loss = LOSSES[step] ?? NaN;
      const keep = correctBias || t > 1 ? beta : 0;
      f = keep * f + (1 - keep) * loss;
      c = keep * c + (1 - keep) * dot(g, x);
      m = m.map((old, i) => keep * old + (1 - keep) * (g[i] ?? NaN));
      v = v.map((old, i) => beta2 * old + (1 - beta2) * (g[i] ?? NaN) ** 2);
      const rho = correctBias ? 1 - beta ** t : 1;
      const direction = m.map((value, i) => (adam ? value / (Math.sqrt((v[i] ?? NaN) / (1 - beta2 ** t)) + 1e-8) : value));
      const squares = dot(m, direction);
      const cap = k * f + dot(m, x) - k * c;
      if (cap < k * rho * lb) lb = Math.max(cap / (2 * k * rho), first);
      const tau = Math.min(lr / rho, Math.max(k * (f - rho * lb) + dot(m, x) - k * c, 0) / squares);
      lb = Math.max((f + dot(m, x) - c - 0.5 * tau * squares) / rho, first);
      const proximal = !('decay' in rest) || rest.decay === 'proximal';
      x = x.map((value, i) => (proximal ? (value - tau * (direction[i] ?? NaN)) / k : value * (1 - lr * weightDecay) - tau * (direction[i] ?? NaN)));
    }
    const common = { learningRate: lr, weightDecay, lowerBound: first, estimateBound: true };
    const actual = await run((grads, params, loss) => (adam ? momoAdam(grads, params, { ...common, ...rest, beta1: beta, beta2, loss }) : momo(grads, params, { ...common, momentum: beta, correctBias, loss })));
    expectClose(actual, x);
  });
});

describe('polyakSgd', () => {
  it('halves the distance to the minimum of a sum of squares, the documented losses of Optax', async () => {
    const w = variable([1, 2, 3], { name: 'w', dtype: 'float64' });
    const loss = w.square().sum();
    const step = await compile({ outputs: { loss }, updates: polyakSgd(loss, [w]) }, interpreter());
    const losses: number[] = [];
    for (let t = 0; t < 5; t++) losses.push(await (await step()).loss.item());
    expect(losses).toEqual([14, 3.5, 0.875, 0.21875, 0.0546875]);
  });

  it('goes uphill from below the bound, unless only positive gaps count', async () => {
    const stepped = await Promise.all((['signed', 'positive'] as const).map(async (gap) => {
      const w = variable(2, { name: 'w', dtype: 'float64' });
      await (await compile({ updates: polyakSgd(w.square(), [w], { lowerBound: 8, gap }) }, interpreter()))();
      return w.item();
    }));
    expect(stepped).toEqual([3, 2]);
  });

  it('needs the loss', () => {
    const w = variable(2, { name: 'w' });
    expect(() => polyakSgd([w.mul(2)], [w])).toThrow(OptimizerError);
    expect(() => momo([w.mul(2)], [w])).toThrow(/needs the loss itself/);
  });
});
