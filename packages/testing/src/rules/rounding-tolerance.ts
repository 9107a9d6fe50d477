// How close a backend comes to the interpreter in a few steps of a rule.
import type { Traits } from './row.js';
import type { FloatDType } from './trial.js';

/** Of ten steps of about ten roundings; sums over a tensor make some more, and products of matrices and quotients of sums amplify them. */
const FLOAT32 = { elements: 2e-6, tensor: 5e-5, parameters: 5e-5 } as const satisfies Readonly<Record<Traits['couples'], number>>;

/** The same in float64, which a factor of 2^-29 is between. */
const FLOAT64 = { elements: 1e-12, tensor: 1e-11, parameters: 1e-11 } as const satisfies Readonly<Record<Traits['couples'], number>>;

/** As a part of the way that an element has gone. */
export function tolerance({ couples }: Traits, dtype: FloatDType): number {
  return (dtype === 'float32' ? FLOAT32 : FLOAT64)[couples];
}
