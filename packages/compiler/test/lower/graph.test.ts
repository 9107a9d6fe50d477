// Simplification: what the graph makes has the elements of what was asked for, to the sign of a zero; and what goes, goes.
import { type DType, variable } from '@pappus/core';
import { type BinaryOp, domainOf, type ElementwiseOp, inDomain, type ReduceOp, resultDType } from '@pappus/core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph, scalarUnder } from '../../src/lower/graph.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { apply, at, elementsOf, leaf, numbered } from '../tensors.js';

const ODD = [0, -0, 1, -1, 2, 0.25, -3, Math.fround(1e-40), Infinity, -Infinity, NaN];

/** A tensor of the same elements that nothing has simplified: its operation as it is. */
const plainly = (graph: Graph, op: ElementwiseOp, args: readonly Tensor[], dtype: DType): Tensor => graph.make({ kind: 'elementwise', op }, args, at(args, 0).shape, dtype);

describe('operations of two operands keep every result beside a constant on either side', () => {
  const ops: readonly BinaryOp[] = ['add', 'sub', 'mul', 'div', 'pow', 'mod', 'maximum', 'minimum', 'eq', 'lt', 'ge', 'and', 'or', 'bitwiseAnd', 'bitwiseXor', 'shiftLeft', 'shiftRightLogical'];
  const edges: Readonly<Record<'float32' | 'int32' | 'bool', readonly number[]>> = { float32: ODD, int32: [0, 1, -1, 2, 7, 2 ** 31 - 1, -(2 ** 31)], bool: [0, 1] };

  it.each(ops)('%s', (op) => {
    for (const dtype of ['float32', 'int32', 'bool'] as const) {
      if (!inDomain(domainOf(op), dtype)) continue;
      const given = { leaf: () => Float64Array.from(edges[dtype]) };
      for (const value of edges[dtype]) {
        const graph = new Graph();
        const x = leaf(graph, 0, [edges[dtype].length], dtype);
        const constant = graph.broadcast(graph.constant(value, dtype), x.shape);
        const signed = dtype === 'bool' ? x : graph.elementwise('neg', [x], dtype);
        for (const args of [[x, constant], [constant, x], [x, x], [x, signed], [signed, x], [signed, constant]]) {
          const result = resultDType(op, dtype);
          expect(elementsOf(graph.elementwise(op, args, result), given), `${dtype} ${value}`).toEqual(elementsOf(plainly(graph, op, args, result), given));
        }
      }
    }
  });
});

