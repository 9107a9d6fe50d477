/**
 * The kernel language as a few lines of TypeScript: one element after the other, every operation rounded as its dtype holds it. Written
 * from kernel.ts alone, so that it is a second opinion on what a kernel means. What it says of order, any order must say: it runs loops
 * forwards or backwards.
 */
import { allocate, type ElementwiseOp, held, meaning, type ReduceOp, sizeOf } from '@pappus/core/backend';
import { runnable } from '@pappus/core/routines';
import type { DType, TypedArray } from '@pappus/core';
import {
  type Access,
  type Body,
  bodyBuffers,
  type Buffer,
  type ElementwiseKernel,
  type Kernel,
  type MatmulKernel,
  type ReduceKernel,
  type RoutineKernel,
  type ScanKernel,
  type ScatterKernel,
  type Segment,
} from '@pappus/compiler';

/** What the buffers of a program hold. */
export type Memory = Map<Buffer, TypedArray>;

/** What kernels run over. */
export interface Run {
  /** What buffers hold, before and after. */
  readonly memory: Memory;
  /** The host's scalars. */
  readonly scalars: ArrayLike<number>;
  /** Whether loops run from their last element to the first. Default false. */
  readonly backwards?: boolean;
}

type Index = readonly number[];

/** Runs kernels one after the other. */
export function runKernels(kernels: readonly Kernel[], run: Run): void {
  for (const kernel of kernels) runKernel(kernel, run);
}

/** Runs a kernel, unless the scalar of the host that it depends on is 0. */
export function runKernel(kernel: Kernel, run: Run): void {
  if (kernel.when !== undefined && run.scalars[kernel.when] === 0) return;
  switch (kernel.kind) {
    case 'elementwise':
      return runElementwise(kernel, run);
    case 'reduce':
      return runReduce(kernel, run);
    case 'matmul':
      return runMatmul(kernel, run);
    case 'scatter':
      return runScatter(kernel, run);
    case 'routine':
      return runRoutine(kernel, run);
    case 'scan':
      return runScan(kernel, run);
  }
}

function runElementwise({ extents, body, segments }: ElementwiseKernel, run: Run): void {
  for (const segment of ordered(segments, run)) {
    const code = segments.length > 1 ? inSegment(body, segment) : body;
    const values = evaluator(code, run);
    for (const index of ordered(indicesOf(segments.length > 1 ? [segment.size] : extents), run)) store(code, index, values(index), run);
  }
}

function runReduce({ parts, reductions, epilogue }: ReduceKernel, run: Run): void {
  const [first] = parts;
  if (first === undefined) throw new Error('a reduction of no part');
  const finish = evaluator(epilogue, run);
  const pieces = parts.flatMap(({ extents, reduced, body, values, segments }) =>
    segments.map((segment) => ({
      values,
      loop: indicesOf((segments.length > 1 ? [segment.size] : extents).map((n, k) => (reduced[k] === true ? n : 1))),
      evaluate: evaluator(segments.length > 1 ? inSegment(body, segment) : body, run),
    })),
  );
  for (const kept of ordered(indicesOf(first.extents.map((n, k) => (first.reduced[k] === true ? 1 : n))), run)) {
    const totals = reductions.map(({ op, dtype }) => new Total(op, dtype));
    for (const { values, loop, evaluate } of ordered(pieces, run)) {
      for (const along of ordered(loop, run)) {
        const computed = evaluate(along.map((i, axis) => i + (parts.length === 1 ? at(kept, axis) : 0)));
        for (const [k, total] of totals.entries()) total.add(at(computed, at(values, k)));
      }
    }
    store(epilogue, kept, finish(kept, totals.map((total) => total.value)), run);
  }
}

function runMatmul({ dtype, batch, rows, columns, depth, left, right, product, epilogue }: MatmulKernel, run: Run): void {
  const [bs, ms, ns, ds] = [indicesOf(batch), indicesOf(rows), indicesOf(columns), indicesOf(depth)];
  const operand = (body: Body, loop: readonly Index[]): number[] => {
    const evaluate = evaluator(body, run);
    return loop.map((index) => at(evaluate(index), body.instructions.length - 1));
  };
  const products: number[] = [];
  for (const b of bs) {
    const lefts = operand(left, ms.flatMap((m) => ds.map((d) => [...b, ...m, ...d])));
    const rights = operand(right, ns.flatMap((n) => ds.map((d) => [...b, ...d, ...n])));
    const multiply = meaning('mul', dtype, dtype);
    for (const m of ms.keys()) {
      for (const n of ns.keys()) {
        const total = new Total('sum', dtype);
        for (let d = 0; d < ds.length; d++) total.add(multiply(at(lefts, m * ds.length + d), at(rights, n * ds.length + d), NaN));
        products.push(total.value);
      }
    }
  }
  const elements = bs.flatMap((b) => ms.flatMap((m) => ns.map((n) => [...b, ...m, ...n])));
  for (const [k, value] of products.entries()) write(product, k, value, run);
  const finish = evaluator(epilogue, run);
  for (const [k, index] of ordered([...elements.entries()], run)) store(epilogue, index, finish(index, [at(products, k)]), run);
}

