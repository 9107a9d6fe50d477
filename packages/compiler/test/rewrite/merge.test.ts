// Nests of one code over many tensors as one kernel, where the order of their segments does not matter.
import { describe, expect, it } from 'vitest';
import type { Buffer, ElementwiseKernel, Instruction, Kernel, ReducePart, ScanKernel } from '../../src/kernels/kernel.js';
import { bodyBuffers } from '../../src/kernels/accesses.js';
import { collapseNests, joinParts, mergeElementwise } from '../../src/rewrite/merge.js';
import { HostProgram } from '../../src/lower/host.js';
import { at, buffer, ran } from '../tensors.js';

interface Nest {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly size?: number;
  readonly stride?: number;
  readonly offset?: number;
  readonly add?: number;
  readonly update?: boolean;
  readonly counts?: boolean;
}

/** `to = from + add`, element by element. */
function nest({ from, to, size = to.size, stride = 1, offset = 0, add = 10, update = false, counts = false }: Nest): ElementwiseKernel {
  const instructions: Instruction[] = [
    { kind: 'load', access: { buffer: from, offset, strides: [stride] }, dtype: 'float32' },
    { kind: 'constant', value: add, dtype: 'float32' },
    { kind: 'apply', op: 'add', args: [0, 1], operand: 'float32', dtype: 'float32' },
    ...(counts ? [{ kind: 'index', value: { offset: 0, strides: [1] }, dtype: 'int32' } as const] : []),
  ];
  const body = { instructions, stores: [{ access: { buffer: to, offset: 0, strides: [1] }, value: 2 }] };
  return { kind: 'elementwise', extents: [size], body, update, segments: [{ size, buffers: bodyBuffers(body) }] };
}

/** Buffers of these sizes, from 0 on. */
const made = (...sizes: readonly number[]): Buffer[] => sizes.map((size, id) => buffer(id, size));

const counts = (kernels: readonly Kernel[]): number[] => kernels.map((k) => (k.kind === 'elementwise' ? k.segments.length : 0));

function sameResults(before: readonly Kernel[], after: readonly Kernel[], buffers: readonly Buffer[], scalars: ArrayLike<number> = []): void {
  const contents = (b: Buffer): number[] => Array.from({ length: b.size }, (_, k) => 100 * b.id + k);
  const [left, right] = [before, after].map((kernels) => [...ran(kernels, buffers, contents, scalars)].map(([, values]) => Array.from(values)));
  expect(right).toEqual(left);
}

function merged(buffers: readonly Buffer[], kernels: readonly Kernel[]): number[] {
  const host = new HostProgram();
  const after = mergeElementwise(kernels, host);
  sameResults(kernels, after, buffers, host.evaluate(() => NaN, () => NaN));
  return counts(after);
}

describe('nests are one', () => {
  it('where their code is one, over tensors of any sizes', () => {
    const buffers = made(4, 4, 7, 7, 1, 1, 3, 3);
    expect(merged(buffers, [0, 2, 4, 6].map((k) => nest({ from: at(buffers, k), to: at(buffers, k + 1) })))).toEqual([4]);
    // In place, too.
    expect(merged(buffers, [0, 2, 4, 6].map((k) => nest({ from: at(buffers, k), to: at(buffers, k), update: true })))).toEqual([4]);
    expect(counts(mergeElementwise([0, 2].map((k) => nest({ from: at(buffers, k), to: at(buffers, k + 1) })), new HostProgram(), false))).toEqual([1, 1]);
  });

  it('whose code is over the larger, the strides of which count', () => {
    const buffers = made(1, 1, 5, 5, 8, 8);
    const kernels = [nest({ from: at(buffers, 0), to: at(buffers, 1), stride: 0 }), nest({ from: at(buffers, 2), to: at(buffers, 3) }), nest({ from: at(buffers, 4), to: at(buffers, 5) })];
    const [kernel] = mergeElementwise(kernels, new HostProgram());
    expect(kernel).toMatchObject({ extents: [8], segments: [{ size: 1 }, { size: 5 }, { size: 8 }] });
    sameResults(kernels, mergeElementwise(kernels, new HostProgram()), buffers);
    sameResults(kernels, mergeElementwise([...kernels].reverse(), new HostProgram()), buffers);
  });

  it('after others that they do not touch', () => {
    const buffers = made(4, 4, 4, 4, 5, 5);
    const other = nest({ from: at(buffers, 4), to: at(buffers, 5), add: 3 });
    expect(merged(buffers, [nest({ from: at(buffers, 0), to: at(buffers, 1) }), other, nest({ from: at(buffers, 2), to: at(buffers, 3) })])).toEqual([2, 1]);
  });
});

