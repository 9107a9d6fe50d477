// Every rule that Lasagne and Dandelion do not have, along trajectories that somebody else's code took.
import type { UnreferencedRule } from '@pappus/rule-table';
import { allClose, recordings, type RuleRecording } from '@pappus/testing';
import { expectPath, type Path, replay, type ReplayedRule } from '@pappus/testing/rules';
import { describe, expect, it } from 'vitest';
import { cpu, interpreter } from '../../src/index.js';
import { float32OfTheWay } from './tolerance.js';

interface Recorded {
  /** The file of tooling/testing/data, without its ending. */
  readonly file: string;
  /** Our rule with the options of a recording, which has the peer's names for them. */
  readonly rule: (options: RuleRecording['options']) => ReplayedRule;
}

/** Throws unless each element is where it should be, within a part of the way that it has gone and a rounding of it for every step: a rule that decays weights cannot start from 0. */
function expectNear(path: Path, { name, initial, expected }: RuleRecording): void {
  for (const [p, start] of initial.entries()) {
    for (const [i, first] of start.entries()) {
      let [before, way, largest] = [first, 0, Math.abs(first)];
      for (const [t, params] of expected.entries()) {
        const value = params[p]?.[i] ?? NaN;
        [way, largest, before] = [way + Math.abs(value - before), Math.max(largest, Math.abs(value)), value];
        const atol = float32OfTheWay * way + (t + 1) * 2 ** -24 * largest;
        allClose([path[t]?.[p]?.[i] ?? NaN], [value], { atol, label: `${name}: step ${t + 1}, parameter ${p}, element ${i}` });
      }
    }
  }
}

// A type error here names the rule of tooling/rule-table that has neither a `reference` nor a row.
const RECORDED = {} as const satisfies Readonly<Record<UnreferencedRule, Recorded>>;

for (const [name, { file, rule }] of Object.entries<Recorded>(RECORDED)) {
  describe.each(recordings(file))(`${name} as $name`, (recording) => {
    const { expected, options } = recording;

    it('on the interpreter, to 12 digits', async () => {
      expectPath(await replay(rule(options), recording, interpreter(), { dtype: 'float64' }), expected, 1e-12, name);
    });

    it('on the CPU in float64, to 9 digits', async () => {
      expectPath(await replay(rule(options), recording, await cpu(), { dtype: 'float64' }), expected, 1e-9, name);
    });

    it('on the CPU in float32, to 2e-6 of the way and a rounding a step', async () => {
      expectNear(await replay(rule(options), recording, await cpu(), { dtype: 'float32' }), recording);
    });
  });
}

it('are read from files that are there, 12 steps each', () => {
  for (const { gradients, expected } of ['optax-clipping', ...Object.values<Recorded>(RECORDED).map(({ file }) => file)].flatMap((file) => recordings(file))) {
    expect([gradients.length, expected.length]).toEqual([12, 12]);
  }
});
