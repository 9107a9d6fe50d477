/** What every update rule of the table must do, as tests that a rule passes by being named. */
import { ruleNames, transformNames, wrapperNames } from '@pappus/rule-table';
import { type RuleBackend, ruleSuite } from '@pappus/testing/rules';
import { expect, it } from 'vitest';
import { RuleRecording } from './rules/recording.js';
import { type Rules, testedRules } from './rules/tested-rules.js';

export type { Rules } from './rules/tested-rules.js';

/**
 * Declares the tests of every update rule, and of every transform and every wrapper over one, on each backend in its float dtypes; and last
 * a test that each row of the table of rules was on each backend.
 *
 * @param exported what has the functions that the table names: the umbrella
 * @param share one rule in so many, where others run all of them. Default 1: all, and a test that none is missing.
 * @example ruleSuites(pappus, { cpu: { make: cpu, dtypes: ['float32', 'float64'] } });
 */
export function ruleSuites(exported: Rules, backends: Readonly<Record<string, RuleBackend>>, share: number = 1): void {
  const recording = new RuleRecording();
  const table = [...ruleNames, ...transformNames, ...wrapperNames];
  for (const [turn, { name, row, rule, courses, traits, wraps }] of testedRules(exported).entries()) {
    if (turn % share !== 0) continue;
    ruleSuite(name, recording.of(row, rule), { ...traits, courses }, onEach(backends, recording, wraps), turn);
  }
  if (share > 1) return;
  for (const [backend, { dtypes }] of Object.entries(backends)) {
    it(`every rule of the table has run on ${backend}`, () => {
      for (const dtype of dtypes) expect(recording.missing(table, backend, dtype), dtype).toEqual([]);
    });
  }
}

/** The backends, each of which records the rules that it runs. What a wrapper adds may be kernels of its own. */
function onEach(backends: Readonly<Record<string, RuleBackend>>, recording: RuleRecording, wraps: boolean): Readonly<Record<string, RuleBackend>> {
  return Object.fromEntries(
    Object.entries(backends).map(([name, backend]) => [name, { ...backend, countsKernels: backend.countsKernels === true && !wraps, make: async () => recording.on(name, await backend.make()) }]),
  );
}