describe('updates are one', () => {
  it('that differ in numbers, each with its own; what agrees stays in the code', () => {
    const buffers = made(4, 7, 1, 3, 5);
    const host = new HostProgram();
    const kernels = [10, 11, 10, -0, 0].map((add, k) => nest({ from: at(buffers, k), to: at(buffers, k), add, update: true }));
    const after = mergeElementwise(kernels, host);
    expect(counts(after)).toEqual([5]);
    const values = host.evaluate(() => NaN, () => NaN);
    const [only] = after;
    const scalars = only?.kind === 'elementwise' ? only.segments.map(({ scalars: own = [] }) => own.map(({ index }) => at(values, index))) : [];
    // Those of one number lie side by side.
    expect(scalars).toEqual([[10], [10], [11], [-0], [0]]);
    sameResults(kernels, after, buffers, values);
    const same = mergeElementwise([0, 1].map((k) => nest({ from: at(buffers, k), to: at(buffers, k), update: true })), host);
    expect(same).toMatchObject([{ body: { instructions: [{}, { kind: 'constant' }, {}] }, segments: [{}, {}] }]);
  });

  it('as long as there is room for their numbers, and under one condition', () => {
    const many = Array.from({ length: 9000 }, (_, id) => buffer(id, 1));
    const after = mergeElementwise(many.map((b, k) => nest({ from: b, to: b, add: k, update: true })), new HostProgram());
    expect(counts(after)).toEqual([8192, 808]);
    const [a, b] = [at(many, 0), at(many, 1)];
    expect(counts(mergeElementwise([nest({ from: a, to: a, update: true }), { ...nest({ from: b, to: b, add: 3, update: true }), when: 0 }], new HostProgram()))).toEqual([1, 1]);
  });
});

describe('nests stay apart', () => {
  const buffers = made(4, 4, 4, 4, 4, 4, 9);
  const [a, b, c, d, e, f, long] = buffers;
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined || f === undefined || long === undefined) throw new Error('seven');
  const first = nest({ from: a, to: b });

  it('whose code differs in a number, a stride, an offset, or in what they do', () => {
    expect(merged(buffers, [first, nest({ from: c, to: d, add: 11 })])).toEqual([1, 1]);
    expect(merged(buffers, [first, nest({ from: c, to: d, stride: 0 })])).toEqual([1, 1]);
    expect(merged(buffers, [nest({ from: a, to: b, stride: 0 }), nest({ from: c, to: d, stride: 0 })])).toEqual([2]);
    expect(merged(buffers, [first, nest({ from: c, to: d, update: true })])).toEqual([1, 1]);
    expect(merged(buffers, [nest({ from: long, to: b, offset: 2 }), nest({ from: long, to: d, offset: 2 })])).toEqual([1, 1]);
    expect(merged(buffers, [first, nest({ from: c, to: d, counts: true })])).toEqual([1, 1]);
    // The same code, of which another value is kept.
    const copy = nest({ from: c, to: d });
    expect(merged(buffers, [first, { ...copy, body: { ...copy.body, stores: copy.body.stores.map((store) => ({ ...store, value: 0 })) } }])).toEqual([1, 1]);
    expect(merged(buffers, [nest({ from: a, to: b, counts: true }), nest({ from: c, to: d, counts: true })])).toEqual([2]);
  });

  it('where one reads what another writes, or writes what it reads or writes', () => {
    // Reads what the first writes.
    expect(merged(buffers, [first, nest({ from: b, to: c })])).toEqual([1, 1]);
    // Writes what the first reads.
    expect(merged(buffers, [first, nest({ from: c, to: a })])).toEqual([1, 1]);
    // Writes what the first writes.
    expect(merged(buffers, [first, nest({ from: c, to: b })])).toEqual([1, 1]);
    // By way of a third between.
    expect(merged(buffers, [first, nest({ from: b, to: c, add: 3 }), nest({ from: c, to: d })])).toEqual([1, 1, 1]);
    expect(merged(buffers, [first, nest({ from: d, to: e, add: 3 }), nest({ from: c, to: d })])).toEqual([1, 1, 1]);
    // What has joined an early one is read there, and later still by another.
    const more = [...buffers, buffer(7, 4), buffer(8, 4)];
    expect(merged(more, [first, nest({ from: b, to: at(more, 7) }), nest({ from: c, to: d, add: 3 }), nest({ from: c, to: e }), nest({ from: f, to: c })])).toEqual([2, 1, 1, 1]);
    expect(merged(more, [first, nest({ from: b, to: at(more, 7) }), nest({ from: f, to: d, add: 3 }), nest({ from: c, to: e }), nest({ from: d, to: at(more, 8) })])).toEqual([2, 1, 1, 1]);
    // But the next that can joins what can be joined.
    expect(merged(buffers, [first, nest({ from: b, to: c }), nest({ from: d, to: e })])).toEqual([2, 1]);
    expect(merged(buffers, [first, nest({ from: b, to: c }), nest({ from: b, to: d })])).toEqual([1, 2]);
  });

  it('that write a part of a tensor, are over parts, or over several axes', () => {
    expect(merged(buffers, [nest({ from: a, to: long, size: 4 }), nest({ from: c, to: d, size: 4 })])).toEqual([1, 1]);
    const part: Buffer = { id: 9, name: 'part', dtype: 'float32', size: 4, place: { kind: 'slice' } };
    expect(counts(mergeElementwise([first, nest({ from: part, to: d })], new HostProgram()))).toEqual([1, 1]);
    const square = { ...first, extents: [2, 2] };
    expect(counts(mergeElementwise([square, { ...square, body: nest({ from: c, to: d }).body }], new HostProgram()))).toEqual([1, 1]);
  });

  it('that look up', () => {
    const looking = (from: Buffer, to: Buffer): ElementwiseKernel => {
      const instructions: Instruction[] = [{ kind: 'index', value: { offset: 0, strides: [1] }, dtype: 'int32' }, { kind: 'gather', access: { buffer: from, offset: 0, strides: [0] }, index: 0, stride: 1, count: 4, outside: 0, dtype: 'float32' }];
      const body = { instructions, stores: [{ access: { buffer: to, offset: 0, strides: [1] }, value: 1 }] };
      return { kind: 'elementwise', extents: [4], body, update: false, segments: [{ size: 4, buffers: bodyBuffers(body) }] };
    };
    expect(counts(mergeElementwise([looking(a, b), looking(c, d)], new HostProgram()))).toEqual([1, 1]);
  });
});

