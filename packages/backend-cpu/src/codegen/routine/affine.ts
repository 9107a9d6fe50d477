/** Positions as sums of locals times constants: what a loop moves by, and what stays. */
import { allSteps, localsSet, type RoutineStep, type Term } from '@pappus/core/routines';

/** `constant + sum(coefficient * local)`, by the locals' ids. */
export interface AffineIndex {
  readonly constant: number;
  readonly terms: ReadonlyMap<number, number>;
}

/** The values of the locals that are names of one. */
export type Definitions = ReadonlyMap<number, Term>;

/** The locals that steps set, indices of loops included. */
export function assigned(steps: readonly RoutineStep[]): ReadonlySet<number> {
  return new Set(allSteps(steps).flatMap(localsSet));
}

/**
 * A position as such a sum; undefined if it is none. A local that names a sum of indices, and of nothing that may be set
 * again, is that sum.
 *
 * @param around the indices of the loops that the code is in
 */
export function affineOf(term: Term, definitions: Definitions, around: ReadonlySet<number>): AffineIndex | undefined {
  switch (term.kind) {
    case 'constant':
      return { constant: term.value, terms: new Map() };
    case 'local': {
      const value = definitions.get(term.id);
      const through = value === undefined ? undefined : affineOf(value, definitions, around);
      if (through !== undefined && [...through.terms.keys()].every((id) => around.has(id))) return through;
      return { constant: 0, terms: new Map([[term.id, 1]]) };
    }
    case 'binary': {
      if (term.op !== 'add' && term.op !== 'sub' && term.op !== 'mul') return undefined;
      const a = affineOf(term.a, definitions, around);
      const b = affineOf(term.b, definitions, around);
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
    const sum = alongLocal(a, id) + times * coefficient;
    if (sum === 0) terms.delete(id);
    else terms.set(id, sum);
  }
  return { constant: a.constant + times * b.constant, terms };
}

/** How far a position moves with a local. */
export function alongLocal({ terms }: AffineIndex, id: number): number {
  const coefficient = terms.get(id);
  // A sum without the local does not move with it.
  return coefficient === undefined ? 0 : coefficient;
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
