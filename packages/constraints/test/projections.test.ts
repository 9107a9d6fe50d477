import { evaluate, type Expr, OptimizerError, ShapeError, variable } from '@pappus/core';
import { allClose } from '@pappus/testing';
import { describe, expect, it } from 'vitest';
import { box, nonNegative, simplex, unitNorm } from '../src/index.js';

type Nested = number | number[] | number[][];
const f64 = (value: Nested, name = 'x'): Expr => variable(value, { name, dtype: 'float64' });
const values = async (expr: Expr): Promise<number[]> => Array.from((await evaluate(expr)).data);

describe('nonNegative', () => {
  it('moves what is below 0 to 0', async () => {
    expect(await values(nonNegative(f64([-1, 0, 2, -Infinity, NaN])))).toEqual([0, 0, 2, 0, NaN]);
  });
});

describe('box', () => {
  it('takes numbers, infinite ones too', async () => {
    expect(await values(box(f64([-3, 0.5, 3]), -1, 2))).toEqual([-1, 0.5, 2]);
    expect(await values(box(f64([-3, 0.5, 3]), -Infinity, 2))).toEqual([-3, 0.5, 2]);
  });

  it('takes tensors that broadcast, in any dtype', async () => {
    const x = f64([[-3, 3], [-4, 4]]);
    expect(await values(box(x, f64([-1, -2], 'low'), variable([[1], [2]], { dtype: 'int32' })))).toEqual([-1, 1, -1, 2]);
  });

  it('refuses bounds that cross, or are larger than the tensor', () => {
    expect(() => box(f64([1]), 2, 1)).toThrow(new OptimizerError('box: low must be at most high, and 2 is not at most 1'));
    expect(() => box(f64([1, 2]), f64([[0], [0]], 'low'), 1)).toThrow(
      new ShapeError('box: a bound of variable x float64[2] is larger than it; the bounded tensor would have the shape [2, 2]'),
    );
  });
});

describe('unitNorm', () => {
  it('divides by the norms of columns, of a matrix [in, out]', async () => {
    allClose(await values(unitNorm(f64([[3, 0], [4, 2]]), { epsilon: 0 })), [0.6, 0, 0.8, 1], { rtol: 1e-15 });
    allClose(await values(unitNorm(f64([3, 4]), { normAxes: [0] })), [3 / (5 + 1e-7), 4 / (5 + 1e-7)], { rtol: 1e-15 });
  });

  it('keeps zeros', async () => {
    expect(await values(unitNorm(f64([[0], [0]])))).toEqual([0, 0]);
  });

  it('says to name the axes where none are usual', () => {
    expect(() => unitNorm(f64([1, 2]))).toThrow('unitNorm: variable x float64[2] has 1 dimensions');
  });
});

/** Duchi et al. (2008), figure 1: by sorting. */
function bySorting(x: readonly number[], total = 1): number[] {
  const sorted = [...x].sort((a, b) => b - a);
  let sum = 0;
  let tau = 0;
  for (const [k, value] of sorted.entries()) {
    sum += value;
    const candidate = (sum - total) / (k + 1);
    if (value > candidate) tau = candidate;
  }
  return x.map((value) => Math.max(value - tau, 0));
}

/** Numbers in [0, 1) that a seed decides (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('simplex', () => {
  const random = seeded(7);
  const list = (size: number, value: (i: number) => number): number[] => Array.from({ length: size }, (_, i) => value(i));
  const cases: Readonly<Record<string, number[]>> = {
    'one element': [-17],
    'one in it already': [0.25, 0.5, 0.25],
    'all equal': list(7, () => 3),
    'all far below': list(9, (i) => -1e3 - i),
    'a far larger one': [1e6, 1, 2, 3],
    'minus infinity': [0.5, -Infinity, 0.25, -Infinity],
    'geometric, which takes Newton the most steps': list(60, (i) => -(2 ** -i)),
    'geometric, wide': list(60, (i) => -(1.5 ** i)),
    'harmonic': list(500, (i) => 1 / (i + 1)),
    'an arithmetic ramp': list(1000, (i) => i / 1000),
    'uniform': list(1000, () => random()),
    'nearly ties': list(1000, () => 1e-9 * random()),
    'of many sizes': list(1000, () => (random() - 0.5) * 10 ** (12 * random() - 6)),
    'large': list(20_000, () => Math.log(random())),
  };

  it.each(Object.entries(cases))('is what sorting gives: %s', async (_name, x) => {
    allClose(await values(simplex(f64(x))), bySorting(x), { rtol: 1e-12, atol: 1e-15 });
  });

  it.each(Object.entries(cases))('sums to the total: %s', async (_name, x) => {
    const projected = await values(simplex(f64(x), { total: 2.5 }));
    expect(Math.min(...projected)).toBeGreaterThanOrEqual(0);
    allClose([projected.reduce((sum, value) => sum + value, 0)], [2.5], { rtol: 1e-12 });
  });

  it('goes along any axis, the last by default', async () => {
    const x = [[1, 5, 2], [3, 4, 2.5]];
    const columns = [0, 1, 2].map((j) => bySorting(x.map((row) => row[j] ?? NaN)));
    allClose(await values(simplex(f64(x))), x.flatMap((row) => bySorting(row)), { rtol: 1e-14 });
    allClose(await values(simplex(f64(x), { axis: 0 })), [0, 1].flatMap((i) => columns.map((column) => column[i] ?? NaN)), { rtol: 1e-14 });
  });

  it('with a total of 0 is 0', async () => {
    expect(await values(simplex(f64([1, 2, 2]), { total: 0 }))).toEqual([0, 0, 0]);
  });

  it('takes the steps that its argument needs: at most the size, and p / 2 + log2(n)', () => {
    const count = (size: number, dtype: 'float32' | 'float64'): number => {
      const seen = new Set<Expr>();
      const visit = (expr: Expr): void => {
        if (seen.has(expr)) return;
        seen.add(expr);
        expr.args.forEach(visit);
      };
      visit(simplex(variable({ data: new Float64Array(size), shape: [size] }, { dtype })));
      return [...seen].filter(({ node }) => node.kind === 'elementwise' && node.op === 'gt').length;
    };
    expect([count(3, 'float32'), count(10, 'float32'), count(1000, 'float32'), count(1000, 'float64')]).toEqual([3, 10, 22, 37]);
  });

  it('refuses an axis that is empty or not there, and a negative total', () => {
    expect(() => simplex(f64([]))).toThrow(ShapeError);
    expect(() => simplex(f64(1))).toThrow(ShapeError);
    expect(() => simplex(f64([1, 2]), { axis: 1 })).toThrow('axis 1');
    expect(() => simplex(f64([1, 2]), { total: -1 })).toThrow(OptimizerError);
  });
});
