// Where locals are at home, and which are names of one value: what is read in another round than it was set in is none.
import { expect, it } from 'vitest';
import { int, type Local, type Num, RoutineBuilder } from '../../src/routines/builder.js';
import { knownLocals } from '../../src/routines/locals.js';

/** The ids of locals at home, of those that are set once, and of those that are names, in an array of nine. */
function known(write: (b: RoutineBuilder, store: (at: Num) => void) => void): readonly (readonly number[])[] {
  const b = new RoutineBuilder('float32');
  const array = b.work('array', 9);
  write(b, (at) => array.set(at, 1));
  const { homes, once, definitions } = knownLocals(b.finish().steps);
  return [homes, once, definitions].map((ids) => [...ids.keys()].sort());
}

it('a local that is set once and read behind that, in its block or within', () => {
  expect(known((b, store) => b.for(0, 3, (i) => {
    const twice = b.let(i.mul(2));
    b.for(0, 3, (j) => store(twice.add(j)));
  }))).toEqual([[0, 1, 2], [0, 1, 2], [1]]);
});

it('a local that is set again', () => {
  expect(known((b, store) => {
    const at = b.let(int(0));
    b.while(at.lt(3), () => {
      store(at);
      b.set(at, at.add(1));
    });
  })).toEqual([[0], [], []]);
});

it('a local that outlives the loop or the choice that sets it', () => {
  expect(known((b, store) => b.for(0, 3, (i) => {
    let first = int(0);
    b.if(i.eq(0), () => (first = b.let(i.add(1))));
    store(first);
  }))).toEqual([[0], [0, 1], []]);
});

it('a local that is read before the step that sets it is not at home', () => {
  const b = new RoutineBuilder('float32');
  let last: Local | undefined;
  b.for(0, 3, (i) => (last = b.let(i)));
  const [loop] = b.finish().steps;
  if (loop?.kind !== 'for' || last === undefined) throw new Error('no loop');
  const reads = { kind: 'set', local: { kind: 'local', type: 'int', id: 7 }, value: last.local } as const;
  const { homes, definitions } = knownLocals([{ ...loop, body: [reads, ...loop.body] }]);
  // The index and the one that reads.
  expect([[...homes.keys()], [...definitions.keys()]]).toEqual([[0, 7], [7]]);
});
