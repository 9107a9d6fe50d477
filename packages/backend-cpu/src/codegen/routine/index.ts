/** Routines as WebAssembly: item by item, parallel loops and reductions in vectors where their elements lie side by side. */
import { itemAt, lost, type RoutineKernel } from '@pappus/compiler';
import { knownLocals, neutral, type NumberType, reducing, type RoutineLocal, type RoutineReduction, type RoutineStep, type Term } from '@pappus/core/routines';
import { f32, f64, i32, select, type Value } from '../../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../../wasm/module.js';
import { type FloatType, SCALAR_FLOATS, type ScalarFloats } from '../../wasm/scalar-floats.js';
import type { Bounds } from '../bounds.js';
import { Scope } from './affine.js';
import { bytesOf, Frame, type RoutineSite } from './frame.js';
import { canRunInVectors, emitVectorLoop, emitVectorReduction } from './vectors.js';

/** What code of numbers one by one offers to code in vectors. */
export interface ScalarCode {
  readonly site: RoutineSite;
  readonly dtype: 'float32' | 'float64';
  /** The local of a number. */
  local(local: RoutineLocal): Local;
  /** An integer. */
  integer(term: Term, frame: Frame): Value<'i32'>;
  /** A loop over indices, with pointers that move with the index. */
  counted(step: Extract<RoutineStep, { kind: 'for' }>, frame: Frame, body: (inside: Frame) => void): void;
}

/**
 * Emits the kernel.
 *
 * @param addresses of the buffers, in the order of the code's arrays
 * @param boundsOf what may be reached of them, in debug builds
 */
export function emitRoutine(f: FunctionBuilder, { items, code }: RoutineKernel, addresses: readonly Local<'i32'>[], boundsOf: (array: number) => Bounds | undefined): void {
  const bases = addresses.map((address) => f.let(address));
  const emitter = new RoutineEmitter(f, code.arrays, bases, boundsOf, code.steps);
  const item = f.let(i32.const(0));
  f.whileLess(item, i32.const(items), 1, () => {
    emitter.item();
    for (const [k, base] of bases.entries()) {
      const { dtype, size } = itemAt(code.arrays, k, 'array');
      f.set(base, i32.add(base, i32.const(bytesOf(dtype) * size)));
    }
  });
}

class RoutineEmitter implements ScalarCode {
  readonly site: RoutineSite;
  readonly dtype: 'float32' | 'float64';
  private readonly floats: ScalarFloats;
  private readonly integers = new Map<number, Local<'i32'>>();
  private readonly floatLocals = new Map<number, Local<FloatType>>();

  constructor(
    private readonly f: FunctionBuilder,
    arrays: RoutineKernel['code']['arrays'],
    bases: readonly Local<'i32'>[],
    bounds: (array: number) => Bounds | undefined,
    private readonly code: readonly RoutineStep[],
  ) {
    this.dtype = arrays.some(({ dtype }) => dtype === 'float64') ? 'float64' : 'float32';
    this.floats = SCALAR_FLOATS[this.dtype];
    const site: RoutineSite = {
      f,
      arrays,
      bases,
      bounds,
      definitions: knownLocals(code).definitions,
      integer: (id) => this.ofInteger(id),
      evaluate: (term, frame) => this.integer(term, frame),
    };
    this.site = site;
  }

  /** What is done with one item. */
  item(): void {
    this.steps(this.code, new Frame(this.site, new Scope(this.site.definitions, undefined, undefined, this.code), this.code));
  }

  steps(steps: readonly RoutineStep[], frame: Frame): void {
    for (const step of steps) this.step(step, frame);
  }

  private step(step: RoutineStep, frame: Frame): void {
    const { f } = this;
    switch (step.kind) {
      case 'set':
        f.set(this.local(step.local), this.value(step.value, frame));
        return;
      case 'store':
        this.store(step, frame);
        return;
      case 'for':
        this.loop(step, frame);
        return;
      case 'reduce':
        this.reduce(step, frame);
        return;
      case 'if':
        f.if(this.integer(step.condition, frame), () => this.steps(step.then, frame), step.otherwise.length === 0 ? undefined : () => this.steps(step.otherwise, frame));
        return;
      case 'while':
        f.block((end) => {
          f.loop((again) => {
            f.branchIf(end, i32.eqz(this.integer(step.condition, frame)));
            this.steps(step.body, frame);
            f.branch(again);
          });
        });
        return;
    }
  }

