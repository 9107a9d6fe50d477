/** Elementwise kernels: a body over a nest of axes, the last of them in vectors. */
import type { ElementwiseKernel } from '@pappus/compiler';
import { i32 } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import { BodyEmitter, type Environment } from './body-emitter.js';
import { extentAlong } from '@pappus/compiler';

/** `for (index of 0 to extent) body(index)`; an extent of 1 makes no loop. */
export function forEach(f: FunctionBuilder, extent: number, body: (index: Local<'i32'>) => void): void {
  const index = f.local('i32');
  f.set(index, i32.const(0));
  if (extent === 1) body(index);
  else f.whileLess(index, i32.const(extent), 1, () => body(index));
}

/** Nested loops over all of `extents`; an extent of undefined makes no loop, and no index. */
export function forAll(
  f: FunctionBuilder,
  extents: readonly (number | undefined)[],
  body: (indices: readonly (Local<'i32'> | undefined)[]) => void,
  outer: readonly (Local<'i32'> | undefined)[] = [],
): void {
  const extent = extents[outer.length];
  if (outer.length === extents.length) body(outer);
  else if (extent === undefined) forAll(f, extents, body, [...outer, undefined]);
  else forEach(f, extent, (index) => forAll(f, extents, body, [...outer, index]));
}

/** Vectors of one step: small bodies are repeated, so that the loop costs little. */
function unrollOf(instructions: number, vectors: number): number {
  const wanted = instructions <= 8 ? 4 : instructions <= 24 ? 2 : 1;
  return vectors >= 2 * wanted ? wanted : 1;
}

/** A row of `extent` elements along `axis`, the cursors being at its start: whole vectors, then what is left. */
export function emitRow(environment: Environment, emitter: BodyEmitter, axis: number, extent: number, instructions: number): void {
  const { f, lanes } = environment;
  const vectors = Math.floor(extent / lanes);
  const unroll = unrollOf(instructions, vectors);
  const steps = Math.floor(vectors / unroll);
  const group = (count: number): void => {
    for (let u = 0; u < count; u++) {
      const displacement = { axis, count: u * lanes };
      emitter.store(emitter.compute(lanes, displacement), lanes, displacement);
    }
    emitter.advance(axis, count * lanes);
  };
  if (steps > 0) forEach(f, steps, () => group(unroll));
  if (vectors % unroll > 0) group(vectors % unroll);
  const rest = extent % lanes;
  if (rest > 0) emitter.store(emitter.compute(rest), rest);
}

/** The body over one nest. */
export function emitElementwise(environment: Environment, kernel: ElementwiseKernel): void {
  const extents = kernel.extents.length === 0 ? [1] : kernel.extents;
  const axis = extents.length - 1;
  const emitter = new BodyEmitter(environment, kernel.body, axis, [axis]);
  if (extents.includes(0)) return;
  forAll(environment.f, extents.slice(0, -1), (outer) => {
    emitter.enter([...outer, undefined]);
    emitRow(environment, emitter, axis, extentAlong(extents, axis), kernel.body.instructions.length);
  });
}

/** The tensors that a piece of code runs over: their count, then a row for each, its length and its addresses. */
export interface SegmentTable {
  readonly address: Local<'i32'>;
  readonly rowBytes: number;
  /** What the code can reach while it works on a row. */
  readonly environment: (row: Local<'i32'>) => Environment;
}

/** Runs `body` for every row of a table. */
export function forEachSegment(f: FunctionBuilder, { address, rowBytes }: SegmentTable, body: (row: Local<'i32'>) => void): void {
  const row = f.let(i32.add(address, i32.const(4)));
  const end = f.let(i32.add(row, i32.mul(i32.load(address), i32.const(rowBytes))));
  f.whileLess(row, end, rowBytes, () => body(row));
}

/** The body over many tensors. Tensors end in room for a whole vector, so there is no rest to take care of. */
export function emitSegments(table: SegmentTable, kernel: ElementwiseKernel): void {
  const { f, lanes } = table.environment(table.address);
  forEachSegment(f, table, (row) => {
    const emitter = new BodyEmitter(table.environment(row), kernel.body, 0, [0]);
    emitter.enter([]);
    const steps = f.let(i32.load(row));
    const step = f.local('i32');
    f.set(step, i32.const(0));
    f.whileLess(step, steps, 1, () => {
      emitter.store(emitter.compute(lanes), lanes);
      emitter.advance(0, lanes);
    });
  });
}
