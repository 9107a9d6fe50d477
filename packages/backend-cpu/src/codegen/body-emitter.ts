/**
 * A body as vector code inside a loop. Pointers are kept in locals and moved by the loops; what does not depend on a
 * moving axis is computed once, when the loop is entered.
 */
import type { Affine, Access, Body, Buffer, Instruction } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, type DType } from '@pappus/core';
import type { MathLibrary } from '../math/index.js';
import { i32, i32x4, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import type { Bounds } from './bounds.js';
import { render } from './rendering.js';
import {
  type Address,
  constantVector,
  type LaneCount,
  loadContiguous,
  loadScattered,
  loadSplat,
  loadStrided,
  storeLane,
  storeLanes,
  type VectorLocal,
} from './vectors.js';

/** What a kernel's code can reach. */
export interface Environment {
  readonly f: FunctionBuilder;
  readonly math: MathLibrary;
  readonly lanes: LaneCount;
  /** The address of a buffer. */
  readonly base: (buffer: Buffer) => Local<'i32'>;
  /** What may be reached of a buffer, in debug builds. */
  readonly bounds: ((buffer: Buffer) => Bounds) | undefined;
  /** A host scalar in every lane. */
  readonly uniform: (index: number, dtype: DType) => Value<'v128'>;
}

/** 2 lanes if any value is float64. */
export function lanesOf(...bodies: readonly Body[]): LaneCount {
  const wide = bodies.some((body) =>
    body.instructions.some((i) => i.dtype === 'float64' || (i.kind === 'apply' && i.operand === 'float64')) ||
    body.stores.some((s) => s.access.buffer.dtype === 'float64'));
  return wide ? 2 : 4;
}

/** A position in a buffer, or the value of an index. */
interface Place {
  readonly affine: Affine;
  readonly buffer: Buffer | undefined;
}

/** A place that a loop moves. */
interface Cursor extends Place {
  readonly local: Local<'i32'>;
  /** Bytes of an element; 1 for an index. */
  readonly unit: number;
  /** Bytes, or units of the index, for one step along each axis. */
  readonly steps: readonly number[];
}

/** How far from the cursors, in elements along one axis. */
export interface Displacement {
  readonly axis: number;
  readonly count: number;
}

const HERE: Displacement = { axis: -1, count: 0 };

export class BodyEmitter {
  private readonly cursors = new Map<string, Cursor>();
  private readonly invariants = new Map<number, VectorLocal>();
  private readonly varying: readonly number[];
  /** Instructions that differ from lane to lane. */
  private readonly running: ReadonlySet<number>;

  /**
   * @param vectorAxis the axis along which lanes lie; -1 where one lane is used only
   * @param moving axes along which the cursors move before the next `enter`, the vector axis included
   * @param results vectors for `result` instructions; they vary
   * @param fromStart whether every vector begins a multiple of its lanes from the start of the vector axis
   */
  constructor(
    private readonly environment: Environment,
    private readonly body: Body,
    private readonly vectorAxis: number,
    moving: readonly number[],
    private readonly results: (index: number) => VectorLocal | undefined = () => undefined,
    private readonly fromStart = true,
  ) {
    const depending = (axes: readonly number[]): ReadonlySet<number> => {
      const found = new Set<number>();
      for (const [k, i] of body.instructions.entries()) if (dependsOn(i, axes, found)) found.add(k);
      return found;
    };
    this.varying = [...depending(moving)];
    this.running = depending([vectorAxis]);
    const { f } = environment;
    for (const place of placesOf(body)) {
      const key = cursorKey(place);
      if (this.cursors.has(key)) continue;
      const unit = unitOf(place.buffer);
      this.cursors.set(key, { ...place, local: f.local('i32'), unit, steps: place.affine.strides.map((s) => s * unit) });
    }
  }

  /** Sets the cursors to these indices (0 where none is given) and computes what stays the same from here on. */
  enter(indices: readonly (Value<'i32'> | undefined)[]): void {
    const { f, base } = this.environment;
    for (const cursor of this.cursors.values()) {
      const { affine, buffer, unit, steps } = cursor;
      let value: Value<'i32'> = buffer === undefined ? i32.const(0) : base(buffer);
      if (affine.offset !== 0) value = i32.add(value, i32.const(affine.offset * unit));
      for (const [axis, index] of indices.entries()) {
        const step = steps[axis] ?? 0;
        if (index !== undefined && step !== 0) value = i32.add(value, step === 1 ? index : i32.mul(index, i32.const(step)));
      }
      f.set(cursor.local, value);
    }
    const varying = new Set(this.varying);
    for (const [k, instruction] of this.body.instructions.entries()) {
      if (varying.has(k)) continue;
      const value = this.emitInstruction(instruction, HERE, this.environment.lanes, (at) => this.invariants.get(at));
      const known = this.invariants.get(k);
      if (known === undefined) this.invariants.set(k, value);
      else f.set(known, value);
    }
  }

  /** The values of all instructions at the cursors, `displacement` away, of which `valid` lanes count. */
  compute(valid: number, displacement: Displacement = HERE): (k: number) => VectorLocal {
    const values = new Map<number, VectorLocal>(this.invariants);
    for (const k of this.varying) {
      const instruction = this.body.instructions[k];
      if (instruction !== undefined) values.set(k, this.emitInstruction(instruction, displacement, valid, (at) => values.get(at)));
    }
    return (k) => required(values.get(k));
  }

  /** Stores what the body stores. */
  store(value: (k: number) => VectorLocal, valid: number, displacement: Displacement = HERE): void {
    const { f, lanes } = this.environment;
    for (const { access, value: k } of this.body.stores) {
      const stride = this.vectorAxis < 0 ? 0 : (access.strides[this.vectorAxis] ?? 0);
      storeLanes(f, access.buffer.dtype, lanes, this.address(access, displacement), stride, valid, value(k));
    }
  }

  /** Adds what the body stores to elements `step` bytes further for each unit of instruction `index`, lane by lane. */
  accumulate(value: (k: number) => VectorLocal, index: number, last: number, stride: number, valid: number): void {
    const { f, lanes } = this.environment;
    const by = clamped(f, value(index), last);
    for (const { access, value: k } of this.body.stores) {
      const { dtype } = access.buffer;
      const size = BYTES_PER_ELEMENT[dtype];
      const along = access.strides[this.vectorAxis] ?? 0;
      const from = this.address(access, HERE);
      const whole = along === 1 && !this.running.has(index);
      for (let lane = 0; lane < (whole ? 1 : valid); lane++) {
        const at = { ...from, base: movedBy(f, from.base, by, lane, stride * size), bytes: from.bytes + lane * along * size };
        const old = whole ? loadContiguous(dtype, lanes, at, this.readable(access, valid, stride)) : loadSplat(dtype, at);
        const sum = f.let(render('add', { ...this.environment, operand: dtype }, [f.let(old), value(k)], dtype));
        if (whole) storeLanes(f, dtype, lanes, at, 1, valid, sum);
        else storeLane(f, dtype, at, sum, lane);
      }
    }
  }

  /** The number that an operand is, or whether it is the same in all lanes. */
  private alike(k: number | undefined): number | 'alike' | undefined {
    if (k === undefined || this.running.has(k)) return undefined;
    const instruction = this.body.instructions[k];
    return instruction?.kind === 'constant' ? instruction.value : 'alike';
  }

  /** Moves every cursor `count` elements along an axis. */
  advance(axis: number, count: number): void {
    this.move([{ axis, count }]);
  }

  /** Moves every cursor along several axes at once. */
  move(displacements: readonly Displacement[]): void {
    const { f } = this.environment;
    for (const { local, steps } of this.cursors.values()) {
      const step = displacements.reduce((sum, { axis, count }) => sum + (steps[axis] ?? 0) * count, 0);
      if (step !== 0) f.set(local, i32.add(local, i32.const(step)));
    }
  }

  private emitInstruction(
    i: Instruction,
    displacement: Displacement,
    valid: number,
    value: (k: number) => VectorLocal | undefined,
  ): VectorLocal {
    const { f, lanes, math, uniform } = this.environment;
    switch (i.kind) {
      case 'load': {
        const stride = this.vectorAxis < 0 ? 0 : (i.access.strides[this.vectorAxis] ?? 0);
        const address = this.address(i.access, displacement);
        if (stride === 0) return f.let(loadSplat(i.dtype, address));
        if (stride === 1) return f.let(loadContiguous(i.dtype, lanes, address, this.readable(i.access, valid)));
        return loadStrided(f, i.dtype, lanes, address, stride, valid);
      }
      case 'gather': {
        const stride = this.vectorAxis < 0 ? 0 : (i.access.strides[this.vectorAxis] ?? 0);
        const index = clamped(f, required(value(i.index)), i.last);
        const from = this.address(i.access, displacement);
        const step = i.stride * BYTES_PER_ELEMENT[i.dtype];
        if (!this.running.has(i.index)) {
          const at = { ...from, base: movedBy(f, from.base, index, 0, step) };
          if (stride === 0) return f.let(loadSplat(i.dtype, at));
          return stride === 1 ? f.let(loadContiguous(i.dtype, lanes, at, this.readable(i.access, valid, i.stride))) : loadStrided(f, i.dtype, lanes, at, stride, valid);
        }
        const size = stride * BYTES_PER_ELEMENT[i.dtype];
        const address = (lane: number): Address => ({ ...from, base: movedBy(f, from.base, index, lane, step), bytes: from.bytes + lane * size });
        return loadScattered(f, i.dtype, lanes, address, valid);
      }
      case 'constant':
        return f.let(constantVector(i.value, i.dtype));
      case 'uniform':
        return f.let(uniform(i.index, i.dtype));
      case 'index': {
        const cursor = required(this.cursors.get(cursorKey({ affine: i.value, buffer: undefined })));
        const stride = this.vectorAxis < 0 ? 0 : (i.value.strides[this.vectorAxis] ?? 0);
        const away = displacement.axis < 0 ? 0 : (i.value.strides[displacement.axis] ?? 0) * displacement.count;
        return f.let(i32x4.add(i32x4.splat(cursor.local), i32x4.const(away, away + stride, away + 2 * stride, away + 3 * stride)));
      }
      case 'result':
        return required(this.results(i.index));
      case 'apply': {
        const args = i.args.map((at) => required(value(at)));
        return f.let(render(i.op, { f, lanes, operand: i.operand, math, second: this.alike(i.args[1]) }, args, i.dtype));
      }
    }
  }

  /** Lanes of a vector of neighbours that may be read: those that count, or all where vectors lie in the tensor as it is filled up. */
  private readable({ buffer, offset, strides }: Access, valid: number, jump = 0): number {
    const { lanes } = this.environment;
    const part = buffer.place.kind === 'slice' && buffer.size % lanes !== 0;
    const aligned = [offset, jump, ...strides.filter((_, axis) => axis !== this.vectorAxis)].every((far) => far % lanes === 0);
    return this.fromStart && aligned && !part ? lanes : valid;
  }

  private address(access: Access, { axis, count }: Displacement): Address {
    const { local, steps } = required(this.cursors.get(cursorKey({ affine: access, buffer: access.buffer })));
    return { base: local, bytes: axis < 0 ? 0 : (steps[axis] ?? 0) * count, bounds: this.environment.bounds?.(access.buffer) };
  }
}

function placesOf(body: Body): Place[] {
  return [
    ...body.instructions.flatMap((i): Place[] =>
      i.kind === 'load' || i.kind === 'gather' ? [{ affine: i.access, buffer: i.access.buffer }] : i.kind === 'index' ? [{ affine: i.value, buffer: undefined }] : [],
    ),
    ...body.stores.map(({ access }) => ({ affine: access, buffer: access.buffer })),
  ];
}

function unitOf(buffer: Buffer | undefined): number {
  return buffer === undefined ? 1 : BYTES_PER_ELEMENT[buffer.dtype];
}

function dependsOn(i: Instruction, moving: readonly number[], varies: ReadonlySet<number>): boolean {
  const moves = (a: Affine): boolean => moving.some((axis) => (a.strides[axis] ?? 0) !== 0);
  switch (i.kind) {
    case 'load':
      return moves(i.access);
    case 'gather':
      return moves(i.access) || varies.has(i.index);
    case 'index':
      return moves(i.value);
    case 'result':
      return true;
    case 'apply':
      return i.args.some((a) => varies.has(a));
    case 'constant':
    case 'uniform':
      return false;
  }
}

function cursorKey({ affine, buffer }: Place): string {
  return `${buffer?.id ?? 'index'} ${affine.offset} ${affine.strides.join()}`;
}

/** An int32 vector with every lane between 0 and `last`. */
function clamped(f: FunctionBuilder, index: VectorLocal, last: number): VectorLocal {
  return f.let(i32x4.minS(i32x4.maxS(index, i32x4.const(0)), i32x4.const(last)));
}

/** An address `step` bytes further for each unit of one lane of an index. */
function movedBy(f: FunctionBuilder, base: Local<'i32'>, index: VectorLocal, lane: number, step: number): Local<'i32'> {
  return f.let(i32.add(base, i32.mul(i32x4.extractLane(index, lane), i32.const(step))));
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the code of a kernel names a value before it is computed');
  return value;
}

