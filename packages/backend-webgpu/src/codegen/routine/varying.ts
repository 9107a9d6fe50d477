/**
 * Which locals WGSL cannot know to be the same in all threads of a workgroup: what is read from memory, and all that depends on it.
 * Where threads wait for each other they must come by conditions that are known to be the same.
 */
import { blocksOf, localsSet, type RoutineStep, type Term, termsOf, withParts } from '@pappus/core/routines';
import { waitsInside } from './barriers.js';

/** The locals that may differ. */
export function varyingLocals(steps: readonly RoutineStep[], barriers: ReadonlySet<RoutineStep>): ReadonlySet<number> {
  const varying = new Set<number>();
  /** @param apart whether threads may come here that others do not come to */
  const go = (list: readonly RoutineStep[], apart: boolean): void => {
    for (const step of list) {
      const differs = apart || differ(step, varying, barriers);
      // All threads are told what a reduction gives.
      const set = step.kind === 'reduce' && !apart ? [step.index.id] : localsSet(step);
      if (differs) for (const id of set) varying.add(id);
      for (const block of blocksOf(step)) go(block, differs);
    }
  };
  for (let known = -1; known < varying.size; ) {
    known = varying.size;
    go(steps, false);
  }
  return varying;
}

/** Whether a step goes another way in each thread, or gives another value. Where threads wait in a step, they agree on its way first. */
function differ(step: RoutineStep, varying: ReadonlySet<number>, barriers: ReadonlySet<RoutineStep>): boolean {
  if (step.kind === 'reduce' || (step.kind === 'for' && step.order === 'parallel')) return true;
  return !waitsInside(step, barriers) && termsOf(step).some((term) => isVarying(term, varying));
}

/** Whether a term may differ from thread to thread. */
export function isVarying(term: Term, varying: ReadonlySet<number>): boolean {
  return Array.from(withParts([term])).some((part) => part.kind === 'load' || (part.kind === 'local' && varying.has(part.id)));
}
