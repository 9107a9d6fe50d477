// Graphs of the compiler for tests of single passes, and what their tensors hold: each element worked out by itself, from the definition.
import type { DType, TypedArray } from '@pappus/core';
import { allocate, held, meaning, type ReduceOp } from '@pappus/core/backend';
import { runnable } from '@pappus/core/routines';
import type { Memory } from '@pappus/testing/plain';
import { runKernels } from '@pappus/testing/plain';
import type { Affine } from '../src/kernels/affine.js';
import type { Buffer, Kernel } from '../src/kernels/kernel.js';
import type { Graph } from '../src/lower/graph.js';
import type { LoweredScan, Tensor } from '../src/lower/tensor.js';

export function at<T>(list: ArrayLike<T>, k: number): T {
  const value = list[k];
  if (value === undefined) throw new RangeError(`there is no element ${k} among ${list.length}`);
  return value;
}

/** An input. */
export function leaf(graph: Graph, position: number, shape: readonly number[], dtype: DType = 'float32'): Tensor {
  return graph.make({ kind: 'input', position }, [], shape, dtype);
}

export function apply(graph: Graph, op: Parameters<Graph['elementwise']>[0], ...args: readonly Tensor[]): Tensor {
  return graph.elementwise(op, args, args.at(-1)?.dtype ?? 'float32');
}

/** The indices of a nest, row by row. */
export function indicesOf(extents: readonly number[]): number[][] {
  return extents.reduce<number[][]>((all, extent) => all.flatMap((index) => Array.from({ length: extent }, (_, k) => [...index, k])), [[]]);
}

/** Row by row, the value of a function of the indices. */
export function overAll({ offset, strides }: Affine, extents: readonly number[]): number[] {
  return indicesOf(extents).map((index) => index.reduce((sum, i, k) => sum + i * at(strides, k), offset));
}

/** The row-major position of an element. */
export function positionIn(shape: readonly number[], index: readonly number[]): number {
  return index.reduce((position, i, k) => position * at(shape, k) + i, 0);
}

type Values = readonly number[];

/** What leaves hold, and the host's scalars. */
export interface Given {
  readonly leaf: (tensor: Tensor) => ArrayLike<number>;
  readonly host?: ArrayLike<number>;
}

/** What a leaf holds: data and variables what they do, others small whole numbers, of which few are alike. */
export function numbered(tensor: Tensor): number[] {
  const seed = tensor.op.kind === 'input' ? tensor.op.position + 1 : tensor.id + 23;
  if (tensor.op.kind === 'data') return Array.from(tensor.op.data);
  if (tensor.op.kind === 'variable') return Array.from(tensor.op.variable.hostValue() ?? []);
  return indicesOf(tensor.shape).map((_, k) => (tensor.dtype === 'bool' ? (k * seed + (k >> 1)) % 2 : ((k * 7 + seed * 5) % 23) - 9));
}

const START: Readonly<Record<ReduceOp, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity, all: 1, any: 0 };
const COMBINED: Readonly<Record<ReduceOp, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
  all: Math.min,
  any: Math.max,
};

