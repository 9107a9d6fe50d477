// Some of the random graphs, for builds that are slow: what they show is where kernels read and write.
import { type Backend, type DType, interpreter } from '@pappus/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { difference, execute } from './differential.js';
import { randomSubject } from './random-subject.js';
import type { FloatDType } from './setting.js';

/** The unit roundoff, with a little room for what a first-order analysis leaves out. */
const ROUNDING: Readonly<Record<DType, number>> = { float32: 2 ** -24 * 1.5, float64: 2 ** -53 * 1.5, int32: 0, bool: 0 };

/** Declares a test of `runs` graphs for each dtype: they compute what the interpreter does. */
export function someRandomGraphs(name: string, makeBackend: () => Promise<Backend>, floats: readonly FloatDType[], runs: number): void {
  describe(name, () => {
    for (const float of floats) {
      it(`computes random graphs of ${float}`, async () => {
        const backend = await makeBackend();
        const plans = fc.record({
          draws: fc.noBias(fc.array(fc.nat(1e6), { minLength: 100, maxLength: 400 })),
          size: fc.constantFrom(6, 20, 60),
        });
        await fc.assert(
          fc.asyncProperty(plans, async ({ draws, size }) => {
            const { subject, allowed } = randomSubject({ float, draws, size });
            const expected = await execute(subject, interpreter());
            const actual = await execute(subject, backend);
            const wrong = expected.flatMap(({ name: result, value }, k) => {
              const other = actual[k]?.value;
              const scale = allowed.get(result.split(' ').find((word) => allowed.has(word)) ?? '') ?? 0;
              const relative = ROUNDING[value.dtype];
              const complaint = other === undefined ? 'is missing' : difference(other, value, { relative: { float32: relative, float64: relative }, scale });
              return complaint === undefined ? [] : [`${result}: ${complaint}`];
            });
            if (wrong.length > 0) throw new Error(wrong.join('\n'));
          }),
          { seed: 20261126, numRuns: runs },
        );
      }, 300_000);
    }
  });
}