  private store({ array, index, value }: Extract<RoutineStep, { kind: 'store' }>, frame: Frame): void {
    const { dtype } = itemAt(this.site.arrays, array, 'array');
    const { at, offset } = frame.address(array, index, bytesOf(dtype), 'write');
    this.f.emit(dtype === 'int32' ? i32.store(at, this.integer(value, frame), offset) : this.floats.store(at, this.float(value, frame), offset));
  }

  /** What vectors leave over is done one by one. */
  private loop(step: Extract<RoutineStep, { kind: 'for' }>, frame: Frame): void {
    const { f } = this;
    const inVectors = step.order === 'parallel' && canRunInVectors(step, frame.scope, this);
    this.counted(step, frame, (inside) => this.steps(step.body, inside), (inside, index, end) => {
      // Without a round there is no whole vector: its end would be found by wrapping.
      if (inVectors) f.if(i32.ltS(index, end), () => emitVectorLoop(step, inside, this, index, end));
    });
  }

  /** A loop over indices, with pointers that move with the index; `before` may take some of the indices. */
  counted(step: Extract<RoutineStep, { kind: 'for' }>, frame: Frame, body: (inside: Frame) => void, before: (inside: Frame, index: Local<'i32'>, end: Local<'i32'>) => void = () => undefined): void {
    const { f } = this;
    const index = this.ofInteger(step.index.id);
    const end = f.let(this.integer(step.to, frame));
    const from = f.let(this.integer(step.from, frame));
    const down = step.order === 'down';
    f.set(index, down ? i32.sub(end, i32.const(1)) : from);
    const inside = new Frame(this.site, frame.scope.inside(step.index.id, step.body), step.body);
    if (!down) {
      before(inside, index, end);
      f.whileLess(index, end, 1, () => {
        body(inside);
        inside.advance(1);
      });
      return;
    }
    f.if(i32.ltS(from, end), () => {
      f.loop((again) => {
        body(inside);
        inside.advance(-1);
        f.set(index, i32.sub(index, i32.const(1)));
        f.branchIf(again, i32.geS(index, from));
      });
    });
  }

  private reduce(step: Extract<RoutineStep, { kind: 'reduce' }>, frame: Frame): void {
    const { f } = this;
    const index = this.ofInteger(step.index.id);
    const inVectors = canRunInVectors(step, frame.scope, this);
    const end = f.let(this.integer(step.to, frame));
    f.set(index, this.integer(step.from, frame));
    for (const { op, into } of step.reductions) f.set(this.local(into), this.constant(neutral(op, into.type), into.type));
    const inside = new Frame(this.site, frame.scope.inside(step.index.id, []), [], step.reductions.map(({ value }) => value));
    if (inVectors) f.if(i32.ltS(index, end), () => emitVectorReduction(step, inside, this, index, end));
    f.whileLess(index, end, 1, () => {
      for (const reduction of step.reductions) this.take(reduction, inside);
      inside.advance(1);
    });
  }

  /** One more value of a reduction. */
  private take({ op, value, into }: RoutineReduction, frame: Frame): void {
    const taken: Term = { kind: 'binary', type: into.type, op: reducing(op), a: into, b: value };
    this.f.set(this.local(into), this.value(taken, frame));
  }

  value(term: Term, frame: Frame): Value {
    return term.type === 'float' ? this.float(term, frame) : this.integer(term, frame);
  }

  /** Integers, and bools, which are 0 or 1. */
  integer(term: Term, frame: Frame): Value<'i32'> {
    switch (term.kind) {
      case 'constant':
        return i32.const(term.value);
      case 'local':
        return this.ofInteger(term.id);
      case 'load': {
        const { at, offset } = frame.address(term.array, term.index, 4, 'read');
        return i32.load(at, offset);
      }
      case 'unary':
        return this.integerUnary(term, frame);
      case 'binary':
        return this.integerBinary(term, frame);
      case 'select':
        // A bool as a number is what it is: engines may branch for a selection.
        if (isNumber(term.a, 1) && isNumber(term.b, 0)) return this.integer(term.condition, frame);
        return select(this.integer(term.condition, frame), this.integer(term.a, frame), this.integer(term.b, frame));
    }
  }

