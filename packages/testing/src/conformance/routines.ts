// The language of routines: every step and operation of it, in loops that run in vectors or in threads and in such as cannot.
import { type DType, type Expr, scan, topK, zeros } from '@pappus/core';
import { applyRoutine, choose, defineRoutine, float, int } from '@pappus/core/routines';
import { describe, it } from 'vitest';
import { leaf, type Value } from './differential.js';
import type { Setting } from './setting.js';
import { randomRoutines } from './random-routines.js';
import { fromList, spread } from './values.js';

/** No gradient is asked of these. */
const noGradient = { vjp: (): readonly [null] => [null] } as const;

/** Every operation on floats, element by element; some elements are NaN. */
const ELEMENTWISE = defineRoutine({
  name: 'every operation on floats',
  itemAxes: [1],
  results: ([x]) => [x, x, x],
  write(b, [x], [smooth, chosen, strided]) {
    const scale = b.let(float(0.5));
    b.parallel(0, x.size, (i) => {
      const value = b.let(x.at(i));
      smooth.set(i, value.neg().abs().add(value.mul(value).add(1).sqrt()).sub(scale.mul(value).div(value.mul(value).add(2))));
    });
    b.parallel(0, x.size, (i) => {
      const value = x.at(i);
      const small = value.min(scale).max(-0.25);
      const isMiddle = value.lt(scale).and(value.le(-0.25).not()).or(value.eq(3));
      chosen.set(i, choose(value.isNan(), -7, choose(isMiddle, value, choose(value.gt(0), small, choose(value.ge(-1), float(2), small)))));
    });
    // From the last to the first, which is no vector.
    b.parallel(0, x.size, (i) => strided.set(int(x.size - 1).sub(i), x.at(i).mul(i.toFloat())));
  },
  ...noGradient,
});

/** Sums, maxima and minima, of what lies side by side and of what does not, of some and of none. */
const REDUCTIONS = defineRoutine({
  name: 'every reduction',
  itemAxes: [2],
  results: ([[rows = 1, columns = 1]]) => [[3], [rows], [columns], [2]] as const,
  write(b, [a], [all, ofRows, ofColumns, none]) {
    const [rows = 1, columns = 1] = a.shape;
    const x = b.matrix(a, rows, columns);
    const [sum, most, least] = b.reduce(0, a.size, (k) => [{ op: 'sum', value: a.at(k).mul(2) }, { op: 'max', value: a.at(k) }, { op: 'min', value: a.at(k).abs() }]);
    for (const [k, value] of [sum, most, least].entries()) if (value !== undefined) all.set(k, value);
    b.for(0, rows, (i) => ofRows.set(i, b.sum(i, columns, (j) => x.at(i, j).mul(x.at(0, j)))));
    b.for(0, columns, (j) => ofColumns.set(j, b.sum(0, rows, (i) => x.at(i, j))));
    none.set(0, b.sum(3, 2, (k) => a.at(k)));
    const [greatest] = b.reduce(5, 5, (k) => [{ op: 'max', value: a.at(k.min(0)) }]);
    if (greatest !== undefined) none.set(1, choose(greatest.lt(0), float(1), 0));
  },
  ...noGradient,
});

/** `a b^T` as loops in a parallel loop, upwards and downwards, two rows at once; and one that goes on from where another ended. */
const PRODUCTS = defineRoutine({
  name: 'loops in parallel loops',
  itemAxes: [2, 2],
  results: ([[m = 1], [n = 1, k = 1]]) => [[m, n], [m, n], [n, k]] as const,
  write(b, [left, right], [product, downwards, running]) {
    const [m = 1, depth = 1] = left.shape;
    const [n = 1] = right.shape;
    const x = b.matrix(left, m, depth);
    const turned = b.matrix(b.work('turned', depth * n), depth, n);
    const y = b.matrix(right, n, depth);
    b.for(0, n, (j) => b.parallel(0, depth, (t) => turned.set(t, j, y.at(j, t))));
    const out = b.matrix(product, m, n);
    const down = b.matrix(downwards, m, n);
    b.for(0, m, (i) => {
      const next = b.let(i.add(1).min(m - 1));
      b.parallel(0, n, (j) => {
        const sum = b.let(float(0));
        const other = b.let(float(0));
        b.for(0, depth, (t) => {
          const element = b.let(turned.at(t, j));
          b.set(sum, sum.add(x.at(i, t).mul(element)));
          b.set(other, other.add(x.at(next, t).mul(element)));
        });
        out.set(i, j, sum);
        const back = b.let(other);
        b.forDown(0, depth, (t) => b.set(back, back.sub(x.at(i, t).mul(turned.at(t, j)))));
        down.set(i, j, back);
      });
    });
    const sums = b.matrix(running, n, depth);
    b.parallel(0, depth, (t) => {
      const carried = b.let(float(0));
      b.for(0, n, (j) => {
        b.set(carried, carried.add(y.at(j, t)));
        sums.set(j, t, carried);
      });
    });
  },
  vjp: () => [null, null],
});

