/**
 * Reduction kernels. Where the last axis is reduced, lanes run along it and are combined at the end of each result; where
 * it is kept, lanes are results, and several vectors of them are accumulated side by side.
 */
import type { ReduceKernel, ReducePart } from '@pappus/compiler';
import { sizeOf } from '@pappus/core/backend';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local } from '../wasm/module.js';
import { Accumulator, RUN } from './accumulator.js';
import { BodyEmitter, type Environment } from './body-emitter.js';
import { forAll, forEach, forEachSegment, type SegmentTable } from './elementwise.js';
import type { VectorLocal } from './vectors.js';
import { extentAlong, itemAt } from '@pappus/compiler';

/** Bodies longer than this are not repeated. */
const LONG_BODY = 24;
/** Bodies up to this are cheap beside what ends a run: two rows of them go into a sum as one. */
const SHORT_BODY = 8;

/** The table of a part that covers several tensors. */
type TableOf = (part: ReducePart) => SegmentTable | undefined;

export function emitReduce(environment: Environment, kernel: ReduceKernel, tableOf: TableOf): void {
  const [first] = kernel.parts;
  if (first === undefined || sizeOf(first.extents.filter((_, k) => first.reduced[k] !== true)) === 0) return;
  if (first.reduced.at(-1) === false) emitLanewise(environment, kernel, first);
  else emitAcross(environment, kernel, first, tableOf);
}

function accumulators({ f, lanes }: Environment, kernel: ReduceKernel, ways: number, single: boolean): Accumulator[] {
  return kernel.reductions.map(({ op, dtype }) => new Accumulator(f, op, dtype, lanes, ways, single));
}

/** Elements that go into a result along the reduced axes but one. */
function besides({ extents, reduced }: ReducePart, axis: number): number {
  return sizeOf(extents.filter((_, k) => reduced[k] === true && k !== axis));
}

/** Lanes along the last axis of each part, which is reduced. */
function emitAcross(environment: Environment, kernel: ReduceKernel, first: ReducePart, tableOf: TableOf): void {
  const { f } = environment;
  const ways = Math.max(...kernel.parts.map((part) => waysOf(environment, part)));
  const inner = first.extents.length - 1;
  const single =
    kernel.parts.length === 1 && first.segments.length <= 1 && besides(first, inner) === 1 && extentAlong(first.extents, inner) <= RUN * ways * environment.lanes;
  const sums = accumulators(environment, kernel, ways, single);
  const results: VectorLocal[] = [];
  const result = new BodyEmitter(environment, kernel.epilogue, -1, [], (k) => results[k]);
  forAll(f, first.extents.map((n, k) => (first.reduced[k] === true ? undefined : n)), (kept) => {
    for (const sum of sums) sum.start();
    for (const part of kernel.parts) {
      const table = tableOf(part);
      if (table === undefined) emitPart(environment, part, sums, ways, kept);
      else forEachSegment(f, table, (row) => emitSegmentRow(table.environment(row), part, sums, ways, row));
    }
    results.splice(0, results.length, ...sums.map((sum) => sum.across()));
    result.enter(kept);
    result.store(result.compute(1), 1);
  });
}

/** Independent sums, where a row is long enough to profit. */
function waysOf({ lanes }: Environment, { extents, body }: ReducePart): number {
  return (extents.at(-1) ?? 1) >= 16 * lanes && body.instructions.length <= LONG_BODY ? 4 : 1;
}

/** Takes in the vectors at the cursors and after them, one for each way. */
function takeGroup({ lanes }: Environment, emitter: BodyEmitter, part: ReducePart, sums: readonly Accumulator[], axis: number, count: number): void {
  for (let way = 0; way < count; way++) {
    const value = emitter.compute(lanes, { axis, count: way * lanes });
    for (const [k, at] of part.values.entries()) sums[k]?.add(value(at), way, lanes);
  }
  emitter.advance(axis, count * lanes);
}

/** A part of known size, for one element of what is kept. */
function emitPart(environment: Environment, part: ReducePart, sums: readonly Accumulator[], ways: number, kept: readonly (Local<'i32'> | undefined)[]): void {
  const { f, lanes } = environment;
  const { extents, reduced, body } = part;
  const axis = Math.max(0, extents.length - 1);
  const extent = extentAlong(extents, axis);
  const emitter = new BodyEmitter(environment, body, axis, [axis]);
  const vectors = Math.floor(extent / lanes);
  const groups = Math.floor(vectors / ways);
  const rest = extent % lanes;
  const group = (): void => takeGroup(environment, emitter, part, sums, axis, ways);
  forAll(f, extents.map((n, k) => (reduced[k] === true && k !== axis ? n : undefined)), (over) => {
    emitter.enter(extents.map((_, k) => kept[k] ?? over[k]));
    if (groups >= RUN) {
      forEach(f, Math.floor(groups / RUN), () => {
        forEach(f, RUN, group);
        flushAll(sums);
      });
    }
    if (groups % RUN > 0) forEach(f, groups % RUN, group);
    // A way for each, so that none has more than a run.
    const left = vectors % ways;
    if (left > 0) takeGroup(environment, emitter, part, sums, axis, left);
    if (rest > 0) {
      const value = emitter.compute(rest);
      for (const [k, at] of part.values.entries()) sums[k]?.add(value(at), left, rest);
    }
    flushAll(sums);
  });
}

