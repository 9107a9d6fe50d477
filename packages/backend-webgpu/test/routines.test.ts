// Routines on a GPU beside the interpreter's executor: what threads must agree on, what WGSL takes for real numbers, and low limits.
import { compile, type Expr, input, type TypedArray } from '@pappus/core';
import { applyRoutine, choose, defineRoutine, float, int, type RoutineBuilder, type RoutineCode, runnable } from '@pappus/core/routines';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu, type WebGpuOptions } from '../src/index.js';

type Builder = RoutineBuilder;
type Write = (b: Builder, x: ReturnType<Builder['array']>, order: ReturnType<Builder['array']>, out: ReturnType<Builder['array']>) => void;

/** A routine of some floats and some int32, for as many results. */
function routineOf(name: string, results: number, write: Write) {
  return defineRoutine({ name, itemAxes: [1, 1], results: () => [[results]] as const, write: (b, [x, order], [out]) => write(b, x, order, out), vjp: () => [null, null] });
}

type Routine = ReturnType<typeof routineOf>;

/** What the code gives for every item, floats rounded as they are stored. */
function expected(routine: Routine, x: readonly number[], order: readonly number[], items: number, results: number): number[] {
  const [n, m] = [x.length / items, order.length / items];
  const code: RoutineCode = routine.code([[items, n], [items, m]], ['float32', 'int32']);
  const run = runnable(code, { rounded: true });
  return Array.from({ length: items }, (_, item) => {
    const out = new Float64Array(results);
    run.run([Float64Array.from(x.slice(n * item, n * (item + 1))), Float64Array.from(order.slice(m * item, m * (item + 1))), out, ...run.work.map((size) => new Float64Array(size))]);
    return [...out];
  }).flat();
}

async function onGpu(routine: Routine, x: readonly number[], order: readonly number[], items: number, options: WebGpuOptions = {}): Promise<TypedArray> {
  const inputs = { x: input('float32', [items, x.length / items], 'x'), order: input('int32', [items, order.length / items], 'order') };
  const [y] = applyRoutine(routine, [inputs.x, inputs.order]);
  const outputs: Record<string, Expr> = { y };
  const f = await compile({ inputs, outputs }, await webgpu(options));
  const results = await f({ x: Float32Array.from(x), order: Int32Array.from(order) });
  const values = await results['y']?.read();
  if (values === undefined) throw new Error('no result');
  return values;
}

const N = 40;

/** Every way in which threads come to a place where they wait for each other by what was read. */
const AGREEMENT = routineOf('agreement', N + 12, (b, x, order, out) => {
  const work = b.work('work', N);
  const counts = b.array('counts', 'int32', N);
  b.parallel(0, N, (k) => work.set(k, x.at(k)));
  b.parallel(0, N, (k) => counts.set(k, order.at(k)));
  // A loop while an element says so, which each round changes; in it a choice, a loop as far as an element says, and a sum of few.
  const rounds = b.let(int(0));
  b.while(work.at(0).gt(0).and(rounds.lt(5)), () => {
    b.if(work.at(1).gt(work.at(2)), () => {
      b.parallel(0, counts.at(0), (k) => work.set(k, work.at(k).sub(1)));
      const few = b.sum(0, counts.at(1), (k) => work.at(k));
      b.if(few.lt(0), () => work.set(2, few), () => b.parallel(2, 3, (k) => work.set(k, work.at(k).add(few))));
    }, () => {
      b.for(counts.at(2), counts.at(3), (i) => b.parallel(i, N, (k) => work.set(k, work.at(k).mul(0.5))));
      b.forDown(0, counts.at(2), (i) => {
        const above = b.let(work.at(i.add(1)));
        b.parallel(0, i.add(1), (k) => work.set(k, work.at(k).sub(above)));
      });
    });
    b.set(rounds, rounds.add(1));
  });
  out.set(N, rounds.toFloat());
  // What is stored outside of loops is read by all threads, and the other way round: an exchange, a running sum, one that all threads read.
  const [first, last] = [b.let(work.at(0)), b.let(work.at(N - 1))];
  work.set(0, last);
  work.set(N - 1, first);
  b.for(1, 6, (k) => work.set(k, work.at(k).add(work.at(k.sub(1)))));
  b.for(6, 12, (k) => {
    const before = b.let(work.at(k.sub(1)));
    work.set(k, before.sub(work.at(k)));
  });
  // A bool, and a local that is set where not all threads are known to come.
  const isSmall = b.let(work.at(11).lt(1000));
  const reach = b.let(int(N));
  b.if(work.at(12).lt(work.at(13)), () => b.set(reach, order.at(4)));
  b.if(isSmall, () => b.set(isSmall, b.let(work.at(3)).lt(work.at(4))));
  b.if(isSmall.not(), () => b.parallel(0, reach, (k) => work.set(k, work.at(k).add(3))), () => b.for(0, reach.div(8), (i) => b.parallel(0, reach, (k) => work.set(k, work.at(k).add(i.toFloat())))));
  // More reductions at once than go through shared memory at a time.
  const many = b.reduce(0, N, (k) => [
    ...Array.from({ length: 7 }, (_, r) => ({ op: 'sum', value: work.at(k).mul(r + 1) }) as const),
    { op: 'max', value: work.at(k) }, { op: 'min', value: work.at(k) }, { op: 'max', value: counts.at(k) }, { op: 'sum', value: counts.at(k).mul(2) },
  ]);
  for (const [r, value] of many.entries()) out.set(N + 1 + r, value.term.type === 'int' ? value.toFloat() : value);
  // A local of the end of a loop, from behind it.
  const seen = b.let(int(0));
  b.while(seen.lt(order.at(5)), () => b.set(seen, seen.add(2)));
  b.parallel(0, N, (k) => out.set(k, choose(k.lt(seen), work.at(k), work.at(k).neg())));
});

