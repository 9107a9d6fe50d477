import { describe, expect, it } from 'vitest';
import { allClose } from '../src/index.js';

describe('allClose', () => {
  it('takes typed arrays and lists, NaN for NaN and an infinity for itself', () => {
    expect(() => allClose(Float32Array.of(1, NaN, Infinity), [1, NaN, Infinity])).not.toThrow();
    expect(() => allClose([0], [-0])).not.toThrow();
    expect(() => allClose([Infinity], [-Infinity], { rtol: 1, atol: 1e9 })).toThrow('Infinity where -Infinity');
    expect(() => allClose([1], [NaN], { rtol: 1, atol: 1 })).toThrow('1 where NaN was expected');
  });

  it('adds both tolerances', () => {
    expect(() => allClose([10.25], [10], { rtol: 0.0125, atol: 0.125 })).not.toThrow();
    expect(() => allClose([10.25], [10], { rtol: 0.0125, atol: 0.12 })).toThrow();
  });

  it('says how many differ and which is the worst', () => {
    expect(() => allClose([1, 2.5, 4, 3.2], [1, 2, 4, 3], { rtol: 1e-3, label: 'w' })).toThrow(
      'w: 2 of 4 numbers differ by more than rtol 0.001, atol 0; the worst, at [1]: 2.5 where 2 was expected (absolute 0.500, relative 0.250)',
    );
    expect(() => allClose([1, 2], [1])).toThrow('2 numbers where 1 were expected');
  });
});
