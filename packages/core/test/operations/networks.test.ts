import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { logSoftmax, softmax } from '../../src/operations/networks.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const close = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 14));
};

describe('softmax and logSoftmax', () => {
  it('are powers of e over their sum, along any axis', async () => {
    const x = f64([0, Math.log(3), 0, 0], [2, 2]);
    close(await numbers(softmax(x)), [0.25, 0.75, 0.5, 0.5]);
    close(await numbers(softmax(x, 0)), [0.5, 0.75, 0.5, 0.25]);
    close(await numbers(logSoftmax(x)), [Math.log(0.25), Math.log(0.75), Math.log(0.5), Math.log(0.5)]);
    close(await numbers(x.logSoftmax(0)), [0.5, 0.75, 0.5, 0.25].map((p) => Math.log(p)));
  });

  // By torch, over what is flattened.
  it('are one distribution over several axes', async () => {
    const x = f64([1, 2, 3, 0.5, -1, 4], [2, 3]);
    close(await numbers(softmax(x, [0, 1])), [0.03131385992657585, 0.08511989641732304, 0.23137986767152538, 0.018992816119415046, 0.004237870102394759, 0.628955689762766]);
    close(await numbers(x.logSoftmax([1, 0])), [-3.4636944702912933, -2.4636944702912933, -1.4636944702912933, -3.9636944702912933, -5.463694470291293, -0.46369447029129335]);
    const thirds = f64([0, 1, 2, 3, 4, 5, 6, 7].map((k) => k / 3), [2, 2, 2]);
    const [first, second, third, fourth] = [0.08707941449191152, 0.12152911283413338, 0.33035037904577375, 0.46104109362818124] as const;
    close(await numbers(softmax(thirds, [0, 2])), [first, second, first, second, third, fourth, third, fourth]);
    expect(() => softmax(x, [0, -2])).toThrow(new ShapeError('softmax: an axis is named twice in [0, 0]'));
  });

  it('do not overflow', async () => {
    expect(await numbers(softmax(f64([1e4, -1e4, 1e4])))).toEqual([0.5, 0, 0.5]);
    expect(await numbers(logSoftmax(f64([1e4, -1e4])))).toEqual([0, -2e4]);
  });

  it('refuse scalars and integers', () => {
    expect(() => softmax(f64([1], []))).toThrow(new ShapeError('softmax: a scalar has no axis -1'));
    expect(() => logSoftmax(f64([1]), 1)).toThrow(/^logSoftmax: axis 1/);
    expect(() => softmax(literal([1], [1], 'int32'))).toThrow(DTypeError);
  });
});