/** Integers, and steps that go as far as numbers say: a loop while something holds, around parallel loops and sums; choices. */
const DECISIONS = defineRoutine({
  name: 'integers and decisions',
  itemAxes: [1],
  dtype: 'int32',
  results: ([x]) => [x, x, [6]],
  write(b, [x], [collatz, halved, found]) {
    b.parallel(0, x.size, (i) => {
      const value = b.let(x.at(i).abs().add(1));
      const steps = b.let(int(0));
      b.while(value.gt(1), () => {
        b.if(value.sub(value.div(2).mul(2)).eq(0), () => b.set(value, value.div(2)), () => b.set(value, value.mul(3).add(1)));
        b.set(steps, steps.add(1));
      });
      collatz.set(i, steps);
    });
    const work = b.array('work', 'int32', x.size);
    b.parallel(0, x.size, (i) => work.set(i, x.at(i)));
    const rounds = b.let(int(0));
    const [most] = b.reduce(0, x.size, (i) => [{ op: 'max', value: work.at(i) }]);
    if (most === undefined) return;
    const largest = b.let(most);
    b.while(largest.gt(3).and(rounds.lt(20)), () => {
      b.parallel(0, x.size, (i) => work.set(i, work.at(i).div(2).neg().neg()));
      const [next] = b.reduce(0, x.size, (i) => [{ op: 'max', value: work.at(i) }]);
      if (next !== undefined) b.set(largest, next);
      b.set(rounds, rounds.add(1));
    });
    b.parallel(0, x.size, (i) => halved.set(i, work.at(i)));
    found.set(0, rounds);
    found.set(1, largest);
    const [least, sum] = b.reduce(0, x.size, (i) => [{ op: 'min', value: x.at(i) }, { op: 'sum', value: x.at(i).min(2).max(-2) }]);
    if (least !== undefined && sum !== undefined) {
      b.if(least.lt(0), () => found.set(2, b.sum(0, x.size, (i) => work.at(i))), () => found.set(2, least));
      b.if(sum.le(0).or(least.eq(0)).not(), () => found.set(3, sum), () => b.parallel(3, 4, (k) => found.set(k, sum.sub(least))));
    }
    const last = b.let(int(0));
    b.forDown(0, x.size, (i) => b.if(x.at(i).gt(0), () => b.set(last, i)));
    found.set(4, last);
    found.set(5, int(7).div(last.sub(last)));
  },
  ...noGradient,
});

/** Positions that are named, kept behind the loop that made them, set again, negative on the way, or in arrays of their own. */
const POSITIONS = defineRoutine({
  name: 'positions',
  itemAxes: [2],
  results: ([a]) => [a, a, [4]],
  write(b, [a], [shifted, permuted, kept]) {
    const [n = 1, m = 1] = a.shape;
    const x = b.matrix(a, n, m);
    const out = b.matrix(shifted, n, m);
    b.for(0, n, (i) => {
      const row = b.let(int(n - 1).sub(i));
      b.parallel(0, m, (j) => out.set(row, int(m).sub(j).sub(1), x.at(i, j)));
      // Twice over the same elements: what the first loop wrote, the second reads.
      b.parallel(0, m, (j) => out.set(row, j, out.at(row, j).mul(2).add(x.at(i, 0))));
    });
    const order = b.array('order', 'int32', n);
    b.parallel(0, n, (i) => order.set(i, i));
    b.for(0, n, (i) => {
      const other = b.let(i.mul(7).add(3));
      const target = b.let(other.sub(other.div(n).mul(n)));
      const moved = b.let(order.at(i));
      order.set(i, order.at(target));
      order.set(target, moved);
    });
    b.for(0, n, (i) => b.parallel(0, m, (j) => permuted.set(order.at(i).mul(m).add(j), x.at(i, j).sub(1))));
    let last = b.let(int(0));
    b.for(0, n, (i) => (last = b.let(i.mul(2).div(2))));
    const place = b.let(last);
    b.for(0, 2, (k) => {
      kept.set(k, x.at(last, 0));
      b.set(place, place.sub(1).max(0));
      kept.set(k.add(2), x.at(place, m - 1).add(x.at(last, 0)));
    });
  },
  ...noGradient,
});

