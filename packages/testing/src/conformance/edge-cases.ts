// Single cases at the edges of operations, of open sizes and of float32: what a formula or a definition says of them.
import * as core from '@pappus/core';
import { type Expr, literal, scaledDotProductAttention } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { execute, leaf, type Subject } from './differential.js';
import { grad } from './recording.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList } from './values.js';

/** What a function of one input gives, element by element, -0 as 0. */
async function elementsOf(setting: Setting, dtype: FloatDType, values: readonly number[], f: (x: Expr) => Readonly<Record<string, Expr>>, shape: readonly number[] = [values.length], open?: readonly (string | number)[]): Promise<Readonly<Record<string, number[]>>> {
  const x = { ...fromList(dtype, shape, values), ...(open === undefined ? {} : { open }) };
  const subject: Subject = { steps: [{ x }], build: ({ inputs }) => ({ outputs: f(leaf(inputs, 'x')) }) };
  const results = await execute(subject, await setting.backend());
  return Object.fromEntries(results.map(({ name, value }) => [name.replace(' of step 0', ''), [...value.data].map((v) => v + 0)]));
}

/** The gradient of a weighed sum, and of that again. */
function twice(f: (x: Expr) => Expr): (x: Expr) => { y: Expr; first: Expr; second: Expr } {
  return (x) => {
    const y = f(x);
    const first = grad(y.mul(y).add(y).sum(), x);
    return { y, first, second: grad(first.mul(first).sum().add(x.sum().mul(0)), x) };
  };
}

export function edgeCases(setting: Setting): void {
  for (const dtype of setting.floats) {
    describe(`edges of ${dtype}`, () => {
      attention(setting, dtype);
      maxima(setting, dtype);
      emptyAxes(setting, dtype);
      slices(setting, dtype);
      cutSizes(setting, dtype);
      arithmetic(setting, dtype);
      probabilities(setting, dtype);
      activations(setting, dtype);
    });
  }
}

function attention(setting: Setting, dtype: FloatDType): void {
  const keys = (): Expr => literal([1, 2, 3], [3, 1], dtype);
  const values = (): Expr => literal([10, 20, 30], [3, 1], dtype);
  const hidden = -Infinity;

  it('attention: a mask of -Infinity beside `causal` hides the future too', async () => {
    const { y } = await elementsOf(setting, dtype, [1, 1, 1], (x) => ({ y: scaledDotProductAttention(x, keys(), values(), { mask: literal([hidden, 0, 0], [3], dtype), causal: true }) }), [3, 1]);
    // Of the last row, e^2 and e^3: 20 + 10 e / (1 + e).
    expect(y?.slice(0, 2)).toEqual([0, 20]);
    expect(y?.[2]).toBeCloseTo(20 + (10 * Math.E) / (1 + Math.E), 4);
  });

  it('attention: a bool mask, a float mask and `causal` hide the same keys', async () => {
    const shown = [false, true, true, false, false, true];
    const results = await elementsOf(setting, dtype, [1, -1, 0.5, 2, 1, -2], (q) => {
      const key = literal([0.5, 1, -1, 2, 0.25, 0.75], [2, 3, 1], dtype);
      const queries = q.reshape([2, 3, 1]);
      const bool = literal(shown.map(Number), [2, 1, 3], 'bool');
      const float = core.where(bool, literal([0], [1], dtype), hidden);
      const of = (mask: Expr): Expr => scaledDotProductAttention(queries, key, key, { mask, causal: true });
      return { bool: of(bool), float: of(float), boolGradient: grad(of(bool).square().sum(), q), floatGradient: grad(of(float).square().sum(), q) };
    });
    expect(results['float']).toEqual(results['bool']);
    expect(results['floatGradient']).toEqual(results['boolGradient']);
    // No key for queries 0 (the first is hidden) of both, and 0 and 1 of the second.
    expect([0, 3, 4].map((k) => results['bool']?.[k])).toEqual([0, 0, 0]);
    expect([0, 3, 4].map((k) => results['boolGradient']?.[k])).toEqual([0, 0, 0]);
  });

  it('attention: rows without a key have derivatives of 0, the mask itself too', async () => {
    const known = await elementsOf(setting, dtype, [hidden, hidden, 0, 1], (mask) => {
      const x = literal([1, 2, 3, 4], [2, 2], dtype);
      return twice((m) => scaledDotProductAttention(x, x, x, { mask: m }))(mask);
    }, [2, 2]);
    expect(known['y']?.slice(0, 2)).toEqual([0, 0]);
    expect(known['first']?.slice(0, 2)).toEqual([0, 0]);
    expect(known['second']?.slice(0, 2)).toEqual([0, 0]);
    expect([...(known['first'] ?? []), ...(known['second'] ?? [])].every(Number.isFinite)).toBe(true);
    const open = await elementsOf(setting, dtype, [3, 1, -2, 2], (x) => twice((q) => scaledDotProductAttention(q, q, q, { mask: core.where(x.gt(2), hidden, x).transpose(), causal: true }))(x), [4, 1], ['n', 1]);
    expect([open['y']?.[0], [...(open['y'] ?? []), ...(open['first'] ?? [])].filter(Number.isNaN).length]).toEqual([0, 0]);
  });

  it('attention: a large negative bias is less than `causal` hides', async () => {
    const lowest = dtype === 'float32' ? -3.4028234663852886e38 : -Number.MAX_VALUE;
    const { y } = await elementsOf(setting, dtype, [0, 0, 0], (x) => ({ y: scaledDotProductAttention(x, keys(), values(), { mask: literal([lowest, 0, 0], [3], dtype), causal: true }) }), [3, 1]);
    expect(y).toEqual([10, 20, 25]);
  });

  it('attention: without a key is 0, more queries than keys see all', async () => {
    const none = await elementsOf(setting, dtype, [1, 2], (x) => {
      const empty = literal([], [0, 1], dtype);
      return { plain: scaledDotProductAttention(x, empty, empty), causal: scaledDotProductAttention(x, empty, empty, { causal: true }) };
    }, [2, 1]);
    expect(none).toEqual({ plain: [0, 0], causal: [0, 0] });
    const { y } = await elementsOf(setting, dtype, [0, 0, 0, 0, 0], (x) => ({ y: scaledDotProductAttention(x, keys(), values(), { causal: true }) }), [5, 1], ['n', 1]);
    expect(y).toEqual([10, 15, 20, 20, 20]);
  });
}

