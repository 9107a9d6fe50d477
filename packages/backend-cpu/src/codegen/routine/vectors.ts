/**
 * Parallel loops and reductions in vectors: where every element that is loaded or stored moves by one with the index, or stays, lanes are
 * iterations that follow each other. Several vectors go through the body side by side, so that what stays is read once for all of them, and
 * chains of additions do not wait for each other.
 */
import { itemAt, lost } from '@pappus/compiler';
import { allSteps, type BinaryName, neutral, type RoutineLocal, type RoutineReduceOp, type RoutineStep, type Term, type UnaryName, withParts } from '@pappus/core/routines';
import { f32x4, f64x2, i32, i8x16, v128, type Value } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';
import { alongLocal, assigned, type Scope } from './affine.js';
import { bytesOf, type Frame } from './frame.js';
import type { ScalarCode } from './index.js';

type Loop = Extract<RoutineStep, { kind: 'for' }>;
type Reduction = Extract<RoutineStep, { kind: 'reduce' }>;
type Vector = Value<'v128'>;
type VectorLocal = Local<'v128'>;
type Vectors = (k: number) => Vector;

/** Registers for what a body names, in all vectors that go through it side by side; others hold what is on its way. */
const REGISTERS = 12;
const WIDEST = 4;
const VECTOR_BYTES = 16;

/** Whether the body of a loop may run in vectors. */
export function canRunInVectors(step: Loop | Reduction, around: Scope, { site, dtype }: ScalarCode): boolean {
  const index = step.index.id;
  const inside = step.kind === 'for' ? assigned(step.body) : new Set<number>();
  const isFloats = (array: number): boolean => itemAt(site.arrays, array, 'array').dtype === dtype;
  const termFits = (term: Term, scope: Scope): boolean => {
    switch (term.kind) {
      case 'constant':
      case 'local':
        return term.type === 'float';
      case 'load': {
        const moves = movesBy(term.index, scope, index);
        return isFloats(term.array) && (moves === 0 || moves === 1);
      }
      case 'unary':
        return term.op !== 'toFloat' && termFits(term.a, scope);
      case 'binary':
        // Bools are all bits of a lane or none, which are equal as no numbers are.
        return (term.a.type === 'float' || (term.a.type === 'bool' && term.op !== 'eq')) && termFits(term.a, scope) && termFits(term.b, scope);
      case 'select':
        return term.type === 'float' && [term.condition, term.a, term.b].every((part) => termFits(part, scope));
    }
  };
  const stepsFit = (steps: readonly RoutineStep[], scope: Scope): boolean =>
    steps.every((inner) => {
      switch (inner.kind) {
        case 'set':
          // An integer may be named that positions are made of, if all of them look through it.
          return inner.local.type === 'float' ? termFits(inner.value, scope) : scope.isLookedThrough(inner.local.id);
        case 'store':
          return isFloats(inner.array) && movesBy(inner.index, scope, index) === 1 && termFits(inner.value, scope);
        case 'for':
          return [inner.from, inner.to].every((bound) => isCommon(bound, scope)) && stepsFit(inner.body, scope.inside(inner.index.id, inner.body));
        case 'reduce':
        case 'if':
        case 'while':
          return false;
      }
    });
  /** Whether all lanes have an integer in common. */
  const isCommon = (term: Term, scope: Scope): boolean => {
    const affine = scope.affine(term);
    return affine !== undefined && [...affine.terms.keys()].every((id) => id !== index && !inside.has(id));
  };
  const own = around.inside(index, step.kind === 'for' ? step.body : []);
  return step.kind === 'for' ? stepsFit(step.body, own) : step.reductions.every(({ value, into }) => into.type === 'float' && termFits(value, own));
}

/** By how much a position moves with an index; undefined where that is not known. */
function movesBy(term: Term, scope: Scope, index: number): number | undefined {
  const affine = scope.affine(term);
  return affine === undefined ? undefined : alongLocal(affine, index);
}

/** Whole vectors of a parallel loop; the index and the pointers stand behind them afterwards. */
export function emitVectorLoop(step: Loop, frame: Frame, scalar: ScalarCode, index: Local<'i32'>, end: Local<'i32'>): void {
  const inside = allSteps(step.body);
  const named = new Set(inside.flatMap((inner) => (inner.kind === 'set' && inner.local.type === 'float' ? [inner.local.id] : [])));
  const terms = inside.flatMap((inner) => (inner.kind === 'set' || inner.kind === 'store' ? [inner.value] : []));
  const outside = splats(terms, scalar, named);
  for (const width of widths(named.size)) {
    whole(scalar, frame, index, end, width, () => new VectorCode(scalar, step.index.id, width, outside).steps(step.body, frame));
  }
}

