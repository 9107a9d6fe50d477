// Sums of many float32 numbers: blocked, so that they do not stop growing at 2^24 as a running sum does.
import { compile, type Expr, input, scatterAdd, variable, zeros } from '@pappus/core';
import { THOROUGH } from '@pappus/testing/thorough';
import { describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';

const COUNT = 2e7;
const TENTHS = THOROUGH ? 3e7 : 6e6;

/** The largest distance of an element from a number. */
function farthest(values: ArrayLike<number>, from: number): number {
  let distance = 0;
  for (let i = 0; i < values.length; i++) distance = Math.max(distance, Math.abs((values[i] ?? NaN) - from));
  return distance;
}

describe('long sums of float32', () => {
  it('of ones are exact: of a variable, of an input, along either axis', async () => {
    const backend = await cpu();
    const ones = new Float32Array(COUNT).fill(1);
    const held = variable({ data: ones, shape: [COUNT] });
    const whole = await compile({ outputs: { sum: held.sum(), scaled: held.mul(0.5).sum().mul(2), mean: held.mean() } }, backend);
    const out = await whole();
    expect([await out.sum.item(), await out.scaled.item(), await out.mean.item()]).toEqual([COUNT, COUNT, 1]);

    const x = input('float32', ['n']);
    const given = await compile({ inputs: { x }, outputs: { sum: x.sum() } }, backend);
    expect(await (await given({ x: ones })).sum.item()).toBe(COUNT);
    expect(await (await given({ x: ones.subarray(3) })).sum.item()).toBe(Math.fround(COUNT - 3));

    for (const shape of [[4, COUNT / 4], [COUNT / 4, 4], [COUNT / 5, 5], [1000, COUNT / 1000], [COUNT / 100, 100]] as const) {
      const matrix = input('float32', [...shape]);
      const f = await compile({ inputs: { matrix }, outputs: { rows: matrix.sum(1), columns: matrix.sum(0), all: matrix.sum() } }, backend);
      const { rows, columns, all } = await f({ matrix: { data: ones, shape: [...shape] } });
      expect(farthest(await rows.read(), shape[1])).toBe(0);
      expect(farthest(await columns.read(), shape[0])).toBe(0);
      expect(await all.item()).toBe(COUNT);
    }
  });

  it('of tenths have a mean of a tenth', async () => {
    const backend = await cpu();
    const tenths = new Float32Array(TENTHS).fill(0.1);
    const exact = Math.fround(0.1);
    const x = input('float32', [TENTHS]);
    const mean = await compile({ inputs: { x }, outputs: { mean: x.mean() } }, backend);
    expect(Math.abs((await (await mean({ x: tenths })).mean.item()) - 0.1)).toBeLessThan(1e-6);
    for (const shape of [[3, TENTHS / 3], [TENTHS / 3, 3], [TENTHS / 64, 64]] as const) {
      const matrix = input('float32', [...shape]);
      const f = await compile({ inputs: { matrix }, outputs: { rows: matrix.mean(1), columns: matrix.mean(0) } }, backend);
      const { rows, columns } = await f({ matrix: { data: tenths, shape: [...shape] } });
      expect(farthest(await rows.read(), exact)).toBeLessThan(1e-6);
      expect(farthest(await columns.read(), exact)).toBeLessThan(1e-6);
    }
  });

  it('at computed positions, too, whether elements or rows are added', async () => {
    const backend = await cpu();
    const count = 3_000_000;
    for (const width of [undefined, 1, 2]) {
      const rest = width === undefined ? [] : [width];
      const updates = input('float32', [count, ...rest]);
      const at = input('int32', [count]);
      const run = await compile({ inputs: { updates, at }, outputs: { y: scatterAdd(zeros([3, ...rest]), at, updates) } }, backend);
      const data = new Float32Array(count * (width ?? 1)).fill(0.1);
      const { y } = await run({ updates: { data, shape: [count, ...rest] }, at: new Int32Array(count).fill(1) });
      const sums = await y.read();
      const exact = Math.fround(0.1) * count;
      // 4 units in the last place of 300,000.
      for (let k = 0; k < (width ?? 1); k++) expect(Math.abs((sums[(width ?? 1) + k] ?? NaN) - exact)).toBeLessThanOrEqual(4 * 2 ** -5);
      expect([...sums].filter((s) => s === 0)).toHaveLength(2 * (width ?? 1));
    }
  });

  it('of float64 lose no more than their terms do', async () => {
    const count = 4e6;
    const data = Float64Array.from({ length: count }, (_, k) => 1 + (k % 7) * 2 ** -50);
    const x = input('float64', [count]);
    const f = await compile({ inputs: { x }, outputs: { excess: x.sub(1).sum(), sum: x.sum() } }, await cpu());
    const { excess, sum } = await f({ x: data });
    let expected = 0;
    for (let k = 0; k < count; k++) expected += k % 7;
    expect(await excess.item()).toBe(expected * 2 ** -50);
    expect(Math.abs((await sum.item()) - (count + expected * 2 ** -50))).toBeLessThan(count * 1e-14);
  });
});

/** Numbers whose sums round unluckily: those of the issue and of everyday, and the edges of a binade and its thirds. */
const NUMBERS = [1.23456, 0.1, 1 / 3, 0.7, 1 + 2 ** -23, 2 - 2 ** -22, 4 / 3 + 2 ** -22, 1.6000001, 1.1428572, 1.7777910232543945];

/** The unit in the last place of a float32 near a number. */
function lastPlace(exact: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 23);
}