describe('what a rewrite leaves', () => {
  const graph = new Graph();
  const [x, y] = [leaf(graph, 0, [3]), leaf(graph, 1, [3])];
  const c = (value: number): Tensor => graph.broadcast(graph.constant(value, 'float32'), [3]);
  const neg = (a: Tensor): Tensor => apply(graph, 'neg', a);
  it.each<[string, Tensor, Tensor]>([
    ['x + -0', apply(graph, 'add', x, c(-0)), x],
    ['-0 + x', apply(graph, 'add', c(-0), x), x],
    ['x - 0', apply(graph, 'sub', x, c(0)), x],
    ['x * 1', apply(graph, 'mul', x, c(1)), x],
    ['1 * x', apply(graph, 'mul', c(1), x), x],
    ['x * -1', apply(graph, 'mul', x, c(-1)), neg(x)],
    ['-x * -y', apply(graph, 'mul', neg(x), neg(y)), apply(graph, 'mul', x, y)],
    ['x + -y', apply(graph, 'add', x, neg(y)), apply(graph, 'sub', x, y)],
    ['-x + y', apply(graph, 'add', neg(x), y), apply(graph, 'sub', y, x)],
    ['x - -y', apply(graph, 'sub', x, neg(y)), apply(graph, 'add', x, y)],
    ['x / 1', apply(graph, 'div', x, c(1)), x],
    ['x / 8', apply(graph, 'div', x, c(8)), apply(graph, 'mul', x, c(0.125))],
    ['x ^ 1', apply(graph, 'pow', x, c(1)), x],
    ['x ^ 2', apply(graph, 'pow', x, c(2)), apply(graph, 'mul', x, x)],
    ['x ^ 0', apply(graph, 'pow', x, c(0)), c(1)],
    ['max(x, x)', apply(graph, 'maximum', x, x), x],
    ['--x', neg(neg(x)), x],
    ['where(true, x, y)', graph.elementwise('where', [graph.broadcast(graph.constant(1, 'bool'), [3]), x, y], 'float32'), x],
    ['where(false, x, y)', graph.elementwise('where', [graph.broadcast(graph.constant(0, 'bool'), [3]), x, y], 'float32'), y],
  ])('%s', (_, made, expected) => {
    expect(made).toBe(expected);
  });

  it.each<[string, Tensor]>([
    ['x + 0', apply(graph, 'add', x, c(0))],
    ['x - -0', apply(graph, 'sub', x, c(-0))],
    ['x * 0', apply(graph, 'mul', x, c(0))],
    ['x - x', apply(graph, 'sub', x, x)],
    ['x / x', apply(graph, 'div', x, x)],
    ['x / 3', apply(graph, 'div', x, c(3))],
    ['x / 2^120, whose inverse is no normal number', apply(graph, 'div', x, c(2 ** 120))],
  ])('stays: %s', (_, made) => {
    expect(made.op.kind).toBe('elementwise');
    expect(made).not.toBe(x);
    if (made.op.kind === 'elementwise' && made.op.op === 'mul') expect(made.args).toContain(c(0));
  });
});

describe('tensors', () => {
  it('are made once, and are others where one thing is another', () => {
    const graph = new Graph();
    const x = leaf(graph, 0, [2, 3]);
    const [v, w] = [variable([1]), variable([1])];
    const different = [
      x,
      leaf(graph, 1, [2, 3]),
      leaf(graph, 0, [3, 2]),
      leaf(graph, 0, [2, 3], 'int32'),
      graph.constant(0, 'float32'),
      graph.constant(-0, 'float32'),
      graph.constant(0, 'int32'),
      graph.constant(NaN, 'float32'),
      graph.constant(Infinity, 'float32'),
      graph.constant(-Infinity, 'float32'),
      ...[v, w].map((u) => graph.make({ kind: 'variable', variable: u }, [], [1], 'float32')),
      graph.transpose(x, [1, 0]),
      graph.reshape(x, [3, 2]),
      graph.slice(x, [0, 1], [1, 1], [2, 2]),
      graph.slice(x, [0, 1], [1, 1], [1, 2]),
      graph.slice(x, [0, 0], [1, 2], [2, 2]),
      graph.placeholder([], 'float32'),
      graph.placeholder([], 'float32'),
    ];
    expect(new Set(different).size).toBe(different.length);
    expect(graph.constant(NaN, 'float32')).toBe(graph.constant(NaN, 'float32'));
    expect(graph.slice(x, [0, 1], [1, 1], [2, 2])).toBe(different[14]);
    expect(leaf(graph, 0, [2, 3])).toBe(x);
  });

  it('of scalars are scalars of the host, under a broadcast as well', () => {
    const graph = new Graph();
    const s = graph.hostScalar(graph.host.input(0), 'float32');
    const wide = graph.broadcast(s, [4]);
    const made = apply(graph, 'add', apply(graph, 'mul', wide, wide), graph.broadcast(graph.constant(2, 'float32'), [4]));
    expect(scalarUnder(made)?.op.kind).toBe('host');
    expect(elementsOf(made, { leaf: () => [], host: graph.host.evaluate(() => 3, () => NaN) })).toEqual([11, 11, 11, 11]);
    expect(scalarUnder(leaf(graph, 1, [4]))).toBeUndefined();
    expect(graph.unroundedCast(graph.constant(0.1, 'float64'), 'float32').op).toEqual({ kind: 'constant', value: 0.1 });
  });

  it('behind a barrier stay what they are where they are scalars', () => {
    const graph = new Graph();
    const x = leaf(graph, 0, [2]);
    expect(graph.barrier(x, [x]).args).toEqual([x, x]);
    expect(graph.barrier(graph.constant(1, 'float32'), [x]).op.kind).toBe('constant');
  });
});

