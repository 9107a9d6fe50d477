// How far two runs are apart, as a share of the change that a parameter has made: what stands in a parameter at the start hides nothing.
import type { FloatDType } from '@pappus/testing/rules';
import type { Recorded, Tensors } from './recorded-file.js';

/** Where two runs are the furthest apart. */
export interface Deviation {
  /** The distance over the change, and 0 where all is the same; NaN in one alone counts as Infinity. */
  readonly share: number;
  /** The same of what is left of the distance when roundings of the parameter itself are taken off: this is what is judged. */
  readonly excess: number;
  /** Counted from 1. */
  readonly step: number;
  readonly parameter: number;
  readonly element: number;
  readonly actual: number;
  readonly expected: number;
}

/** The rounding unit of each dtype, and what is allowed where nothing amplifies roundings. */
const PRECISION = { float64: { unit: 2 ** -53, allowed: 1e-9 }, float32: { unit: 2 ** -24, allowed: 1e-5 } } as const;

/**
 * Roundings of one step that count as a relative change of the gradient: a rule makes about ten, so does the peer, and a norm or a
 * product over a small matrix some more.
 */
const ROUNDINGS = 32;

/** What is allowed: 1e-9, in float32 1e-5, or where amplified roundings are more, these. */
export function allowedShare({ amplification }: Pick<Recorded, 'amplification'>, dtype: FloatDType): number {
  const { unit, allowed } = PRECISION[dtype];
  return Math.max(allowed, ROUNDINGS * unit * amplification);
}

/**
 * The worst deviation of a run. An element's change is the furthest that it has been from its start so far, so that one that comes back is
 * not divided by nothing; an element that has hardly moved is measured by a millionth of the furthest of its tensor, since where
 * elements are mixed (norms, products of matrices) small ones are differences of large ones. Each step rounds the parameter itself, on
 * both sides and with a decay twice: that much is no error of a rule, and `excess` is without it.
 */
export function worstDeviation(actual: readonly Tensors[], expected: readonly Tensors[], initial: Tensors, dtype: FloatDType): Deviation {
  const { unit } = PRECISION[dtype];
  let worst: Deviation = { share: 0, excess: 0, step: 0, parameter: 0, element: 0, actual: 0, expected: 0 };
  for (const [parameter, start] of initial.entries()) {
    const change = start.map(() => 0);
    let largest = start.map(Math.abs);
    for (const [t, step] of expected.entries()) {
      const wanted = step[parameter] ?? [];
      const got = actual[t]?.[parameter] ?? [];
      largest = largest.map((value, i) => Math.max(value, finite(wanted[i])));
      for (const [i, value] of wanted.entries()) change[i] = Math.max(change[i] ?? NaN, finite(value - (start[i] ?? NaN)));
      const least = 1e-6 * Math.max(...change);
      for (const [element, value] of wanted.entries()) {
        const rounding = 4 * (t + 1) * unit * (largest[element] ?? NaN);
        const far = distance(got[element], value);
        const gone = Math.max(change[element] ?? NaN, least);
        const [share, excess] = [shareOf(far, gone), shareOf(far - rounding, gone)];
        if (excess > worst.excess || (excess === worst.excess && share > worst.share)) {
          worst = { share, excess, step: t + 1, parameter, element, actual: got[element] ?? NaN, expected: value };
        }
      }
    }
  }
  return worst;
}

/** The size of a number, and 0 where it is none. */
function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? Math.abs(value) : 0;
}

/** Two infinities of a sign, and two NaN, are one place. */
function distance(actual: number | undefined, expected: number): number {
  if (actual === undefined) return Infinity;
  if (Object.is(actual, expected)) return 0;
  const far = Math.abs(actual - expected);
  return Number.isNaN(far) ? Infinity : far;
}

function shareOf(far: number, change: number): number {
  return far <= 0 ? 0 : far / change;
}
