/** The locals of a routine: what each is known to be, and where its declaration stands in the shader. */
import { itemAt } from '@pappus/compiler';
import { allSteps, blocksOf, localsSet, type RoutineStep, type Term, termsOf, withParts } from '@pappus/core/backend';

/** How a step that sets a local writes it: with its declaration, or as a new value of what is declared elsewhere. */
export type Declaration = 'let' | 'var' | 'set';

/** Where a local is first named. */
interface Home {
  /** The list of steps that it is named in and nowhere else, if the first of them sets it. */
  readonly block: readonly RoutineStep[];
  readonly step: RoutineStep;
  /** Whether it is named outside of the list, or read before it is set. */
  elsewhere: boolean;
}

/** What the locals of a routine are. */
export class Locals {
  /** The values of those that are set once by a step of their own. */
  readonly definitions = new Map<number, Term>();
  private readonly sets = new Map<number, number>();
  private readonly homes = new Map<number, Home>();
  private readonly types = new Map<number, Term['type']>();

  constructor(steps: readonly RoutineStep[]) {
    for (const step of allSteps(steps)) {
      for (const id of localsSet(step)) this.sets.set(id, (this.sets.get(id) ?? 0) + 1);
      if (step.kind === 'set') this.types.set(step.local.id, step.local.type);
      if (step.kind === 'reduce') for (const { into } of step.reductions) this.types.set(into.id, into.type);
    }
    for (const step of allSteps(steps)) if (step.kind === 'set' && this.isConstant(step.local.id)) this.definitions.set(step.local.id, step.value);
    this.settle(steps, []);
  }

  /** Whether a local has one value from where it is set until that step is reached again. */
  isConstant(id: number): boolean {
    return this.sets.get(id) === 1;
  }

  /** How a step writes a local that it sets. */
  declaration(id: number, step: RoutineStep): Declaration {
    const home = this.homes.get(id);
    if (home?.step !== step || home.elsewhere) return 'set';
    return this.isConstant(id) ? 'let' : 'var';
  }

  /** The locals that no step declares. */
  undeclared(): readonly { readonly id: number; readonly type: Term['type'] }[] {
    return Array.from(this.types, ([id, type]) => ({ id, type })).filter(({ id }) => this.homes.get(id)?.elsewhere === true);
  }

  private settle(steps: readonly RoutineStep[], around: readonly (readonly RoutineStep[])[]): void {
    const blocks = [...around, steps];
    for (const step of steps) {
      for (const term of withParts(termsOf(step))) if (term.kind === 'local') this.name(term.id, undefined, blocks);
      for (const id of localsSet(step)) this.name(id, step, blocks);
      for (const block of blocksOf(step)) this.settle(block, blocks);
    }
  }

  /** @param setter the step, if it sets the local; its index is set, too, but declared by the loop */
  private name(id: number, setter: RoutineStep | undefined, blocks: readonly (readonly RoutineStep[])[]): void {
    const home = this.homes.get(id);
    const block = itemAt(blocks, blocks.length - 1, 'block');
    if (home === undefined) {
      const step = setter ?? itemAt(block, 0, 'step');
      this.homes.set(id, { block, step, elsewhere: setter === undefined });
    } else if (!blocks.includes(home.block)) home.elsewhere = true;
  }
}