describe('parts of a reduction', () => {
  const part = (from: Buffer, extents: readonly number[], strides: readonly number[], values = [0]): ReducePart => {
    const body = { instructions: [{ kind: 'load', access: { buffer: from, offset: 0, strides }, dtype: 'float32' } as const], stores: [] };
    return { extents, reduced: extents.map(() => true), body, values, segments: [{ size: extents.reduce((x, y) => x * y, 1), buffers: [from] }] };
  };

  it('of one code are segments of one, collapsed first', () => {
    const [a, b, c] = made(12, 5, 1);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    expect(joinParts([part(a, [3, 4], [4, 1]), part(b, [5], [1]), part(c, [], [])])).toMatchObject([{ extents: [12], reduced: [true], segments: [{ size: 12 }, { size: 5 }, { size: 1 }] }]);
    // Of two values one is reduced: which one is part of the code.
    const two = (from: Buffer, value: number): ReducePart => {
      const own = part(from, [from.size], [1], [value]);
      return { ...own, body: { instructions: [...own.body.instructions, { kind: 'apply', op: 'neg', args: [0], operand: 'float32', dtype: 'float32' }], stores: [] } };
    };
    expect(joinParts([two(a, 1), two(b, 0)]).map(({ values }) => values)).toEqual([[1], [0]]);
    expect(joinParts([two(a, 1), two(b, 1)]).map(({ segments }) => segments.length)).toEqual([2]);
    // One that goes its own way is its own.
    expect(joinParts([part(a, [3, 4], [1, 3]), part(b, [5], [1])]).map(({ segments }) => segments.length)).toEqual([1, 1]);
    expect(joinParts([part(a, [12], [1]), part(b, [5], [0])]).map(({ segments }) => segments.length)).toEqual([1, 1]);
  });
});

describe('nests are collapsed', () => {
  it('in reductions, kept and reduced axes apart, prologue and epilogue together', () => {
    const [a, b] = made(24, 6);
    if (a === undefined || b === undefined) throw new Error('two');
    const body = { instructions: [{ kind: 'load', access: { buffer: a, offset: 0, strides: [12, 4, 2, 1] }, dtype: 'float32' } as const], stores: [] };
    const reduce = (keptStrides: readonly number[]): Kernel => ({
      kind: 'reduce',
      parts: [{ extents: [2, 3, 2, 2], reduced: [false, false, true, true], body, values: [0], segments: [{ size: 24, buffers: [a] }] }],
      reductions: [{ op: 'sum', dtype: 'float32' }],
      epilogue: { instructions: [{ kind: 'result', index: 0, dtype: 'float32' }], stores: [{ access: { buffer: b, offset: 0, strides: keptStrides }, value: 0 }] },
    });
    expect(collapseNests([reduce([3, 1, 0, 0])])).toMatchObject([{ parts: [{ extents: [6, 4], reduced: [false, true] }] }]);
    expect(collapseNests([reduce([1, 2, 0, 0])])).toMatchObject([{ parts: [{ extents: [2, 3, 4], reduced: [false, false, true] }] }]);
    for (const kernel of [reduce([3, 1, 0, 0]), reduce([1, 2, 0, 0])]) sameResults([kernel], collapseNests([kernel]), [a, b]);
  });

  it('in nests, and not in scans, whose kernels are collapsed already', () => {
    const [a, b] = made(12, 12);
    if (a === undefined || b === undefined) throw new Error('two');
    const flat = nest({ from: a, to: b });
    const places = flat.body.instructions.map((i) => (i.kind === 'load' ? { ...i, access: { ...i.access, strides: [4, 1] } } : i));
    const deep: ElementwiseKernel = { ...flat, extents: [3, 4], body: { instructions: places, stores: [{ access: { buffer: b, offset: 0, strides: [4, 1] }, value: 2 }] } };
    expect(collapseNests([deep])).toEqual([flat]);
    const scan: ScanKernel = { kind: 'scan', count: 2, kernels: [deep], slices: [] };
    expect(collapseNests([scan])).toEqual([scan]);
  });
});
