import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/run/evaluate.js';
import { customGradient } from '../../src/gradients/custom.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';

describe('customGradient', () => {
  const x = input('float64', [3], 'x');
  const given = [[x, Float64Array.of(0.4, 1.6, -2.3)]] as const;

  it('passes the value through, and the cotangent by the function that it is given', async () => {
    const rounded = customGradient(x.round(), [x], (g) => [g]);
    expect([...(await evaluate(rounded, given)).data]).toEqual([0, 2, -2]);
    expect([...(await evaluate(grad(rounded.square().sum(), x), given)).data]).toEqual([0, 4, -4]);
  });

  it('gives the operands to the function, and its expressions are differentiated again', async () => {
    const cube = customGradient(x.pow(3), [x], (g, [a = x]) => [g.mul(a.square().mul(3))]);
    const second = grad(grad(cube.sum(), x).sum(), x);
    const { data } = await evaluate(second, given);
    [2.4, 9.6, -13.8].forEach((expected, k) => expect(data[k]).toBeCloseTo(expected, 12));
  });

  it('answers null for what gets no gradient', () => {
    const y = input('float64', [3], 'y');
    const value = customGradient(x.mul(y), [x, y], (g) => [g, null]);
    expect(() => grad(value.sum(), y)).toThrow('no gradient flows to input y');
  });

  it('says what is wrong with the cotangents', () => {
    const with_ = (vjp: Parameters<typeof customGradient>[2]): (() => unknown) => () => grad(customGradient(x.exp(), [x], vjp).sum(), x);
    expect(with_(() => [])).toThrow('customGradient: 0 cotangents for 1 operands; answer one for each, or null');
    expect(with_((g) => [g.sum()])).toThrow('customGradient: the cotangent of input x float64[3] has the shape []');
    expect(with_((g) => [g.cast('float32')])).toThrow('customGradient: the cotangent of input x float64[3] is float32');
  });

  it('keeps functions apart', () => {
    const [one, two] = [customGradient(x.exp(), [x], (g) => [g]), customGradient(x.exp(), [x], (g) => [g.neg()])];
    expect(one).not.toBe(two);
  });
});
