// Reductions in vectors: every way, every lane and no more of them, and the error of one run however many there are.
import type { DType } from '@pappus/core';
import type { ReduceOp } from '@pappus/core/backend';
import { describe, expect, it } from 'vitest';
import { Accumulator, RUN } from '../../src/codegen/accumulator.js';
import { type LaneCount, loadContiguous } from '../../src/codegen/vectors.js';
import { v128 } from '../../src/wasm/instructions.js';
import { lanesIn, run, viewOf } from './function-runner.js';

const OPS: Readonly<Record<ReduceOp, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
  all: Math.min,
  any: Math.max,
};

const KINDS: readonly (readonly [DType, LaneCount])[] = [['float32', 4], ['float32', 2], ['float64', 2], ['int32', 4], ['int32', 2], ['bool', 4], ['bool', 2]];
const FROM = 1024;

interface Options {
  readonly ways?: number;
  readonly valid?: number;
  /** Vectors of a run. */
  readonly flushEvery?: number;
  readonly single?: boolean;
}

/** What vectors side by side come to: in each lane, and over all of them. The last vector has `valid` lanes that count. */
function reduced(op: ReduceOp, dtype: DType, lanes: LaneCount, elements: ArrayLike<number>, { ways = 1, valid = lanes, flushEvery = Infinity, single = false }: Options = {}): { readonly lanewise: number[]; readonly across: number } {
  const count = elements.length / lanes;
  const size = dtype === 'bool' ? 1 : dtype === 'float64' ? 8 : 4;
  const memory = run((f, base) => {
    const sum = new Accumulator(f, op, dtype, lanes, ways, single);
    sum.start();
    for (let k = 0; k < count; k++) {
      const vector = f.let(loadContiguous(dtype, lanes, { base, bytes: k * lanes * size, bounds: undefined }, lanes));
      sum.add(vector, k % ways, k === count - 1 ? valid : lanes);
      if (k % flushEvery === flushEvery - 1) sum.flush();
    }
    sum.flush();
    f.emit(v128.store(base, sum.lanewise(), 32768));
    f.emit(v128.store(base, sum.across(), 32768 + 16));
  }, FROM, (buffer) => viewOf(dtype, buffer, FROM, elements.length).set(elements));
  return { lanewise: lanesIn(dtype, lanes, memory, FROM + 32768), across: lanesIn(dtype, lanes, memory, FROM + 32768 + 16)[0] ?? NaN };
}

describe.each(KINDS)('%s in %i lanes', (dtype, lanes) => {
  const ops: readonly ReduceOp[] = dtype === 'bool' ? ['all', 'any'] : ['sum', 'prod', 'max', 'min'];

  it.each(ops)('%s of each lane, and of all', (op) => {
    // All on one side of 0, too.
    const away = op === 'max' ? -5 : op === 'min' ? 5 : 0;
    for (const ways of [1, 2, 3, 4]) {
      for (let valid = 1; valid <= lanes; valid++) {
        for (let shift = 0; shift < 3; shift++) {
          const elements = Array.from({ length: 5 * lanes }, (_, k) => (dtype === 'bool' ? Number((k * 5 + shift) % (shift === 2 ? 2 : 7) !== 1) : (((k * 7 + shift * 3) % 5) - 2 || 2) + (shift === 2 ? away : 0)));
          const counted = elements.map((x, k) => ({ x, lane: k % lanes })).filter((_, k) => k < 4 * lanes + valid);
          const { lanewise, across } = reduced(op, dtype, lanes, elements, { ways, valid, flushEvery: 3 });
          const total = (list: readonly { readonly x: number }[]): number => list.map(({ x }) => x).reduce((a, b) => OPS[op](a, b));
          expect(lanewise, `${ways} ways, ${valid} lanes`).toEqual(Array.from({ length: lanes }, (_, lane) => total(counted.filter((c) => c.lane === lane))));
          expect(across, `${ways} ways, ${valid} lanes`).toBe(total(counted));
        }
      }
    }
  });
});

describe('sums', () => {
  it('of float32 are off by one run, however many there are', () => {
    const elements = Float32Array.from({ length: 4 * RUN * 200 }, () => 0.1);
    const { lanewise, across } = reduced('sum', 'float32', 4, elements, { flushEvery: RUN });
    const unit = (x: number): number => 2 ** (Math.floor(Math.log2(x)) - 23);
    const exact = (count: number): number => Math.fround(0.1) * count;
    for (const x of lanewise) expect(Math.abs(x - exact(RUN * 200)) / unit(x)).toBeLessThanOrEqual(4);
    expect(Math.abs(across - exact(elements.length)) / unit(exact(elements.length))).toBeLessThanOrEqual(4);
  });

  it('of float64 keep what large runs take from small ones', () => {
    const elements = [2 ** 60, 1, 1, 3, -(2 ** 60), 5, 2, 7];
    const { lanewise, across } = reduced('sum', 'float64', 2, elements, { flushEvery: 1 });
    expect(lanewise).toEqual([3, 16]);
    expect(across).toBe(19);
  });

  it('of what is infinite are infinite, and no NaN', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const lanes = dtype === 'float32' ? 4 : 2;
      const elements = Array.from({ length: 3 * lanes }, (_, k) => (k === 1 ? Infinity : 1));
      const { lanewise, across } = reduced('sum', dtype, lanes, elements, { flushEvery: 1 });
      expect([lanewise[0], lanewise[1], across]).toEqual([3, Infinity, Infinity]);
      expect(reduced('sum', dtype, lanes, elements.map((x, k) => (k === lanes + 1 ? -Infinity : x)), { flushEvery: 1 }).across).toBeNaN();
    }
  });

  it('of one run need no more than it', () => {
    expect(reduced('sum', 'float64', 2, [1, 2, 3, 4], { single: true }).across).toBe(10);
  });
});