/** Whole vectors of a reduction, whose results so far are what no element gave. */
export function emitVectorReduction(step: Reduction, frame: Frame, scalar: ScalarCode, index: Local<'i32'>, end: Local<'i32'>): void {
  const { f } = scalar.site;
  const outside = splats(step.reductions.map(({ value }) => value), scalar, new Set());
  const [widest = 1] = widths(step.reductions.length);
  const totals = step.reductions.map(({ op }) => Array.from({ length: widest }, () => f.let(constant(scalar, neutral(op, 'float')))));
  for (const width of widths(step.reductions.length)) {
    whole(scalar, frame, index, end, width, () => {
      const code = new VectorCode(scalar, step.index.id, width, outside);
      for (const [r, { op, value }] of step.reductions.entries()) {
        const values = code.values(value, frame);
        for (let k = 0; k < width; k++) {
          const total = itemAt(itemAt(totals, r, 'reduction'), k, 'total');
          f.set(total, combine(scalar, op, total, values(k)));
        }
      }
    });
  }
  for (const [r, { op, into }] of step.reductions.entries()) {
    const all = itemAt(totals, r, 'reduction');
    const [first] = all;
    if (first === undefined) continue;
    for (const other of all.slice(1)) f.set(first, combine(scalar, op, first, other));
    setToLanes(scalar, op, into, first);
  }
}

/** As many vectors side by side as there are registers for, then one by one. */
function widths(named: number): readonly number[] {
  const widest = Math.max(1, Math.min(WIDEST, Math.floor(REGISTERS / Math.max(1, named))));
  return widest > 1 ? [widest, 1] : [1];
}

/** Runs a body as long as there are whole vectors of a width. */
function whole(scalar: ScalarCode, frame: Frame, index: Local<'i32'>, end: Local<'i32'>, width: number, body: () => void): void {
  const { f } = scalar.site;
  const count = width * lanesOf(scalar);
  f.whileLess(index, f.let(i32.sub(end, i32.const(count - 1))), count, () => {
    body();
    frame.advance(count);
  });
}

function lanesOf({ dtype }: ScalarCode): number {
  return VECTOR_BYTES / bytesOf(dtype);
}

function constant({ dtype }: ScalarCode, value: number): Vector {
  return dtype === 'float64' ? f64x2.const(value) : f32x4.const(value);
}

/** Floats that are set outside of the loop, in every lane. */
function splats(terms: readonly Term[], scalar: ScalarCode, named: ReadonlySet<number>): ReadonlyMap<number, VectorLocal> {
  const found = new Map<number, VectorLocal>();
  for (const part of withParts(terms)) {
    if (part.kind !== 'local' || part.type !== 'float' || named.has(part.id) || found.has(part.id)) continue;
    const local = scalar.local(part);
    found.set(part.id, scalar.site.f.let(local.type === 'f64' ? f64x2.splat({ ...local, type: 'f64' }) : f32x4.splat({ ...local, type: 'f32' })));
  }
  return found;
}

function combine({ dtype }: ScalarCode, op: RoutineReduceOp, a: Vector, b: Vector): Vector {
  const v = dtype === 'float64' ? f64x2 : f32x4;
  switch (op) {
    case 'sum':
      return v.add(a, b);
    case 'max':
      return v.pmax(a, b);
    case 'min':
      return v.pmin(a, b);
  }
}

/** A result of all lanes: halves together, then theirs. */
function setToLanes(scalar: ScalarCode, op: RoutineReduceOp, into: RoutineLocal, total: VectorLocal): void {
  const { f } = scalar.site;
  const local = scalar.local(into);
  const swapped = (by: number): Vector => {
    const bytes = Array.from({ length: VECTOR_BYTES }, (_, k) => (k + by) % VECTOR_BYTES);
    return i8x16.shuffle(total, total, bytes);
  };
  for (let by = VECTOR_BYTES / 2; by >= bytesOf(scalar.dtype); by /= 2) f.set(total, combine(scalar, op, total, swapped(by)));
  f.set(local, scalar.dtype === 'float64' ? f64x2.extractLane(total, 0) : f32x4.extractLane(total, 0));
}

