// What routines name: integers that outlive the round or the loop that set them, bounds that are named where loops run in vectors, bools.
import { compile, input } from '@pappus/core';
import { applyRoutine, choose, defineRoutine, float, int, type RoutineBuilder } from '@pappus/core/routines';
import { describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';

type ArrayRef = ReturnType<RoutineBuilder['array']>;
type Write = (b: RoutineBuilder, x: ArrayRef, integers: ArrayRef, out: ArrayRef) => void;

const N = 9;
const COUNTING = Array.from({ length: N }, (_, k) => k);

/** The results of a routine of 0, 1, ..., 8, as floats and as integers. */
async function run(size: number, write: Write, integers: readonly number[] = COUNTING): Promise<number[]> {
  const routine = defineRoutine({ name: 'named', itemAxes: [1, 1], results: () => [[size]] as const, write: (b, [x, y], [out]) => write(b, x, y, out), vjp: () => [null, null] });
  const inputs = { x: input('float32', [N], 'x'), integers: input('int32', [integers.length], 'integers') };
  const [out] = applyRoutine(routine, [inputs.x, inputs.integers]);
  const f = await compile({ inputs, outputs: { out } }, await cpu());
  const results = await f({ x: Float32Array.from(COUNTING), integers: Int32Array.from(integers) });
  return [...(await results.out.read())];
}

describe('an integer that is named', () => {
  it('in the first round of a loop is the same in all others', async () => {
    expect(await run(3, (b, x, _, out) => b.for(0, 3, (i) => {
      let first = int(0);
      b.if(i.eq(0), () => (first = b.let(i.add(2))));
      out.set(i, x.at(first));
    }))).toEqual([2, 2, 2]);
  });

  it('in a loop within a parallel one is behind it what it was in the last round', async () => {
    expect(await run(N, (b, x, _, out) => b.parallel(0, 5, (i) => {
      let last = int(0);
      b.for(0, 3, (k) => (last = b.let(k.mul(2).add(i))));
      out.set(i, x.at(last));
    }))).toEqual([4, 5, 6, 7, 8, 0, 0, 0, 0]);
  });

  it('in a parallel loop bounds loops there', async () => {
    expect(await run(N, (b, x, _, out) => b.for(0, 1, (i) => b.parallel(0, N, (j) => {
      const [from, to] = [b.let(i.add(1)), b.let(int(4))];
      const sum = b.let(float(0));
      b.for(from, to, (k) => b.set(sum, sum.add(x.at(k))));
      b.forDown(from, to, (k) => b.set(sum, sum.add(x.at(k))));
      out.set(j, sum.add(x.at(j)));
    })))).toEqual(COUNTING.map((j) => j + 12));
  });
});

describe('bools in vectors', () => {
  it('are equal where both hold, and where none does', async () => {
    expect(await run(N, (b, x, _, out) => b.parallel(0, N, (k) => out.set(k, choose(x.at(k).lt(5).eq(x.at(k).lt(3)), x.at(k), -1))))).toEqual([0, 1, 2, -1, -1, 5, 6, 7, 8]);
  });
});

describe('a division of integers', () => {
  it('wraps by -1, and is 0 by 0', async () => {
    expect(await run(4, (b, _, integers, out) => b.for(0, 4, (k) => out.set(k, integers.at(k).div(integers.at(k.add(4))).toFloat())), [-(2 ** 31), 7, -(2 ** 31), 7, -1, 0, 0, -2])).toEqual([-(2 ** 31), 0, 0, -3]);
  });

  it('wraps by a constant -1', async () => {
    expect(await run(2, (b, _, integers, out) => b.for(0, 2, (k) => out.set(k, integers.at(k).div(-1).toFloat())), [-(2 ** 31), 7])).toEqual([-(2 ** 31), -7]);
  });
});

describe('a loop that ends at the least integer', () => {
  it('has no rounds, in whatever order', async () => {
    expect(await run(3, (b, x, integers, out) => {
      const end = b.let(integers.at(0));
      b.parallel(0, 3, (k) => out.set(k, 7));
      b.parallel(0, end, (k) => out.set(k, x.at(k)));
      b.for(0, end, (k) => out.set(k, x.at(k)));
      b.forDown(0, end, (k) => out.set(k, x.at(k)));
      out.set(0, b.sum(0, end, (k) => x.at(k)));
    }, [-(2 ** 31)])).toEqual([0, 7, 7]);
  });
});
