/**
 * Packing the operand of a product into panels: for each step of the depth, `width` items (rows of the left operand, columns
 * of the right one) side by side. What is fused before the product is computed on the way.
 *
 * Lanes run along whichever axis lies side by side in memory: along the items, and then a step is written at once, or along
 * the depth, and then lanes go to steps one after the other. Items of several axes (the places of a convolution) have
 * pointers of their own, since no stride leads from one to the next.
 */
import { type Body, itemAt, readAccesses } from '@pappus/compiler';
import { type DType } from '@pappus/core';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { i32, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import type { Bounds } from './bounds.js';
import { BodyEmitter, type Displacement, type Environment } from './body-emitter.js';
import { forEach } from './elementwise.js';
import { storeLanes } from './vectors.js';

export type Indices = readonly (Local<'i32'> | undefined)[];

/** An operand: which axes of its body are items and which are depth, with their extents. */
export interface Operand {
  readonly body: Body;
  readonly itemAxes: readonly number[];
  readonly items: readonly number[];
  readonly depthAxes: readonly number[];
}

/** A part of the depth: where it starts on each axis, 0 if undefined, and how far it goes. */
export interface DepthRange {
  readonly starts: Indices;
  readonly extents: readonly number[];
}

/** What is computed at once: some items in a panel, by one emitter. */
interface Unit {
  readonly emitter: BodyEmitter;
  readonly displacement: Displacement;
  /** The first of its items in the panel, and how many they are. */
  readonly offset: number;
  readonly count: number;
}

const HERE: Displacement = { axis: -1, count: 0 };

export class Packer {
  /** Whether lanes run along the items: in no panel, in all, or in those whose vectors stay in one row of the last item axis. */
  private readonly alongItems: 'never' | 'always' | 'within rows';
  private readonly value: number;

  constructor(
    private readonly environment: Environment,
    private readonly operand: Operand,
    private readonly width: number,
    private readonly dtype: DType,
    /** Where lanes go if both ways are as good. */
    prefersItems: boolean,
    /** Of the memory that is packed to, in debug builds. */
    private readonly bounds: Bounds | undefined,
  ) {
    const { body, itemAxes, depthAxes, items } = operand;
    this.value = body.instructions.length - 1;
    const sideBySide = (axis: number | undefined): number => readAccesses(body).filter((a) => axis !== undefined && a.strides[axis] === 1).length;
    const [ofItems, ofDepth] = [sideBySide(itemAxes.at(-1)), sideBySide(depthAxes.at(-1))];
    const wanted = prefersItems ? ofItems >= ofDepth : ofItems > ofDepth;
    const aligned = width % environment.lanes === 0;
    if (!wanted || (itemAxes.length > 1 && !aligned)) this.alongItems = 'never';
    else this.alongItems = itemAxes.length === 1 || (items.at(-1) ?? 1) % environment.lanes === 0 ? 'always' : 'within rows';
  }

  /** Packs `count` items from `first`, panel after panel, moving `at` behind them. */
  emit(batch: Indices, first: Local<'i32'>, count: number, range: DepthRange, at: Local<'i32'>): void {
    const { f } = this.environment;
    const from = f.let(first);
    const whole = Math.floor(count / this.width);
    if (whole > 0) {
      forEach(f, whole, () => {
        this.panel(batch, from, this.width, range, at);
        f.set(from, i32.add(from, i32.const(this.width)));
      });
    }
    if (count % this.width > 0) this.panel(batch, from, count % this.width, range, at);
  }

  private panel(batch: Indices, first: Local<'i32'>, count: number, range: DepthRange, at: Local<'i32'>): void {
    const { f, lanes } = this.environment;
    const write = (alongItems: boolean): void => this.writePanel(this.units(batch, first, count, range.starts, alongItems), alongItems, range, at);
    if (this.alongItems !== 'within rows') {
      write(this.alongItems === 'always');
      return;
    }
    const row = this.operand.items.at(-1) ?? 1;
    let stays: Value<'i32'> = i32.const(1);
    for (let offset = 0; offset < count; offset += lanes) {
      const inRow = i32.remU(i32.add(first, i32.const(offset)), i32.const(row));
      stays = i32.and(stays, i32.leS(inRow, i32.const(row - Math.min(lanes, count - offset))));
    }
    f.if(stays, () => write(true), () => write(false));
  }

  private writePanel(units: readonly Unit[], alongItems: boolean, range: DepthRange, at: Local<'i32'>): void {
    const emitters = [...new Set(units.map((unit) => unit.emitter))];
    const { f, lanes } = this.environment;
    const stepBytes = this.width * BYTES_PER_ELEMENT[this.dtype];
    /** What lanes along the items, or `valid` lanes along the depth, give. */
    const write = (valid: number): void => {
      for (const unit of units) this.writeUnit(unit, alongItems, valid, at);
      f.set(at, i32.add(at, i32.const((alongItems ? 1 : valid) * stepBytes)));
    };
    const axes = range.extents.flatMap((extent, k) => (extent === 1 && range.extents.length > 1 ? [] : [{ axis: itemAt(this.operand.depthAxes, k, 'axis'), extent }]));
    const [last = { axis: this.operand.depthAxes.at(-1) ?? 0, extent: 1 }] = axes.slice(-1);
    const inner = (): void => {
      const step = alongItems ? 1 : lanes;
      const turn = (valid: number): void => {
        write(valid);
        for (const emitter of emitters) emitter.advance(last.axis, valid);
      };
      const steps = Math.floor(last.extent / step);
      if (steps > 0) forEach(f, steps, () => turn(step));
      if (last.extent % step > 0) turn(last.extent % step);
    };
    /** The axes from `level` on; leaves the cursors behind the last element of the axis at `level`. */
    const walk = (level: number): void => {
      const here = axes[level];
      const next = axes[level + 1];
      if (here === undefined || next === undefined) {
        inner();
        return;
      }
      forEach(f, here.extent, () => {
        walk(level + 1);
        for (const emitter of emitters) emitter.move([{ axis: next.axis, count: -next.extent }, { axis: here.axis, count: 1 }]);
      });
    };
    if (axes.every(({ extent }) => extent > 0)) walk(0);
  }

  private writeUnit({ emitter, displacement, offset, count }: Unit, alongItems: boolean, valid: number, at: Local<'i32'>): void {
    const { f, lanes } = this.environment;
    const size = BYTES_PER_ELEMENT[this.dtype];
    const to = { base: at, bytes: offset * size, bounds: this.bounds };
    const vector = emitter.compute(alongItems ? count : valid, displacement)(this.value);
    if (!alongItems) storeLanes(f, this.dtype, lanes, to, this.width, valid, vector);
    // Items beyond the last are left as they come; nothing uses them. But nothing may be written behind the step.
    else storeLanes(f, this.dtype, lanes, to, 1, offset + lanes <= this.width ? lanes : count, vector);
  }

  private units(batch: Indices, first: Local<'i32'>, count: number, starts: Indices, alongItems: boolean): Unit[] {
    const { lanes } = this.environment;
    const { itemAxes, depthAxes } = this.operand;
    const each = alongItems ? lanes : 1;
    const offsets = Array.from({ length: Math.ceil(count / each) }, (_, k) => k * each);
    const enter = (emitter: BodyEmitter, items: Indices): BodyEmitter => {
      const indices: (Local<'i32'> | undefined)[] = [...batch];
      for (const [k, axis] of itemAxes.entries()) indices[axis] = items[k];
      for (const [k, axis] of depthAxes.entries()) indices[axis] = starts[k];
      emitter.enter(indices);
      return emitter;
    };
    const emitterOf = (moving: readonly number[]): BodyEmitter =>
      new BodyEmitter(this.environment, this.operand.body, (alongItems ? itemAxes : depthAxes).at(-1) ?? -1, moving, undefined, fromStart);
    const fromStart = alongItems ? this.width % lanes === 0 : starts.length === 0;
    const [axis = 0] = itemAxes;
    if (itemAxes.length === 1) {
      const emitter = enter(emitterOf([axis, ...depthAxes]), [first]);
      return offsets.map((offset) => ({ emitter, displacement: { axis, count: offset }, offset, count: Math.min(each, count - offset) }));
    }
    const moving = alongItems ? [...itemAxes.slice(-1), ...depthAxes] : depthAxes;
    return offsets.map((offset) => ({
      emitter: enter(emitterOf(moving), unravel(this.environment.f, i32.add(first, i32.const(offset)), this.operand.items)),
      displacement: HERE,
      offset,
      count: Math.min(each, count - offset),
    }));
  }
}

/** The index on each axis of the element at a row-major position. */
export function unravel(f: FunctionBuilder, position: Value<'i32'>, extents: readonly number[]): Local<'i32'>[] {
  const indices: Local<'i32'>[] = [];
  const rest = f.let(position);
  for (const extent of extents.slice(1).reverse()) {
    indices.unshift(f.let(i32.remU(rest, i32.const(extent))));
    f.set(rest, i32.divU(rest, i32.const(extent)));
  }
  return [rest, ...indices];
}
