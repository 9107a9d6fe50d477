/** Positions as sums of locals times constants: what a loop moves by, and what stays. */
import type { RoutineStep, Term } from '@pappus/core/backend';

/** `constant + sum(coefficient * local)`, by the locals' ids. */
export interface AffineIndex {
  readonly constant: number;
  readonly terms: ReadonlyMap<number, number>;
}

/** What is known of the locals of a routine. */
export interface Definitions {
  /** The only value of locals that are set once; an index of a loop has none. */
  readonly values: ReadonlyMap<number, Term>;
}

/** Visits every step, those inside of others included. */
export function visitSteps(steps: readonly RoutineStep[], visit: (step: RoutineStep) => void): void {
  for (const step of steps) {
    visit(step);
    if (step.kind === 'for' || step.kind === 'while') visitSteps(step.body, visit);
    if (step.kind === 'if') {
      visitSteps(step.then, visit);
      visitSteps(step.otherwise, visit);
    }
  }
}

/** The locals that steps set, indices of loops included. */
export function assigned(steps: readonly RoutineStep[]): ReadonlySet<number> {
  const found = new Set<number>();
  visitSteps(steps, (step) => {
    if (step.kind === 'set') found.add(step.local.id);
    if (step.kind === 'for' || step.kind === 'reduce') found.add(step.index.id);
    if (step.kind === 'reduce') for (const { into } of step.reductions) found.add(into.id);
  });
  return found;
}

/** The terms of a step itself, not those of steps inside of it. */
export function termsOf(step: RoutineStep): readonly Term[] {
  switch (step.kind) {
    case 'set':
      return [step.value];
    case 'store':
      return [step.index, step.value];
    case 'for':
      return [step.from, step.to];
    case 'reduce':
      return [step.from, step.to];
    case 'if':
    case 'while':
      return [step.condition];
  }
}

/** Visits a term and all that it is made of. */
export function visitTerm(term: Term, visit: (term: Term) => void): void {
  visit(term);
  switch (term.kind) {
    case 'local':
    case 'constant':
      return;
    case 'load':
      return visitTerm(term.index, visit);
    case 'unary':
      return visitTerm(term.a, visit);
    case 'binary':
      visitTerm(term.a, visit);
      return visitTerm(term.b, visit);
    case 'select':
      visitTerm(term.condition, visit);
      visitTerm(term.a, visit);
      return visitTerm(term.b, visit);
  }
}

/** The locals that are set in one place only. */
export function definitionsOf(steps: readonly RoutineStep[]): Definitions {
  const counts = new Map<number, number>();
  const values = new Map<number, Term>();
  visitSteps(steps, (step) => {
    const count = (id: number): void => void counts.set(id, (counts.get(id) ?? NONE) + 1);
    if (step.kind === 'set') {
      count(step.local.id);
      values.set(step.local.id, step.value);
    }
    if (step.kind === 'reduce') for (const { into } of step.reductions) count(into.id);
  });
  return { values: new Map([...values].filter(([id]) => counts.get(id) === 1)) };
}

const NONE = 0;

/**
 * A position as such a sum; undefined if it is none. A local that is set once, to a sum of indices, is that sum as long as the loops of these
 * indices are those that the code is in.
 *
 * @param around the indices of the loops that the code is in
 */
export function affineOf(term: Term, { values }: Definitions, around: ReadonlySet<number>): AffineIndex | undefined {
  switch (term.kind) {
    case 'constant':
      return { constant: term.value, terms: new Map() };
    case 'local': {
      const value = values.get(term.id);
      const through = value === undefined ? undefined : affineOf(value, { values }, around);
      if (through !== undefined && [...through.terms.keys()].every((id) => around.has(id))) return through;
      return { constant: 0, terms: new Map([[term.id, 1]]) };
    }
    case 'binary': {
      if (term.op !== 'add' && term.op !== 'sub' && term.op !== 'mul') return undefined;
      const a = affineOf(term.a, { values }, around);
      const b = affineOf(term.b, { values }, around);
      if (a === undefined || b === undefined) return undefined;
      if (term.op === 'add') return plus(a, b, 1);
      if (term.op === 'sub') return plus(a, b, -1);
      if (b.terms.size === 0) return plus(ZERO, a, b.constant);
      return a.terms.size === 0 ? plus(ZERO, b, a.constant) : undefined;
    }
    default:
      return undefined;
  }
}

const ZERO: AffineIndex = { constant: 0, terms: new Map() };

/** `a + times * b` */
function plus(a: AffineIndex, b: AffineIndex, times: number): AffineIndex {
  const terms = new Map(a.terms);
  for (const [id, coefficient] of b.terms) {
    const sum = (terms.get(id) ?? NONE) + times * coefficient;
    if (sum === 0) terms.delete(id);
    else terms.set(id, sum);
  }
  return { constant: a.constant + times * b.constant, terms };
}

/** How far a position moves with a local. */
export function alongLocal({ terms }: AffineIndex, id: number): number {
  return terms.get(id) ?? NONE;
}

/** The loop that code is in, or the whole routine: what its index and the locals are there. */
export class Scope {
  /** The locals that are set in the loop, indices of loops inside of it included. */
  readonly changing: ReadonlySet<number>;
  /** The indices of this loop and of those around it. */
  private readonly around: ReadonlySet<number>;

  /**
   * @param outer that of the code around; undefined of the whole routine
   * @param index the loop's; undefined of the whole routine
   */
  constructor(
    private readonly definitions: Definitions,
    outer: Scope | undefined,
    readonly index: number | undefined,
    body: readonly RoutineStep[],
  ) {
    this.changing = assigned(body);
    this.around = new Set([...(outer?.around ?? []), ...(index === undefined ? [] : [index])]);
  }

  inside(index: number, body: readonly RoutineStep[]): Scope {
    return new Scope(this.definitions, this, index, body);
  }

  /** A position as a sum, where it is one. */
  affine(term: Term): AffineIndex | undefined {
    return affineOf(term, this.definitions, this.around);
  }

  /** Whether a sum is that of one value before the loop, and moves with its index alone. */
  movesEvenly({ terms }: AffineIndex): boolean {
    return this.index !== undefined && [...terms.keys()].every((id) => id === this.index || !this.changing.has(id));
  }

  /** Whether an integer is a sum of indices of loops. */
  isLookedThrough(id: number): boolean {
    const affine = this.affine({ kind: 'local', type: 'int', id });
    return affine !== undefined && !affine.terms.has(id);
  }
}
