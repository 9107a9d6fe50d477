/** What every update rule must do, as tests that a rule passes by being named; and rules along recorded trajectories. */
import type { Backend } from '@pappus/core';
import { describe } from 'vitest';
import * as suite from './rules/suite.js';
import type { TestedRule } from './rules/trial.js';

export { type ClippingTrajectory, clippingTrajectories } from './rules/clipping-reference.js';
export { changes, expectPath, expectWay, type Path, type Recording, replay, type ReplayedRule, type ReplayOptions } from './rules/replay.js';
export type { Course, Courses } from './rules/suite.js';
export type { TestedRule } from './rules/trial.js';

/** Backends to run a rule on, by name. */
export type Backends = Readonly<Record<string, () => Backend | Promise<Backend>>>;

/**
 * Declares the tests of an update rule, on each backend in both float dtypes.
 *
 * @param courses learning rates and numbers of steps that suit the rule on two problems
 * @example
 * ruleSuite('sgd', sgd, { interpreter, cpu }, {
 *   quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 10_000 },
 * });
 */
export function ruleSuite(name: string, rule: TestedRule, backends: Backends, courses: suite.Courses): void {
  for (const [backend, makeBackend] of Object.entries(backends)) {
    for (const dtype of ['float32', 'float64'] as const) {
      describe(`${name} on ${backend} in ${dtype}`, () => {
        for (const declare of Object.values(suite)) declare({ rule, makeBackend, dtype, courses });
      });
    }
  }
}
