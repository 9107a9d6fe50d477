// Which programs of a function are kept, and which go when there are too many or their code is too large.
import { describe, expect, it } from 'vitest';
import type { Executable } from '../../src/run/backend.js';
import { ProgramCache } from '../../src/run/program-cache.js';

/** Executables by their size n, and those that were released, in their order. */
function setUp(): { cache: ProgramCache; add: (n: number, code?: number) => Executable; kept: (n: number) => boolean; released: number[] } {
  const cache = new ProgramCache();
  const released: number[] = [];
  const sizes = (n: number): ReadonlyMap<string, number> => new Map([['n', n]]);
  const add = (n: number, code = 100): Executable => {
    const bytes = { code, variables: 0, inputs: 0, outputs: 0, temporaries: 0 };
    const executable: Executable = { program: { kernels: [], hostScalars: [], calls: 1, bytes }, run: () => [], release: () => released.push(n) };
    cache.add(sizes(n), executable);
    return executable;
  };
  return { cache, add, kept: (n) => cache.find(sizes(n)) !== undefined, released };
}

describe('programs of other sizes', () => {
  it('are found by their sizes, in whichever order those are named', () => {
    const { cache } = setUp();
    const [ab, ba] = [{ run: () => [] }, { run: () => [] }].map((own) => ({ ...setUp().add(1), ...own }));
    if (ab === undefined || ba === undefined) throw new Error('two are made');
    cache.add(new Map([['a', 1], ['b', 11]]), ab);
    cache.add(new Map([['a', 11], ['b', 1]]), ba);
    expect(cache.find(new Map([['b', 11], ['a', 1]]))).toBe(ab);
    expect(cache.find(new Map([['b', 1], ['a', 11]]))).toBe(ba);
    expect(cache.find(new Map([['a', 1], ['b', 1]]))).toBeUndefined();
    expect(cache.find(new Map())).toBeUndefined();
  });

  it('are 256 at most: the one that was not used for longest goes', () => {
    const { cache, add, kept, released } = setUp();
    for (let n = 0; n < 256; n++) add(n);
    expect(released).toEqual([]);
    expect(kept(0)).toBe(true);
    const last = add(256);
    expect(released).toEqual([1]);
    expect(cache.latest).toBe(last);
    expect([kept(1), kept(0), kept(2), kept(256)]).toEqual([false, true, true, true]);
    // 0, 2 and 256 were used since.
    add(257);
    add(258);
    expect(released).toEqual([1, 3, 4]);
  });

  it('that ran last stays behind the others also where it is found again and again', () => {
    const { cache, add, kept, released } = setUp();
    const first = add(0);
    cache.latest = first;
    for (let n = 1; n < 256; n++) {
      add(n);
      cache.latest = cache.find(new Map([['n', 0]]));
    }
    for (let k = 0; k < 3; k++) expect(kept(0)).toBe(true);
    add(256);
    expect(released).toEqual([1]);
  });

  it('have 8 MiB of code at most, but the newest is kept whatever it has', () => {
    const { add, kept, released } = setUp();
    add(1, 2 ** 22);
    add(2, 2 ** 22);
    expect(released).toEqual([]);
    add(3, 1);
    expect(released).toEqual([1]);
    add(4, 2 ** 24);
    expect(released).toEqual([1, 2, 3]);
    expect(kept(4)).toBe(true);
    add(5, 1);
    expect(released).toEqual([1, 2, 3, 4]);
  });

  it('all go when they are cleared', () => {
    const { cache, add, kept, released } = setUp();
    add(1);
    add(2);
    cache.clear();
    expect(released).toEqual([1, 2]);
    expect([kept(1), kept(2), cache.latest]).toEqual([false, false, undefined]);
  });
});