/** The elements of a tensor, row by row, by the definition of what it is. */
export function elementsOf(tensor: Tensor, given: Given): Values {
  const known = new Map<Tensor, Values>();
  const values = (t: Tensor): Values => {
    const existing = known.get(t);
    if (existing !== undefined) return existing;
    const made = define(t);
    known.set(t, made);
    return made;
  };
  const define = (t: Tensor): Values => {
    const { op, args, shape, dtype } = t;
    const element = (k: number, index: readonly number[]): number => at(values(at(args, k)), positionIn(at(args, k).shape, index));
    const each = (f: (index: readonly number[]) => number): Values => indicesOf(shape).map((index) => held(f(index), dtype));
    switch (op.kind) {
      case 'constant':
        return [held(op.value, dtype)];
      case 'host':
        return [held(at(given.host ?? [], op.index), dtype)];
      case 'input':
      case 'variable':
      case 'data':
      case 'placeholder':
        return Array.from(given.leaf(t));
      case 'iota':
        return each((index) => at(index, op.axis));
      case 'elementwise': {
        const f = meaning(op.op, args.at(-1)?.dtype ?? dtype, dtype);
        return each((index) => f(element(0, index), args.length > 1 ? element(1, index) : NaN, args.length > 2 ? element(2, index) : NaN));
      }
      case 'reduce': {
        const results = new Map<number, number>();
        for (const index of indicesOf(at(args, 0).shape)) {
          const to = positionIn(shape, index.filter((_, k) => !op.axes.includes(k)));
          results.set(to, COMBINED[op.op](results.get(to) ?? START[op.op], element(0, index)));
        }
        return indicesOf(shape).map((_, k) => held(results.get(k) ?? START[op.op], dtype));
      }
      case 'total':
        return [held(args.flatMap((a) => values(a)).reduce((a, b) => COMBINED[op.op](a, b), START[op.op]), dtype)];
      case 'reshape':
      case 'barrier':
        return values(at(args, 0));
      case 'broadcast': {
        const from = at(args, 0).shape;
        return each((index) => element(0, index.slice(index.length - from.length).map((i, k) => (from[k] === 1 ? 0 : i))));
      }
      case 'transpose':
        return each((index) => {
          const source: number[] = [];
          for (const [k, axis] of op.permutation.entries()) source[axis] = at(index, k);
          return element(0, source);
        });
      case 'slice':
        return each((index) => element(0, index.map((i, k) => at(op.starts, k) + i * at(op.steps, k))));
      case 'pad':
      case 'concat': {
        const whole = indicesOf(shape).map(() => 0);
        let start = 0;
        for (const [k, part] of args.entries()) {
          for (const index of indicesOf(part.shape)) {
            const to = index.map((i, axis) => (op.kind !== 'concat' ? at(op.starts, axis) + i * at(op.steps, axis) : axis === op.axis ? start + i : i));
            whole[positionIn(shape, to)] = element(k, index);
          }
          if (op.kind === 'concat') start += at(part.shape, op.axis);
        }
        return whole;
      }
      case 'gather': {
        const by = at(args, 1).shape.length;
        return each((index) => {
          const target = element(1, index.slice(op.axis, op.axis + by));
          const count = at(at(args, 0).shape, op.axis);
          return target >= 0 && target < count ? element(0, [...index.slice(0, op.axis), target, ...index.slice(op.axis + by)]) : op.outside;
        });
      }
      case 'scatter': {
        const by = at(args, 0).shape.length;
        const sums = indicesOf(shape).map(() => 0);
        for (const index of indicesOf(at(args, 1).shape)) {
          const target = element(0, index.slice(op.axis, op.axis + by));
          if (target < 0 || target >= at(shape, op.axis)) continue;
          const to = positionIn(shape, [...index.slice(0, op.axis), target, ...index.slice(op.axis + by)]);
          sums[to] = at(sums, to) + element(1, index);
        }
        return sums.map((x) => held(x, dtype));
      }
      case 'matmul': {
        const left = at(args, 0).shape;
        const depth = indicesOf(left.slice(left.length - op.depth));
        const batch = shape.length - op.rows - op.columns;
        return each((index) => {
          const [b, m, n] = [index.slice(0, batch), index.slice(batch, batch + op.rows), index.slice(batch + op.rows)];
          return depth.reduce((sum, d) => sum + element(0, [...b, ...m, ...d]) * element(1, [...b, ...d, ...n]), 0);
        });
      }
      case 'window':
        return each((index) => element(0, [...index.slice(0, op.axis), at(index, op.axis) * op.stride + at(index, op.axis + 1) * op.dilation, ...index.slice(op.axis + 2)]));
      case 'routine': {
        const code = op.routine.code(args.map((arg) => arg.shape), args.map((arg) => (arg.dtype === 'bool' ? 'int32' : arg.dtype)));
        const routine = runnable(code);
        const size = at(shape, shape.length - 1);
        const items = shape.slice(0, -1).reduce((a, b) => a * b, 1);
        return Array.from({ length: items }, (_, item) => {
          const result = new Float64Array(size);
          const part = (k: number): Float64Array => Float64Array.from(values(at(args, k))).subarray((item * at(code.arrays, k).size), (item + 1) * at(code.arrays, k).size);
          routine.run([...args.map((_arg, k) => part(k)), result, ...routine.work.map((n) => new Float64Array(n))]);
          return [...result];
        }).flat();
      }
      case 'scan':
        return scanned(op.scan, op.result, op.of, values, given);
    }
  };
  return values(tensor);
}

/** A scan, step after step. */
function scanned(scan: LoweredScan, result: 'stack' | 'final', of: Tensor, outside: (t: Tensor) => Values, given: Given): Values {
  let carries = new Map(scan.carries.map(({ leaf: carry, initial }) => [carry, outside(initial)]));
  const stack: Values[] = [];
  for (let turn = 0; turn < scan.count; turn++) {
    const step = scan.reverse ? scan.count - 1 - turn : turn;
    const part = (whole: Values): Values => whole.slice((step * whole.length) / scan.count, ((step + 1) * whole.length) / scan.count);
    const bound = new Map<Tensor, ArrayLike<number>>(carries);
    for (const { leaf: input, source } of scan.inputs) bound.set(input, part(outside(source)));
    for (const { leaf: captured, source } of scan.captured) bound.set(captured, outside(source));
    const inside: Given = { ...given, leaf: (t) => bound.get(t) ?? given.leaf(t) };
    if (result === 'stack') stack[step] = elementsOf(of, inside);
    carries = new Map(scan.carries.map(({ leaf: carry, next }) => [carry, elementsOf(next, inside)]));
  }
  return result === 'stack' ? stack.flat() : (carries.get(of) ?? []);
}

/** A buffer that no table has made. */
export function buffer(id: number, size: number, kind: 'temporary' | 'input' | 'output' = 'temporary', dtype: DType = 'float32'): Buffer {
  return { id, name: `${kind} ${id}`, dtype, size, place: kind === 'temporary' ? { kind } : { kind, position: id } };
}

/** What buffers hold after kernels ran; what nothing has written is NaN, or 90 of whole numbers. */
export function ran(kernels: readonly Kernel[], buffers: readonly Buffer[], contents: (buffer: Buffer) => ArrayLike<number> | undefined, scalars: ArrayLike<number> = []): Memory {
  const memory: Memory = new Map();
  for (const b of buffers) {
    if (b.place.kind === 'slice') continue;
    const array: TypedArray = allocate(b.dtype, b.size);
    const values = contents(b);
    if (values === undefined) array.fill(b.dtype === 'float32' || b.dtype === 'float64' ? NaN : 90);
    else array.set(values);
    memory.set(b, array);
  }
  runKernels(kernels, { memory, scalars });
  return memory;
}
