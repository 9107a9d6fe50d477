/** What every update rule must do, as tests that a rule passes by being named; and rules along recorded trajectories. */
import type { Backend } from '@pappus/core';
import type { Courses, Problem } from '@pappus/rule-table';
import { describe } from 'vitest';
import * as suite from './rules/suite.js';
import type { FloatDType, TestedRule } from './rules/trial.js';

export { changes, expectPath, expectWay, type Path, type Recording, replay, type ReplayedRule, type ReplayOptions } from './rules/replay.js';
export { type NamedRule, type Rules, testedRules } from './rules/tested-rules.js';
export type { TestedRule } from './rules/trial.js';

/** Every problem. */
const BOTH: readonly Problem[] = ['quadratic', 'rosenbrock'];

/** A backend to run a rule on, and the float dtypes that it has. */
export interface RuleBackend {
  readonly make: () => Backend | Promise<Backend>;
  readonly dtypes: readonly FloatDType[];
  /** What rules must find the minimum of. Default both problems; Rosenbrock's thousands of steps are long where a step takes milliseconds. */
  readonly problems?: readonly Problem[];
}

/**
 * Declares the tests of an update rule, on each backend in its float dtypes.
 *
 * @param courses learning rates and numbers of steps that suit the rule on two problems
 * @example
 * ruleSuite('sgd', sgd, { cpu: { make: cpu, dtypes: ['float32', 'float64'] } }, {
 *   quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 10_000 },
 * });
 */
export function ruleSuite(name: string, rule: TestedRule, backends: Readonly<Record<string, RuleBackend>>, courses: Courses): void {
  for (const [backend, { make, dtypes, problems = BOTH }] of Object.entries(backends)) {
    for (const dtype of dtypes) {
      describe(`${name} on ${backend} in ${dtype}`, () => {
        for (const declare of Object.values(suite)) declare({ rule, makeBackend: make, dtype, courses, problems });
      });
    }
  }
}
