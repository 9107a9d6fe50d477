// Random computations of the wide kind, by the definition and by a backend: no further apart than rounding can take them.
import { describe, it } from 'vitest';
import { failure } from '../graphs/failure.js';
import { disagreements, emptyTally, type Tally } from '../graphs/judge.js';
import { seedsFrom } from '../thorough.js';
import { drawsOf } from './random-computation.js';
import type { Setting } from './setting.js';
import { type WideComputation, widePlan } from './wide-plan.js';

/** The computation of a seed, which also says what float dtype it is of. */
export function wideComputation(seed: number, setting: Setting): WideComputation {
  const { floats, precision } = setting;
  return widePlan({ float: floats[seed % floats.length] ?? 'float32', mixed: floats.length > 1, subnormals: precision.flushed === 0, draws: drawsOf(seed) });
}

/**
 * Runs the random graph of a seed on the backend.
 *
 * @throws {Error} if the backend and the interpreter differ; the message has the graph as a program, made small
 */
export async function runWideGraph(seed: number, setting: Setting, tally: Tally): Promise<void> {
  const { precision, program } = setting;
  const { graph, raw } = wideComputation(seed, setting);
  const backend = await setting.backend();
  const found = [...raw, ...(await disagreements(graph, backend, precision, tally)).map(({ text }) => text)];
  if (found.length > 0) throw new Error(await failure(graph, found, backend, { seed, precision, program }));
}

export interface SoakOptions {
  readonly runs: number;
  readonly seed: number;
  /** Of one test. */
  readonly chunk?: number;
}

/** Declares the tests: a failure prints the seed, and the graph as a program, made small. */
export function wideGraphs(setting: Setting, { runs, seed, chunk = 250 }: SoakOptions): void {
  describe('random graphs of the wide kind', () => {
    for (let first = 0; first < runs; first += chunk) {
      const count = Math.min(chunk, runs - first);
      it(`${first} to ${first + count - 1}, from seed ${seed}`, async () => {
        const tally = emptyTally();
        const seeds = seedsFrom(seed + first, count);
        for (const each of seeds) await runWideGraph(each, setting, tally);
        if (runs > chunk) console.log(`${first + count} of ${runs} graphs: ${tally.compared} elements agree, ${tally.unsure} may be anything, ${tally.refused} calls were refused alike, ${tally.uncompiled} graphs were refused alike, ${tally.unjudged} were not judged`);
        // Most of it must be looked at.
        if (seeds.length < count) return;
        if (tally.uncompiled > count / 10) throw new Error(`${tally.uncompiled} of ${count} graphs did not compile`);
        if (tally.compared < 10 * count || tally.unsure > tally.compared) throw new Error(`only ${tally.compared} elements were compared, ${tally.unsure} may be anything`);
      }, 1_500_000);
    }
  });
}
