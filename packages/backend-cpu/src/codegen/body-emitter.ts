/**
 * A body as vector code inside a loop. Pointers are kept in locals and moved by the loops; what does not depend on a
 * moving axis is computed once, when the loop is entered.
 */
import type { Affine, Access, Body, Buffer, Instruction } from '@pappus/compiler';
import { type DType } from '@pappus/core';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import type { MathLibrary } from '../math/index.js';
import { i32, i32x4, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import type { Bounds } from './bounds.js';
import { type Known, type Limit, limitOf, render } from './rendering.js';
import { neverMinusZero } from './signs.js';
import {
  type Address,
  constantVector,
  type LaneCount,
  loadContiguous,
  loadScattered,
  loadSplat,
  loadStrided,
  storeLanes,
  type VectorLocal,
  widenMask,
} from './vectors.js';
import { lost, required, strideAlong } from '@pappus/compiler';

/** What a kernel's code can reach. */
export interface Environment {
  readonly f: FunctionBuilder;
  readonly math: MathLibrary;
  readonly lanes: LaneCount;
  /** The address of a buffer. */
  readonly base: (buffer: Buffer) => Local<'i32'>;
  /** What may be reached of a buffer, in debug builds. */
  readonly bounds: ((buffer: Buffer) => Bounds | undefined) | undefined;
  /** A host scalar in every lane. */
  readonly uniform: (index: number, dtype: DType) => Value<'v128'>;
  /** One that a segment has of its own, in every lane. */
  readonly parameter?: (index: number, dtype: DType) => Value<'v128'>;
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

type GatherInstruction = Extract<Instruction, { kind: 'gather' }>;

/** An index, the same in all lanes, beside an axis: how far its element is, 0 where it is not on it; and whether it is, a mask. */
interface Bounded {
  readonly by: Local<'i32'>;
  readonly inside: VectorLocal;
}

/** How far from the cursors, in elements along axes. */
export interface Displacement {
  readonly axis: number;
  readonly count: number;
  /** And along another axis. */
  readonly further?: Displacement;
}

const HERE: Displacement = { axis: -1, count: 0 };

export class BodyEmitter {
  private readonly cursors = new Map<string, Cursor>();
  private readonly invariants = new Map<number, VectorLocal>();
  /** Bounds of indices among the invariants, by index and size. */
  private readonly bounded = new Map<string, Bounded>();
  /** What was found of invariants that are operands of maxima and minima in a loop. */
  private readonly limits = new Map<number, Limit>();
  private readonly varying: readonly number[];
  /** Instructions that differ from lane to lane. */
  private readonly running: ReadonlySet<number>;
  /** Instructions whose values are never -0. */
  private readonly neverMinusZero: ReadonlySet<number>;

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
    this.neverMinusZero = neverMinusZero(body);
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
        const step = strideAlong(steps, axis);
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
      this.boundOnce(k, known ?? value);
      this.limitOnce(k, known ?? value);
    }
  }

  /** The values of all instructions at the cursors, `displacement` away, of which `valid` lanes count. */
  compute(valid: number, displacement: Displacement = HERE): (k: number) => VectorLocal {
    const values = new Map<number, VectorLocal>(this.invariants);
    for (const k of this.varying) {
      const instruction = this.body.instructions[k];
      if (instruction !== undefined) values.set(k, this.emitInstruction(instruction, displacement, valid, (at) => values.get(at)));
    }
    return (k) => values.get(k) ?? lost(`the value of instruction ${k}`);
  }

  /** Stores what the body stores. */
  store(value: (k: number) => VectorLocal, valid: number, displacement: Displacement = HERE): void {
    const { f, lanes } = this.environment;
    for (const { access, value: k } of this.body.stores) {
      const stride = strideAlong(access.strides, this.vectorAxis);
      storeLanes(f, access.buffer.dtype, lanes, this.address(access, displacement), stride, valid, value(k));
    }
  }

  /** Replaces what the body stores to, `by` elements further, by what becomes of it. */
  replace(by: Local<'i32'>, valid: number, displacement: Displacement, next: (old: VectorLocal) => VectorLocal): void {
    const { f, lanes } = this.environment;
    for (const { access } of this.body.stores) {
      const { dtype } = access.buffer;
      const along = strideAlong(access.strides, this.vectorAxis);
      const from = this.address(access, displacement);
      const at = { ...from, base: f.let(i32.add(from.base, i32.mul(by, i32.const(BYTES_PER_ELEMENT[dtype])))) };
      storeLanes(f, dtype, lanes, at, along, valid, next(this.loadAlong(dtype, at, along, valid, valid)));
    }
  }

  private known(k: number): Known {
    const instruction = this.body.instructions[k];
    const alike = this.running.has(k) ? undefined : 'alike';
    return { lanes: instruction?.kind === 'constant' ? instruction.value : alike, neverMinusZero: this.neverMinusZero.has(k), limit: this.limits.get(k) };
  }

  /** Moves every cursor `count` elements along an axis. */
  advance(axis: number, count: number): void {
    this.move([{ axis, count }]);
  }

  /** Moves every cursor along several axes at once. */
  move(displacements: readonly Displacement[]): void {
    const { f } = this.environment;
    for (const { local, steps } of this.cursors.values()) {
      const step = displacements.reduce((sum, { axis, count }) => sum + strideAlong(steps, axis) * count, 0);
      if (step !== 0) f.set(local, i32.add(local, i32.const(step)));
    }
  }

  private emitInstruction(
    i: Instruction,
    displacement: Displacement,
    valid: number,
    value: (k: number) => VectorLocal | undefined,
  ): VectorLocal {
    const { f, lanes, math, uniform, parameter } = this.environment;
    switch (i.kind) {
      case 'load': {
        const stride = strideAlong(i.access.strides, this.vectorAxis);
        return this.loadAlong(i.dtype, this.address(i.access, displacement), stride, valid, this.readable(i.access, valid));
      }
      case 'gather':
        return this.gather(i, displacement, valid, required(value(i.index), 'an index'));
      case 'constant':
        return f.let(constantVector(i.value, i.dtype));
      case 'uniform':
        return f.let(uniform(i.index, i.dtype));
      case 'parameter':
        return f.let(required(parameter, 'the scalars of a segment')(i.index, i.dtype));
      case 'index': {
        const cursor = required(this.cursors.get(cursorKey({ affine: i.value, buffer: undefined })), 'a cursor');
        const stride = strideAlong(i.value.strides, this.vectorAxis);
        const away = distance(i.value.strides, displacement);
        return f.let(i32x4.add(i32x4.splat(cursor.local), i32x4.const(away, away + stride, away + 2 * stride, away + 3 * stride)));
      }
      case 'result':
        return this.results(i.index) ?? lost(`result ${i.index} of a kernel`);
      case 'apply': {
        const args = i.args.map((at) => value(at) ?? lost(`the value of instruction ${at}`));
        return f.let(render(i.op, { f, lanes, operand: i.operand, math, known: i.args.map((at) => this.known(at)) }, args, i.dtype));
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

  /** Elements at an index that is kept on its axis; what is read where it is not is replaced. */
  private gather(i: GatherInstruction, displacement: Displacement, valid: number, index: VectorLocal): VectorLocal {
    const { f, lanes } = this.environment;
    const { access, count, dtype, outside } = i;
    if (count === 0) return f.let(constantVector(outside, dtype));
    const stride = strideAlong(access.strides, this.vectorAxis);
    const from = this.address(access, displacement);
    if (!this.running.has(i.index)) {
      const { by, inside } = this.bounded.get(boundKey(i)) ?? this.bound(i, index);
      const at = { ...from, base: f.let(i32.add(from.base, by)) };
      return f.let(whereInside(this.loadAlong(dtype, at, stride, valid, this.readable(access, valid, i.stride)), inside, outside, dtype));
    }
    // Processors have no comparison of unsigned numbers, but their minimum: what it leaves as it is lies inside.
    const at = f.let(i32x4.minU(index, i32x4.const(count - 1)));
    const inside = f.let(i32x4.eq(at, index));
    const size = BYTES_PER_ELEMENT[dtype];
    const address = (lane: number): Address => ({ ...from, base: movedBy(f, from.base, at, lane, i.stride * size), bytes: from.bytes + lane * stride * size });
    const wide = dtype === 'float64' || dtype === 'bool' ? f.let(widenMask(inside, lanes)) : inside;
    return f.let(whereInside(loadScattered(f, dtype, lanes, address, valid), wide, outside, dtype));
  }

  /** Bounds of an index that is the same in all lanes. */
  private bound({ count, stride, dtype }: GatherInstruction, index: VectorLocal): Bounded {
    const { f } = this.environment;
    const one = f.let(i32x4.extractLane(index, 0));
    const mask = f.let(i32.sub(i32.const(0), i32.ltU(one, i32.const(count | 0))));
    return { by: f.let(i32.mul(i32.and(one, mask), i32.const(stride * BYTES_PER_ELEMENT[dtype]))), inside: f.let(i32x4.splat(mask)) };
  }

  /** Keeps the bounds of an index that no step changes. */
  private boundOnce(index: number, value: VectorLocal): void {
    const { f } = this.environment;
    for (const i of this.body.instructions) {
      if (i.kind !== 'gather' || i.index !== index || i.count === 0) continue;
      const known = this.bounded.get(boundKey(i));
      const found = this.bound(i, value);
      if (known === undefined) {
        this.bounded.set(boundKey(i), found);
      } else {
        f.set(known.by, found.by);
        f.set(known.inside, found.inside);
      }
    }
  }

  /** Keeps what is to be known of an operand of maxima or minima that no step changes. */
  private limitOnce(k: number, value: VectorLocal): void {
    const { f } = this.environment;
    const instruction = required(this.body.instructions[k], 'an instruction');
    const { dtype } = instruction;
    if (instruction.kind === 'constant' || (dtype !== 'float32' && dtype !== 'float64')) return;
    if (!this.varying.some((at) => isExtremeOf(this.body.instructions[at], k))) return;
    this.limits.set(k, limitOf(f, dtype, value));
  }

  /** Elements `stride` apart from one lane to the next; of neighbours, `readable` lanes may be read. */
  private loadAlong(dtype: DType, address: Address, stride: number, valid: number, readable: number): VectorLocal {
    const { f, lanes } = this.environment;
    if (stride === 0) return f.let(loadSplat(dtype, address));
    if (stride === 1) return f.let(loadContiguous(dtype, lanes, address, readable));
    return loadStrided(f, dtype, lanes, address, stride, valid);
  }

  private address(access: Access, displacement: Displacement): Address {
    const { local, steps } = this.cursors.get(cursorKey({ affine: access, buffer: access.buffer })) ?? lost(`the cursor of ${access.buffer.name}`);
    return { base: local, bytes: distance(steps, displacement), bounds: this.environment.bounds?.(access.buffer) };
  }
}

/** How far a displacement is, by the strides of the axes. */
function distance(strides: readonly number[], { axis, count, further }: Displacement): number {
  return strideAlong(strides, axis) * count + (further === undefined ? 0 : distance(strides, further));
}

/** Whether an instruction is a maximum or minimum with this operand. */
function isExtremeOf(instruction: Instruction | undefined, operand: number): boolean {
  return instruction?.kind === 'apply' && (instruction.op === 'maximum' || instruction.op === 'minimum') && instruction.args.includes(operand);
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
  const moves = (a: Affine): boolean => moving.some((axis) => strideAlong(a.strides, axis) !== 0);
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
    case 'parameter':
      return false;
  }
}

function cursorKey({ affine, buffer }: Place): string {
  return `${buffer?.id ?? 'index'} ${affine.offset} ${affine.strides.join()}`;
}

function boundKey({ index, count, stride, dtype }: GatherInstruction): string {
  return `${index} ${count} ${stride * BYTES_PER_ELEMENT[dtype]}`;
}

/** Lanes of a vector where the mask is 1, `outside` elsewhere; of NaNs any will do. */
function whereInside(read: VectorLocal, inside: VectorLocal, outside: number, dtype: DType): Value<'v128'> {
  if (Number.isNaN(outside)) return v128.or(read, v128.not(inside));
  return outside === 0 ? v128.and(read, inside) : v128.bitselect(read, constantVector(outside, dtype), inside);
}

/** An address `step` bytes further for each unit of one lane of an index. */
function movedBy(f: FunctionBuilder, base: Local<'i32'>, index: VectorLocal, lane: number, step: number): Local<'i32'> {
  return f.let(i32.add(base, i32.mul(i32x4.extractLane(index, lane), i32.const(step))));
}
