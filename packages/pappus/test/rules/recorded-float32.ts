// How close float32 comes to float64 along a recording. It starts from 0, where the size of a parameter hides nothing.
import { expect } from 'vitest';
import { entryOf, type Recorded, replayRecorded, type Tensors } from '@pappus/test-support/peers';
import { type Backend, interpreter } from '../../src/index.js';
import { float32OfTheWay } from './tolerance.js';

/** Options that are an epsilon, by the names that peers have for them. */
const EPSILONS = ['eps', 'epsilon'] as const;

/** Gradients of the recordings are 1e-7 and more, here times 2^-20 at the least; means of them hold larger ones, too, and smaller epsilons than this are not seen beside their roots. */
const LEAST = 1e-11;

/**
 * A part of the way: what tolerance.ts says of twelve steps, of more in proportion since roundings of a parameter add up, times what the
 * recording amplifies them by; or what the entry says, with a reason.
 */
function float32Tolerance(recording: Recorded): number {
  const { expected, amplification } = recording;
  return entryOf(recording)?.float32?.ofTheWay ?? float32OfTheWay * Math.max(1, expected.length / 12) * Math.max(1, amplification);
}

/** The recording with each of its epsilons half as large again, where it has some and its entry does not say why that is not seen. */
function otherEpsilons(recording: Recorded): readonly Recorded[] {
  const { options } = recording;
  // The epsilon of a wrapper's base stands in the text of the base.
  if (entryOf(recording)?.epsilonUnseen !== undefined || recording.base !== undefined) return [];
  const known = { ...entryOf(recording)?.defaults, ...recording.defaults, ...options };
  return EPSILONS.flatMap((name) => {
    const epsilon = known[name];
    return typeof epsilon === 'number' && epsilon > LEAST ? [{ ...recording, options: { ...options, [name]: 1.5 * epsilon } }] : [];
  });
}

/** Gradients as they are recorded, and so small that an epsilon beside their roots is seen. */
const GRADIENT_SCALES = [1, 2 ** -20] as const;

/** The worst distances of float32 on a backend from float64 on the interpreter, as parts of the way that an element has gone. */
interface Float32Ways {
  readonly itself: number;
  /** From the recording with another epsilon, by its options. */
  readonly others: Readonly<Record<string, number>>;
}

async function float32Ways(recording: Recorded, backend: Backend): Promise<Float32Ways> {
  const others = otherEpsilons(recording);
  const ways = { itself: 0, others: Object.fromEntries(others.map(({ options }) => [JSON.stringify(options), 0])) };
  for (const gradientScale of GRADIENT_SCALES) {
    const how = { from: 'zero', gradientScale } as const;
    const { compared } = await replayRecorded(recording, backend, { dtype: 'float32', ...how });
    const distance = async (defined: Recorded): Promise<number> => {
      const { compared: definition } = await replayRecorded(defined, interpreter(), { dtype: 'float64', ...how });
      return Math.max(...compared.map(({ actual }, k) => partOfWay(actual, definition[k]?.actual ?? [])));
    };
    ways.itself = Math.max(ways.itself, await distance(recording));
    for (const other of others) {
      const key = JSON.stringify(other.options);
      ways.others[key] = Math.max(ways.others[key] ?? 0, await distance(other));
    }
  }
  return ways;
}

/** Is as close as roundings allow, and further from the same with another epsilon. */
export async function expectFloat32(recording: Recorded, backend: Backend): Promise<void> {
  const { itself, others } = await float32Ways(recording, backend);
  const tolerance = float32Tolerance(recording);
  expect(itself).toBeLessThanOrEqual(tolerance);
  for (const [options, way] of Object.entries(others)) expect(way, options).toBeGreaterThan(tolerance);
}

function partOfWay(actual: readonly Tensors[], expected: readonly Tensors[]): number {
  let worst = 0;
  for (const [p, first] of (expected[0] ?? []).entries()) {
    const way = first.map(() => 0);
    for (const [t, params] of expected.entries()) {
      for (const [i, value] of (params[p] ?? []).entries()) {
        const before = t === 0 ? 0 : (expected[t - 1]?.[p]?.[i] ?? NaN);
        const gone = (way[i] ?? NaN) + Math.abs(value - before);
        way[i] = gone;
        // Whose steps grow without bound, since recorded gradients do not turn, leaves the range of float32 by its squares.
        if (Math.abs(value) > 2 ** 60) continue;
        const got = actual[t]?.[p]?.[i] ?? NaN;
        const distance = Math.abs(got - value);
        if (Object.is(got, value) || distance === 0) continue;
        worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance / gone);
      }
    }
  }
  return worst;
}