/** All of one tensor of a table, whose row begins with its length. */
function emitSegmentRow(environment: Environment, part: ReducePart, sums: readonly Accumulator[], ways: number, row: Local<'i32'>): void {
  const { f, lanes } = environment;
  const emitter = new BodyEmitter(environment, part.body, 0, [0]);
  emitter.enter([]);
  const extent = f.let(i32.load(row));
  const done = f.local('i32');
  const stop = f.local('i32');
  f.set(done, i32.const(0));
  const whole = f.let(i32.and(extent, i32.const(-(ways * lanes))));
  f.whileLess(done, whole, 0, () => {
    f.set(stop, i32.add(done, i32.const(RUN * ways * lanes)));
    f.if(i32.gtS(stop, whole), () => f.set(stop, whole));
    f.whileLess(done, stop, ways * lanes, () => takeGroup(environment, emitter, part, sums, 0, ways));
    flushAll(sums);
  });
  f.whileLess(done, f.let(i32.and(extent, i32.const(-lanes))), lanes, () => takeGroup(environment, emitter, part, sums, 0, 1));
  const rest = f.let(i32.sub(extent, done));
  f.if(rest, () => {
    const value = emitter.compute(lanes);
    for (const [k, at] of part.values.entries()) sums[k]?.add(value(at), 0, rest);
  });
  flushAll(sums);
}

function flushAll(sums: readonly Accumulator[]): void {
  for (const sum of sums) sum.flush();
}

/** Lanes along the last axis, which is kept. */
function emitLanewise(environment: Environment, kernel: ReduceKernel, part: ReducePart): void {
  const { f, lanes } = environment;
  const { extents, reduced, body } = part;
  const axis = extents.length - 1;
  const extent = extentAlong(extents, axis);
  const inner = reduced.lastIndexOf(true);
  const vectors = Math.floor(extent / lanes);
  const width = body.instructions.length > LONG_BODY || vectors < 4 ? 1 : 4;
  const outer = extents.map((n, k) => (reduced[k] === true || k === axis ? undefined : n));
  const column = f.local('i32');
  const columns = columnsEmitter(environment, kernel, part, axis, inner);
  forAll(f, outer, (kept) => {
    f.set(column, i32.const(0));
    const groups = Math.floor(vectors / width);
    if (groups > 0) {
      f.whileLess(column, i32.const(groups * width * lanes), width * lanes, () => columns(kept, column, width, lanes));
    }
    const rest = vectors - groups * width;
    if (rest > 0) f.whileLess(column, i32.const(vectors * lanes), lanes, () => columns(kept, column, 1, lanes));
    if (extent % lanes > 0) columns(kept, column, 1, extent % lanes);
  });
}

type EmitColumns = (kept: readonly (Local<'i32'> | undefined)[], column: Value<'i32'>, width: number, valid: number) => void;

/** Reduces `width` vectors of results that lie side by side, the last of them with `valid` lanes. */
function columnsEmitter(environment: Environment, kernel: ReduceKernel, part: ReducePart, axis: number, inner: number): EmitColumns {
  const { f, lanes } = environment;
  const { extents, reduced, body } = part;
  const run = extentAlong(extents, inner);
  return (kept, column, width, valid) => {
    const pairs = body.instructions.length <= SHORT_BODY && run >= 2 * RUN;
    const single = run <= RUN && besides(part, inner) === 1;
    const sums = Array.from({ length: width }, () => accumulators(environment, kernel, 1, single));
    const emitter = new BodyEmitter(environment, body, axis, [axis, inner]);
    /** The values of each reduction in the vectors of one row. */
    const row = (): ((w: number, at: number) => VectorLocal) => {
      const values = sums.map((_, w) => emitter.compute(valid, { axis, count: w * lanes }));
      emitter.advance(inner, 1);
      return (w, at) => itemAt(values, w, 'vector')(at);
    };
    const take = (value: (sum: Accumulator, w: number, at: number) => VectorLocal): void => {
      for (const [w, vector] of sums.entries()) {
        for (const [k, at] of part.values.entries()) {
          const sum = vector[k];
          sum?.add(value(sum, w, at), 0, lanes);
        }
      }
    };
    const one = (): void => {
      const value = row();
      take((_, w, at) => value(w, at));
    };
    const two = (): void => {
      const [first, second] = [row(), row()];
      take((sum, w, at) => sum.pair(first(w, at), second(w, at)));
    };
    const step = pairs ? two : one;
    const steps = pairs ? Math.floor(run / 2) : run;
    const at = (over: readonly (Local<'i32'> | undefined)[]): (Value<'i32'> | undefined)[] =>
      extents.map((_, k) => (k === axis ? column : (kept[k] ?? over[k])));
    for (const sum of sums.flat()) sum.start();
    forAll(f, extents.map((n, k) => (reduced[k] === true && k !== inner ? n : undefined)), (over) => {
      emitter.enter(at(over));
      if (steps >= RUN) {
        forEach(f, Math.floor(steps / RUN), () => {
          forEach(f, RUN, step);
          flushAll(sums.flat());
        });
      }
      if (steps % RUN > 0) forEach(f, steps % RUN, step);
      if (pairs && run % 2 > 0) one();
      flushAll(sums.flat());
    });
    const results: VectorLocal[] = [];
    const result = new BodyEmitter(environment, kernel.epilogue, axis, [axis], (k) => results[k]);
    result.enter(at([]));
    for (const [w, vector] of sums.entries()) {
      results.splice(0, results.length, ...vector.map((sum) => sum.lanewise()));
      result.store(result.compute(valid, { axis, count: w * lanes }), valid, { axis, count: w * lanes });
    }
  };
}