function runScatter({ extents, body, index: which, stride, count }: ScatterKernel, run: Run): void {
  const evaluate = evaluator(body, run);
  const totals = body.stores.map(() => new Map<number, Total>());
  for (const index of indicesOf(extents)) {
    const values = evaluate(index);
    const target = at(values, which);
    if (!(target >= 0 && target < count)) continue;
    for (const [k, { access, value }] of body.stores.entries()) {
      const position = positionOf(access, index) + target * stride;
      const known = totals[k]?.get(position);
      const total = known ?? new Total('sum', access.buffer.dtype, read(access.buffer, position, run));
      total.add(at(values, value));
      totals[k]?.set(position, total);
    }
  }
  for (const [k, { access }] of body.stores.entries()) for (const [position, total] of totals[k] ?? []) write(access.buffer, position, total.value, run);
}

/** Item by item, over copies of its arrays; what it works in begins as NaN, which nobody may count on. */
function runRoutine({ items, code, buffers }: RoutineKernel, run: Run): void {
  const routine = runnable(code, { rounded: true, backwards: run.backwards });
  for (let item = 0; item < items; item++) {
    const parts = code.arrays.map(({ size, role }, k) => {
      const whole = contents(at(buffers, k), run);
      return role === 'work' ? new Float64Array(size).fill(NaN) : Float64Array.from(whole.subarray(item * size, (item + 1) * size));
    });
    routine.run(parts);
    for (const [k, { size, role }] of code.arrays.entries()) if (role === 'result') contents(at(buffers, k), run).set(at(parts, k), item * size);
  }
}

/** The buffers that a kernel's routines work in: what they hold then is not said. */
export function roomOf(kernel: Kernel): ReadonlySet<Buffer> {
  if (kernel.kind === 'scan') return new Set(kernel.kernels.flatMap((inner) => [...roomOf(inner)]));
  return new Set(kernel.kind === 'routine' ? kernel.buffers.filter((_, k) => at(kernel.code.arrays, k).role === 'work') : []);
}

function runScan({ count, kernels, slices }: ScanKernel, run: Run): void {
  const memory = new Map(run.memory);
  for (let t = 0; t < count; t++) {
    for (const { buffer, of, start, stride } of slices) {
      const from = start + t * stride;
      const whole = contents(of, run);
      if (from < 0 || from + buffer.size > whole.length) throw new RangeError(`${buffer.name} of step ${t} is not inside of ${of.name}`);
      memory.set(buffer, whole.subarray(from, from + buffer.size));
    }
    runKernels(kernels, { ...run, memory });
  }
}

/** Computes the values of a body's instructions at an index, given the results of the kernel there. */
function evaluator({ instructions }: Body, run: Run): (index: Index, results?: readonly number[]) => number[] {
  const steps = instructions.map((i): ((values: readonly number[], index: Index, results: readonly number[]) => number) => {
    switch (i.kind) {
      case 'load':
        return (_, index) => read(i.access.buffer, positionOf(i.access, index), run);
      case 'gather':
        return (values, index) => {
          const target = at(values, i.index);
          return target >= 0 && target < i.count ? read(i.access.buffer, positionOf(i.access, index) + target * i.stride, run) : i.outside;
        };
      case 'constant':
        return () => held(i.value, i.dtype);
      case 'uniform':
        return () => held(at(run.scalars, i.index), i.dtype);
      case 'parameter':
        throw new Error('a parameter outside of segments');
      case 'index':
        return (_, index) => positionOf(i.value, index);
      case 'result':
        return (_values, _index, results) => at(results, i.index);
      case 'apply': {
        const evaluate = meaning(i.op, i.operand, i.dtype);
        const [a = NaN, b, c] = i.args;
        return (values) => held(evaluate(at(values, a), b === undefined ? NaN : at(values, b), c === undefined ? NaN : at(values, c)), i.dtype);
      }
    }
  });
  return (index, results = []) => {
    const values: number[] = [];
    for (const step of steps) values.push(step(values, index, results));
    return values;
  };
}

