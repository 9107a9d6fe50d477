// The cube root of MADGRAD's sums, beside JavaScript's own.
import { compile, evaluate, interpreter, literal, variable } from '@pappus/core';
import { expect, it } from 'vitest';
import { cubeRoot } from '../src/cube-root.js';

/** From the least subnormal number to the largest. */
const numbers = [0, 5e-324, 1e-320, ...Array.from({ length: 600 }, (_, k) => 10 ** (-300 + 1.013 * k)), 1.7e308];

it('is within four roundings, 0 of 0, and infinite where a sum has overflowed, as with pow', async () => {
  const x = variable({ data: Float64Array.from(numbers), shape: [numbers.length] });
  const roots = await (await (await compile({ outputs: { root: cubeRoot(x) } }, interpreter()))()).root.read();
  // The error of the logarithm and of the exponential is gone; those of Newton's step are left.
  for (const [k, value] of numbers.entries()) expect(Math.abs((roots[k] ?? NaN) - Math.cbrt(value)), String(value)).toBeLessThanOrEqual(4 * 2 ** -53 * Math.cbrt(value));

  const spike = await evaluate(cubeRoot(literal([Infinity, Infinity], [2], 'float64')));
  expect([...spike.data]).toEqual([Infinity, Infinity]);
  expect([...(await evaluate(cubeRoot(literal([Infinity, 3.4e38], [2], 'float32')))).data].map(Math.fround)).toEqual([Infinity, Math.fround(Math.cbrt(3.4e38))]);
});
