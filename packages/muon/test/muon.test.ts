import { compile, evaluate, input, interpreter, literal, OptimizerError, ShapeError, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { muon, newtonSchulz } from '../src/index.js';

/** Converges to singular values of 1: the Taylor series of x / sqrt(x^2). */
const CONVERGENT = [15 / 8, -10 / 8, 3 / 8] as const;

const matrix = (rows: number[][]) => variable(rows, { name: 'x', dtype: 'float64' });

describe('newtonSchulz', () => {
  it.each([[[[3, 1], [0, 2], [1, 1]]], [[[3, 0, 1], [1, 2, 1]]], [[[2, 1], [0.5, 1]]]])('converges to orthogonal rows or columns: %o', async (rows) => {
    const y = newtonSchulz(matrix(rows), { coefficients: CONVERGENT, steps: 20 });
    const transposed = y.transpose();
    const gram = await evaluate(rows.length > (rows[0]?.length ?? 0) ? transposed.matmul(y) : y.matmul(transposed));
    const size = gram.shape[0] ?? NaN;
    gram.data.forEach((value, i) => expect(value).toBeCloseTo(i % (size + 1) === 0 ? 1 : 0, 12));
  });

  it('has the same limit from the norms of Frobenius and Schatten, and with aol orthogonal rows, too', async () => {
    const x = matrix([[3, 1, 0], [1, 2, -1]]);
    const limit = (normalization: 'frobenius' | 'schatten' | 'aol') => newtonSchulz(x, { coefficients: CONVERGENT, steps: 30, normalization });
    const [a, b] = await Promise.all([evaluate(limit('frobenius')), evaluate(limit('schatten'))]);
    a.data.forEach((value, i) => expect(b.data[i]).toBeCloseTo(value, 12));
    const rows = limit('aol');
    const { data } = await evaluate(rows.matmul(rows.transpose()));
    data.forEach((value, i) => expect(value).toBeCloseTo(i % 3 === 0 ? 1 : 0, 12));
  });

  it('brings singular values of diagonal matrices to between 0.6 and 1.3 with the coefficients of Jordan', async () => {
    const { data } = await evaluate(newtonSchulz(matrix([[1, 0, 0], [0, 0.3, 0], [0, 0, 0.05]])));
    for (const k of [0, 4, 8]) {
      expect(data[k]).toBeGreaterThan(0.6);
      expect(data[k]).toBeLessThan(1.3);
    }
  });

  it('takes each step its own coefficients, and the last for all further ones', async () => {
    const one = [1, 0, 0] as const;
    const x = matrix([[3, 4]]);
    const { data } = await evaluate(newtonSchulz(x, { coefficients: [[2, 0, 0], [3, 0, 0], one], steps: 7, epsilon: 0 }));
    expect(data[0]).toBeCloseTo(3.6, 12);
    expect(data[1]).toBeCloseTo(4.8, 12);
  });

  it('refuses vectors and wrong options', () => {
    expect(() => newtonSchulz(variable([1, 2], { name: 'b' }))).toThrow(ShapeError);
    expect(() => newtonSchulz(matrix([[1]]), { steps: -1 })).toThrow(/the option steps must be a whole number from 0 to 100, not -1/);
    expect(() => newtonSchulz(matrix([[1]]), { coefficients: [] })).toThrow(/the option coefficients must be three finite numbers/);
  });
});

describe('muon', () => {
  it('refuses what is no matrix, and says what to do', () => {
    const b = variable([1, 2, 3], { name: 'bias' });
    expect(() => muon(b.square().sum(), [b])).toThrow(OptimizerError);
    expect(() => muon(b.square().sum(), [b])).toThrow('muon: the parameter bias has the shape [3] and is no matrix; give it another rule, such as adamw, by partition');
  });

  it('takes the dual norm of each matrix of a batch by itself', async () => {
    const [a, b] = [[[3, 1], [0, 2]], [[0.5, 0], [0.25, 1]]];
    const run = async (values: number[][] | number[][][], gradient: number[][] | number[][][]): Promise<number[]> => {
      const w = variable(values, { name: 'w', dtype: 'float64' });
      const g = input('float64', w.shape);
      const step = await compile({ inputs: { g }, updates: muon([g], [w], { dualNorm: true, higherRank: 'batch' }) }, interpreter());
      await step({ g: gradient });
      return [...(await w.read())];
    };
    const zero = [[0, 0], [0, 0]];
    expect(await run([zero, zero], [a, b])).toEqual([...(await run(zero, a)), ...(await run(zero, b))]);
  });

  it.each(['filters', 'batch'] as const)('leaves parameters without elements alone: %s', async (higherRank) => {
    const params = [[0, 3], [0, 3, 2], [3, 0, 2]].map((shape, k) => variable(zeros(shape), { name: `empty${k}` }));
    const step = await compile({ updates: muon(params.map((param) => param.mul(1)), params, { higherRank, scale: 'rms' }) }, interpreter());
    await step();
    for (const param of params) expect((await param.read()).length).toBe(0);
  });

  it.each([
    [{}, Math.sqrt(3)],
    [{ outputs: 'rows' }, 1],
    [{ scale: 'rms' }, 0.2 * Math.sqrt(3)],
    [{ scale: 'rms', rms: 1 }, Math.sqrt(3)],
    [{ scale: 'none' }, 1],
  ] as const)('scales the step of a row of 3 by %o', async (options, scale) => {
    const w = variable([[0, 0, 0]], { name: 'w', dtype: 'float64' });
    const g = input('float64', [1, 3]);
    // The orthogonal factor of a row is the row over its norm.
    const step = await compile({ inputs: { g }, updates: muon([g], [w], { learningRate: 1, coefficients: CONVERGENT, steps: 1, epsilon: 0, ...options }) }, interpreter());
    await step({ g: [[2, 0, 0]] });
    expect((await w.read())[0]).toBeCloseTo(-scale, 12);
  });

  it('scales the step by the dual norm, which is the norm of a row: the step is the row', async () => {
    const w = variable([[0, 0, 0]], { name: 'w', dtype: 'float64' });
    const g = literal(Float64Array.of(3, 0, 4), [1, 3], 'float64');
    const step = await compile({ updates: muon([g], [w], { learningRate: 1, momentum: 0, coefficients: CONVERGENT, steps: 1, epsilon: 0, scale: 'none', dualNorm: true }) }, interpreter());
    await step();
    for (const [i, value] of (await w.read()).entries()) expect(value).toBeCloseTo([-3, 0, -4][i] ?? NaN, 12);
  });

  it.each([[[4, 1, 1], 2], [[1, 2, 2], 1]])('scales the step of filters of the shape %j, each of which is a row', async (shape, scale) => {
    const w = variable({ data: new Float64Array(4), shape }, { name: 'w' });
    const g = literal(Float64Array.of(3, 0, 0, 0), shape, 'float64');
    const step = await compile({ updates: muon([g], [w], { learningRate: 1, coefficients: CONVERGENT, steps: 1, epsilon: 0 }) }, interpreter());
    await step();
    expect((await w.read())[0]).toBeCloseTo(-scale, 12);
  });

  it('sees filters as one matrix, or the last two axes as a batch', async () => {
    const values = [[[1, 2], [3, 4]], [[5, 6], [7, 9]]];
    const g = literal(new Float64Array(values.flat(2)), [2, 2, 2], 'float64');
    for (const [higherRank, shape] of [['filters', [2, 4]], ['batch', [2, 2, 2]]] as const) {
      const w = variable(values, { name: 'w', dtype: 'float64' });
      const seen: (readonly unknown[])[] = [];
      muon([g], [w], { higherRank, orthogonalize: (x) => (seen.push(x.shape), x) });
      expect(seen).toEqual([shape]);
    }
  });
});
