// The code of one element: what it computes is what the tensor's definition says, each thing once.
import { describe, expect, it } from 'vitest';
import { BodyBuilder } from '../../src/emit/body.js';
import { Graph } from '../../src/lower/graph.js';
import type { Buffer } from '../../src/kernels/kernel.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { elementwiseKernel } from '../../src/emit/in-place.js';
import { linear } from '../../src/kernels/affine.js';
import { identityIndices } from '../../src/choose/views.js';
import { apply, buffer, elementsOf, leaf, numbered, ran } from '../tensors.js';

/** A body over a tensor's own shape that reads leaves, and tensors with memory, from buffers; and what it computes. */
function written(tensor: Tensor, memory: readonly Tensor[] = [], scalars: ArrayLike<number> = []): { readonly builder: BodyBuilder; readonly values: number[]; readonly kinds: string[] } {
  const buffers = new Map<Tensor, Buffer>();
  const source = (t: Tensor): Buffer | undefined => {
    if (t.op.kind !== 'input' && !memory.includes(t)) return undefined;
    const known = buffers.get(t) ?? buffer(buffers.size, t.shape.reduce((a, b) => a * b, 1), 'temporary', t.dtype);
    buffers.set(t, known);
    return known;
  };
  const { shape } = tensor;
  const indices = identityIndices(shape, shape);
  const builder = new BodyBuilder(shape, (t, position) => {
    const from = source(t);
    return from === undefined ? undefined : { kind: 'load', access: { buffer: from, ...position() }, dtype: t.dtype };
  });
  const to = buffer(-1, shape.reduce((a, b) => a * b, 1), 'output', tensor.dtype);
  builder.store({ buffer: to, ...linear(indices, shape, shape.length) }, builder.define(tensor, indices));
  const kernel = elementwiseKernel(shape, builder, false);
  const given = { leaf: numbered, host: scalars };
  const contents = new Map([...buffers].map(([t, b]) => [b, elementsOf(t, given)]));
  const values = Array.from(ran([kernel], [...buffers.values(), to], (b) => contents.get(b), scalars).get(to) ?? []);
  expect(values).toEqual(elementsOf(tensor, given));
  return { builder, values, kinds: builder.instructions.map((i) => (i.kind === 'apply' ? i.op : i.kind)) };
}

const graph = new Graph();
const x = leaf(graph, 0, [3, 4]);
const y = leaf(graph, 1, [4, 3]);

