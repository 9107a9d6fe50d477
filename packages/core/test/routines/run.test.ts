// Integers of routines are int32 that wrap, in the interpreter as everywhere: worked out by hand, as two's complement has them.
import { describe, expect, it } from 'vitest';
import { int, type Num, RoutineBuilder } from '../../src/routines/builder.js';
import { runnable } from '../../src/routines/run.js';

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

/** What integers of the given int32 are. */
function integers(given: readonly number[], write: (b: RoutineBuilder, given: readonly Num[]) => readonly Num[]): number[] {
  const b = new RoutineBuilder(undefined);
  const operand = b.array('given', 'int32', given.length, 'operand');
  const out = b.array('out', 'int32', 100, 'result');
  const results = write(b, given.map((_, k) => operand.at(k)));
  for (const [k, result] of results.entries()) out.set(k, result);
  const values = new Float64Array(100);
  runnable(b.finish()).run([Float64Array.from(given), values]);
  return [...values.subarray(0, results.length)];
}

describe('an int32 of a routine', () => {
  it('wraps in every operation', () => {
    expect(integers([LEAST, MOST, 65537], (_, [least = int(0), most = int(0), n = int(0)]) => [
      least.neg(), least.abs(), least.neg().neg(), least.div(-1), most.add(1), least.sub(1), n.mul(n), most.add(most),
    ])).toEqual([LEAST, LEAST, LEAST, LEAST, LEAST, MOST, 131073, -2]);
  });

  it('wraps in a sum over indices', () => {
    expect(integers([MOST, MOST, MOST], (b, [x = int(0)]) => [b.sum(0, 3, () => x), b.sum(0, 2, () => x).div(2)])).toEqual([MOST - 2, -1]);
  });

  it('wraps where constants alone say it', () => {
    expect(integers([], () => [int(MOST).add(1), int(LEAST).sub(1), int(65537).mul(65537), int(MOST).mul(MOST), int(LEAST).neg(), int(LEAST).abs(), int(MOST).add(1).max(0)])).toEqual([LEAST, MOST, 131073, 1, LEAST, LEAST, 0]);
  });

  it('is no other number', () => {
    expect(() => int(0.5)).toThrow(new TypeError('a routine has the integer 0.5, which is no int32'));
    expect(() => int(1).add(2 ** 31)).toThrow(new TypeError('a routine has the integer 2147483648, which is no int32'));
  });
});
