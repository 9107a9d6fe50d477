// Calls: what may be given, when it may be read, and that a step is a step whatever the host does around it.
import { compile, type DType, input, InputError, interpreter, StaleOutputError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { interleaved } from './interleaved.js';
import type { Setting } from './setting.js';
import { spread } from './values.js';

/** A function that adds to a vector and keeps a running sum of all that it was given. */
async function accumulator(setting: Setting, dtype: DType = 'int32') {
  const x = input(dtype, ['n'], 'x');
  const total = variable(0, { dtype, name: 'total' });
  const next = total.add(x.sum());
  const run = await compile({ inputs: { x }, outputs: { y: x.add(1), next }, updates: new Map([[total, next]]) }, await setting.backend());
  return { run, total };
}

export function calls(setting: Setting): void {
  describe('calls', () => {
    it('take outputs of other functions and of the same one', async () => {
      const backend = await setting.backend();
      const { run } = await accumulator(setting);
      const x = input('int32', [3], 'x');
      const double = await compile({ inputs: { x }, outputs: { y: x.mul(2), same: x } }, backend);
      const first = await run({ x: [1, 2, 3] });
      const second = await double({ x: first.y });
      expect([...(await second.y.read())]).toEqual([4, 6, 8]);
      expect([...(await second.same.read())]).toEqual([2, 3, 4]);
      let { y } = second;
      for (let k = 0; k < 3; k++) ({ y } = await double({ x: y }));
      expect([...(await y.read())]).toEqual([32, 48, 64]);
      expect(await (await run({ x: first.y })).next.item()).toBe(6 + 9);
    });

    it('that are not waited for, with compilations and moves among them, do what they do by themselves', () => interleaved(setting));

    it('mean the values of their time: settings, reads and moves after them come after them, and before later calls', async () => {
      const x = input('int32', ['n'], 'x');
      const w = variable(100, { dtype: 'int32', name: 'w' });
      const backend = await setting.backend();
      const seen = variable(0, { dtype: 'int32', name: 'seen' });
      const f = await compile({ inputs: { x }, updates: new Map([[w, w.add(1)], [seen, x.sum().add(w)]]) }, backend);
      // The first call of a size compiles; what comes after it waits, and the second sees it.
      const all = [f({ x: [10] }), seen.item(), w.item(), w.set(10), w.item(), f({ x: [10] }), seen.item(), w.item()];
      expect((await Promise.all(all)).filter((value) => typeof value === 'number')).toEqual([110, 101, 10, 20, 11]);
      // Of two settings the last counts, and one that is refused changes nothing.
      const sizes = f({ x: [1, 2] });
      const sets = [w.set(5), w.set(0.5).catch((error: unknown) => error), w.set(7)];
      const next = f({ x: [1, 2, 3] });
      const read = seen.item();
      await Promise.all([sizes, next]);
      expect((await Promise.all(sets))[1]).toBeInstanceOf(InputError);
      expect(await read).toBe(13);
    });

    it('that wait find a variable where it was, which a move takes away after them', async () => {
      const backend = await setting.backend();
      const elsewhere = await setting.another();
      const x = input('int32', ['n'], 'x');
      const w = variable(1, { dtype: 'int32', name: 'w' });
      const f = await compile({ inputs: { x }, updates: new Map([[w, w.add(x.sum())]]) }, backend);
      const g = await compile({ inputs: { x }, updates: new Map([[w, w.mul(x.sum())]]) }, elsewhere);
      const done = [f({ x: [1] }), w.to(elsewhere), g({ x: [10] }), w.to(backend), f({ x: [3] }), w.to(elsewhere), g({ x: [10, 0] })];
      const read = w.item();
      const late = f({ x: [1] }).catch((error: unknown) => String(error));
      expect(await read).toBe(((1 + 1) * 10 + 3) * 10);
      await Promise.all(done);
      expect(await late).toMatch(/variable w lives on (another backend|the backend)/);
      expect(w.backend).toBe(elsewhere);
    });

    it('that wait have copies of what they were given: typed arrays of every kind, changed at once', async () => {
      const backend = await setting.backend();
      const x = input('float32', ['n'], 'x');
      const flags = input('bool', ['n'], 'flags');
      const f = await compile({ inputs: { x, flags }, outputs: { y: flags.where(x, x.neg()) } }, backend);
      class Odd extends Float32Array {
        override slice(): never {
          throw new RangeError('no slices');
        }
      }
      /** As Node's Buffer, which pages do not have. */
      class View extends Uint8Array<ArrayBuffer> {
        override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
          return this.subarray(start, end);
        }
      }
      const viewOf = (values: Uint8Array<ArrayBuffer>): Uint8Array => (typeof Buffer === 'undefined' ? new View(values.buffer, values.byteOffset, values.length) : Buffer.from(values.buffer, values.byteOffset, values.length));
      // Pages have shared memory if they are isolated.
      const memory = (bytes: number): ArrayBuffer | SharedArrayBuffer => (typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes));
      const shared = new Float32Array(memory(8));
      shared.set([1, 2]);
      const sharedFlags = new Uint8Array(memory(2));
      sharedFlags.set([1, 0]);
      const cases: readonly (readonly [Float32Array, Uint8Array])[] = [
        [Float32Array.of(1, 2), Uint8Array.of(1, 0)],
        [Odd.of(1, 2), viewOf(Uint8Array.of(1, 0))],
        [shared, sharedFlags],
        [new Float32Array(new Float32Array([9, 1, 2, 9]).buffer, 4, 2), viewOf(Uint8Array.of(9, 1, 0, 9).subarray(1, 3))],
      ];
      for (const [k, [values, isKept]] of cases.entries()) {
        // Each size is compiled at its first call, which waits; a call of a known size does not.
        for (const size of [2 + 2 * k, 2]) {
          const padded: Float32Array = size === 2 ? values : Float32Array.from({ length: size }, (_, i) => values[i % 2] ?? NaN);
          const flagsOf: Uint8Array = size === 2 ? isKept : viewOf(Uint8Array.from({ length: size }, (_, i) => isKept[i % 2] ?? 0));
          const before = [padded.slice === Float32Array.prototype.slice ? [...padded] : [1, 2], [...flagsOf]];
          const call = f({ x: padded, flags: flagsOf });
          padded.fill(7);
          flagsOf.fill(0);
          const { y } = await call;
          expect([...(await y.read())]).toEqual((before[0] ?? []).map((value, i) => ((before[1] ?? [])[i] === 1 ? value : -value)));
          padded.set(before[0] ?? []);
          flagsOf.set(before[1] ?? []);
        }
      }
    });

    it('take two outputs of the same function, crosswise', async () => {
      const [a, b] = [input('int32', [2], 'a'), input('int32', [2], 'b')];
      const f = await compile({ inputs: { a, b }, outputs: { left: b.add(10), right: a.add(100), old: a } }, await setting.backend());
      let out = await f({ a: [1, 2], b: [3, 4] });
      out = await f({ a: out.left, b: out.right });
      expect([...(await out.left.read()), ...(await out.right.read())]).toEqual([111, 112, 113, 114]);
      expect([...(await out.old.read())]).toEqual([13, 14]);
    });

    it('take scalar outputs as scalars', async () => {
      const [dtype = 'float32'] = setting.floats;
      const [x, rate] = [input(dtype, [2], 'x'), input(dtype, [], 'rate')];
      const f = await compile({ inputs: { x, rate }, outputs: { y: x.mul(rate), half: rate.mul(0.5), sum: x.sum() } }, await setting.backend());
      let out = await f({ x: [1, 2], rate: 4 });
      out = await f({ x: out.y, rate: out.half });
      expect([...(await out.y.read())]).toEqual([8, 16]);
      out = await f({ x: [1, 1], rate: out.sum });
      expect([...(await out.y.read())]).toEqual([12, 12]);
    });

    it('answer outputs that go stale, and that a read before the next call keeps', async () => {
      const { run } = await accumulator(setting);
      const first = await run({ x: [1, 2] });
      const reading = first.y.read();
      const second = await run({ x: [10, 20] });
      expect([...(await reading)]).toEqual([2, 3]);
      await expect(first.y.read()).rejects.toThrow(StaleOutputError);
      await expect(run({ x: first.y })).rejects.toThrow(StaleOutputError);
      expect([...(await second.y.read())]).toEqual([11, 21]);
      // Another size is another program, but the same function: its call makes earlier outputs stale too.
      await run({ x: [1] });
      await expect(second.y.read()).rejects.toThrow(StaleOutputError);
    });

    it('run in order when nobody waits for them', async () => {
      const { run, total } = await accumulator(setting);
      const sizes = [1, 2, 1, 3, 2, 1, 4];
      const results = sizes.map(async (size) => {
        const { next } = await run({ x: new Int32Array(size).fill(1) });
        return next;
      });
      const outputs = await Promise.all(results);
      const last = outputs.at(-1);
      expect(await last?.item()).toBe(14);
      expect(await total.item()).toBe(14);
      const arrays = [5, 6, 7].map((v) => Int32Array.of(v));
      const pending = arrays.map((x) => run({ x }));
      for (const array of arrays) array[0] = 1000;
      const latest = (await Promise.all(pending)).at(-1);
      expect(await latest?.next.item()).toBe(32);
    });

    it('change nothing when they throw', async () => {
      const { run, total } = await accumulator(setting);
      await run({ x: [5] });
      const bad: Readonly<Record<string, unknown>> = { x: 'nothing' };
      await expect(run({ x: Float64Array.of(1) })).rejects.toThrow();
      await expect(run({ x: [1.5] })).rejects.toThrow(InputError);
      await expect(Reflect.apply(run, undefined, [bad])).rejects.toThrow();
      expect(await total.item()).toBe(5);
    });

    it('do not keep the arrays that they are given, nor give their own away', async () => {
      const { run } = await accumulator(setting);
      const given = Int32Array.of(1, 2, 3);
      const { y } = await run({ x: given });
      given.fill(9);
      const read = await y.read();
      expect([...read]).toEqual([2, 3, 4]);
      read.fill(0);
      expect([...(await y.read())]).toEqual([2, 3, 4]);
    });

    it('and their graph have shapes that nobody can change', async () => {
      const x = input('int32', ['n'], 'x');
      const w = variable([1, 2], { dtype: 'int32', name: 'w' });
      const sizes = [2, 1];
      const column = w.reshape(sizes);
      sizes.reverse();
      expect(column.shape).toEqual([2, 1]);
      const run = await compile({ inputs: { x }, outputs: { y: x.mul(2), column } }, await setting.backend());
      const { y } = await run({ x: [3, 4] });
      for (const { shape } of [x, w, w.add(1), column, y]) expect(() => Reflect.apply(Array.prototype.push, shape, [7])).toThrow(TypeError);
      expect([x.shape.map(String), w.shape, w.add(1).shape, column.shape, y.shape]).toEqual([['n'], [2], [2], [2, 1], [2]]);
      expect([...(await (await run({ x: y })).y.read())]).toEqual([12, 16]);
    });

    it('see variables as they were set between them', async () => {
      const [dtype = 'float32'] = setting.floats;
      const w = variable({ data: spread(dtype, [3]).data, shape: [3] }, { dtype, name: 'w' });
      const rate = variable(2, { dtype, name: 'rate' });
      const flags = variable([true, false, true]);
      const f = await compile({ outputs: { y: flags.where(w.mul(rate), rate) }, updates: new Map([[w, w.add(rate)]]) }, await setting.backend());
      await w.set([1, 2, 3]);
      expect([...(await (await f()).y.read())]).toEqual([2, 2, 6]);
      await rate.set(3);
      await flags.set([false, true, true]);
      expect([...(await (await f()).y.read())]).toEqual([3, 12, 15]);
      expect([...(await w.read())]).toEqual([6, 7, 8]);
      await w.set([0, 0, 1]);
      expect([...(await (await f()).y.read())]).toEqual([3, 0, 3]);
    });

    it('follow variables that have moved away and back', async () => {
      const backend = await setting.backend();
      const w = variable([1, 2, 3], { dtype: 'int32', name: 'w' });
      const s = variable(10, { dtype: 'int32', name: 's' });
      const step = await compile({ outputs: { y: w.add(s) }, updates: new Map([[w, w.mul(2)], [s, s.add(1)]]) }, backend);
      await step();
      for (const other of [interpreter(), await setting.another()]) {
        await w.to(other);
        await expect(step()).rejects.toThrow(/variable w lives on (another backend|the backend)/);
        await s.to(other);
        const there = await compile({ updates: new Map([[w, w.add(s)]]) }, other);
        await there();
        await w.to(backend);
        await s.to(backend);
        await step();
      }
      // w: 1 -> 2, + 11 -> 13, -> 26, + 12 -> 38, -> 76
      expect(await w.read()).toEqual(Int32Array.of(76, 78, 80).map((_, k) => (((k + 1) * 2 + 11) * 2 + 12) * 2));
      expect(await s.item()).toBe(13);
    });

    it('share variables with other functions', async () => {
      const backend = await setting.backend();
      const w = variable([1, 2], { dtype: 'int32' });
      const up = await compile({ updates: new Map([[w, w.add(1)]]) }, backend);
      const double = await compile({ outputs: { w }, updates: new Map([[w, w.mul(2)]]) }, backend);
      await up();
      await double();
      await up();
      expect([...(await (await double()).w.read())]).toEqual([5, 7]);
      expect([...(await w.read())]).toEqual([10, 14]);
    });

    it('give the same bits, run after run', async () => {
      const [dtype = 'float32'] = setting.floats;
      const runs: string[] = [];
      const [width, units, batches] = setting.thorough ? [37, 29, [3, 64, 3]] : [11, 5, [3, 20, 3]];
      for (let run = 0; run < 3; run++) {
        const w = variable({ data: spread(dtype, [width, units]).data, shape: [width, units] }, { dtype });
        const x = input(dtype, ['n', width]);
        const loss = x.matmul(w).tanh().square().mean();
        const next = w.sub(w.mul(loss)).sub(x.sum(0).expandDims(1).mul(0.01));
        const f = await compile({ inputs: { x }, outputs: { loss, sums: w.sum(0), all: w.exp().sum() }, updates: new Map([[w, next]]) }, run < 2 ? await setting.backend() : await setting.another());
        const seen: number[] = [];
        for (const n of batches) {
          const out = await f({ x: { data: spread(dtype, [n, width], { seed: n }).data, shape: [n, width] } });
          for (const output of Object.values(out)) seen.push(...(await output.read()));
        }
        seen.push(...(await w.read()));
        runs.push(seen.join());
      }
      expect(new Set(runs).size).toBe(1);
    });
  });
}