function maxima(setting: Setting, dtype: FloatDType): void {
  it('maxPool: -Infinity beside the padding has the gradient for itself', async () => {
    const results = await elementsOf(setting, dtype, [-Infinity, -Infinity, -Infinity, 2], (x) => {
      const image = x.reshape([1, 1, 4]);
      const same = core.maxPool1d(image, 3, { stride: 1, padding: 'same' });
      const apart = core.maxPool1d(image, 3, { padding: [[2, 0]] });
      const square = core.maxPool2d(x.reshape([1, 1, 2, 2]), 2, { stride: 1, padding: 'same' });
      return { same: grad(same.sum(), x), apart: grad(apart.sum(), x), square: grad(square.sum(), x) };
    });
    // Windows 0-1 (two elements), 0-2 (three), then the 2 of both others.
    expect(results['same']?.map((g) => Math.round(g * 6))).toEqual([5, 5, 2, 12]);
    expect(results['apart']).toEqual([1, 0, 0, 1]);
    expect(results['square']).toEqual([0, 0, 0, 4]);
  });

  it('maxPool: so it has along an open axis', async () => {
    const { g } = await elementsOf(setting, dtype, [-Infinity, 1], (x) => ({ g: grad(core.maxPool1d(x, 2, { stride: 1, padding: [[1, 0]] }).sum(), x) }), [1, 1, 2], [1, 1, 'n']);
    expect(g).toEqual([1, 1]);
  });
}

