import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { einsum, outer, tensordot } from '../../src/operations/contractions.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const count = (shape: readonly number[], from = 0): Expr => f64(Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, k) => k + from), shape);

/** The definition: a loop over all labels. Operands are [letters, sizes, value at an index]. */
function looped(operands: readonly (readonly [string, readonly number[]])[], output: string, sizes: Readonly<Record<string, number>>): number[] {
  const letters = [...new Set(Array.from(output + operands.map(([text]) => text).join('')))];
  const result = new Map<string, number>();
  const index: Record<string, number> = {};
  const visit = (depth: number): void => {
    const letter = letters[depth];
    if (letter !== undefined) {
      for (index[letter] = 0; (index[letter] ?? 0) < (sizes[letter] ?? 0); index[letter]++) visit(depth + 1);
      return;
    }
    const at = (text: string): number => Array.from(text).reduce((flat, l) => flat * (sizes[l] ?? 0) + (index[l] ?? 0), 0);
    const product = operands.reduce((p, [text, values]) => p * (values[at(text)] ?? NaN), 1);
    const key = Array.from(output).map((l) => index[l] ?? 0).join();
    result.set(key, (result.get(key) ?? 0) + product);
  };
  visit(0);
  return [...result.values()];
}

describe('outer', () => {
  it('multiplies every element by every other', async () => {
    expect([outer(f64([1, 2]), f64([3, 4, 5])).shape, await numbers(outer(f64([1, 2]), f64([3, 4, 5])))]).toEqual([[2, 3], [3, 4, 5, 6, 8, 10]]);
    expect(outer(count([2, 1]), count([0, 3])).shape).toEqual([2, 1, 0, 3]);
    expect(await numbers(outer(f64([2], []), f64([3, NaN])))).toEqual([6, NaN]);
    expect(() => outer(f64([1]), literal([1], [1], 'int32'))).toThrow(DTypeError);
  });
});

describe('tensordot', () => {
  it('sums over the last axes of one and the first of the other, or over pairs', async () => {
    const [a, b] = [count([2, 3, 4]), count([3, 4, 2])];
    expect(await numbers(tensordot(a, b))).toEqual(looped([['ijk', await numbers(a)], ['jkl', await numbers(b)]], 'il', { i: 2, j: 3, k: 4, l: 2 }));
    expect(await numbers(tensordot(a, b, [[0, 2], [-1, 1]]))).toEqual(looped([['ijk', await numbers(a)], ['lki', await numbers(b)]], 'jl', { i: 2, j: 3, k: 4, l: 3 }));
    expect(await numbers(tensordot(f64([1, 2]), f64([3, 4]), 1))).toEqual([11]);
    expect(tensordot(f64([1, 2]), f64([3, 4, 5]), 0).shape).toEqual([2, 3]);
    expect([tensordot(count([2, 0]), count([0, 3]), 1).shape, await numbers(tensordot(count([2, 0]), count([0, 3]), 1))]).toEqual([[2, 3], [0, 0, 0, 0, 0, 0]]);
    expect(String(tensordot(input('float32', ['batch', 4, 5]), input('float32', [4, 5, 6])).shape)).toBe('batch,6');
  });

  it('refuses axes that do not pair', () => {
    expect(() => tensordot(count([2, 3]), count([2, 3]), 1)).toThrow(new ShapeError('tensordot: paired axes of a constant float64[2, 3] and a constant float64[2, 3] differ: 3 and 2'));
    expect(() => tensordot(count([2]), count([2]))).toThrow(new ShapeError('tensordot: a constant float64[2] and a constant float64[2] have no 2 axes in common'));
    expect(() => tensordot(count([2, 2]), count([2, 2]), [[0, 0], [0, 1]])).toThrow(/should be pairs, each axis once/);
    expect(() => tensordot(count([2]), count([2]).cast('int32'), 1)).toThrow(DTypeError);
  });
});

