// Random numbers of the graph: their bits against the host's Threefry, which random.test.ts holds to the published vectors.
import { describe, expect, it } from 'vitest';
import { literal, scalar } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { normal, truncatedNormal, uniform } from '../../src/values/initializers.js';
import { input } from '../../src/graph/input.js';
import { bernoulli, categorical, dropout } from '../../src/operations/random.js';
import { threefry2x32 } from '../../src/values/random.js';
import { variable } from '../../src/values/variable.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const unit = { low: 0, high: 1 } as const;
const words = (seed: number, step: number, count: number, block = 0): [number, number][] =>
  Array.from({ length: count }, (_, i) => threefry2x32([seed, step], [i, block]));

describe('the bits', () => {
  it.each([[1, 0], [0, 0], [-7, 3], [2 ** 31 - 1, -(2 ** 31)], [123456789, 42]])('of seed %i and step %i are those of Threefry on the host', async (seed, step) => {
    const expected = words(seed, step, 15);
    expect(await numbers(uniform([3, 5], { ...unit, seed, step }))).toEqual(expected.map(([x]) => (x >>> 8) * 2 ** -24));
    expect(await numbers(uniform([3, 5], { ...unit, seed, step, dtype: 'float64' }))).toEqual(
      expected.map(([x, y]) => ((x >>> 5) * 2 ** 26 + (y >>> 6)) * 2 ** -53),
    );
    expect(await numbers(bernoulli([15], { p: 0.3, seed, step }))).toEqual(expected.map(([x]) => ((x >>> 8) * 2 ** -24 < 0.3 ? 1 : 0)));
  });

  it('come from expressions as from numbers, of any sizes', async () => {
    const [seed, step] = [variable(7, { dtype: 'int32', name: 'seed' }), input('int32', [], 'step')];
    const rows = input('float32', ['batch'], 'rows');
    const noise = uniform(['batch', 2], { ...unit, seed, step: step.add(1) }).add(rows.expandDims(1));
    const { data, shape } = await evaluate(noise, [[step, 4], [rows, [0, 0, 0]]]);
    expect(shape).toEqual([3, 2]);
    expect([...data]).toEqual(await numbers(uniform([3, 2], { ...unit, seed: 7, step: 5 })));
    expect(await numbers(uniform([], { ...unit, seed: 7, step: 5 }))).toEqual([...data].slice(0, 1));
    expect(await numbers(uniform([1, 1], { ...unit, seed: scalar(7, 'int32') }))).toEqual(words(7, 0, 1).map(([x]) => (x >>> 8) * 2 ** -24));
    expect(await numbers(uniform([0, 3], { seed: 1, step: 1 }))).toEqual([]);
    // Of a seed, the low 32 bits count.
    expect(await numbers(uniform([4], { seed: 2 ** 32 + 5, step: 1 }))).toEqual(await numbers(uniform([4], { seed: 5, step: 1 })));
  });

  it('make normal numbers in pairs of words, and truncated ones by the distribution function', async () => {
    const pairs = words(3, 8, 6).map(([x, y]) => [(x >>> 8) * 2 ** -24, (y >>> 8) * 2 ** -24] as const);
    // A constant of float32, as 2 pi here, is the nearest that float32 has.
    const expected = pairs.map(([u, v]) => 1 + 2 * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(Math.fround(2 * Math.PI) * v));
    for (const [k, z] of (await numbers(normal([2, 3], { mean: 1, std: 2, seed: 3, step: 8 }))).entries()) expect(z).toBeCloseTo(expected[k] ?? NaN, 13);
    const { data: single } = await evaluate(truncatedNormal([1000], { std: 1, seed: 3, step: 8 }));
    const { data: double } = await evaluate(truncatedNormal([1000], { std: 1, seed: 3, step: 8, dtype: 'float64' }));
    // 24 of the 53 bits are the same: the numbers differ by the slope of the quantile, at most 17.7, times 2^-24, and by what
    // the approximation for float32 is off, 4e-7 of them.
    for (const [k, z] of single.entries()) expect(Math.abs(z - (double[k] ?? NaN))).toBeLessThan(17.7 * 2 ** -24 + 4e-7 * Math.abs(z));
  });

  it('stay constants without a step', async () => {
    expect(uniform([3], { seed: 1 }).node.kind).toBe('data');
    expect(truncatedNormal([3], { seed: 1 }).node.kind).toBe('data');
    expect(await numbers(normal([3], { seed: 1 }))).not.toEqual(await numbers(normal([3], { seed: 1, step: 0 })));
    expect(await numbers(normal([3], { step: 0 }))).not.toEqual(await numbers(normal([3], { step: 0 })));
  });
});

