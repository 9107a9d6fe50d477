import erf from '@stdlib/math-base-special-erf';
import { describe, expect, it } from 'vitest';
import { DTypeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { erfInv } from '../../src/operations/erf-inv.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const x = input('float64', ['n'], 'x');
const at = async (values: readonly number[]): Promise<number[]> => [...(await evaluate(erfInv(x), [[x, Float64Array.from(values)]])).data];

describe('erfInv', () => {
  it('is what others computed', async () => {
    // Quantiles of the normal distribution by Wichura's algorithm AS 241, over the square root of 2.
    const known: readonly (readonly [number, number])[] = [
      [0.1, 0.08885599049425764], [0.5, 0.4769362762044698], [0.9, 1.163087153676674], [0.99, 1.821386367718449], [0.999, 2.326753765513524],
    ];
    const found = await at(known.map(([p]) => p));
    // The interpreter's erf is right to 1e-15, which the slope of the inverse enlarges.
    for (const [k, [, y]] of known.entries()) expect(Math.abs((found[k] ?? NaN) - y)).toBeLessThan(1.2e-15 * Math.exp(y * y));
  });

  it('is undone by erf, to the last places of x', async () => {
    const values = Array.from({ length: 2001 }, (_, k) => (k - 1000) / 1001).concat([1 - 1e-6, 1 - 1e-9, 1 - 1e-12, 1 - 2 ** -53, -1 + 1e-10]);
    for (const [k, y] of (await at(values)).entries()) expect(Math.abs(erf(y) - (values[k] ?? NaN)), `erfInv(${values[k]})`).toBeLessThan(1.2e-15);
  });

  it('keeps small numbers and the sign of zero, and ends in infinities', async () => {
    const [tiny = NaN, ...others] = await at([1e-300, 0, -0, 1, -1, 1.5, -2, NaN]);
    expect(tiny / 8.862269254527581e-301).toBeCloseTo(1, 14);
    expect(others).toEqual([0, -0, Infinity, -Infinity, NaN, NaN, NaN]);
  });

  it('of float32 is close to its rounding', async () => {
    const single = input('float32', ['n']);
    const values = Float32Array.from({ length: 1999 }, (_, k) => (k - 999) / 1000);
    const found = (await evaluate(erfInv(single), [[single, values]])).data;
    const expected = await at([...values]);
    // Giles gives 3.5e-7 as the largest relative error.
    for (const [k, y] of found.entries()) expect(Math.abs(y - (expected[k] ?? NaN))).toBeLessThanOrEqual(4e-7 * Math.abs(y));
  });

  it('has the derivatives of finite differences, at 0 too', async () => {
    checkDerivatives((a = x) => erfInv(a), [[3, 2]], { range: [-0.8, 0.8] });
    const g = grad(erfInv(x).sum(), x);
    expect((await evaluate(g, [[x, [0]]])).data[0]).toBeCloseTo(Math.sqrt(Math.PI) / 2, 14);
  });

  it('takes floats only', () => {
    expect(() => erfInv(input('int32', [2], 'n'))).toThrow(new DTypeError('erfInv: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)'));
  });
});