describe('a body', () => {
  it('computes what it reads no memory of, each thing once', () => {
    const a = apply(graph, 'abs', x);
    expect(written(apply(graph, 'sub', apply(graph, 'mul', a, a), apply(graph, 'neg', a))).kinds).toEqual(['load', 'abs', 'mul', 'add']);
  });

  it('reads what has memory', () => {
    const a = apply(graph, 'abs', x);
    const root = apply(graph, 'exp', apply(graph, 'relu', a));
    expect(written(root).kinds).toEqual(['load', 'abs', 'relu', 'exp']);
    expect(written(root, [a]).kinds).toEqual(['load', 'relu', 'exp']);
    // Its own definition, though it has memory.
    expect(written(root, [root]).kinds).toEqual(['load', 'abs', 'relu', 'exp']);
  });

  it('computes the same tensor for each view of it', () => {
    const square = leaf(graph, 2, [3, 3]);
    const a = apply(graph, 'abs', square);
    expect(written(apply(graph, 'sub', a, graph.transpose(a, [1, 0]))).kinds).toEqual(['load', 'abs', 'load', 'abs', 'sub']);
    expect(written(apply(graph, 'sub', graph.transpose(a, [1, 0]), a)).kinds).toEqual(['load', 'abs', 'load', 'abs', 'sub']);
  });

  it('puts the operands of where and of comparisons where they belong', () => {
    const condition = graph.elementwise('lt', [x, graph.transpose(y, [1, 0])], 'bool');
    const { builder } = written(graph.elementwise('where', [condition, x, graph.transpose(y, [1, 0])], 'float32'));
    expect(builder.instructions.at(-1)).toMatchObject({ kind: 'apply', op: 'where', operand: 'float32', dtype: 'float32' });
    expect(builder.instructions.find((i) => i.kind === 'apply' && i.op === 'lt')).toMatchObject({ operand: 'float32', dtype: 'bool' });
  });

  it('counts, and takes numbers of the host and of the program', () => {
    const count = graph.make({ kind: 'iota', axis: 0 }, [], [4, 3], 'int32');
    const s = graph.hostScalar(graph.host.input(7), 'float32');
    const sum = apply(graph, 'add', apply(graph, 'mul', graph.elementwise('cast', [count], 'float32'), y), graph.broadcast(s, [4, 3]));
    expect(written(apply(graph, 'maximum', sum, graph.broadcast(graph.constant(2, 'float32'), [4, 3])), [], [5]).kinds).toEqual(['index', 'cast', 'load', 'mul', 'uniform', 'add', 'constant', 'maximum']);
    expect(written(graph.transpose(graph.make({ kind: 'iota', axis: 1 }, [], [2, 5], 'int32'), [1, 0])).values).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it('keeps instructions apart that differ, and no others', () => {
    const builder = new BodyBuilder([2], () => undefined);
    const zero = builder.push({ kind: 'constant', value: 0, dtype: 'float32' });
    expect(builder.push({ kind: 'constant', value: -0, dtype: 'float32' })).not.toBe(zero);
    expect(builder.push({ kind: 'constant', value: 0, dtype: 'int32' })).not.toBe(zero);
    expect(builder.push({ kind: 'constant', value: 0, dtype: 'float32' })).toBe(zero);
    expect(builder.finish().instructions).toHaveLength(3);
  });
});

describe('a look-up', () => {
  const by = leaf(graph, 5, [2, 3], 'int32');
  const found = (a: Tensor, axis: number, shape: readonly number[]): Tensor => graph.make({ kind: 'gather', axis, outside: a.dtype === 'float32' ? NaN : 0 }, [a, by], shape, a.dtype);

  it('reads by its index, along any axis, through reshapes, and nothing where there is nothing', () => {
    expect(written(found(x, 0, [2, 3, 4])).values.some(Number.isNaN)).toBe(true);
    expect(written(found(x, 1, [3, 2, 3])).kinds).toEqual(['load', 'gather']);
    const three = leaf(graph, 6, [2, 5, 3]);
    expect(written(found(three, 1, [2, 2, 3, 3])).kinds).toEqual(['load', 'gather']);
    expect(written(found(graph.reshape(x, [6, 2]), 0, [2, 3, 2])).kinds).toEqual(['load', 'gather']);
    expect(written(found(apply(graph, 'exp', x), 0, [2, 3, 4]), [apply(graph, 'exp', x)]).kinds).toEqual(['load', 'gather']);
  });

  it('in a number repeated only says whether there is one', () => {
    expect(written(found(graph.broadcast(graph.constant(3, 'float32'), [4, 2]), 0, [2, 3, 2])).kinds).toEqual(['load', 'constant', 'constant', 'ge', 'constant', 'lt', 'and', 'constant', 'where']);
    // True where there is one, else false: the condition itself.
    expect(written(found(graph.broadcast(graph.constant(1, 'bool'), [4]), 0, [2, 3])).kinds).toEqual(['load', 'constant', 'constant', 'ge', 'constant', 'lt', 'and']);
    expect(written(found(graph.broadcast(graph.constant(0, 'bool'), [4]), 0, [2, 3])).kinds).toContain('where');
  });
});

it('what has no memory and is no function of the indices is an error that names it', () => {
  const flat = leaf(graph, 7, [3, 2]);
  const turned = graph.transpose(flat, [1, 0]);
  const part = graph.slice(graph.reshape(turned, [6]), [1], [1], [3]);
  expect(() => written(part)).toThrow(`the compiler has given tensor ${turned.id}, a transpose, no memory`);
  expect(written(part, [turned]).values).toHaveLength(3);
});