function emptyAxes(setting: Setting, dtype: FloatDType): void {
  for (const open of [undefined, [2, 'n']]) {
    it(`softmax and logSumExp of nothing, of ${open === undefined ? 'a known' : 'an open'} size`, async () => {
      const results = await elementsOf(setting, dtype, [], (x) => ({
        softmax: x.softmax(), logSoftmax: x.logSoftmax(), logSumExp: x.logSumExp(-1), all: x.logSumExp(),
        gradient: grad(x.logSumExp(-1).exp().sum().add(x.softmax().sum()), x), sum: x.sum(-1), mean: x.mean(-1), norm: x.norm(-1),
      }), [2, 0], open);
      expect(results).toEqual({ softmax: [], logSoftmax: [], logSumExp: [-Infinity, -Infinity], all: [-Infinity], gradient: [], sum: [0, 0], mean: [NaN, NaN], norm: [0, 0] });
    });
  }

  it('logSumExp of -Infinity alone is that, with a gradient of 0', async () => {
    const results = await elementsOf(setting, dtype, [-Infinity, -Infinity, 0, -Infinity], (x) => ({ y: x.logSumExp(-1), g: grad(x.logSumExp(-1).sum(), x) }), [2, 2]);
    expect(results).toEqual({ y: [-Infinity, 0], g: [0, 0, 1, 0] });
  });
}

function slices(setting: Setting, dtype: FloatDType): void {
  const ranges = [[0, 5], [2, null], [-2, null], [-5, -1], [7, 9], [null, -4], [null, null, -1], [4, 0, -2], [-1, null, -3], [1, 6, 3], [3, 1]] as const;
  it('slices are cut short as in Python, and pull back to where they are from', async () => {
    for (const range of ranges) {
      for (const size of [0, 1, 3, 6]) {
        const list = Array.from({ length: size }, (_, k) => k + 1);
        const [from, to, step = 1] = range;
        const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
        const clamped = (i: number): number => Math.min(Math.max(i < 0 ? i + size : i, least), most);
        const [start, end] = [from === null ? (step > 0 ? least : most) : clamped(from), to === null ? (step > 0 ? most : least) : clamped(to)];
        const taken = list.filter((_, i) => (step > 0 ? i >= start && i < end : i <= start && i > end) && (i - start) % step === 0);
        const expected = step > 0 ? taken : taken.reverse();
        for (const open of [undefined, ['n']]) {
          const results = await elementsOf(setting, dtype, list, (x) => ({ y: x.slice(range), g: grad(x.slice(range).square().sum(), x) }), [size], open);
          expect(results, `${String(range)} of ${size}`).toEqual({ y: expected, g: list.map((v) => (expected.includes(v) ? 2 * v : 0)) });
        }
      }
    }
  });
}

function cutSizes(setting: Setting, dtype: FloatDType): void {
  it('what is cut short fills variables and fits its neighbours, or nothing changes', async () => {
    const x = core.input(dtype, ['n'], 'x');
    const three = core.variable([1, 2, 3], { dtype, name: 'three' });
    const cut = x.slice([0, 3]);
    const added = core.scatterAdd(three, literal([2, 0, 0], [3], 'int32').add(0), cut);
    const backend = await setting.backend();
    const replace = await core.compile({ inputs: { x }, updates: new Map([[three, cut]]) }, backend);
    const subtract = await core.compile({ inputs: { x }, updates: new Map([[three, three.sub(cut)]]) }, backend);
    const steps = [replace, subtract];
    for (const y of [three.mul(cut), cut.mul(three), added]) steps.push(await core.compile({ inputs: { x }, outputs: { y } }, backend));
    for (const step of steps) {
      for (const size of [0, 1, 2]) await expect(step({ x: Array.from({ length: size }, () => 7) })).rejects.toThrow(core.ShapeError);
    }
    expect([...(await three.read())]).toEqual([1, 2, 3]);
    await subtract({ x: [1, 1, 1] });
    expect([...(await three.read())]).toEqual([0, 1, 2]);
    await replace({ x: [4, 5, 6, 7] });
    expect([...(await three.read())]).toEqual([4, 5, 6]);
  });

  it('what is cut to nothing beside one element pulls back zeros', async () => {
    for (const [list, y, byX] of [[[], [], []], [[5], [15], [3]], [[5, 6], [15], [3, 0]]] as const) {
      const results = await elementsOf(setting, dtype, list, (x) => {
        const w = core.variable([3], { dtype, name: 'w' });
        const cut = x.slice([0, 1]);
        return { y: w.mul(cut), turned: cut.mul(w), number: cut.mul(3), byX: grad(w.mul(x.slice([0, 1])).sum(), x), byW: grad(w.mul(x.slice([0, 1])).sum(), w) };
      }, [list.length], ['n']);
      expect(results).toEqual({ y, turned: y, number: y, byX, byW: [list.length === 0 ? 0 : 5] });
    }
  });
}

