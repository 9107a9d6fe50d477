// What PyTorch answers is in tooling/testing/test/torch-networks.test.ts.
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { contrastive, infoNce, ntXent, tripletMargin } from '../../src/operations/contrastive-losses.js';
import { formatShape } from '../../src/graph/shape.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];

describe('losses of embeddings', () => {
  it('have the derivatives of finite differences', () => {
    checkDerivatives((a, b, c) => tripletMargin(a, b, c, { margin: 5, reduction: 'none' }), [[2, 2], [2, 2], [2, 2]]);
    checkDerivatives((a, b) => contrastive(a, b, literal([1, 0], [2], 'bool'), { margin: 6, reduction: 'none' }), [[2, 2], [2, 2]]);
    checkDerivatives((a, b) => ntXent(a, b, { reduction: 'none' }), [[2, 2], [2, 2]], { range: [0.5, 2] });
    checkDerivatives((a, b) => infoNce(a, b, { temperature: 1, reduction: 'none' }), [[2, 2], [2, 2]], { range: [0.5, 2] });
  });

  it('are finite with gradients of 0 where vectors are equal or 0', async () => {
    const x = input('float64', [2, 2]);
    const at: [Expr, number[][]] = [x, [[1, 2], [0, 0]]];
    const same = f64([1, 2, 0, 0], [2, 2]);
    for (const label of [1, 0]) {
      const loss = contrastive(x, same, literal([label, label], [2], 'int32'), { reduction: 'none' });
      expect([...(await evaluate(loss, [at])).data]).toEqual([1 - label, 1 - label]);
      expect([...(await evaluate(grad(loss.sum(), x), [at])).data].map((g) => g + 0)).toEqual([0, 0, 0, 0]);
    }
    for (const g of [grad(ntXent(x, x), x), grad(infoNce(x, x), x), grad(tripletMargin(x, x, x), x)]) {
      expect([...(await evaluate(g, [at])).data].every(Number.isFinite)).toBe(true);
    }
    // One pair has nobody else to be told from.
    expect(await numbers(ntXent(f64([1, 2], [1, 2]), f64([3, 1], [1, 2])))).toEqual([0]);
  });

  it('take open batches', () => {
    const [a, b] = [input('float32', ['batch', 8]), input('float32', ['batch', 8])];
    expect(formatShape(ntXent(a, b, { reduction: 'none' }).shape)).toBe('[2*batch]');
    expect(formatShape(infoNce(a, b, { reduction: 'none' }).shape)).toBe('[batch]');
    expect(formatShape(tripletMargin(a, b, b, { reduction: 'none' }).shape)).toBe('[batch]');
  });

  it('say what does not fit', () => {
    const x = f64([1, 2, 3, 4], [2, 2]);
    expect(() => ntXent(x, x, { temperature: 0 })).toThrow(new InputError('ntXent: the temperature must be above 0, not 0'));
    expect(() => infoNce(f64([1, 2]), f64([1, 2]))).toThrow('infoNce: a constant float64[2] should have 2 dimensions, one row for each example');
    expect(() => tripletMargin(x, x, f64([1, 2]))).toThrow(ShapeError);
    expect(() => tripletMargin(x, x.cast('float32'), x)).toThrow(DTypeError);
    expect(() => contrastive(x, x, f64([1, 0, 1]))).toThrow('contrastive: a constant float64[3] should have the shape [2], that of a constant float64[2, 2] without its last axis');
    expect(() => tripletMargin(f64([1], []), f64([1], []), f64([1], []))).toThrow(/^tripletMargin:/);
  });
});
