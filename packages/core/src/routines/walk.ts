/** Going over the code of a routine: what compilers and backends ask of it. */
import type { RoutineStep, Term } from './code.js';

/** The terms of a step; those of steps within it are theirs. */
export function termsOf(step: RoutineStep): readonly Term[] {
  switch (step.kind) {
    case 'set':
      return [step.value];
    case 'store':
      return [step.index, step.value];
    case 'for':
      return [step.from, step.to];
    case 'reduce':
      return [step.from, step.to, ...step.reductions.map(({ value }) => value)];
    case 'if':
    case 'while':
      return [step.condition];
  }
}

/** The lists of steps within a step. */
export function blocksOf(step: RoutineStep): readonly (readonly RoutineStep[])[] {
  switch (step.kind) {
    case 'set':
    case 'store':
    case 'reduce':
      return [];
    case 'for':
    case 'while':
      return [step.body];
    case 'if':
      return [step.then, step.otherwise];
  }
}

function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'local':
    case 'constant':
      return [];
    case 'load':
      return [term.index];
    case 'unary':
      return [term.a];
    case 'binary':
      return [term.a, term.b];
    case 'select':
      return [term.condition, term.a, term.b];
  }
}

/** Terms and all that they are made of, each once, however often it is named. */
export function withParts(terms: readonly Term[]): ReadonlySet<Term> {
  const all = new Set(terms);
  for (const term of all) for (const part of partsOf(term)) all.add(part);
  return all;
}

/** The locals that a step sets itself, its index among them. */
export function localsSet(step: RoutineStep): readonly number[] {
  switch (step.kind) {
    case 'set':
      return [step.local.id];
    case 'for':
      return [step.index.id];
    case 'reduce':
      return [step.index.id, ...step.reductions.map(({ into }) => into.id)];
    case 'store':
    case 'if':
    case 'while':
      return [];
  }
}

/** All steps, those within others too, in the order in which they stand. */
export function allSteps(steps: readonly RoutineStep[]): readonly RoutineStep[] {
  return steps.flatMap((step) => [step, ...blocksOf(step).flatMap(allSteps)]);
}
