// Routines over tensors at the beginning of the memory: what counts downwards is, without its constant, before all memory.
import { compile, type Expr, solve, variable } from '@pappus/core';
import { applyRoutine, defineRoutine, int } from '@pappus/core/routines';
import { expect, it } from 'vitest';
import { cpu } from '../src/index.js';

/** A matrix turned about its centre, by positions that fall with both indices, and what it was with its rows turned added. */
const TURN = defineRoutine({
  name: 'turn',
  itemAxes: [2],
  results: ([a]) => [a],
  write(b, [a], [turned]) {
    const [n = 1, m = 1] = a.shape;
    const [x, y] = [b.matrix(a, n, m), b.matrix(turned, n, m)];
    b.for(0, n, (i) => b.for(0, m, (j) => y.set(int(n - 1).sub(i), int(m - 1).sub(j), x.at(i, j))));
    b.for(0, n, (i) => b.parallel(0, m, (j) => y.set(int(n - 1).sub(i), j, y.at(int(n - 1).sub(i), j).add(x.at(i, j)))));
  },
  vjp: () => [null],
});

async function turn(n: number, m: number): Promise<void> {
  const data = Float32Array.from({ length: n * m }, (_, k) => k);
  // The only result is the output itself, the first tensor of the memory.
  const [turned] = applyRoutine(TURN, [variable({ data, shape: [n, m] })]);
  const run = await compile({ outputs: { turned } }, await cpu());
  const outputs = await run();
  const at = (i: number, j: number): number => i * m + j;
  expect([...(await outputs.turned.read())]).toEqual(Array.from(data, (_, k) => at(n - 1 - Math.floor(k / m), m - 1 - (k % m)) + at(n - 1 - Math.floor(k / m), k % m)));
}

it.each([[2, 3], [31, 33], [45, 45], [300, 280]] as const)('turns a matrix of %i x %i', turn);

it.each([33, 316])('solves a system of %i variables', async (n) => {
  const entry = (k: number): number => (k % (n + 1) === 0 ? n : 0) + Math.sin(k);
  const a: Expr = variable({ data: Float32Array.from({ length: n * n }, (_, k) => entry(k)), shape: [n, n] });
  const right = variable({ data: Float32Array.from({ length: n * n }, (_, k) => Math.cos(k)), shape: [n, n] });
  const run = await compile({ outputs: { left: a.matmul(solve(a, right)).sub(right).abs().max() } }, await cpu());
  expect(await (await run()).left.item()).toBeLessThan(10 * n * 2 ** -23);
});
