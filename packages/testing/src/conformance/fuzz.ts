// Random computations with several outputs and updates, compiled and interpreted: the same to the last rounding allowed.
import { type DType, interpreter } from '@pappus/core';
import { describe, it } from 'vitest';
import { subjectOf } from '../graphs/build.js';
import { failure } from '../graphs/failure.js';
import { seedsFrom } from '../thorough.js';
import { difference, execute, leaf } from './differential.js';
import { drawsOf, type RandomComputation, randomComputation } from './random-computation.js';
import { randomViewsOfViews } from './random-views.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList } from './values.js';

/** The unit roundoff, with a little room for what a first-order analysis leaves out. */
const ROUNDING: Readonly<Record<DType, number>> = { float32: 2 ** -24 * 1.5, float64: 2 ** -53 * 1.5, int32: 0, bool: 0 };

async function complaints({ graph, allowed }: RandomComputation, setting: Setting): Promise<string[]> {
  const subject = subjectOf(graph);
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

/**
 * Runs the random graph of a seed on the backend.
 *
 * @param size operations tried
 * @throws {Error} if the backend and the interpreter differ; the message has the graph as a program, made small
 */
export async function runRandomGraph(seed: number, float: FloatDType, size: number, setting: Setting): Promise<void> {
  const computation = randomComputation({ float, draws: drawsOf(seed), size });
  const wrong = await complaints(computation, setting).catch((error: unknown) => [String(error)]);
  if (wrong.length > 0) throw new Error(await failure(computation.graph, wrong, await setting.backend(), { seed, precision: setting.precision, program: setting.program }));
}

/** Fixed numbers of graphs from fixed seeds. */
export function fuzz(setting: Setting): void {
  randomViewsOfViews(setting);
  describe('random graphs', () => {
    for (const float of setting.floats) {
      for (const [size, runs] of [[6, 120], [20, 120], [60, 40]] as const) {
        it(`of ${size} operations, ${float}`, async () => {
          for (const seed of seedsFrom(20240817 + size, setting.runs(runs))) await runRandomGraph(seed, float, size, setting);
        }, 300_000);
      }
    }

    it('of nothing but leaves', async () => {
      const [dtype = 'float32'] = setting.floats;
      await setting.agree({ steps: [{ x: fromList(dtype, [2], [1, 2]) }], variables: { v: fromList(dtype, [3], [1, 2, 3]) }, build: ({ inputs, variables }) => ({ outputs: { x: leaf(inputs, 'x'), v: leaf(variables, 'v') } }) });
    });
  });
}
