// What a routine's code must not do, each said of the smallest code that does it.
import { int, RoutineBuilder, type RoutineCode } from '@pappus/core/routines';
import { describe, expect, it } from 'vitest';
import { brokenSteps } from '../../src/check/routine.js';

type Write = (b: RoutineBuilder, out: ReturnType<RoutineBuilder['array']>) => void;

function codeOf(write: Write): RoutineCode {
  const b = new RoutineBuilder('float32');
  write(b, b.array('out', 'float32', 8, 'result'));
  return b.finish();
}

const brokenBy: Readonly<Record<string, readonly [Write, readonly string[]]>> = {
  'an index that is read behind its loop': [(b, out) => {
    let last = int(0);
    b.for(0, 3, (i) => (last = i));
    out.set(last, 1);
  }, ['v0 is read outside of the loop whose index it is']],
  'a local that iterations share': [(b, out) => {
    const shared = b.let(int(0));
    b.parallel(0, 3, (i) => {
      b.set(shared, i);
      out.set(i, 1);
    });
  }, ['v0 is set in a parallel loop and named outside of it']],
  'a local of an iteration that is read behind the loop': [(b, out) => {
    let last = int(0);
    b.parallel(0, 3, (i) => (last = b.let(i.add(1))));
    out.set(last, 1);
  }, ['v1 is set in a parallel loop and named outside of it']],
  'bools in order': [(b, out) => b.if(int(1).lt(2).lt(int(2).lt(1)), () => out.set(0, 1)), ['lt takes bool']],
  'integers that are said to hold': [(b, out) => b.if(b.let(int(1)).and(int(1)), () => out.set(0, 1)), ['and takes int']],
  'a bool that is negated as a number': [(b, out) => b.if(int(1).lt(2).neg(), () => out.set(0, 1)), ['neg takes bool']],
  'a parallel loop in one': [(b, out) => b.parallel(0, 2, (i) => b.parallel(0, 2, (j) => out.set(i.mul(2).add(j), 1))), ['a parallel loop stands in one']],
};

describe('the check of a routine', () => {
  it.each(Object.entries(brokenBy))('finds %s', (_, [write, broken]) => {
    expect(brokenSteps(codeOf(write))).toEqual(broken);
  });

  it('finds an index that is set', () => {
    const { arrays, steps } = codeOf((b) => b.for(0, 3, () => undefined));
    const [loop] = steps;
    if (loop?.kind !== 'for') throw new Error('no loop');
    const set = { kind: 'set', local: loop.index, value: { kind: 'constant', type: 'int', value: 2 } } as const;
    expect(brokenSteps({ arrays, steps: [{ ...loop, body: [set] }] })).toEqual(['v0 is set, which is the index of a loop']);
  });

  it('lets locals outlive loops and choices, in an iteration and outside of parallel loops', () => {
    const outliving = (b: RoutineBuilder): ReturnType<typeof int> => {
      let last = int(0);
      b.for(0, 2, (k) => b.if(k.eq(0), () => (last = b.let(k.add(1)))));
      return last;
    };
    expect(brokenSteps(codeOf((b, out) => {
      out.set(outliving(b), 1);
      b.parallel(0, 3, (i) => out.set(outliving(b).add(i), 1));
    }))).toEqual([]);
  });
});