/** By items: some that go through each branch. */
function agreementData(items: number): readonly [number[], number[]] {
  const x = Array.from({ length: items * N }, (_, k) => ((k * 29 + Math.floor(k / N) * 13) % 64) / 16 - (Math.floor(k / N) % 3 === 2 ? 2 : 0) + (k % N === 0 ? 3 : 0));
  const order = Array.from({ length: items * N }, (_, k) => [N - 3, 5, 2, 4, 24, 9][k % N] ?? k % 7);
  return [x, order];
}

/** Numbers that real numbers are not, constants that WGSL would refuse, and integers that wrap. */
const NUMBERS = routineOf('numbers', 36, (b, x, order, out) => {
  const put = (from: number, values: readonly ReturnType<typeof float>[]): void => {
    for (const [k, value] of values.entries()) out.set(from + k, value.term.type === 'int' ? value.toFloat() : value);
  };
  const [nan, infinity, large, small] = [0, 1, 2, 3].map((k) => b.let(x.at(k)));
  const [least, most, zero, seven] = [0, 1, 2, 3].map((k) => b.let(order.at(k)));
  if (nan === undefined || infinity === undefined || large === undefined || small === undefined) throw new Error('no floats');
  if (least === undefined || most === undefined || zero === undefined || seven === undefined) throw new Error('no integers');
  const difference = b.let(small.sub(large));
  put(0, [
    infinity.mul(0), nan.mul(0), small.add(0), difference.add(large), large.sub(small).sub(large), large.mul(large).div(large), float(0).div(small), float(0).div(b.let(zero.toFloat())), small.sub(small),
    choose(nan.isNan(), float(1), 2), choose(infinity.isNan(), float(1), 2), choose(nan.lt(small), float(1), 2), choose(nan.ge(small).not(), float(1), 2), choose(nan.eq(nan), float(1), 2), choose(nan.gt(0).not(), float(1), 2),
    float(-1).sqrt(), float(1).div(0), float(3e38).mul(10), float(NaN), float(-Infinity), float(2 ** -120).mul(2 ** 20).mul(2 ** 100), b.let(small.neg()).sqrt(),
  ]);
  put(22, [
    most.add(1), least.sub(1), most.mul(most), least.div(-1), seven.div(zero), seven.neg().div(2), least.div(zero), int(2 ** 31 - 1).add(1), int(-7).div(2), int(-3).neg().sub(seven), int(5).div(0), least.neg(),
    choose(seven.min(zero).eq(0).and(int(3).lt(4)), seven.max(9), seven), seven.sub(-3),
  ]);
});

const SPECIAL = [NaN, Infinity, 3e38, 1e-5];
const INTEGERS = [-(2 ** 31), 2 ** 31 - 1, 0, 7];

/** What IEEE 754 says of float32, where the executor has float64, and what int32 that wraps are as floats. */
const ANSWERS = [
  NaN, NaN, Math.fround(1e-5), 0, 0, Infinity, 0, NaN, 0, 1, 2, 2, 1, 2, 1, NaN, Infinity, Infinity, NaN, -Infinity, 1, NaN,
  -(2 ** 31), 2 ** 31, 1, -(2 ** 31), 0, -3, 0, -(2 ** 31), -3, -4, 0, -(2 ** 31), 9, 10,
];

function expectClose(actual: TypedArray, wanted: readonly number[], relative: number): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [k, value] of wanted.entries()) {
    const found = actual[k] ?? NaN;
    expect(Math.abs(found - value), `${k}: ${found} and not ${value}`).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(value)));
  }
}

describe.runIf(adapterOrComplaint('routines on WebGPU'))('a routine', () => {
  it('has threads agree where they wait, on a device that counts few workgroups and binds little', async () => {
    const [x, order] = agreementData(10);
    const limits = { maxComputeWorkgroupsPerDimension: 4, maxStorageBuffersPerShaderStage: 2, maxStorageBufferBindingSize: 8192 };
    const wanted = expected(AGREEMENT, x, order, 10, N + 12);
    expectClose(await onGpu(AGREEMENT, x, order, 10, { limits }), wanted, 1e-5);
  });

  it('has the numbers of IEEE 754 and of int32', async () => {
    expect([...(await onGpu(NUMBERS, SPECIAL, INTEGERS, 1))]).toEqual(ANSWERS);
  });

  it('gives each of many items a thread, in several dimensions of workgroups', async () => {
    const routine = routineOf('few', 3, (b, x, order, out) => {
      out.set(0, b.sum(0, 3, (k) => x.at(k).mul(2)));
      b.parallel(1, 3, (k) => out.set(k, x.at(order.at(k))));
    });
    const items = 700;
    const x = Array.from({ length: 3 * items }, (_, k) => k % 91);
    const order = x.map((value) => value % 3);
    expect([...(await onGpu(routine, x, order, items, { limits: { maxComputeWorkgroupsPerDimension: 4 } }))]).toEqual(expected(routine, x, order, items, 3));
  });

  it('that reaches out of an item is reported by a debug build', async () => {
    const routine = routineOf('beyond', 2, (_, x, order, out) => {
      out.set(0, x.at(order.at(0)));
      out.set(1, 1);
    });
    const inside = onGpu(routine, [1, 2, 3, 4], [1, 1], 2, { debug: true });
    expect([...(await inside)]).toEqual([2, 1, 4, 1]);
    await expect(onGpu(routine, [1, 2, 3, 4], [1, 2], 2, { debug: true })).rejects.toThrow('kernel k0 beyond reads element 2 of x, which has 2;');
  });
});
