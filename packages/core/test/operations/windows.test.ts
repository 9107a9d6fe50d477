import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { window } from '../../src/operations/windows.js';
import { formatShape } from '../../src/graph/shape.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

describe('window', () => {
  it('shows the elements of each window', async () => {
    const x = literal([0, 1, 2, 3, 4, 5, 6, 7], [8], 'float64');
    const of = async (expr: Expr): Promise<unknown> => ({ shape: (await evaluate(expr)).shape, data: [...(await evaluate(expr)).data] });
    expect(await of(x.window(0, 3))).toEqual({ shape: [6, 3], data: [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6, 5, 6, 7] });
    expect(await of(x.window(0, 2, { stride: 3, dilation: 2 }))).toEqual({ shape: [2, 2], data: [0, 2, 3, 5] });
    expect(await of(x.reshape([2, 4]).window(0, 2))).toEqual({ shape: [1, 2, 4], data: [0, 1, 2, 3, 4, 5, 6, 7] });
    expect(await of(x.reshape([2, 4]).window(-1, 4))).toEqual({ shape: [2, 1, 4], data: [0, 1, 2, 3, 4, 5, 6, 7] });
  });

  it('has the derivatives of finite differences', () => {
    for (const options of [{}, { stride: 2 }, { dilation: 2 }, { stride: 2, dilation: 3 }]) {
      checkDerivatives((x) => window(x, 1, 2, options).square(), [[2, 7]]);
    }
  });

  it('keeps open dimensions open where it can', () => {
    const x = input('float32', ['time', 3]);
    expect(formatShape(window(x, 0, 4).shape)).toBe('[time - 3, 4, 3]');
    expect(formatShape(window(input('float32', ['time']).reshape([-1]), 0, 1).shape)).toBe('[time, 1]');
    expect(() => window(x, 0, 4, { stride: 2 })).toThrow('window: a stride of 2 on the open dimension time of');
  });

  it('says what does not fit', () => {
    const x = input('float32', [5], 'x');
    expect(() => window(x, 1, 2)).toThrow('axis 1 is not one of');
    expect(() => window(x, 0, 6)).toThrow('window: axis 0 of input x float32[5] is shorter than one window of 6');
    expect(() => window(x, 0, 2, { stride: 1.5 })).toThrow('window: the stride must be a whole number of at least 1, not 1.5');
  });
});