describe('what noise is by default', () => {
  const n = 4000;
  const range = (x: readonly number[]): readonly [number, number] => [Math.min(...x), Math.max(...x)];
  const deviation = (x: readonly number[]): number => Math.sqrt(x.reduce((sum, z) => sum + z * z, 0) / x.length);
  const step = variable(3, { dtype: 'int32' });

  it.each([['a step', { seed: 4, step: 3 }], ['a step of 0', { seed: 4, step: 0 }], ['a step that is an expression', { seed: 4, step }], ['a seed that is one', { seed: step }]])('%s: standard', async (_, key) => {
    expect(await numbers(uniform([n], key))).toEqual(await numbers(uniform([n], { low: 0, high: 1, ...key })));
    expect(await numbers(normal([n], key))).toEqual(await numbers(normal([n], { mean: 0, std: 1, ...key })));
    expect(await numbers(truncatedNormal([n], key))).toEqual(await numbers(truncatedNormal([n], { mean: 0, std: 1, ...key })));
    // The standard deviation of 4000 draws is off by 1 / sqrt(8000) of itself: five of these. That of the truncated ones is 0.8796.
    expect(Math.abs(deviation(await numbers(normal([n], key))) - 1)).toBeLessThan(0.056);
    expect(Math.abs(deviation(await numbers(truncatedNormal([n], key))) - 0.8796)).toBeLessThan(0.05);
    expect(range(await numbers(uniform([n], key))).map((z) => Number(z.toFixed(2)))).toEqual([0, 1]);
  });

  it('no step: first values are small', async () => {
    expect(await numbers(uniform([n], { seed: 4 }))).toEqual(await numbers(uniform([n], { low: -0.05, high: 0.05, seed: 4 })));
    expect(await numbers(normal([n], { seed: 4 }))).toEqual(await numbers(normal([n], { mean: 0, std: 0.05, seed: 4 })));
    expect(await numbers(truncatedNormal([n], { seed: 4 }))).toEqual(await numbers(truncatedNormal([n], { mean: 0, std: 0.05, seed: 4 })));
    expect(Math.abs(deviation(await numbers(normal([n]))) - 0.05)).toBeLessThan(0.003);
  });
});