describe('reductions', () => {
  const ops: readonly ReduceOp[] = ['sum', 'prod', 'max', 'min'];

  it('of a number repeated are worked out at once, and right', () => {
    for (const op of ops) {
      for (const value of [3, -2, 0.5]) {
        const graph = new Graph();
        const repeated = graph.broadcast(graph.constant(value, 'float32'), [2, 3, 4]);
        const made = graph.reduce(op, [0, 2], repeated);
        const plain = graph.make({ kind: 'reduce', op, axes: [0, 2] }, [repeated], [3], 'float32');
        expect(elementsOf(made, { leaf: () => [] })).toEqual(elementsOf(plain, { leaf: () => [] }));
        expect(scalarUnder(made) === undefined).toBe(op === 'prod');
      }
    }
  });

  it('over axes of size 1 are none, and of nothing stay', () => {
    const graph = new Graph();
    const x = leaf(graph, 0, [4, 1, 3, 1]);
    expect(graph.reduce('max', [1, 3], x)).toBe(graph.reshape(x, [4, 3]));
    expect(graph.reduce('max', [0], graph.broadcast(graph.constant(2, 'float32'), [0, 3])).op.kind).toBe('reduce');
    expect(graph.reduce('sum', [0, 1], x).shape).toEqual([3, 1]);
  });

  it('of everything that are added are one, and the first sum alone takes a reduction', () => {
    const graph = new Graph();
    const [a, b, c] = [0, 1, 2].map((k) => leaf(graph, k, [k + 2]));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    const sums = [a, b, c].map((t) => graph.reduce('sum', [0], t));
    const two = apply(graph, 'add', at(sums, 0), at(sums, 1));
    expect(two).toMatchObject({ op: { kind: 'total', op: 'sum' }, args: [a, b] });
    expect(apply(graph, 'add', two, at(sums, 2))).toMatchObject({ op: { kind: 'total' }, args: [two, c] });
    // Of another operation, or of rows, they are not.
    expect(apply(graph, 'maximum', at(sums, 0), at(sums, 1)).op.kind).toBe('elementwise');
    expect(apply(graph, 'add', graph.reduce('max', [0], a), graph.reduce('max', [0], b)).op.kind).toBe('elementwise');
    expect(apply(graph, 'maximum', graph.reduce('max', [0], a), graph.reduce('max', [0], b)).op).toEqual({ kind: 'total', op: 'max' });
    // A reduction is put into the first number that it is added to, and not into each other.
    const [s, t] = [leaf(graph, 7, []), leaf(graph, 8, [])];
    expect(apply(graph, 'add', at(sums, 2), s).op.kind).toBe('total');
    expect(apply(graph, 'add', at(sums, 2), t).op.kind).toBe('elementwise');
  });
});

/** A view of a tensor, by the graph and as it is asked for. */
interface Two {
  readonly made: Tensor;
  readonly plain: Tensor;
}