function arithmetic(setting: Setting, dtype: FloatDType): void {
  it('0 times what is no number is none, and nothing cancels that is not equal', async () => {
    const x = [NaN, Infinity, -Infinity, 0, 1, 2 ** 60];
    const results = await elementsOf(setting, dtype, x, (a) => ({
      times0: a.mul(0), zeroOver: core.div(0, a), plus: a.mul(0).add(7), difference: a.sub(a), quotient: a.div(a), chained: a.mul(0).add(0).div(a),
      back: a.sub(2 ** 90).add(2 ** 90), over: a.mul(a).div(a), beside: a.div(a.add(1)).mul(a.add(1)), same: a.eq(a), less: a.lt(a), other: a.ne(a), least: a.minimum(0), most: a.maximum(0),
    }));
    expect(results).toEqual({
      times0: [NaN, NaN, NaN, 0, 0, 0], zeroOver: [NaN, 0, 0, NaN, 0, 0], plus: [NaN, NaN, NaN, 7, 7, 7], difference: [NaN, NaN, NaN, 0, 0, 0],
      quotient: [NaN, NaN, NaN, NaN, 1, 1], chained: [NaN, NaN, NaN, NaN, 0, 0], back: [NaN, Infinity, -Infinity, 0, 0, dtype === 'float32' ? 0 : 2 ** 60],
      over: [NaN, NaN, NaN, NaN, 1, 2 ** 60], beside: [NaN, NaN, NaN, 0, 1, 2 ** 60], same: [0, 1, 1, 1, 1, 1], less: [0, 0, 0, 0, 0, 0], other: [1, 0, 0, 0, 0, 0],
      least: [NaN, 0, -Infinity, 0, 0, 0], most: [NaN, Infinity, 0, 0, 1, 2 ** 60],
    });
  });

  it('so it is with vectors of four, and with the sign of zero', async () => {
    const x = [0, -0, NaN, Infinity, 1, -1, -Infinity, 2];
    const subject: Subject = { steps: [{ x: fromList(dtype, [8], x) }], build: ({ inputs }) => ({ outputs: { y: leaf(inputs, 'x').mul(0), z: leaf(inputs, 'x').mul(-0), sum: leaf(inputs, 'x').add(0) } }) };
    await setting.agree(subject, { signedZeros: true });
    const four = await elementsOf(setting, dtype, Array.from({ length: 64 }, (_, k) => x[k % 8] ?? 0), (a) => ({ y: a.mul(0), z: core.div(0, a) }));
    expect(four).toEqual({ y: Array.from({ length: 64 }, (_, k) => ([2, 3, 6].includes(k % 8) ? NaN : 0)), z: Array.from({ length: 64 }, (_, k) => ([0, 1, 2].includes(k % 8) ? NaN : 0)) });
  });
}

