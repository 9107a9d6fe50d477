import { describe, expect, it } from 'vitest';
import { OptimizerError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { hyperparameter, range } from '../../src/optimizer/hyperparameter.js';
import { scalar } from '../../src/graph/construct.js';
import { variable } from '../../src/values/variable.js';

describe('hyperparameter', () => {
  it('makes a number a scalar of the dtype', () => {
    expect(hyperparameter(0.5, 'float32', 'f: x')).toBe(scalar(0.5, 'float32'));
    expect(hyperparameter(0.1, 'float64', 'f: x')).toBe(scalar(0.1, 'float64'));
    const rate = variable(0.5, { name: 'rate', dtype: 'float64' });
    expect(hyperparameter(rate, 'float64', 'f: x')).toBe(rate);
  });

  it('rounds neither a number nor a scalar to float32', async () => {
    const scheduled = variable(0.999, { name: 'beta', dtype: 'float64' });
    const count = variable(16777217, { name: 't', dtype: 'int32' });
    const valueOf = async (expr: Expr): Promise<number | undefined> => (await evaluate(expr)).data[0];
    for (const beta of [0.999, scheduled]) {
      const scalarOf = hyperparameter(beta, 'float32', 'f: beta');
      expect([scalarOf.dtype, scalarOf.shape]).toEqual(['float32', []]);
      expect(await valueOf(scalar(1, 'float32').sub(scalarOf))).toBe(1 - 0.999);
    }
    expect(await valueOf(hyperparameter(count, 'float32', 'f: t'))).toBe(16777217);
    // A constant, and a cast, are rounded: this is 1 - Math.fround(0.999).
    expect(await valueOf(scalar(1, 'float32').sub(0.999))).toBe(0.0009999871253967285);
    expect(await valueOf(scalar(1, 'float32').sub(scheduled.cast('float32')))).toBe(0.0009999871253967285);
  });

  it('has a gradient', async () => {
    const rate = variable(0.5, { name: 'rate', dtype: 'float64' });
    const dRate = grad(hyperparameter(rate, 'float32', 'f: x').square().mul(3), rate);
    expect(dRate.dtype).toBe('float64');
    expect((await evaluate(dRate)).data[0]).toBe(3);
    expect(() => grad(hyperparameter(variable(1, { name: 't', dtype: 'int32' }), 'float64', 'f: t').mul(rate), variable(1))).toThrow('does not depend');
  });

  it.each([
    [-1, range.nonNegative, 'f: x must be a finite number of at least 0, not -1'],
    [Infinity, range.nonNegative, 'f: x must be a finite number of at least 0, not Infinity'],
    [1, range.decayRate, 'f: x must be from 0 to 1 (excluded), not 1'],
    [0, { min: Number.MIN_VALUE, max: Infinity }, 'f: x must be a number above 0, not 0'],
    [1, { min: -Number.MAX_VALUE, max: 0 }, 'f: x must be a finite number of at most 0, not 1'],
    [NaN, range.finite, 'f: x must be a finite number, not NaN'],
    [variable([1, 2], { name: 'w' }), range.finite, 'f: x must be a scalar, and variable w float32[2] is none'],
    [variable(true, { name: 'b' }), range.finite, 'f: x must be a number, and variable b bool[] is bool'],
  ])('refuses %s', (value, bounds, message) => {
    expect(() => hyperparameter(value, 'float32', 'f: x', bounds)).toThrow(new OptimizerError(message));
  });
});