describe('views of views', () => {
  const draw = (two: Two, graph: Graph, kind: number, numbers: readonly number[]): Two => {
    const { made, plain } = two;
    const { shape, dtype } = plain;
    const pick = (k: number, below: number): number => at(numbers, k) % below;
    switch (kind) {
      case 0: {
        const permutation = shape.map((_, k) => k).sort((a, b) => pick(a, 97) - pick(b, 97) || a - b);
        return { made: graph.transpose(made, permutation), plain: graph.make({ kind: 'transpose', permutation }, [plain], permutation.map((axis) => at(shape, axis)), dtype) };
      }
      case 1: {
        const size = shape.reduce((a, b) => a * b, 1);
        const first = [1, 2, 3, 4].filter((d) => size % d === 0);
        const to = [at(first, pick(0, first.length)), size / at(first, pick(0, first.length))];
        return { made: graph.reshape(made, to), plain: graph.make({ kind: 'reshape' }, [plain], to, dtype) };
      }
      case 2: {
        const steps = shape.map((_, k) => (pick(k, 3) === 0 ? -1 : 1 + pick(k, 2)));
        const to = shape.map((d, k) => Math.max(1, Math.floor(d / (1 + pick(k, 2)))));
        const starts = shape.map((_, k) => (at(steps, k) < 0 ? at(to, k) - 1 : 0));
        if (starts.some((start, k) => start + at(steps, k) * (at(to, k) - 1) >= at(shape, k))) return two;
        return { made: graph.slice(made, starts, steps, to), plain: graph.make({ kind: 'slice', starts, steps }, [plain], to, dtype) };
      }
      case 3: {
        if (shape.length > 3) return two;
        const to = [1 + pick(0, 3), ...shape.map((d, k) => (d === 1 ? 1 + pick(k, 2) : d))];
        return { made: graph.broadcast(made, to), plain: graph.make({ kind: 'broadcast' }, [plain], to, dtype) };
      }
      default: {
        if (shape.reduce((a, b) => a * b, 1) > 60) return two;
        const starts = shape.map((_, k) => pick(k, 2));
        const steps = shape.map((_, k) => 1 + pick((k + 3) % 6, 2));
        const to = shape.map((d, k) => at(starts, k) + at(steps, k) * (d - 1) + 1 + pick(0, 2));
        return { made: graph.pad(made, starts, steps, to), plain: graph.make({ kind: 'pad', starts, steps }, [plain], to, dtype) };
      }
    }
  };

  it('have the elements of what was asked for', () => {
    const step = fc.tuple(fc.nat(4), fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }));
    fc.assert(
      fc.property(fc.constantFrom([6], [1], [2, 3], [3, 1, 4], [1, 5]), fc.array(step, { minLength: 1, maxLength: 5 }), (shape, steps) => {
        const graph = new Graph();
        const x = leaf(graph, 0, shape);
        const { made, plain } = steps.reduce<Two>((two, [kind, numbers]) => draw(two, graph, kind, numbers), { made: x, plain: x });
        expect(made.shape).toEqual(plain.shape);
        expect(elementsOf(made, { leaf: numbered })).toEqual(elementsOf(plain, { leaf: numbered }));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('are as few as can be', () => {
    const graph = new Graph();
    const x = leaf(graph, 0, [2, 3, 4]);
    expect(graph.transpose(graph.transpose(x, [1, 2, 0]), [2, 0, 1])).toBe(x);
    expect(graph.reshape(graph.reshape(x, [24]), [2, 3, 4])).toBe(x);
    expect(graph.slice(graph.slice(x, [0, 1, 0], [1, 1, 2], [2, 2, 2]), [1, 0, 1], [1, 1, 1], [1, 2, 1])).toBe(graph.slice(x, [1, 1, 2], [1, 1, 2], [1, 2, 1]));
    expect(graph.pad(graph.pad(x, [0, 1, 0], [1, 1, 1], [2, 5, 4]), [1, 0, 0], [2, 1, 1], [4, 5, 4])).toBe(graph.pad(x, [1, 1, 0], [2, 1, 1], [4, 5, 4]));
    expect(graph.pad(graph.pad(x, [1, 0, 0], [1, 1, 1], [3, 3, 4]), [0, 0, 0], [2, 1, 1], [5, 3, 4])).toBe(graph.pad(x, [2, 0, 0], [2, 1, 1], [5, 3, 4]));
    // Where only axes of size 1 move, nothing does.
    expect(graph.transpose(graph.reshape(x, [2, 1, 12]), [1, 0, 2])).toBe(graph.reshape(x, [1, 2, 12]));
  });
});