/** How far a float32 is from a number, in units of its last place. */
function places(value: number, exact: number): number {
  return Math.abs(value - exact) / lastPlace(exact);
}

/** Matrices and cubes, and each reduction of them with the number of terms of a result. */
const SHAPES: readonly { readonly shape: readonly number[]; readonly sums: readonly { readonly axes: readonly number[]; readonly count: number }[] }[] = [
  { shape: [62_500], sums: [{ axes: [0], count: 62_500 }] },
  // So many of 1.77779 come close to a power of two: blocks of sixteen would be off by more than four places.
  { shape: [73_664], sums: [{ axes: [0], count: 73_664 }] },
  { shape: [2302, 32], sums: [{ axes: [0], count: 2302 }, { axes: [0, 1], count: 73_664 }] },
  { shape: [1003, 61], sums: [{ axes: [0], count: 1003 }, { axes: [1], count: 61 }, { axes: [0, 1], count: 1003 * 61 }] },
  { shape: [61, 1003], sums: [{ axes: [0], count: 61 }, { axes: [1], count: 1003 }] },
  { shape: [3, 20_011], sums: [{ axes: [0], count: 3 }, { axes: [1], count: 20_011 }] },
  { shape: [20_011, 3], sums: [{ axes: [0], count: 20_011 }, { axes: [1], count: 3 }] },
  { shape: [17, 257, 23], sums: [{ axes: [1], count: 257 }, { axes: [0, 1], count: 17 * 257 }, { axes: [1, 2], count: 257 * 23 }, { axes: [0, 2], count: 17 * 23 }, { axes: [0, 1, 2], count: 17 * 257 * 23 }] },
];

