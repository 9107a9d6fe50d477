/**
 * Reduction kernels. Where the last axis is reduced, lanes run along it and are combined at the end of each result; where
 * it is kept, lanes are results, and several vectors of them are accumulated side by side.
 */
import type { ReduceKernel } from '@pappus/compiler';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local } from '../wasm/module.js';
import { Accumulator } from './accumulator.js';
import { BodyEmitter, type Environment } from './body-emitter.js';
import { forAll, forEach } from './loop.js';
import type { VectorLocal } from './vectors.js';

/** Vectors of one lane's run before it goes to the wide sum: an error of at most this many roundings. */
const RUN = 128;
/** Bodies longer than this are not repeated. */
const LONG_BODY = 24;

export function emitReduce(environment: Environment, kernel: ReduceKernel): void {
  const keptSize = kernel.extents.reduce((size, n, k) => (kernel.reduced[k] === true ? size : size * n), 1);
  if (keptSize === 0) return;
  if (kernel.reduced.at(-1) === true) emitAcross(environment, kernel);
  else emitLanewise(environment, kernel);
}

function accumulators({ f, lanes }: Environment, kernel: ReduceKernel, ways: number): Accumulator[] {
  return kernel.reductions.map(({ op, dtype }) => new Accumulator(f, op, dtype, lanes, ways));
}

/** Lanes along the last axis, which is reduced. */
function emitAcross(environment: Environment, kernel: ReduceKernel): void {
  const { f, lanes } = environment;
  const { extents, reduced, prologue, epilogue } = kernel;
  const axis = extents.length - 1;
  const extent = extents[axis] ?? 1;
  const vectors = Math.floor(extent / lanes);
  const ways = vectors >= 16 && prologue.instructions.length <= LONG_BODY ? 4 : 1;
  const sums = accumulators(environment, kernel, ways);
  const emitter = new BodyEmitter(environment, prologue, axis, [axis]);
  const results: VectorLocal[] = [];
  const take = (value: (k: number) => VectorLocal, way: number, valid: number): void => {
    for (const [k, { value: at }] of kernel.reductions.entries()) sums[k]?.add(value(at), way, valid);
  };
  const row = (): void => {
    const groups = Math.floor(vectors / ways);
    const group = (count: number): void => {
      for (let way = 0; way < count; way++) take(emitter.compute(lanes, { axis, count: way * lanes }), way, lanes);
      emitter.advance(axis, count * lanes);
    };
    const flush = (): void => {
      for (const sum of sums) sum.flush();
    };
    if (groups >= RUN) {
      forEach(f, Math.floor(groups / RUN), () => {
        forEach(f, RUN, () => group(ways));
        flush();
      });
    }
    if (groups % RUN > 0) forEach(f, groups % RUN, () => group(ways));
    if (vectors % ways > 0) group(vectors % ways);
    if (extent % lanes > 0) take(emitter.compute(extent % lanes), 0, extent % lanes);
    flush();
  };
  const result = new BodyEmitter(environment, epilogue, -1, [], (k) => results[k]);
  forAll(f, extents.map((n, k) => (reduced[k] === true ? undefined : n)), (kept) => {
    for (const sum of sums) sum.start();
    forAll(f, extents.map((n, k) => (reduced[k] === true && k !== axis ? n : undefined)), (over) => {
      emitter.enter(extents.map((_, k) => kept[k] ?? over[k]));
      row();
    });
    results.splice(0, results.length, ...sums.map((sum) => sum.across()));
    result.enter(kept);
    result.store(result.compute(1), 1);
  });
}

/** Lanes along the last axis, which is kept. */
function emitLanewise(environment: Environment, kernel: ReduceKernel): void {
  const { f, lanes } = environment;
  const { extents, reduced, prologue } = kernel;
  const axis = extents.length - 1;
  const extent = extents[axis] ?? 1;
  const inner = reduced.lastIndexOf(true);
  const vectors = Math.floor(extent / lanes);
  const width = prologue.instructions.length > LONG_BODY || vectors < 4 ? 1 : 4;
  const outer = extents.map((n, k) => (reduced[k] === true || k === axis ? undefined : n));
  const column = f.local('i32');
  const columns = columnsEmitter(environment, kernel, axis, inner);
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
function columnsEmitter(environment: Environment, kernel: ReduceKernel, axis: number, inner: number): EmitColumns {
  const { f, lanes } = environment;
  const { extents, reduced, prologue, epilogue } = kernel;
  const run = extents[inner] ?? 1;
  return (kept, column, width, valid) => {
    const sums = Array.from({ length: width }, () => accumulators(environment, kernel, 1));
    const emitter = new BodyEmitter(environment, prologue, axis, [axis, inner]);
    const step = (): void => {
      for (const [w, vector] of sums.entries()) {
        const value = emitter.compute(valid, { axis, count: w * lanes });
        for (const [k, { value: at }] of kernel.reductions.entries()) vector[k]?.add(value(at), 0, lanes);
      }
      emitter.advance(inner, 1);
    };
    const flush = (): void => {
      for (const sum of sums.flat()) sum.flush();
    };
    const at = (over: readonly (Local<'i32'> | undefined)[]): (Value<'i32'> | undefined)[] =>
      extents.map((_, k) => (k === axis ? column : (kept[k] ?? over[k])));
    for (const sum of sums.flat()) sum.start();
    forAll(f, extents.map((n, k) => (reduced[k] === true && k !== inner ? n : undefined)), (over) => {
      emitter.enter(at(over));
      if (run >= RUN) {
        forEach(f, Math.floor(run / RUN), () => {
          forEach(f, RUN, step);
          flush();
        });
      }
      if (run % RUN > 0) forEach(f, run % RUN, step);
      flush();
    });
    const results: VectorLocal[] = [];
    const result = new BodyEmitter(environment, epilogue, axis, [axis], (k) => results[k]);
    result.enter(at([]));
    for (const [w, vector] of sums.entries()) {
      results.splice(0, results.length, ...vector.map((sum) => sum.lanewise()));
      result.store(result.compute(valid, { axis, count: w * lanes }), valid, { axis, count: w * lanes });
    }
  };
}
