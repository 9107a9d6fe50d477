/**
 * Where the threads of an item wait for each other: before a step that reaches what another thread has reached since they last did,
 * one of them writing. Outside of parallel loops all threads read what a step reads, and the first alone stores.
 */
import { allSteps, blocksOf, type RoutineStep, type Term, termsOf, withParts } from '@pappus/core/routines';

/** Who reaches an array, and how, since threads last waited: the first thread, or any. */
type Touch = `${'one' | 'all'} ${'reads' | 'writes'} ${number}`;

/** The steps before which threads wait; before a `while`, at the beginning of every round. */
export function barriersOf(steps: readonly RoutineStep[]): ReadonlySet<RoutineStep> {
  const flow = new Flow();
  flow.through(steps, new Set());
  return flow.barriers;
}

/** Whether threads wait in what is within a step, so that all of them must get there. */
export function waitsInside(step: RoutineStep, barriers: ReadonlySet<RoutineStep>): boolean {
  if (step.kind === 'while' && barriers.has(step)) return true;
  return blocksOf(step).some((block) => allSteps(block).some((inner) => inner.kind === 'reduce' || barriers.has(inner)));
}

class Flow {
  readonly barriers = new Set<RoutineStep>();

  /** What was reached since threads last waited, behind some steps, given what it was before them. */
  through(steps: readonly RoutineStep[], before: ReadonlySet<Touch>): ReadonlySet<Touch> {
    return steps.reduce((touched, step) => this.step(step, touched), before);
  }

  private step(step: RoutineStep, before: ReadonlySet<Touch>): ReadonlySet<Touch> {
    switch (step.kind) {
      case 'set':
        return this.reach(step, before, reads('all', termsOf(step)));
      case 'store':
        return this.reach(step, before, [...reads('one', termsOf(step)), `one writes ${step.array}`]);
      case 'reduce':
        // Threads wait in it, behind all that it reads.
        this.reach(step, before, reads('all', termsOf(step)));
        return new Set();
      case 'if': {
        const inside = this.reach(step, before, reads('all', termsOf(step)));
        return union(this.through(step.then, inside), this.through(step.otherwise, inside));
      }
      case 'for': {
        if (step.order === 'parallel') {
          const inner = allSteps(step.body);
          const writes = inner.flatMap((each): Touch[] => (each.kind === 'store' ? [`all writes ${each.array}`] : []));
          return this.reach(step, before, [...reads('all', [...termsOf(step), ...inner.flatMap(termsOf)]), ...writes]);
        }
        return this.rounds(this.reach(step, before, reads('all', termsOf(step))), (touched) => this.through(step.body, touched));
      }
      case 'while':
        return this.rounds(before, (touched) => {
          const inside = this.reach(step, touched, reads('all', termsOf(step)));
          return union(inside, this.through(step.body, inside));
        });
    }
  }

  /** What is reached behind a loop, of which a round may begin behind any other. */
  private rounds(before: ReadonlySet<Touch>, round: (touched: ReadonlySet<Touch>) => ReadonlySet<Touch>): ReadonlySet<Touch> {
    let touched = before;
    for (;;) {
      const after = union(touched, round(touched));
      if (after.size === touched.size) return after;
      touched = after;
    }
  }

  private reach(step: RoutineStep, before: ReadonlySet<Touch>, touches: readonly Touch[]): ReadonlySet<Touch> {
    if (touches.some((touch) => conflicts(touch).some((other) => before.has(other)))) this.barriers.add(step);
    return this.barriers.has(step) ? new Set(touches) : union(before, new Set(touches));
  }
}

function reads(who: 'one' | 'all', terms: readonly Term[]): Touch[] {
  return Array.from(withParts(terms)).flatMap((term): Touch[] => (term.kind === 'load' ? [`${who} reads ${term.array}`] : []));
}

/** What another thread may have done that must be done before. */
function conflicts(touch: Touch): readonly Touch[] {
  const [who, verb, array] = touch.split(' ');
  const k = Number(array);
  const [others, own] = verb === 'reads' ? ([[`all writes ${k}`], [`one writes ${k}`]] as const) : ([[`all reads ${k}`, `all writes ${k}`], [`one reads ${k}`, `one writes ${k}`]] as const);
  return who === 'one' ? others : [...others, ...own];
}

function union<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...a, ...b]);
}