describe('sums of equal numbers', () => {
  it('of float32 are off by four units in the last place at most, along every axis, and after what is fused before', async () => {
    const backend = await cpu();
    for (const { shape, sums } of SHAPES) {
      const x = input('float32', [...shape]);
      const bodies: readonly ((e: Expr) => Expr)[] = [(e) => e, (e) => e.mul(2), (e) => e.relu().neg().neg().abs().mul(0.5).mul(4)];
      const outputs = Object.fromEntries(bodies.flatMap((body, b) => sums.map(({ axes }, k) => [`y${b} ${k}`, body(x).sum([...axes])])));
      const f = await compile({ inputs: { x }, outputs }, backend);
      const size = shape.reduce((a, b) => a * b, 1);
      for (const number of NUMBERS) {
        const data = new Float32Array(size).fill(number);
        const out = await f({ x: { data, shape: [...shape] } });
        for (const [b] of bodies.entries()) {
          for (const [k, { count }] of sums.entries()) {
            const exact = Math.fround(number) * count * (b === 0 ? 1 : 2);
            const values = await out[`y${b} ${k}`]?.read();
            expect(farthest(values ?? [NaN], exact) / lastPlace(exact)).toBeLessThanOrEqual(4);
          }
        }
      }
    }
  });

  it('of every small count, too', async () => {
    const x = input('float32', ['n']);
    const f = await compile({ inputs: { x }, outputs: { sum: x.sum(), mean: x.mean() } }, await cpu());
    for (const count of [...Array.from({ length: 70 }, (_, k) => k + 1), 111, 112, 113, 119, 126, 127, 128, 129, 255]) {
      for (const number of NUMBERS) {
        const { sum, mean } = await f({ x: new Float32Array(count).fill(number) });
        expect(places(await sum.item(), Math.fround(number) * count)).toBeLessThanOrEqual(4);
        expect(places(await mean.item(), Math.fround(number))).toBeLessThanOrEqual(4);
      }
    }
  });

  it('of ten and a hundred millions are', async () => {
    const backend = await cpu();
    const x = input('float32', ['n']);
    const held = await compile({ inputs: { x }, outputs: { sum: x.sum(), mean: x.mean(), squares: x.square().sum() } }, backend);
    const a = input('float32', [10_000, 1]);
    const zeros = input('float32', [1, 10_000]);
    // No tensor of a hundred millions is there: its elements are computed as they are added.
    const computed = await compile({ inputs: { a, zeros }, outputs: { sum: a.add(zeros).sum() } }, backend);
    for (const number of [1.23456, 0.1]) {
      const given = Math.fround(number);
      const { sum, mean, squares } = await held({ x: new Float32Array(1e7).fill(number) });
      expect(places(await sum.item(), given * 1e7)).toBeLessThanOrEqual(4);
      expect(places(await mean.item(), given)).toBeLessThanOrEqual(4);
      expect(places(await squares.item(), Math.fround(given * given) * 1e7)).toBeLessThanOrEqual(4);
      const inputs = { a: { data: new Float32Array(10_000).fill(number), shape: [10_000, 1] }, zeros: { data: new Float32Array(10_000), shape: [1, 10_000] } };
      expect(places(await (await computed(inputs)).sum.item(), given * 1e8)).toBeLessThanOrEqual(4);
    }
  });

  it('of float64 are: a hundred millions of them, and along either axis', async () => {
    const backend = await cpu();
    const a = input('float64', ['m', 1]);
    const zeros = input('float64', [1, 'n']);
    const matrix = a.add(zeros);
    const f = await compile({ inputs: { a, zeros }, outputs: { all: matrix.sum(), rows: matrix.sum(1), columns: matrix.sum(0) } }, backend);
    for (const [m, n] of [[10_000, 10_000], [70_001, 3], [3, 70_001], [123, 45]] as const) {
      for (const number of [1.23456, 0.1]) {
        const inputs = { a: { data: new Float64Array(m).fill(number), shape: [m, 1] }, zeros: { data: new Float64Array(n), shape: [1, n] } };
        const { all, rows, columns } = await f(inputs);
        // As integers, which are exact: the numbers are multiples of 2^-60.
        const scaled = (value: number): bigint => BigInt(value * 2 ** 60);
        const check = (value: number, count: number): void => {
          const error = Math.abs(Number(scaled(value) - scaled(number) * BigInt(count))) / 2 ** 60;
          expect(error / 2 ** (Math.floor(Math.log2(number * count)) - 52)).toBeLessThanOrEqual(4);
        };
        check(await all.item(), m * n);
        for (const value of (await rows.read()).slice(0, 100)) check(value, n);
        for (const value of (await columns.read()).slice(0, 100)) check(value, m);
      }
    }
  });

  it('that are infinite, or become so, are no NaN', async () => {
    for (const [dtype, large] of [['float32', 3e38], ['float64', 1.7e308]] as const) {
      const x = input(dtype, ['n']);
      const f = await compile({ inputs: { x }, outputs: { sum: x.sum() } }, await cpu());
      const sumOf = async (value: number): Promise<number> => {
        const data = dtype === 'float32' ? new Float32Array(1000) : new Float64Array(1000);
        return (await f({ x: data.fill(value) })).sum.item();
      };
      expect(await sumOf(large)).toBe(Infinity);
      expect(await sumOf(-large)).toBe(-Infinity);
      expect(await sumOf(Infinity)).toBe(Infinity);
      expect(await sumOf(NaN)).toBeNaN();
    }
  });

  it('at computed positions beside others that get few: every form of row, in an order of its own', async () => {
    const backend = await cpu();
    const [count, places] = [1000, 3000];
    // Every third addition falls on one place, the others on places of their own.
    const index = Int32Array.from({ length: count }, (_, k) => (k % 3 === 0 ? 7 : 1000 + k));
    for (const dtype of ['float32', 'float64'] as const) {
      const tenth = dtype === 'float32' ? Math.fround(0.1) : 0.1;
      const unit = dtype === 'float32' ? 2 ** -18 : 2 ** -47;
      for (const [axis, row] of [[0, []], [0, [2]], [0, [21]], [0, [3, 21]], [1, [6]], [1, [7]]] as const) {
        const shapeOf = (n: number): number[] => (axis === 0 ? [n, ...row] : [...row, n]);
        const i = input('int32', [count]);
        const values = zeros(shapeOf(count), { dtype }).add(0.1);
        const f = await compile({ inputs: { i }, outputs: { y: zeros(shapeOf(places), { dtype }).scatterAdd(i, values, axis) } }, backend);
        const y = await (await f({ i: index })).y.read();
        const width = row.reduce((product: number, n) => product * n, 1);
        const expected = Array.from({ length: places }, (_, place) => (place === 7 ? 334 * tenth : place >= 1000 && place < 2000 && (place - 1000) % 3 !== 0 ? tenth : 0));
        for (let place = 0; place < places; place++) {
          for (let k = 0; k < width; k++) {
            const value = y[axis === 0 ? place * width + k : k * places + place] ?? NaN;
            const wanted = expected[place] ?? NaN;
            if (!(Math.abs(value - wanted) <= (place === 7 ? 4 * unit : 0))) expect.fail(`${dtype} [${shapeOf(places).join()}] at ${place}, ${k}: ${value}, not ${wanted}`);
          }
        }
      }
    }
  });
});
