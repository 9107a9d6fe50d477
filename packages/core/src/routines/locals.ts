/** What is known of the locals of a routine: where each is at home, and which are names of one value. */
import type { RoutineStep, Term } from './code.js';
import { allSteps, blocksOf, localsSet, termsOf, withParts } from './walk.js';

/** Where a local is first named. */
interface Naming {
  readonly step: RoutineStep;
  readonly block: readonly RoutineStep[];
  /** Whether it is named outside of the block, or read before it is set. */
  elsewhere: boolean;
}

/** What is known of the locals of a routine. */
export interface KnownLocals {
  /** The locals that one list of steps sets before it reads them, and that are named in no other, but for lists within it: by the step that first sets each. */
  readonly homes: ReadonlyMap<number, RoutineStep>;
  /** Those that a single step sets. */
  readonly once: ReadonlySet<number>;
  /** The values of those at home that a single step sets: wherever such a local is read, its value was evaluated in this round of every loop around. */
  readonly definitions: ReadonlyMap<number, Term>;
}

/** What is known of the locals that steps name. */
export function knownLocals(steps: readonly RoutineStep[]): KnownLocals {
  const namings = new Map<number, Naming>();
  const name = (id: number, step: RoutineStep, isSet: boolean, blocks: readonly (readonly RoutineStep[])[], block: readonly RoutineStep[]): void => {
    const first = namings.get(id);
    if (first === undefined) namings.set(id, { step, block, elsewhere: !isSet });
    else if (!blocks.includes(first.block)) first.elsewhere = true;
  };
  const go = (block: readonly RoutineStep[], around: readonly (readonly RoutineStep[])[]): void => {
    const blocks = [...around, block];
    for (const step of block) {
      for (const term of withParts(termsOf(step))) if (term.kind === 'local') name(term.id, step, false, blocks, block);
      for (const id of localsSet(step)) name(id, step, true, blocks, block);
      for (const inner of blocksOf(step)) go(inner, blocks);
    }
  };
  go(steps, []);
  const homes = new Map(Array.from(namings).flatMap(([id, { step, elsewhere }]) => (elsewhere ? [] : [[id, step] as const])));
  const once = setOnce(steps);
  const definitions = new Map(Array.from(homes).flatMap(([id, step]) => (step.kind === 'set' && once.has(id) ? [[id, step.value] as const] : [])));
  return { homes, once, definitions };
}

function setOnce(steps: readonly RoutineStep[]): ReadonlySet<number> {
  const [once, again] = [new Set<number>(), new Set<number>()];
  for (const id of allSteps(steps).flatMap(localsSet)) (once.has(id) ? again : once).add(id);
  for (const id of again) once.delete(id);
  return once;
}
