/** The locals of a routine: where the declaration of each stands in the shader. */
import { allSteps, knownLocals, type KnownLocals, type RoutineStep, type Term } from '@pappus/core/routines';

/** How a step that sets a local writes it: with its declaration, or as a new value of what is declared elsewhere. */
export type Declaration = 'let' | 'var' | 'set';

/** What the locals of a routine are. */
export class Locals {
  private readonly known: KnownLocals;
  private readonly types: ReadonlyMap<number, Term['type']>;

  constructor(steps: readonly RoutineStep[]) {
    this.known = knownLocals(steps);
    this.types = new Map(allSteps(steps).flatMap(typesSet));
  }

  /** The values of those that are names of one. */
  get definitions(): ReadonlyMap<number, Term> {
    return this.known.definitions;
  }

  /** Whether a local has one value from where it is set until that step is reached again. */
  isConstant(id: number): boolean {
    return this.known.once.has(id);
  }

  /** How a step writes a local that it sets. */
  declaration(id: number, step: RoutineStep): Declaration {
    if (this.known.homes.get(id) !== step) return 'set';
    return this.isConstant(id) ? 'let' : 'var';
  }

  /** The locals that no step declares. */
  undeclared(): readonly { readonly id: number; readonly type: Term['type'] }[] {
    return Array.from(this.types, ([id, type]) => ({ id, type })).filter(({ id }) => !this.known.homes.has(id));
  }
}

/** The types of what a step sets, but for its index, which is declared by the loop. */
function typesSet(step: RoutineStep): (readonly [number, Term['type']])[] {
  if (step.kind === 'set') return [[step.local.id, step.local.type]];
  return step.kind === 'reduce' ? step.reductions.map(({ into }) => [into.id, into.type] as const) : [];
}