function probabilities(setting: Setting, dtype: FloatDType): void {
  it('crossEntropy and klDivergence: the gradient by probabilities, also of 0', async () => {
    const results = await elementsOf(setting, dtype, [1, 0, 0], (p) => {
      const logits = literal([0, 0, -Infinity], [1, 3], dtype);
      const cross = core.crossEntropy(logits, p.reshape([1, 3]), { reduction: 'sum' });
      const divergence = core.klDivergence(logits, p.reshape([1, 3]), { reduction: 'sum' });
      return { cross, byCross: grad(cross, p), divergence, byDivergence: grad(divergence, p) };
    });
    // -log(1 / 2); a class that cannot be and is not costs nothing.
    const half = expect.closeTo(Math.LN2, 5) as number;
    expect(results['cross']).toEqual([half]);
    expect(results['byCross']).toEqual([half, half, 0]);
    expect(results['divergence']).toEqual([half]);
    expect(results['byDivergence']).toEqual([expect.closeTo(1 + Math.LN2, 5), 0, 0]);
  });

  it('pow: the gradient at an exponent of 0 is 0 and at a base of 0 a number', async () => {
    const tiny = dtype === 'float32' ? 1e-40 : 1e-310;
    const results = await elementsOf(setting, dtype, [tiny, -tiny, 0, -2, 3, Infinity], (a) => {
      const zeros = a.mul(0).isNan().cast(dtype).mul(0);
      const byBase = grad(a.pow(zeros).sum(), a);
      return { constant: grad(a.pow(0).sum().add(a.sum()), a), byBase, second: grad(byBase.sum().add(a.sum()), a), squares: grad(a.pow(2).sum(), a).eq(a.mul(2)) };
    });
    expect(results).toEqual({ constant: [1, 1, 1, 1, 1, 1], byBase: [0, 0, 0, 0, 0, 0], second: [1, 1, 1, 1, 1, 1], squares: [1, 1, 1, 1, 1, 1] });
  });

  it('prod: the second derivative beside several zeros', async () => {
    const results = await elementsOf(setting, dtype, [2, 0, 0, 1], (x) => ({ first: grad(x.prod(), x), second: grad(grad(x.prod(), x).slice(1), x) }));
    expect(results).toEqual({ first: [0, 0, 0, 0], second: [0, 0, 2, 0] });
    const open = await elementsOf(setting, dtype, [2, 0, 0, 1, 5], (x) => ({ second: grad(grad(x.prod(), x).slice(1), x) }), [5], ['n']);
    expect(open).toEqual({ second: [0, 0, 10, 0, 0] });
  });
}

function activations(setting: Setting, dtype: FloatDType): void {
  it('gelu by tanh has derivatives where the square of x is infinite', async () => {
    const results = await elementsOf(setting, dtype, [1e20, -1e20, 12, -12, 1e37], (x) => {
      const y = x.gelu({ approximate: 'tanh' });
      const g = grad(y.sum(), x);
      return { y: y.div(x), g, second: grad(g.sum(), x) };
    });
    expect(results).toEqual({ y: [1, 0, 1, 0, 1], g: [1, 0, 1, 0, 1], second: [0, 0, 0, 0, 0] });
  });

  it('a learned slope of leakyRelu has no part in what is positive, and infinite too', async () => {
    const results = await elementsOf(setting, dtype, [Infinity, -2, 0, 3], (x) => {
      const slope = core.variable(0.25, { dtype, name: 'slope' });
      const y = core.leakyRelu(x, slope);
      return { y, byX: grad(y.sum(), x), bySlope: grad(y.sum(), slope), byAlpha: grad(core.elu(x, slope).sum(), slope) };
    });
    expect(results).toEqual({ y: [Infinity, -0.5, 0, 3], byX: [1, 0.25, 0.25, 1], bySlope: [-2], byAlpha: [expect.closeTo(Math.expm1(-2), 5)] });
  });

  it('dropout at a rate of 1, given as a variable, is 0 with gradients of 0', async () => {
    const results = await elementsOf(setting, dtype, [1, -2, Infinity, 4], (x) => {
      const rate = core.variable(1, { dtype, name: 'rate' });
      const y = core.dropout(x, rate, { seed: 1, step: 2 });
      return { y, byX: grad(y.sum(), x), byRate: grad(y.sum(), rate) };
    });
    expect(results).toEqual({ y: [0, 0, 0, 0], byX: [0, 0, 0, 0], byRate: [0] });
  });

  it('binaryCrossEntropy of an infinite logit and of a probability between is infinite', async () => {
    const results = await elementsOf(setting, dtype, [Infinity, -Infinity], (x) => {
      const losses = core.binaryCrossEntropy(x, 0.25, { reduction: 'none' });
      return { losses, g: grad(losses.sum(), x) };
    });
    expect(results).toEqual({ losses: [Infinity, Infinity], g: [0.75, -0.25] });
  });

  it('attention by vectors of no features is the mean of the values', async () => {
    for (const open of [undefined, [2, 'd']]) {
      const results = await elementsOf(setting, dtype, [], (q) => {
        const values = literal([1, 2, 3, 6], [2, 2], dtype);
        return { y: scaledDotProductAttention(q, q, values), causal: scaledDotProductAttention(q, q, values, { causal: true }) };
      }, [2, 0], open);
      expect(results).toEqual({ y: [2, 4, 2, 4], causal: [1, 2, 2, 4] });
    }
  });
}