describe('einsum', () => {
  const sizes: Readonly<Record<string, number>> = { a: 2, b: 3, c: 4, d: 2, e: 3 };
  const shapeOf = (text: string): number[] => Array.from(text).map((l) => sizes[l] ?? 0);

  it.each([
    'ab->ab', 'ab->ba', 'ab->a', 'ab->', 'aa->a', 'aa->', 'aba->b', 'aa->', 'aab,bc->ac', 'ab,bc->ac', 'ab,bc->ca', 'ab,cb->ac', 'ba,bc->ac', 'ab,ab->', 'ab,ab->ab',
    'ab,b->a', 'a,ab->b', 'a,b->ab', 'a,b->ba', 'a,b->', 'abc,acd->abd', 'abcd,aecd->abe', 'bacd,becd->abce', 'abc,abd->bcd', 'abc,d->', 'ab,bc,cd->ad', 'ab,b,bc->ac', 'abc,ab,a->c', ',ab->a',
  ])('%s is the sum of products over the letters that go', async (subscripts) => {
    const [left = '', output = ''] = subscripts.split('->');
    const terms = left.split(',');
    const operands = terms.map((text, k) => count(shapeOf(text), k - 3));
    const result = einsum(subscripts, ...operands);
    expect(result.shape).toEqual(shapeOf(output));
    const values = await Promise.all(operands.map(numbers));
    expect((await numbers(result)).map((v) => v + 0)).toEqual(looped(terms.map((text, k) => [text, values[k] ?? []]), output, sizes).map((v) => v + 0));
  });

  it('without an arrow has the letters that occur once, in alphabetical order', async () => {
    expect(await numbers(einsum('ba', count([2, 3])))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(await numbers(einsum('ij,jk', count([2, 2]), count([2, 1])))).toEqual([1, 3]);
    expect(await numbers(einsum('ii', count([3, 3])))).toEqual([12]);
  });

  it('broadcasts what ... stands for', async () => {
    const [a, b] = [count([2, 1, 3, 2]), count([4, 2, 1])];
    expect(einsum('...ij,...jk->...ik', a, b).shape).toEqual([2, 4, 3, 1]);
    expect(await numbers(einsum('...ij,...jk->...ik', a, b))).toEqual(await numbers(a.matmul(b)));
    expect(await numbers(einsum('...i,...i', f64([1, 2, 3, 4], [2, 2]), f64([5, 6])))).toEqual([17, 39]);
    expect(await numbers(einsum('i...->...i', count([2, 3])))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(await numbers(einsum('...->', count([2, 2])))).toEqual([6]);
    expect(einsum('...,...', f64([1, 2], [2, 1]), f64([1, 2, 3], [1, 3])).shape).toEqual([2, 3]);
  });

  it('takes empty axes, integers and open dimensions', async () => {
    expect(await numbers(einsum('ij,jk->ik', count([2, 0]), count([0, 1])))).toEqual([0, 0]);
    expect(await numbers(einsum('i,i->', literal([1, 2], [2], 'int32'), literal([3, 4], [2], 'int32')))).toEqual([11]);
    const [q, k] = [input('float32', ['batch', 'time', 4, 8]), input('float32', ['batch', 'time', 4, 8])];
    expect(String(einsum('bqhd,bkhd->bhqk', q, k).shape)).toBe('batch,4,time,time');
  });

  it('is one matrix product, without a transposition of the result, whichever operand comes first', () => {
    const [a, b] = [input('float32', [2, 3]), input('float32', [3, 4])];
    expect(einsum('ij,jk->ik', a, b)).toBe(a.matmul(b));
    expect(einsum('jk,ij->ik', b, a)).toBe(a.matmul(b));
    const turned = a.transpose();
    expect(einsum('ji,jk->ik', turned, b)).toBe(turned.transpose().matmul(b));
  });

  it('refuses what it cannot read, and sizes that differ', () => {
    const m = count([2, 3]);
    expect(() => einsum('i1->i', m)).toThrow(new GraphError("einsum: 'i1->i' is no list of subscripts; write them as in 'ij,jk->ik'"));
    expect(() => einsum('ij,jk->ik', m)).toThrow(new GraphError("einsum: 'ij,jk->ik' has subscripts for 2 operands, and 1 are given"));
    expect(() => einsum('ijk->i', m)).toThrow(new ShapeError("einsum: 'ijk' of 'ijk->i' does not fit the 2 axes of a constant float64[2, 3]"));
    expect(() => einsum('i->i', m)).toThrow(ShapeError);
    expect(() => einsum('ij,jk->ik', m, m)).toThrow(new ShapeError("einsum: 'j' of 'ij,jk->ik' is 3 in a constant float64[2, 3] and 2 in a constant float64[2, 3]"));
    expect(() => einsum('ii->i', m)).toThrow(/^einsum: 'i' of 'ii->i' is 2 in .* and 3 in/);
    expect(() => einsum('ij->ik', m)).toThrow(new GraphError("einsum: 'ij->ik' names 'k' in the result, and no operand has it"));
    expect(() => einsum('ij->ii', m)).toThrow(/names 'i' twice in the result/);
    expect(() => einsum('..ij->i', m)).toThrow(GraphError);
    expect(() => einsum('...i...->i', m)).toThrow(new GraphError("einsum: a term of '...i...->i' has more than one '...'"));
    expect(() => einsum('...i,...i->...', count([2, 3]), count([4, 3]))).toThrow(/^einsum: '...' of .* is 2 in .* and 4 in/);
    expect(() => einsum('ij,ij->', m, m.cast('int32'))).toThrow(DTypeError);
    expect(() => einsum('i->i', m.gt(0).any(0))).toThrow(DTypeError);
  });
});

describe('gradients', () => {
  it.each<[string, (a: Expr, b: Expr) => Expr, readonly (readonly number[])[]]>([
    ['outer', (a, b) => outer(a, b), [[2], [3]]],
    ['tensordot', (a, b) => tensordot(a, b, [[0], [1]]), [[2, 3], [2, 2]]],
    ['einsum of a trace', (a, b) => einsum('iij,jk->ik', a, b), [[2, 2, 2], [2, 2]]],
    ['einsum over batches', (a, b) => einsum('bij,bkj->kbi', a, b), [[2, 1, 2], [2, 2, 2]]],
  ])('of %s agree with finite differences', (_, f, shapes) => {
    checkDerivatives(f, shapes);
  });
});
