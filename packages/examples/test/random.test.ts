import { describe, expect, it } from 'vitest';

import { drawSeed, permutation, seeded } from '../src/random.js';

describe('seeded', () => {
  it('draws what the reference implementation of mulberry32 draws', () => {
    // The generator in Ettinger's C: three 32-bit words from the state 0.
    const random = seeded(0);
    expect([random(), random(), random()].map((value) => value * 2 ** 32)).toEqual([1144304738, 1416247, 958946056]);
  });

  it('is uniform enough: ten bins of 10,000 draws stay within five standard deviations', () => {
    const random = seeded(7);
    const bins = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) {
      const bin = Math.floor(10 * random());
      bins[bin] = (bins[bin] ?? NaN) + 1;
    }
    for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(5 * Math.sqrt(9000));
  });

  it('gives seeds that are whole 32-bit numbers', () => {
    const random = seeded(1);
    for (let draw = 0; draw < 1000; draw++) {
      const seed = drawSeed(random);
      expect(seed >>> 0).toBe(seed);
    }
  });
});

describe('permutation', () => {
  it('holds every number once', () => {
    const sorted = permutation(60_000, seeded(3)).sort();
    expect(sorted.every((value, index) => value === index)).toBe(true);
  });

  it('is decided by the seed', () => {
    expect(permutation(100, seeded(5))).toEqual(permutation(100, seeded(5)));
    expect(permutation(100, seeded(5))).not.toEqual(permutation(100, seeded(6)));
  });

  it('gives each of the six orders of three its share', () => {
    const random = seeded(11);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const order = permutation(3, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(6000 * (1 / 6) * (5 / 6)));
  });
});
