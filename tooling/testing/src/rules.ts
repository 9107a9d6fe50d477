/** What every update rule must do, as tests that a rule passes by being named; and rules along recorded trajectories. */
import type { Backend } from '@pappus/core';
import { type Problem, ruleNames, transformNames, wrapperNames } from '@pappus/rule-table';
import { describe, expect, it } from 'vitest';
import { RuleRecording } from './rules/recording.js';
import * as coupling from './rules/suite-coupling.js';
import * as suite from './rules/suite.js';
import { type NamedRule, type Rules, testedRules } from './rules/tested-rules.js';
import type { FloatDType } from './rules/trial.js';
import { type Cases, someOf } from './thorough.js';

export { changes, expectPath, expectWay, type Path, type Recording, replay, type ReplayedRule, type ReplayOptions } from './rules/replay.js';
export type { Rules } from './rules/tested-rules.js';
export type { TestedRule } from './rules/trial.js';

/** Every problem. */
const BOTH: readonly Problem[] = ['quadratic', 'rosenbrock'];

/** A backend to run a rule on, and the float dtypes that it has. */
export interface RuleBackend {
  readonly make: () => Backend | Promise<Backend>;
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
type TestName = keyof typeof TESTS;

const ALL_TESTS = Object.keys(TESTS).filter((name): name is TestName => name in TESTS);

/**
 * Declares the tests of every update rule, and of every transform and every wrapper over one, on each backend in its float dtypes; and last
 * a test that each row of the table of rules was on each backend.
 *
 * @param exported what has the functions that the table names: the umbrella
 * @example ruleSuites(pappus, { cpu: { make: cpu, dtypes: ['float32', 'float64'] } });
 */
export function ruleSuites(exported: Rules, backends: Readonly<Record<string, RuleBackend>>): void {
  const recording = new RuleRecording();
  const table = [...ruleNames, ...transformNames, ...wrapperNames];
  for (const [turn, tested] of testedRules(exported).entries()) declareRule({ ...tested, rule: recording.of(tested.row, tested.rule) }, turn, onEach(backends, recording));
  for (const [backend, { dtypes }] of Object.entries(backends)) {
    it(`every rule of the table has run on ${backend}`, () => {
      for (const dtype of dtypes) expect(recording.missing(table, backend, dtype), dtype).toEqual([]);
    });
  }
}

/** The backends, each of which records the rules that it runs. */
function onEach(backends: Readonly<Record<string, RuleBackend>>, recording: RuleRecording): Readonly<Record<string, RuleBackend>> {
  return Object.fromEntries(Object.entries(backends).map(([name, backend]) => [name, { ...backend, make: async () => recording.on(name, await backend.make()) }]));
}

function declareRule({ name, rule, courses, traits, wraps }: NamedRule, turn: number, backends: Readonly<Record<string, RuleBackend>>): void {
  for (const [backend, { make, dtypes, problems = BOTH, countsKernels = false, large = 40_009, tests = ALL_TESTS, cases = 'all' }] of Object.entries(backends)) {
    for (const dtype of dtypes) {
      describe(`${name} on ${backend} in ${dtype}`, () => {
        // What a wrapper adds may be kernels of its own.
        const setting = { rule, makeBackend: make, dtype, courses, traits, large, countsKernels: countsKernels && !wraps, problems: problems.filter((problem) => courses[problem] !== undefined) };
        for (const test of someOf(tests, Math.ceil(tests.length / 2), turn, cases)) TESTS[test](setting);
      });
    }
  }
}
