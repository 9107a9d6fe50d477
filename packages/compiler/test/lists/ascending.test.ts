import { expect, it } from 'vitest';
import { firstFrom, insert } from '../../src/lists/ascending.js';

const LISTS = [[], [3], [1, 3], [1, 3, 5, 7, 9], [0, 2, 4, 6, 8, 10]];

it('finds the first number that is at least another, as a look at each does', () => {
  for (const list of LISTS) {
    for (let least = -1; least <= 11; least++) {
      const found = list.findIndex((x) => x >= least);
      expect(firstFrom(list, least)).toBe(found < 0 ? list.length : found);
    }
  }
});

it('puts numbers where they belong, each once', () => {
  for (const list of LISTS) {
    for (let value = -1; value <= 11; value++) {
      const longer = [...list];
      insert(longer, value);
      expect(longer).toEqual([...new Set([...list, value])].sort((a, b) => a - b));
    }
  }
});
