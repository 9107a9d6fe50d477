// Maxima, minima, signs and choices, whose code depends on what is known of an operand: the same as by the definition, NaN and the sign of 0 included.
import { abs, clip, compile, type Expr, input, maximum, minimum, printProgram, relu, sign, sqrt, square, where } from '@pappus/core';
import { itemAt } from '@pappus/compiler';
import { describe, expect, it } from 'vitest';
import { cpu } from '../../src/index.js';

const NUMBERS = [NaN, 0, -0, 1, -1, 0.5, -3, Infinity, -Infinity, 2 ** -100];
/** Every number beside every other one. */
const X = NUMBERS.flatMap((x) => NUMBERS.map(() => x));
const Y = NUMBERS.flatMap(() => NUMBERS);

const max = (a: number, b: number): number => Math.max(a, b);
const min = (a: number, b: number): number => Math.min(a, b);

type Case = [name: string, expr: (x: Expr, y: Expr) => Expr, definition: (x: number, y: number) => number, instructions: RegExp];
const ANY = /./;
const LIMITS = [0, -0, 1, -1, Infinity, -Infinity, NaN];

/** `instructions`: those of the largest and smallest that the code has. */
const CASES: readonly Case[] = [
  ['max(x, y)', (x, y) => maximum(x, y), max, /\.max/],
  ['min(x, y)', (x, y) => minimum(x, y), min, /\.min/],
  ['max(|x|, y)', (x, y) => maximum(abs(x), y), (x, y) => max(Math.abs(x), y), /\.pmax/],
  ['max(y, |x|)', (x, y) => maximum(y, abs(x)), (x, y) => max(Math.abs(x), y), /\.pmax/],
  ['max(x, x y + y^2)', (x, y) => maximum(x, x.mul(y).add(square(y))), (x, y) => max(x, x * y + y * y), /\.pmax/],
  ['max(x, 1 - y)', (x, y) => maximum(x, y.neg().add(1)), (x, y) => max(x, 1 - y), /\.pmax/],
  ['max(x, x - y)', (x, y) => maximum(x, x.sub(y)), (x, y) => max(x, x - y), /\.max/],
  ['max(|x| y, x)', (x, y) => maximum(abs(x).mul(y), x), (x, y) => max(Math.abs(x) * y, x), /\.max/],
  ['max(x (y - 3/4), x)', (x, y) => maximum(x.mul(y.add(-0.75)), x), (x, y) => max(x * (y - 0.75), x), /\.max/],
  ['max(x - |y|, y)', (x, y) => maximum(x.sub(abs(y)), y), (x, y) => max(x - Math.abs(y), y), /\.max/],
  ['max(|x| times -0, x)', (x) => maximum(abs(x).mul(-0), x), (x) => max(Math.abs(x) * -0, x), /\.max/],
  ['max(min(|x|, y), x)', (x, y) => maximum(minimum(abs(x), y), x), (x, y) => max(min(Math.abs(x), y), x), /\.max/],
  ['max((|x| - |y|) |x|, x)', (x, y) => maximum(abs(x).sub(abs(y)).mul(abs(x)), x), (x, y) => max((Math.abs(x) - Math.abs(y)) * Math.abs(x), x), /\.max/],
  ['max(x, root of x)', (x) => maximum(x, sqrt(x)), (x) => max(x, Math.sqrt(x)), /\.max/],
  ['max(y, root of |x|)', (x, y) => maximum(y, sqrt(abs(x))), (x, y) => max(y, Math.sqrt(Math.abs(x))), /\.pmax/],
  ['min(|x|, y)', (x, y) => minimum(abs(x), y), (x, y) => min(Math.abs(x), y), /\.min/],
  ['min(|x|, y^2)', (x, y) => minimum(abs(x), square(y)), (x, y) => min(Math.abs(x), y * y), /\.pmin/],
  ['relu', (x) => relu(x), (x) => max(x, 0), /\.le/],
  ['clip(x, -1, 1)', (x) => clip(x, -1, 1), (x) => min(max(x, -1), 1), /\.pmax[^]*\.pmin|\.pmin[^]*\.pmax/],
  ['sign', (x) => sign(x), Math.sign, ANY],
  ...LIMITS.flatMap((limit): Case[] => [
    [`max(x, ${show(limit)})`, (x) => maximum(x, limit), (x) => max(x, limit), ANY],
    [`max(${show(limit)}, x)`, (x) => maximum(limit, x), (x) => max(x, limit), ANY],
    [`min(x, ${show(limit)})`, (x) => minimum(x, limit), (x) => min(x, limit), ANY],
    [`min(${show(limit)}, x)`, (x) => minimum(limit, x), (x) => min(x, limit), ANY],
    [`x > y ? x : ${show(limit)}`, (x, y) => where(x.gt(y), x, limit), (x, y) => (x > y ? x : limit), ANY],
    [`x > y ? ${show(limit)} : x`, (x, y) => where(x.gt(y), limit, x), (x, y) => (x > y ? limit : x), ANY],
  ]),
];

function show(limit: number): string {
  return Object.is(limit, -0) ? '-0' : String(limit);
}

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  const round = dtype === 'float32' ? Math.fround : (value: number): number => value;
  const [x, y] = [input(dtype, [X.length], 'x'), input(dtype, [Y.length], 'y')];

  // What is the same for a whole loop, or for each row of one.
  it.each([[[]], [[LIMITS.length, 1]]])('clipped at limits of the shape %j, which the tensors hold', async (shape) => {
    const [low, high] = [input(dtype, shape, 'low'), input(dtype, shape, 'high')];
    const one = input(dtype, [NUMBERS.length], 'one');
    const f = await compile({ inputs: { one, low, high }, outputs: { clipped: clip(one, low, high), larger: maximum(low, one) } }, await cpu());
    for (const [start, limit] of LIMITS.entries()) {
      const lows = shape.length === 0 ? [limit] : LIMITS;
      const highs = lows.map((_, k) => itemAt(LIMITS, (start + 3 * k + 1) % LIMITS.length, 'a limit'));
      const given = (values: number[]): number | number[][] => (shape.length === 0 ? itemAt(values, 0, 'a limit') : values.map((value) => [value]));
      const { clipped, larger } = await f({ one: NUMBERS, low: given(lows), high: given(highs) });
      const expected = (of: (value: number, low: number, high: number) => number): number[] => lows.flatMap((low, k) => NUMBERS.map((value) => of(round(value), low, itemAt(highs, k, 'a limit'))));
      expect(Array.from(await clipped.read())).toEqual(expected((value, low, high) => min(max(value, low), high)));
      expect(Array.from(await larger.read())).toEqual(expected((value, low) => max(value, low)));
    }
    expect(await printProgram(f, { code: true })).not.toMatch(/\.(max|min)\b/);
  });

  it.each(CASES)('%s', async (_, expr, definition, instructions) => {
    const f = await compile({ inputs: { x, y }, outputs: { z: expr(x, y) } }, await cpu());
    const { z } = await f({ x: X, y: Y });
    const expected = X.map((value, k) => definition(round(value), round(itemAt(Y, k, 'a number'))));
    expect(Array.from(await z.read())).toEqual(expected.map(round));
    expect(await printProgram(f, { code: true })).toMatch(instructions);
  });
});
