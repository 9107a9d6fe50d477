/** How many threads a routine keeps busy: from how far its parallel loops go, as far as constants say. */
import { allSteps, blocksOf, type RoutineCode, type RoutineStep, type Term } from '@pappus/core/routines';
import { WORKGROUP } from '../shader.js';
import type { Locals } from './locals.js';

/** Where loops are no longer than this, a thread takes a whole item: to wait for each other would take them longer. */
const SHORT = 8;

/** Threads of an item at least, where there are several: a quarter of a subgroup of 64. */
const FEWEST = 16;

/** Rounds of a loop of which nobody knows how many there are. */
const SOME = 8;

/** The least and the largest value that an integer can have. */
type Range = readonly [number, number];

const ANY: Range = [-Infinity, Infinity];

/** The threads of an item, a power of two: as many as a parallel loop has iterations, on the average over all that run. */
export function threadsOf({ arrays, steps }: RoutineCode, locals: Locals): number {
  const largest = Math.max(1, ...arrays.map(({ size }) => size));
  const ranges = new Ranges(steps, locals);
  let [loops, iterations] = [0, 0];
  const go = (list: readonly RoutineStep[], times: number): void => {
    for (const step of list) {
      const extent = step.kind === 'for' || step.kind === 'reduce' ? ranges.extentOf(step) : SOME;
      if (step.kind === 'reduce' || (step.kind === 'for' && step.order === 'parallel')) {
        loops += times;
        iterations += times * Math.min(extent, largest);
      } else {
        const rounds = step.kind === 'if' ? 1 : extent === Infinity ? SOME : extent;
        for (const block of blocksOf(step)) go(block, times * rounds);
      }
    }
  };
  go(steps, 1);
  const extent = loops === 0 ? 0 : iterations / loops;
  return extent <= SHORT ? 1 : Math.min(WORKGROUP, Math.max(FEWEST, 2 ** Math.ceil(Math.log2(extent))));
}

class Ranges {
  private readonly indices = new Map<number, Range>();
  private readonly known = new Map<Term, Range>();

  constructor(
    steps: readonly RoutineStep[],
    private readonly locals: Locals,
  ) {
    // Outer loops come first, whose indices the bounds of inner ones name.
    for (const step of allSteps(steps)) if (step.kind === 'for' || step.kind === 'reduce') this.indices.set(step.index.id, [this.of(step.from)[0], this.of(step.to)[1] - 1]);
  }

  /** How often a loop goes round at most; Infinity where constants do not say. */
  extentOf({ from, to }: Extract<RoutineStep, { kind: 'for' | 'reduce' }>): number {
    return Math.max(0, this.of(to)[1] - this.of(from)[0]);
  }

  private of(term: Term): Range {
    const known = this.known.get(term) ?? this.compute(term);
    this.known.set(term, known);
    return known;
  }

  private compute(term: Term): Range {
    switch (term.kind) {
      case 'constant':
        return [term.value, term.value];
      case 'local': {
        const definition = this.locals.definitions.get(term.id);
        return definition === undefined ? (this.indices.get(term.id) ?? ANY) : this.of(definition);
      }
      case 'select': {
        const [a, b] = [this.of(term.a), this.of(term.b)];
        return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
      }
      case 'binary':
        return this.binary(term);
      case 'load':
      case 'unary':
        return ANY;
    }
  }

  private binary({ op, a, b }: Extract<Term, { kind: 'binary' }>): Range {
    const [x, y] = [this.of(a), this.of(b)];
    switch (op) {
      case 'add':
        return [x[0] + y[0], x[1] + y[1]];
      case 'sub':
        return [x[0] - y[1], x[1] - y[0]];
      case 'min':
        return [Math.min(x[0], y[0]), Math.min(x[1], y[1])];
      case 'max':
        return [Math.max(x[0], y[0]), Math.max(x[1], y[1])];
      case 'mul': {
        const products = x.flatMap((p) => y.map((q) => p * q));
        return products.every(Number.isFinite) ? [Math.min(...products), Math.max(...products)] : ANY;
      }
      case 'div':
        return y[0] === y[1] && y[0] > 0 ? [Math.trunc(x[0] / y[0]), Math.trunc(x[1] / y[0])] : ANY;
      case 'lt':
      case 'le':
      case 'eq':
      case 'and':
      case 'or':
        return ANY;
    }
  }
}