const outputs = (results: readonly Expr[]): Record<string, Expr> => Object.fromEntries(results.map((result, k) => [`result ${k}`, result]));

export function routines(setting: Setting): void {
  describe('routines', () => {
    const given = (dtype: DType, shape: readonly number[], seed = 1): Value => spread(dtype, shape, { seed });

    for (const dtype of setting.floats) {
      it(`of ${dtype}: every operation, in vectors and one by one`, async () => {
        for (const n of setting.some([1, 2, 3, 4, 7, 16, 17, 31, 64, 71], 2, 3)) {
          const x = given(dtype, [2, n]);
          if (setting.extremes) x.data[n - 1] = NaN;
          await setting.agree({ steps: [{ x }], build: ({ inputs }) => ({ outputs: outputs(applyRoutine(ELEMENTWISE, [leaf(inputs, 'x')])) }) }, { factor: 16 });
        }
      });

      it(`of ${dtype}: reductions`, async () => {
        for (const shape of setting.some([[3, 1, 1], [1, 4, 7], [2, 33, 18], [1, 1, 100], [0, 2, 2]], 2, 2)) {
          await setting.agree({ steps: [{ x: given(dtype, shape) }], build: ({ inputs }) => ({ outputs: outputs(applyRoutine(REDUCTIONS, [leaf(inputs, 'x')])) }) }, { factor: 32, scale: 16 });
        }
      });

      it(`of ${dtype}: loops in parallel loops, of several operands`, async () => {
        for (const [m, n, k] of setting.some([[1, 1, 1], [3, 5, 2], [4, 17, 6], [2, 40, 3]] as const, 2, 1)) {
          const step = { x: given(dtype, [2, m, k]), y: given(dtype, [2, n, k], 2) };
          await setting.agree({ steps: [step], build: ({ inputs }) => ({ outputs: outputs(applyRoutine(PRODUCTS, [leaf(inputs, 'x'), leaf(inputs, 'y').mul(2)])) }) }, { factor: 32, scale: 16 });
        }
      });
    }

    it('at positions of all kinds', async () => {
      const [float = 'float32'] = setting.floats;
      for (const [n, m] of setting.some([[1, 1], [2, 3], [5, 4], [6, 19], [13, 8]] as const, 2, 3)) {
        await setting.agree({ steps: [{ x: given(float, [2, n, m]) }], build: ({ inputs }) => ({ outputs: outputs(applyRoutine(POSITIONS, [leaf(inputs, 'x')])) }) }, { factor: 4 });
      }
    });

    it('of int32: decisions that depend on numbers', async () => {
      for (const values of [[27], [5, -3, 0, 96, 18, 7], [-4, -9], Array.from({ length: 300 }, (_, k) => (k * 37) % 101)]) {
        const x = fromList('int32', [2, values.length], values);
        await setting.agree({ steps: [{ x }], build: ({ inputs }) => ({ outputs: outputs(applyRoutine(DECISIONS, [leaf(inputs, 'x')])) }) }, { factor: 0 });
      }
    });

    it('take views, and give what others read', async () => {
      const [float32 = 'float32'] = setting.floats;
      await setting.agree(
        {
          steps: [{ x: given(float32, [6, 4]) }],
          build: ({ inputs }) => {
            const [smooth, , strided] = applyRoutine(ELEMENTWISE, [leaf(inputs, 'x').transpose().slice([1, null])]);
            return { outputs: { sum: smooth.sum(1).add(strided.max()), again: applyRoutine(ELEMENTWISE, [smooth.reshape([-1])])[0] } };
          },
        },
        { factor: 32, scale: 8 },
      );
    });

    it('take what is read by index as well', async () => {
      const [float32 = 'float32'] = setting.floats;
      await setting.agree({
        steps: [{ x: given(float32, [2]) }],
        // The minimum is computed without its axis, and read by index with it.
        build: ({ inputs }) => ({ outputs: { least: topK(leaf(inputs, 'x').min(0, { keepdims: true }), 1, 0).values } }),
      });
    });

    it('run in a scan', async () => {
      const [float32 = 'float32'] = setting.floats;
      await setting.agree(
        {
          steps: [{ x: given(float32, [5, 3]) }],
          build: ({ inputs }) => {
            const { carry, outputs: all } = scan((state, x) => {
              const [next] = applyRoutine(ELEMENTWISE, [state.add(x)]);
              return { carry: next.mul(0.5), outputs: next };
            }, { carry: zeros([3], { dtype: float32 }), inputs: leaf(inputs, 'x') });
            return { outputs: { carry, all } };
          },
        },
        { factor: 64, scale: 4 },
      );
    });
  });
  randomRoutines(setting);
}