function store(body: Body, index: Index, values: readonly number[], run: Run): void {
  for (const { access, value } of body.stores) write(access.buffer, positionOf(access, index), at(values, value), run);
}

/** The code over the buffers of one of its segments. */
function inSegment(body: Body, { buffers, scalars = [] }: Segment): Body {
  const own = bodyBuffers(body);
  const there = <A extends Access>(access: A): A => {
    const buffer = buffers[own.indexOf(access.buffer)];
    if (buffer === undefined) throw new Error(`a segment has nothing in the place of ${access.buffer.name}`);
    return { ...access, buffer };
  };
  return {
    instructions: body.instructions.map((i) => {
      if (i.kind === 'parameter') return { kind: 'uniform', index: scalars[i.index]?.index ?? NaN, dtype: i.dtype };
      return i.kind === 'load' || i.kind === 'gather' ? { ...i, access: there(i.access) } : i;
    }),
    stores: body.stores.map((s) => ({ ...s, access: there(s.access) })),
  };
}

const NEUTRAL: Readonly<Record<ReduceOp, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity, all: 1, any: 0 };
const COMBINE = { sum: 'add', prod: 'mul', max: 'maximum', min: 'minimum', all: 'and', any: 'or' } as const satisfies Record<ReduceOp, ElementwiseOp>;

/** What a reduction has come to: rounded at its end, so that nobody's order of adding is better than another's. */
class Total {
  private lost = 0;
  private readonly combine: (a: number, b: number, c: number) => number;

  constructor(
    private readonly op: ReduceOp,
    private readonly dtype: DType,
    private sum = NEUTRAL[op],
  ) {
    this.combine = meaning(COMBINE[op], dtype, dtype);
    // Of int32 the least number is the largest of none.
    if (dtype === 'int32' && !Number.isFinite(sum)) this.sum = sum < 0 ? -(2 ** 31) : 2 ** 31 - 1;
  }

  add(value: number): void {
    const before = this.sum;
    this.sum = this.combine(before, value, NaN);
    // Neumaier: what the addition lost, exactly.
    if (this.op !== 'sum' || this.dtype === 'int32' || !Number.isFinite(this.sum)) return;
    this.lost += Math.abs(before) >= Math.abs(value) ? before - this.sum + value : value - this.sum + before;
  }

  get value(): number {
    return held(this.lost === 0 ? this.sum : this.sum + this.lost, this.dtype);
  }
}

/** All indices of a nest, row by row. */
function indicesOf(extents: readonly number[]): Index[] {
  const all: number[][] = [];
  const count = sizeOf(extents);
  for (let k = 0; k < count; k++) {
    let rest = k;
    const index = extents.map(() => 0);
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      const extent = at(extents, axis);
      index[axis] = rest % extent;
      rest = Math.floor(rest / extent);
    }
    all.push(index);
  }
  return all;
}

/** What is reduced to one number has no axes left, and stays at their first element. */
function positionOf({ offset, strides }: Omit<Access, 'buffer'>, index: Index): number {
  let position = offset;
  for (let axis = 0; axis < index.length; axis++) {
    const i = at(index, axis);
    if (i !== 0) position += at(strides, axis) * i;
  }
  return position;
}

function contents(buffer: Buffer, { memory }: Run): TypedArray {
  const array = memory.get(buffer);
  if (array === undefined) throw new Error(`nothing has put ${buffer.name} into memory`);
  return array;
}

function read(buffer: Buffer, position: number, run: Run): number {
  const value = contents(buffer, run)[position];
  if (value === undefined) throw new RangeError(`element ${position} of ${buffer.name} is read, which has ${buffer.size}`);
  return value;
}

function write(buffer: Buffer, position: number, value: number, run: Run): void {
  const array = contents(buffer, run);
  if (!(position >= 0 && position < array.length)) throw new RangeError(`element ${position} of ${buffer.name} is written, which has ${buffer.size}`);
  array[position] = value;
}

function at<T>(list: ArrayLike<T>, k: number): T {
  const value = list[k];
  if (value === undefined) throw new RangeError(`there is no number ${k} among ${list.length}`);
  return value;
}

function ordered<T>(list: readonly T[], { backwards = false }: Run): readonly T[] {
  return backwards ? [...list].reverse() : list;
}

/** A copy of what buffers hold. */
export function copied(memory: Memory): Memory {
  return new Map([...memory].map(([buffer, array]) => [buffer, copyOf(buffer.dtype, array)]));
}

export function copyOf(dtype: DType, values: ArrayLike<number>): TypedArray {
  const array = allocate(dtype, values.length);
  array.set(values);
  return array;
}