describe('the distributions', () => {
  const n = 20000;
  const moments = (x: readonly number[]): { mean: number; variance: number } => {
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    return { mean, variance: x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length };
  };

  it('uniform: fills bins evenly, in every step', async () => {
    for (const step of [0, 1, 2]) {
      const counts = new Array<number>(64).fill(0);
      for (const u of await numbers(uniform([n], { ...unit, seed: 5, step }))) counts[Math.floor(64 * u)] = (counts[Math.floor(64 * u)] ?? 0) + 1;
      const chiSquare = counts.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0);
      // 63 degrees of freedom: mean 63, standard deviation 11.2; between the quantiles 1e-4 and 1 - 1e-4.
      expect(chiSquare).toBeGreaterThan(30);
      expect(chiSquare).toBeLessThan(113);
    }
  });

  it('uniform: is on [low, high), and of their moments', async () => {
    const x = await numbers(uniform([n], { low: -2, high: 4, seed: 6, step: 3 }));
    expect(Math.min(...x)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...x)).toBeLessThan(4);
    const { mean, variance } = moments(x);
    // Four standard errors: sqrt(3 / n), and sqrt((36^2 / 80 - 9) / n) of the fourth moment.
    expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(3 / n));
    expect(Math.abs(variance - 3)).toBeLessThan(4 * Math.sqrt(7.2 / n));
  });

  it.each(['float32', 'float64'] as const)('normal in %s: has the moments and the tails', async (dtype) => {
    const x = await numbers(normal([n], { mean: 3, std: 2, seed: 7, step: 1, dtype }));
    const { mean, variance } = moments(x);
    expect(Math.abs(mean - 3)).toBeLessThan(4 * 2 / Math.sqrt(n));
    expect(Math.abs(variance / 4 - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    const outside = x.filter((z) => Math.abs(z - 3) > 4).length / n;
    expect(Math.abs(outside - 0.0455)).toBeLessThan(4 * Math.sqrt(0.0455 / n));
  });

  it.each(['float32', 'float64'] as const)('truncatedNormal in %s: is within two deviations, of variance 0.7737', async (dtype) => {
    const x = await numbers(truncatedNormal([n], { std: 1, seed: 8, step: 1, dtype }));
    expect(Math.max(...x.map(Math.abs))).toBeLessThanOrEqual(2);
    const { mean, variance } = moments(x);
    expect(Math.abs(mean)).toBeLessThan(4 * 0.88 / Math.sqrt(n));
    // 1 - 4 phi(2) / 0.9545; the fourth moment is at most 4 times the second.
    expect(Math.abs(variance - 0.7737)).toBeLessThan(4 * Math.sqrt(2.5 / n));
  });

  it('bernoulli: has its probability, or one for each element', async () => {
    const ones = (await numbers(bernoulli([n], { p: 0.2, seed: 9, step: 1 }))).reduce((a, b) => a + b, 0);
    expect(Math.abs(ones / n - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / n));
    const half = (await numbers(bernoulli([n], { seed: 10, step: 1 }))).reduce((a, b) => a + b, 0);
    expect(Math.abs(half / n - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n));
    const columns = bernoulli([n / 4, 4], { p: literal([0, 1, 0.75, NaN], [4], 'float32'), seed: 11, step: 1, dtype: 'float32' });
    expect(columns.dtype).toBe('float32');
    const [never = NaN, always, often = NaN, nan] = await numbers(columns.mean(0));
    expect([never, always, nan]).toEqual([0, 1, 0]);
    expect(Math.abs(often - 0.75)).toBeLessThan(4 * Math.sqrt(0.1875 / (n / 4)));
  });

  it.each(['float32', 'float64'] as const)('categorical of %s logits: has the probabilities of softmax', async (dtype) => {
    const logits = literal([0, Math.log(2), Math.log(3), -Infinity, Math.log(4)], [5], dtype).broadcastTo([n, 5]);
    const drawn = categorical(logits, { seed: 12, step: 1 });
    expect(String(drawn)).toContain(`int32[${n}]`);
    const counts = [0, 0, 0, 0, 0];
    for (const k of await numbers(drawn)) counts[k] = (counts[k] ?? 0) + 1;
    expect(counts[3]).toBe(0);
    const chiSquare = [1, 2, 3, 4].reduce((sum, weight, k) => sum + ((counts[k < 3 ? k : 4] ?? NaN) - (n * weight) / 10) ** 2 / ((n * weight) / 10), 0);
    // 3 degrees of freedom: the quantile 1 - 1e-4 is 21.
    expect(chiSquare).toBeLessThan(21);
    expect(categorical(logits.reshape([10, 5, n / 10]), { axis: 1, seed: 1, step: 1 }).shape).toEqual([10, n / 10]);
  });

  it('are independent from step to step, from seed to seed, and from neighbour to neighbour', async () => {
    const draw = (seed: number, step: number): Promise<number[]> => numbers(uniform([n], { low: -1, high: 1, seed, step }));
    const first = await draw(1, 1);
    const others = [await draw(1, 2), await draw(2, 1), await draw(1, -1), [...first.slice(1), first[0] ?? 0], [...first.slice(2), 0, 0]];
    // The correlation of independent numbers has standard deviation 1 / sqrt(n).
    for (const other of others) expect(Math.abs(first.reduce((sum, x, i) => sum + 3 * x * (other[i] ?? 0), 0) / n)).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe('dropout', () => {
  const x = input('float64', [400], 'x');
  const given = Float64Array.from({ length: 400 }, (_, i) => i + 1);
  const at = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr, [[x, given]])).data];

  it('drops with the rate, and scales what it keeps', async () => {
    const kept = words(4, 9, 400).map(([u]) => (u >>> 8) * 2 ** -24 >= 0.25);
    expect(await at(dropout(x, 0.25, { seed: 4, step: 9 }))).toEqual(kept.map((k, i) => (k ? (i + 1) * (1 / 0.75) : 0)));
    expect(Math.abs(kept.filter((k) => !k).length / 400 - 0.25)).toBeLessThan(4 * Math.sqrt(0.1875 / 400));
    expect(await at(dropout(x, 0.25, { seed: 4, step: 10 }))).not.toEqual(await at(dropout(x, 0.25, { seed: 4, step: 9 })));
  });

  it('passes the gradient through the same mask', async () => {
    const y = dropout(x, 0.25, { seed: 4, step: 9 });
    const mask = (await at(y)).map((value, i) => value / (i + 1));
    expect((await at(grad(y.sum(), x))).map((g) => Math.round(g * 1e9))).toEqual(mask.map((m) => Math.round(m * 1e9)));
    expect((await at(grad(y.square().sum(), x))).map((g) => Math.round(g * 1e6))).toEqual(mask.map((m, i) => Math.round(2 * m * m * (i + 1) * 1e6)));
  });

  it('of rate 0 is the identity, of rate 1 zero with its gradient; and the rate may be a scalar', async () => {
    expect(dropout(x, 0, { seed: 1, step: 1 })).toBe(x);
    const rate = input('float32', [], 'rate');
    const y = dropout(x, rate, { seed: 4, step: 9 });
    const both = async (r: number): Promise<number[][]> =>
      Promise.all([y, grad(y.sum(), x)].map(async (e) => [...(await evaluate(e, [[x, given], [rate, r]])).data]));
    expect(await both(0)).toEqual([[...given], new Array<number>(400).fill(1)]);
    expect((await both(0.25))[0]).toEqual(await at(dropout(x, 0.25, { seed: 4, step: 9 })));
    expect(await both(1)).toEqual([new Array<number>(400).fill(0), new Array<number>(400).fill(0)]);
    expect(await at(dropout(x, 1, { seed: 4, step: 9 }))).toEqual(new Array<number>(400).fill(0));
  });

  it('drops NaN and infinities too', async () => {
    const bad = literal(new Array<number>(50).fill(0).map((_, i) => (i % 2 === 0 ? NaN : Infinity)), [50], 'float64');
    const dropped = (await at(dropout(bad, 0.5, { seed: 1, step: 1 }))).filter((v) => v === 0).length;
    expect(dropped).toBe(words(1, 1, 50).filter(([u]) => (u >>> 8) * 2 ** -24 < 0.5).length);
  });
});

describe('what cannot be drawn', () => {
  const x = input('float32', [4], 'x');
  const key = { seed: 1, step: 1 } as const;

  it('is refused where it is written', () => {
    expect(() => uniform([2], { seed: 0.5, step: 1 })).toThrow(new InputError('uniform: the seed must be a whole number or an int32 scalar, not 0.5'));
    expect(() => normal([2], { seed: 1, step: NaN })).toThrow(new InputError('normal: the step must be a whole number or an int32 scalar, not NaN'));
    expect(() => bernoulli([2], { seed: input('int32', [3], 's'), step: 1 })).toThrow(new ShapeError('bernoulli: the seed must be a scalar, and input s int32[3] is none'));
    expect(() => dropout(x, 0.5, { seed: 1, step: input('float32', [], 't') })).toThrow(
      new DTypeError("dropout: the step input t float32[] is float32, not int32; cast it with .cast('int32')"),
    );
    expect(() => bernoulli([2], { ...key, p: 1.5 })).toThrow(new InputError('bernoulli: p must be from 0 to 1, not 1.5'));
    expect(() => bernoulli([2], { ...key, p: input('int32', [], 'p') })).toThrow(new DTypeError("bernoulli: p, input p int32[], is int32; cast it with .cast('float32')"));
    expect(() => bernoulli([2], { ...key, p: input('float32', [3], 'p') })).toThrow(new ShapeError('bernoulli: p, input p float32[3], does not broadcast to [2]'));
    expect(() => dropout(x, -0.1, key)).toThrow(new InputError('dropout: the rate must be from 0 to 1, not -0.1'));
    expect(() => dropout(x, NaN, key)).toThrow(InputError);
    expect(() => dropout(x, x, key)).toThrow(new ShapeError('dropout: the rate must be a scalar, and input x float32[4] is none'));
    expect(() => dropout(x.cast('int32'), 0.5, key)).toThrow(/^dropout: takes float32 or float64/);
    expect(() => categorical(x.cast('int32'), key)).toThrow(/^categorical: takes float32 or float64/);
    expect(() => categorical(x, { ...key, axis: 1 })).toThrow(/^categorical: axis 1/);
  });
});