  private integerUnary({ op, a }: Extract<Term, { kind: 'unary' }>, frame: Frame): Value<'i32'> {
    switch (op) {
      case 'not':
        return i32.eqz(this.integer(a, frame));
      case 'neg':
        return i32.sub(i32.const(0), this.integer(a, frame));
      case 'abs': {
        const value = this.f.let(this.integer(a, frame));
        return select(i32.ltS(value, i32.const(0)), i32.sub(i32.const(0), value), value);
      }
      case 'isNan': {
        const value = this.f.let(this.float(a, frame));
        return this.floats.ne(value, value);
      }
      case 'sqrt':
      case 'toFloat':
        return lost(`${op} of integers`);
    }
  }

  private integerBinary({ op, a, b }: Extract<Term, { kind: 'binary' }>, frame: Frame): Value<'i32'> {
    if (a.type === 'float') {
      const [x, y] = [this.float(a, frame), this.float(b, frame)];
      switch (op) {
        case 'lt':
          return this.floats.lt(x, y);
        case 'le':
          return this.floats.le(x, y);
        case 'eq':
          return this.floats.eq(x, y);
        default:
          return lost(`${op} of floats as an integer`);
      }
    }
    const [x, y] = [this.integer(a, frame), this.integer(b, frame)];
    switch (op) {
      case 'add':
        return i32.add(x, y);
      case 'sub':
        return i32.sub(x, y);
      case 'mul':
        return i32.mul(x, y);
      case 'div': {
        if (b.kind === 'constant' && b.value > 0) return i32.divS(x, y);
        // By 0 and -1 a division may end the program: by them it is a product with 0 or -1.
        const [dividend, by] = [this.f.let(x), this.f.let(y)];
        const isProduct = this.f.let(i32.ltU(i32.add(by, i32.const(1)), i32.const(2)));
        return select(isProduct, i32.mul(dividend, by), i32.divS(dividend, select(isProduct, i32.const(1), by)));
      }
      case 'min':
      case 'max': {
        const [p, q] = [this.f.let(x), this.f.let(y)];
        return op === 'min' ? select(i32.ltS(q, p), q, p) : select(i32.ltS(p, q), q, p);
      }
      case 'lt':
        return i32.ltS(x, y);
      case 'le':
        return i32.leS(x, y);
      case 'eq':
        return i32.eq(x, y);
      case 'and':
        return i32.and(x, y);
      case 'or':
        return i32.or(x, y);
    }
  }

  float(term: Term, frame: Frame): Value<FloatType> {
    const { floats } = this;
    switch (term.kind) {
      case 'constant':
        return this.floatConstant(term.value);
      case 'local':
        return this.ofFloat(term.id);
      case 'load': {
        const { at, offset } = frame.address(term.array, term.index, bytesOf(this.dtype), 'read');
        return floats.load(at, offset);
      }
      case 'unary':
        if (term.op === 'toFloat') return floats.convertI32S(this.integer(term.a, frame));
        if (term.op === 'not' || term.op === 'isNan') return lost(`${term.op} as a float`);
        return floats[term.op](this.float(term.a, frame));
      case 'binary':
        switch (term.op) {
          case 'add':
          case 'sub':
          case 'mul':
          case 'div':
          case 'min':
          case 'max':
            return floats[term.op](this.float(term.a, frame), this.float(term.b, frame));
          case 'lt':
          case 'le':
          case 'eq':
          case 'and':
          case 'or':
            return lost(`${term.op} as a float`);
        }
      case 'select':
        return select(this.integer(term.condition, frame), this.float(term.a, frame), this.float(term.b, frame));
    }
  }

  local(local: RoutineLocal): Local {
    return local.type === 'float' ? this.ofFloat(local.id) : this.ofInteger(local.id);
  }

  private constant(value: number, type: NumberType): Value {
    return type === 'float' ? this.floatConstant(value) : i32.const(value);
  }

  private floatConstant(value: number): Value<FloatType> {
    return this.dtype === 'float64' ? f64.const(value) : f32.const(value);
  }

  private ofInteger(id: number): Local<'i32'> {
    const local = this.integers.get(id) ?? this.f.local('i32');
    this.integers.set(id, local);
    return local;
  }

  private ofFloat(id: number): Local<FloatType> {
    const local = this.floatLocals.get(id) ?? this.f.local<FloatType>(this.dtype === 'float64' ? 'f64' : 'f32');
    this.floatLocals.set(id, local);
    return local;
  }
}

function isNumber(term: Term, value: number): boolean {
  return term.kind === 'constant' && term.value === value;
}