/** A body in vectors, several side by side. */
class VectorCode {
  private readonly named = new Map<number, readonly VectorLocal[]>();

  /**
   * @param index that of the loop whose iterations are lanes
   * @param outside floats that are set outside of it
   */
  constructor(
    private readonly scalar: ScalarCode,
    private readonly index: number,
    private readonly width: number,
    private readonly outside: ReadonlyMap<number, VectorLocal>,
  ) {}

  steps(steps: readonly RoutineStep[], frame: Frame): void {
    for (const step of steps) this.step(step, frame);
  }

  private step(step: RoutineStep, frame: Frame): void {
    const { f } = this.scalar.site;
    switch (step.kind) {
      case 'set': {
        if (step.local.type !== 'float') {
          // All positions look through integers; bounds of loops name them, and have all lanes in common.
          f.set(this.scalar.local(step.local), this.scalar.integer(step.value, frame));
          return;
        }
        const values = this.values(step.value, frame);
        const locals = this.named.get(step.local.id) ?? Array.from({ length: this.width }, () => f.local('v128'));
        this.named.set(step.local.id, locals);
        for (const [k, local] of locals.entries()) f.set(local, values(k));
        return;
      }
      case 'store': {
        const values = this.values(step.value, frame);
        for (let k = 0; k < this.width; k++) {
          const { at, offset } = frame.address(step.array, step.index, VECTOR_BYTES, 'write', k * VECTOR_BYTES);
          f.emit(v128.store(at, values(k), offset));
        }
        return;
      }
      case 'for':
        this.scalar.counted(step, frame, (inside) => this.steps(step.body, inside));
        return;
      case 'reduce':
      case 'if':
      case 'while':
        lost(`a ${step.kind} in vectors`);
    }
  }

  private get v(): typeof f32x4 | typeof f64x2 {
    return this.scalar.dtype === 'float64' ? f64x2 : f32x4;
  }

  /** The vectors of a value, by their number; what all lanes have in common is computed once. */
  values(term: Term, frame: Frame): Vectors {
    const { f } = this.scalar.site;
    switch (term.kind) {
      case 'constant': {
        const value = constant(this.scalar, term.value);
        return () => value;
      }
      case 'local': {
        const outside = this.outside.get(term.id);
        const locals = this.named.get(term.id);
        return (k) => outside ?? locals?.[k] ?? lost(`float ${term.id} in vectors`);
      }
      case 'load': {
        if (movesBy(term.index, frame.scope, this.index) === 0) {
          const { at, offset } = frame.address(term.array, term.index, bytesOf(this.scalar.dtype), 'read');
          const value = f.let(this.scalar.dtype === 'float64' ? v128.load64Splat(at, offset) : v128.load32Splat(at, offset));
          return () => value;
        }
        return (k) => {
          const { at, offset } = frame.address(term.array, term.index, VECTOR_BYTES, 'read', k * VECTOR_BYTES);
          return v128.load(at, offset);
        };
      }
      case 'unary':
        return this.unary(term.op, this.values(term.a, frame));
      case 'binary':
        return this.binary(term.op, this.values(term.a, frame), this.values(term.b, frame));
      case 'select': {
        const [condition, a, b] = [this.values(term.condition, frame), this.values(term.a, frame), this.values(term.b, frame)];
        return (k) => v128.bitselect(a(k), b(k), condition(k));
      }
    }
  }

  private unary(op: UnaryName, a: Vectors): Vectors {
    const { v } = this;
    switch (op) {
      case 'neg':
      case 'abs':
      case 'sqrt':
        return (k) => v[op](a(k));
      case 'not':
        return (k) => v128.not(a(k));
      case 'isNan':
        return (k) => {
          const value = this.scalar.site.f.let(a(k));
          return v.ne(value, value);
        };
      case 'toFloat':
        return lost('an integer in vectors');
    }
  }

  private binary(op: BinaryName, a: Vectors, b: Vectors): Vectors {
    const { v } = this;
    switch (op) {
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
      case 'lt':
      case 'le':
      case 'eq':
        return (k) => v[op](a(k), b(k));
      case 'min':
        return (k) => v.pmin(a(k), b(k));
      case 'max':
        return (k) => v.pmax(a(k), b(k));
      case 'and':
        return (k) => v128.and(a(k), b(k));
      case 'or':
        return (k) => v128.or(a(k), b(k));
    }
  }
}
