/** Operands of a routine that a shader's compiler must not see through, by the rule for bodies of kernels. */
import type { Instruction } from '@pappus/compiler';
import type { Term } from '@pappus/core/routines';
import { opaqueOperands, type Opacity } from '../opaque-operands.js';
import type { Locals } from './locals.js';

const SEEN_THROUGH = ['add', 'sub', 'mul', 'div'] as const;

/** Terms as instructions of a body, equal ones as one; locals are what they are set to. */
export class Opacities {
  private readonly body: Instruction[] = [];
  private readonly known = new Map<string, number>();
  private readonly places = new Map<Term, number>();

  constructor(private readonly locals: Locals) {}

  /** How the operands of an operation on floats are written. */
  of(term: Extract<Term, { kind: 'binary' }>): readonly [Opacity, Opacity] {
    const instruction = this.body[this.placeOf(term)];
    if (instruction?.kind !== 'apply') return ['none', 'none'];
    const [a = 'none', b = 'none'] = opaqueOperands(instruction, this.body);
    // What is computed of constants alone is an error where it is not finite.
    return [term.a.kind === 'constant' && term.b.kind === 'constant' && a === 'none' ? 'bits' : a, b];
  }

  private placeOf(term: Term): number {
    const known = this.places.get(term) ?? this.add(term);
    this.places.set(term, known);
    return known;
  }

  private add(term: Term): number {
    switch (term.kind) {
      case 'constant':
        return this.place(`${term.type} ${Object.is(term.value, -0) ? '-0' : term.value}`, () => ({ kind: 'constant', value: term.value, dtype: 'float32' }));
      case 'local': {
        const definition = this.locals.definitions.get(term.id);
        return definition === undefined ? this.leaf(`local ${term.id}`) : this.placeOf(definition);
      }
      case 'load':
        return this.leaf(`load ${term.array} ${this.placeOf(term.index)}`);
      case 'unary':
        return this.leaf(`${term.op} ${this.placeOf(term.a)}`);
      case 'select':
        return this.leaf(`select ${this.placeOf(term.condition)} ${this.placeOf(term.a)} ${this.placeOf(term.b)}`);
      case 'binary': {
        const args = [this.placeOf(term.a), this.placeOf(term.b)];
        const op = SEEN_THROUGH.find((each) => each === term.op);
        const key = `${term.type} ${term.op} ${args.join(' ')}`;
        return op === undefined || term.type !== 'float' ? this.leaf(key) : this.place(key, () => ({ kind: 'apply', op, args, operand: 'float32', dtype: 'float32' }));
      }
    }
  }

  /** What no rewriting looks into. */
  private leaf(key: string): number {
    return this.place(key, () => ({ kind: 'uniform', index: this.body.length, dtype: 'float32' }));
  }

  private place(key: string, make: () => Instruction): number {
    const known = this.known.get(key) ?? this.body.push(make()) - 1;
    this.known.set(key, known);
    return known;
  }
}
