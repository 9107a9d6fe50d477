import { describe, expect, it } from 'vitest';
import { OptimizerError } from '../src/errors.js';
import { hyperparameter, range } from '../src/hyperparameter.js';
import { scalar } from '../src/construct.js';
import { variable } from '../src/variable.js';

describe('hyperparameter', () => {
  it('makes a number a scalar of the dtype, and casts an expression', () => {
    const rate = variable(0.5, { name: 'rate', dtype: 'float64' });
    expect(hyperparameter(0.5, 'float32', 'f: x')).toBe(scalar(0.5, 'float32'));
    expect(hyperparameter(rate, 'float32', 'f: x')).toBe(rate.cast('float32'));
    expect(hyperparameter(rate, 'float64', 'f: x')).toBe(rate);
  });

  it.each([
    [-1, range.nonNegative, 'f: x must be a finite number of at least 0, not -1'],
    [Infinity, range.nonNegative, 'f: x must be a finite number of at least 0, not Infinity'],
    [1, range.decayRate, 'f: x must be from 0 to 1 (excluded), not 1'],
    [NaN, range.finite, 'f: x must be a finite number, not NaN'],
    [variable([1, 2], { name: 'w' }), range.finite, 'f: x must be a scalar, and variable w float32[2] is none'],
    [variable(true, { name: 'b' }), range.finite, 'f: x must be a number, and variable b bool[] is bool'],
  ])('refuses %s', (value, bounds, message) => {
    expect(() => hyperparameter(value, 'float32', 'f: x', bounds)).toThrow(new OptimizerError(message));
  });
});
