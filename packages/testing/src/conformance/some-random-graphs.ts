// Some of the random graphs, for builds that are slow: what they show is where kernels read and write.
import type { Backend } from '@pappus/core';
import { describe, it } from 'vitest';
import { seedsFrom } from '../thorough.js';
import { runRandomGraph } from './fuzz.js';
import { type ConformanceOptions, Setting } from './setting.js';

const SIZES = [6, 20, 60] as const;

/** Declares a test of `runs` graphs for each float dtype: they compute what the interpreter does. */
export function someRandomGraphs(name: string, makeBackend: () => Promise<Backend>, options: ConformanceOptions, runs: number): void {
  describe(name, () => {
    const setting = new Setting(makeBackend, options);
    for (const float of setting.floats) {
      it(`computes random graphs of ${float}`, async () => {
        for (const seed of seedsFrom(20261126, runs)) await runRandomGraph(seed, float, SIZES[seed % SIZES.length] ?? 6, setting);
      }, 300_000);
    }
  });
}
