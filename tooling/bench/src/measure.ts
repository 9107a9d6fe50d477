/** Times contenders side by side: round after round, one sample of each, so that a noisy machine disturbs all alike. */
import type { Contender } from './contender.js';

/** A sample takes at least this long; a shorter step is repeated. */
const sampleMilliseconds = 5;
const warmupMilliseconds = 300;
const warmupSamples = 3;
/** A step that takes longer is warm after one, and is sampled for about so long: a run of all does not last for hours. */
const slowMilliseconds = 400;
const slowestMilliseconds = 4000;

/** Milliseconds a step. */
export interface Timing {
  readonly contender: string;
  readonly median: number;
  readonly min: number;
  readonly p90: number;
  readonly rounds: number;
  /** Steps in each sample. */
  readonly repetitions: number;
}

/** Sets all up, checks every result against the reference, and only then times. Throws what a check throws. */
export async function measure(contenders: readonly Contender[], rounds: number): Promise<Timing[]> {
  const entrants: { contender: Contender; repetitions: number; samples: number[] }[] = [];
  try {
    for (const contender of contenders) {
      entrants.push({ contender, repetitions: 1, samples: [] });
      await contender.setup();
      await contender.check();
    }
    for (const entrant of entrants) entrant.repetitions = await warmUp(entrant.contender);
    for (let round = 0; round < rounds; round++) {
      // The order rotates, so that nobody always follows the contender that leaves the caches coldest.
      for (let i = 0; i < entrants.length; i++) {
        const entrant = entrants[(i + round) % entrants.length];
        if (entrant === undefined || isLongEnough(entrant.samples)) continue;
        globalThis.gc?.({ type: 'minor' });   // nobody pays for another's garbage
        entrant.samples.push(await sample(entrant.contender, entrant.repetitions));
      }
    }
  } finally {
    for (const { contender } of entrants) contender.dispose();
    globalThis.gc?.();
  }
  return entrants.map(({ contender, repetitions, samples }) => ({ contender: contender.name, repetitions, ...summary(samples) }));
}

function isLongEnough(samples: readonly number[]): boolean {
  return samples.length > 0 && Math.min(...samples) > slowMilliseconds && samples.reduce((a, b) => a + b) > slowestMilliseconds;
}

/** Median, minimum and 90th percentile. */
export function summary(samples: readonly number[]): { median: number; min: number; p90: number; rounds: number } {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (quantile: number): number => {
    const position = quantile * (sorted.length - 1);
    const low = sorted[Math.floor(position)] ?? NaN;
    const high = sorted[Math.ceil(position)] ?? NaN;
    return low + (high - low) * (position - Math.floor(position));
  };
  return { median: at(0.5), min: at(0), p90: at(0.9), rounds: sorted.length };
}

/** Lets the engine compile what it will; answers with the number of steps that fill a sample. */
async function warmUp(contender: Contender): Promise<number> {
  const start = performance.now();
  let fastest = Infinity;
  for (let i = 0; i < warmupSamples || performance.now() - start < warmupMilliseconds; i++) {
    fastest = Math.min(fastest, await sample(contender, 2 ** Math.min(i, 5)));
    if (fastest > slowMilliseconds) break;
  }
  return Math.max(1, Math.ceil(sampleMilliseconds / fastest));
}

/** Milliseconds a step, over `repetitions` steps each of which is waited for. */
async function sample(contender: Contender, repetitions: number): Promise<number> {
  if (contender.timed !== undefined) return contender.timed(repetitions);
  const start = performance.now();
  for (let i = 0; i < repetitions; i++) {
    const pending = contender.step();
    if (pending !== undefined) await pending;
  }
  return (performance.now() - start) / repetitions;
}
