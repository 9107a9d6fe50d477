// Random computations with several outputs and updates, compiled and interpreted: the same to the last rounding allowed.
import { type DType, interpreter } from '@pappus/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { difference, execute, leaf } from './differential.js';
import { type RandomPlan, randomSubject } from './random-subject.js';
import type { Setting } from './setting.js';
import { fromList } from './values.js';

/** The unit roundoff, with a little room for what a first-order analysis leaves out. */
const ROUNDING: Readonly<Record<DType, number>> = { float32: 2 ** -24 * 1.5, float64: 2 ** -53 * 1.5, int32: 0, bool: 0 };

async function complaints(plan: RandomPlan, setting: Setting): Promise<string[]> {
  const { subject, allowed } = randomSubject(plan);
  const expected = await execute(subject, interpreter());
  const actual = await execute(subject, await setting.backend());
  return expected.flatMap(({ name, value }, k) => {
    const other = actual[k]?.value;
    const error = allowed.get(name.split(' ').find((word) => allowed.has(word)) ?? '') ?? 0;
    // The result itself is rounded once more by the definition as it is read.
    const relative = ROUNDING[value.dtype];
    const complaint = other === undefined ? 'is missing' : difference(other, value, { relative: { float32: relative, float64: relative }, scale: error });
    return complaint === undefined ? [] : [`${name} (${error.toPrecision(3)} roundings): ${complaint}`];
  });
}

/** Fixed numbers of graphs from a fixed seed: a failure prints the draws that lead to it. */
export function fuzz(setting: Setting): void {
  describe('random graphs', () => {
    for (const float of setting.floats) {
      for (const [size, runs] of [[6, 120], [20, 120], [60, 40]] as const) {
        it(`of ${size} operations, ${float}`, async () => {
          await fc.assert(
            fc.asyncProperty(fc.noBias(fc.array(fc.nat(1e6), { minLength: 100, maxLength: 400 })), async (draws) => {
              const wrong = await complaints({ float, draws, size }, setting);
              if (wrong.length > 0) throw new Error(wrong.join('\n'));
            }),
            { seed: 20240817 + size, numRuns: setting.runs(runs), interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
          );
        }, 300_000);
      }
    }

    it('of nothing but leaves', async () => {
      const [dtype = 'float32'] = setting.floats;
      await setting.agree({ steps: [{ x: fromList(dtype, [2], [1, 2]) }], variables: { v: fromList(dtype, [3], [1, 2, 3]) }, build: ({ inputs, variables }) => ({ outputs: { x: leaf(inputs, 'x'), v: leaf(variables, 'v') } }) });
    });
  });
}
