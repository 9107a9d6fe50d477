// Positions as sums: what is looked through, and what is not since it may have changed.
import { int, knownLocals, RoutineBuilder, type RoutineCode, type RoutineStep, type Term } from '@pappus/core/routines';
import { describe, expect, it } from 'vitest';
import { affineOf, assigned, Scope } from '../../../src/codegen/routine/affine.js';

/** The code, and the positions of what it stores, in their order, each with the indices of the loops around it. */
function stored(write: (b: RoutineBuilder, store: (index: ReturnType<typeof int>) => void) => void): { readonly code: RoutineCode; readonly places: readonly { readonly term: Term; readonly around: ReadonlySet<number> }[] } {
  const b = new RoutineBuilder('float32');
  const array = b.work('x', 100);
  write(b, (index) => array.set(index, 0));
  const code = b.finish();
  const places: { term: Term; around: ReadonlySet<number> }[] = [];
  const visit = (steps: readonly RoutineStep[], around: ReadonlySet<number>): void => {
    for (const step of steps) {
      if (step.kind === 'store') places.push({ term: step.index, around });
      if (step.kind === 'for') visit(step.body, new Set([...around, step.index.id]));
      if (step.kind === 'while') visit(step.body, around);
    }
  };
  visit(code.steps, new Set());
  return { code, places };
}

function sums(write: Parameters<typeof stored>[0]): readonly (readonly [constant: number, ...terms: readonly (readonly [number, number])[]] | undefined)[] {
  const { code, places } = stored(write);
  const definitions = knownLocals(code.steps).definitions;
  return places.map(({ term, around }) => {
    const affine = affineOf(term, definitions, around);
    return affine === undefined ? undefined : [affine.constant, ...affine.terms];
  });
}

describe('a position', () => {
  it('is a sum of locals times constants, whatever the order of operations', () => {
    expect(sums((b, store) => b.for(0, 9, (i) => b.for(0, 9, (j) => {
      store(i.add(2).mul(10).sub(j).add(3));
      store(i.sub(i).add(j.mul(1)).sub(j));
      store(int(3).mul(j).add(i.mul(int(2))));
    })))).toEqual([[23, [0, 10], [1, -1]], [0], [0, [1, 3], [0, 2]]]);
  });

  it('is none if two locals are multiplied, or it is divided, chosen or loaded', () => {
    expect(sums((b, store) => b.for(0, 9, (i) => b.for(1, 9, (j) => {
      store(i.mul(j));
      store(i.div(2));
      store(i.min(3));
    })))).toEqual([undefined, undefined, undefined]);
  });

  it('looks through what is named once, in the loops that it is made of', () => {
    expect(sums((b, store) => b.for(0, 9, (i) => {
      const row = b.let(i.mul(10));
      b.for(0, 9, (j) => store(row.add(j)));
    }))).toEqual([[0, [0, 10], [2, 1]]]);
  });

  it('is a local behind the loop whose index that was made of, which stands elsewhere then', () => {
    expect(sums((b, store) => b.for(0, 3, () => {
      let last = b.let(int(0));
      b.for(0, 9, (i) => (last = b.let(i.add(1))));
      b.for(0, 2, () => store(last));
    }))).toEqual([[0, [3, 1]]]);
  });

  it('is a local that is set in several places', () => {
    expect(sums((b, store) => b.for(0, 9, (i) => {
      const at = b.let(i);
      const next = b.let(at.add(1));
      b.set(at, at.add(2));
      store(at);
      store(next);
    }))).toEqual([[0, [1, 1]], [0, [2, 1]]]);
  });
});

describe('a loop', () => {
  it('moves a position evenly that has nothing but its index and what it does not set', () => {
    const { code, places } = stored((b, store) => {
      const outside = b.let(int(4));
      b.set(outside, 5);
      b.for(0, 9, (i) => {
        const inside = b.let(i.mul(i));
        store(i.mul(3).add(outside));
        store(i.add(inside));
      });
    });
    const loop = code.steps.find((step) => step.kind === 'for');
    if (loop?.kind !== 'for') throw new Error('no loop');
    const scope = new Scope(knownLocals(code.steps).definitions, undefined, loop.index.id, loop.body);
    expect(places.map(({ term }) => {
      const affine = scope.affine(term);
      return affine !== undefined && scope.movesEvenly(affine);
    })).toEqual([true, false]);
    expect([...assigned(code.steps)].sort()).toEqual([0, 1, 2]);
  });
});
