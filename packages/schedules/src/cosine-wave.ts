/** Half a wave of a cosine from one value to another. */
import { type Expr, type Hyperparameter, range } from '@pappus/core';
import { rateOf } from './arguments.js';
import { cosineOf, mix, remaining } from './curves.js';

/** Where the wave begins and ends, how long it is, and its power. */
export interface CosineWave {
  readonly initial: Hyperparameter;
  readonly final?: Hyperparameter;
  readonly steps: number;
  readonly begin?: number;
  readonly exponent?: Hyperparameter;
}

/** The value at a count, of options that are checked by name. */
export function cosineFrom(name: string, count: Expr, { initial, final = 0, steps, begin = 0, exponent = 1 }: CosineWave, initialName = 'initial'): Expr {
  const wave = cosineOf(remaining(count, begin, steps));
  const power = rateOf(name, 'exponent', exponent, range.nonNegative);
  return mix(rateOf(name, initialName, initial), rateOf(name, 'final', final), exponent === 1 ? wave : wave.pow(power));
}
