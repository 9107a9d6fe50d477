/** What every update rule must do, as tests for vitest that a rule passes by being named; and rules along recorded trajectories. */
import type { Backend } from '@pappus/core';
import { describe } from 'vitest';
import { ofGradients } from './rules/given-loss.js';
import type { Problem, SuiteRow } from './rules/row.js';
import * as coupling from './rules/suite-coupling.js';
import * as suite from './rules/suite.js';
import type { FloatDType, TestedRule } from './rules/trial.js';
import { type Cases, someOf } from './thorough.js';

export { changes, expectPath, expectWay, type Path, type Recording, replay, type ReplayedRule, type ReplayOptions } from './rules/replay.js';
export type { Course, Courses, Problem, SuiteRow, Traits } from './rules/row.js';
export { type FloatDType, type TestedOptions, type TestedRule, typedArray } from './rules/trial.js';
export type { Cases } from './thorough.js';

/** Every problem. */
const BOTH: readonly Problem[] = ['quadratic', 'rosenbrock'];

/** A backend to run a rule on, and the float dtypes that it has. */
export interface RuleBackend {
  /** Makes one; each test has its own. */
  readonly make: () => Backend | Promise<Backend>;
  /** In which dtypes the tests run. */
  readonly dtypes: readonly FloatDType[];
  /** What rules must find the minimum of. Default both problems; Rosenbrock's thousands of steps are long where a step takes milliseconds. */
  readonly problems?: readonly Problem[];
  /** Whether rules that couple elements only must be one kernel there. Default false: the interpreter has none, and a GPU binds a few buffers to each. */
  readonly countsKernels?: boolean;
  /** Elements of the parameter that is large. Default 40,009, more than a backend takes at once; the interpreter takes one at a time. */
  readonly large?: number;
  /** Which tests. Default all: fewer where others run the same kernels through them. */
  readonly tests?: readonly TestName[];
  /** How many of those tests each rule takes, of which the next rule takes others. Default all; `some` are half of them. */
  readonly cases?: Cases;
}

const TESTS = { ...suite, ...coupling };

/** A test of the suite. */
export type TestName = keyof typeof TESTS;

const ALL_TESTS = Object.keys(TESTS).filter((name): name is TestName => name in TESTS);

/**
 * Declares the tests of one update rule on each backend, in its float dtypes: it finds the minimum of two problems, keeps dtypes and shapes,
 * compiles once for a rate that changes, comes as close to the float64 interpreter as roundings allow, meets NaN, infinities and the end of
 * the numbers that count its steps, takes scalars, empty parameters and large ones.
 *
 * @param rule as it is called, with the options that it has in the tests given to it already
 * @param row what is true of it; the suite asks for the most that can be
 * @param turn of several rules in a row, of which each takes others of the tests where `cases` leaves some out. Default 0
 * @example
 * ruleSuite('heavyBall', heavyBall, { couples: 'elements', courses: { quadratic: { learningRate: 0.1, steps: 200 } } }, {
 *   cpu: { make: cpu, dtypes: ['float32', 'float64'], countsKernels: true },
 * });
 */
export function ruleSuite(name: string, rule: TestedRule, row: SuiteRow, backends: Readonly<Record<string, RuleBackend>>, turn = 0): void {
  const { courses, ...traits } = row;
  for (const [backend, { make, dtypes, problems = BOTH, countsKernels = false, large = 40_009, tests = ALL_TESTS, cases = 'all' }] of Object.entries(backends)) {
    for (const dtype of dtypes) {
      describe(`${name} on ${backend} in ${dtype}`, () => {
        const chosen = problems.filter((problem) => courses[problem] !== undefined);
        const setting = { rule: ofGradients(rule, traits), makeBackend: make, dtype, courses, traits, large, countsKernels, problems: chosen };
        for (const test of someOf(tests, Math.ceil(tests.length / 2), turn, cases)) TESTS[test](setting);
      });
    }
  }
}
