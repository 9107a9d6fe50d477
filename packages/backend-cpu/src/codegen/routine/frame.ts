/** Addresses of the elements that code in a loop reaches: pointers that are set where the loop begins, and move with its index. */
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { type ArrayDType, blocksOf, type RoutineArray, type RoutineStep, type Term, termsOf, withParts } from '@pappus/core/routines';
import { itemAt } from '@pappus/compiler';
import { i32, type Value } from '../../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../../wasm/module.js';
import { FRONT } from '../../memory.js';
import type { AccessKind, Bounds } from '../bounds.js';
import { type AffineIndex, alongLocal, type Definitions, type Scope } from './affine.js';

/** What all code of a routine's kernel can reach. */
export interface RoutineSite {
  readonly f: FunctionBuilder;
  readonly arrays: readonly RoutineArray[];
  /** Where each array of the item at hand begins. */
  readonly bases: readonly Local<'i32'>[];
  /** What may be reached of each, in debug builds. */
  readonly bounds: (array: number) => Bounds | undefined;
  readonly definitions: Definitions;
  /** The local of an integer. */
  readonly integer: (id: number) => Local<'i32'>;
  /** An integer that is no sum of others. */
  readonly evaluate: (term: Term, frame: Frame) => Value<'i32'>;
}

/** Where an element is. */
export interface ElementAddress {
  readonly at: Value<'i32'>;
  readonly offset: number;
}

interface Pointer {
  readonly local: Local<'i32'>;
  /** Bytes that it moves by for one step of the loop's index. */
  readonly step: number;
  /** The constant of the position that it points to. */
  readonly constant: number;
}

/** What a loop keeps while its body runs. */
export class Frame {
  private readonly pointers = new Map<string, Pointer>();

  /**
   * Where a loop begins, its index being set to the first.
   *
   * @param body what is in the loop
   * @param values what a reduction evaluates for each index
   */
  constructor(
    private readonly site: RoutineSite,
    readonly scope: Scope,
    body: readonly RoutineStep[],
    values: readonly Term[] = [],
  ) {
    if (scope.index === undefined) return;
    for (const { array, term } of accessesOf(body, values)) this.prepare(array, term, scope.index);
  }

  /** Where an element is, and `extra` bytes further. */
  address(array: number, term: Term, bytes: number, kind: AccessKind, extra = 0): ElementAddress {
    const { f, bases } = this.site;
    const size = this.size(array);
    const base = itemAt(bases, array, 'array');
    const affine = this.scope.affine(term);
    if (affine === undefined) return this.checked(array, f.let(i32.add(base, i32.mul(this.site.evaluate(term, this), i32.const(size)))), extra, bytes, kind);
    const pointer = this.pointers.get(keyOf(array, affine));
    if (pointer !== undefined) return this.checked(array, pointer.local, (affine.constant - pointer.constant) * size + extra, bytes, kind);
    if (affine.terms.size === 0) return this.checked(array, base, affine.constant * size + extra, bytes, kind);
    return this.checked(array, f.let(this.sum(base, affine, size)), extra, bytes, kind);
  }

  /** Moves what points to elements, when the index has moved by so many. */
  advance(steps: number): void {
    const { f } = this.site;
    for (const { local, step } of this.pointers.values()) if (step !== 0) f.set(local, i32.add(local, i32.const(step * steps)));
  }

  private checked(array: number, at: Local<'i32'>, offset: number, bytes: number, kind: AccessKind): ElementAddress {
    const bounds = this.site.bounds(array);
    if (bounds !== undefined) return { at: bounds.checked(i32.add(at, i32.const(offset)), bytes, kind), offset: 0 };
    // An offset of the instruction does not wrap around as an addition does: what lies before it must not lie before all memory.
    return offset >= 0 && offset <= FRONT ? { at, offset } : { at: i32.add(at, i32.const(offset)), offset: 0 };
  }

  private prepare(array: number, term: Term, index: number): void {
    const affine = this.scope.affine(term);
    if (affine === undefined || !this.scope.movesEvenly(affine)) return;
    const key = keyOf(array, affine);
    if (this.pointers.has(key)) return;
    const size = this.size(array);
    const base = itemAt(this.site.bases, array, 'array');
    this.pointers.set(key, { local: this.site.f.let(this.sum(base, affine, size)), step: size * alongLocal(affine, index), constant: affine.constant });
  }

  private sum(base: Local<'i32'>, { constant, terms }: AffineIndex, size: number): Value<'i32'> {
    const start = constant === 0 ? base : i32.add(base, i32.const(constant * size));
    return [...terms].reduce<Value<'i32'>>((sum, [id, coefficient]) => i32.add(sum, i32.mul(this.site.integer(id), i32.const(coefficient * size))), start);
  }

  private size(array: number): number {
    return bytesOf(itemAt(this.site.arrays, array, 'array').dtype);
  }
}

export function bytesOf(dtype: ArrayDType): number {
  return BYTES_PER_ELEMENT[dtype];
}

/** Equal for positions that are a constant apart. */
function keyOf(array: number, { terms }: AffineIndex): string {
  return `${array}:${[...terms].sort(([a], [b]) => a - b).map((term) => term.join('*')).join('+')}`;
}

interface ArrayAccess {
  readonly array: number;
  readonly term: Term;
}

/** What is loaded and stored in a loop, but for what is in loops inside of it. */
function accessesOf(body: readonly RoutineStep[], values: readonly Term[]): ArrayAccess[] {
  const terms = [...values];
  const found: ArrayAccess[] = [];
  const visit = (steps: readonly RoutineStep[]): void => {
    for (const step of steps) {
      if (step.kind === 'store') found.push({ array: step.array, term: step.index });
      terms.push(...(step.kind === 'reduce' ? [step.from, step.to] : termsOf(step)));
      if (step.kind !== 'for') blocksOf(step).forEach(visit);
    }
  };
  visit(body);
  for (const term of withParts(terms)) if (term.kind === 'load') found.push({ array: term.array, term: term.index });
  return found;
}
