// Programs that a function keeps no longer: their memory comes back, what was computed stays right, and they come again when they are needed.
import { compile, input, literal, variable } from '@pappus/core';
import { expect, it } from 'vitest';
import { cpu } from '../src/index.js';

const counting = (n: number): Int32Array => Int32Array.from({ length: n }, (_, k) => k);

it('300 sizes of one function, there and back, compute what they should in bounded memory', async () => {
  const backend = await cpu({ debug: true });
  const x = input('int32', ['n'], 'x');
  const total = variable(0, { dtype: 'int32', name: 'total' });
  const table = literal(counting(300), [300], 'int32');
  const run = await compile({ inputs: { x }, outputs: { y: x.mul(2).add(table.sum()), seen: total.add(0) }, updates: new Map([[total, total.add(x.sum())]]) }, backend);
  const offset = (299 * 300) / 2;
  let sum = 0;
  const step = async (n: number): Promise<void> => {
    const { y, seen } = await run({ x: counting(n) });
    expect([...(await y.read())]).toEqual(Array.from({ length: n }, (_, k) => 2 * k + offset));
    expect(await seen.item()).toBe(sum);
    sum += (n * (n - 1)) / 2;
  };
  for (let n = 0; n < 280; n++) await step(n);
  const { used } = backend.bytes;
  for (let n = 280; n < 300; n++) await step(n);
  // Each more has taken the place of one: what they share has grown for larger inputs, and nothing else.
  expect(backend.bytes.used - used).toBeLessThan(16 * 1024);
  for (let n = 299; n >= 0; n -= 7) await step(n);
  for (const n of [0, 299, 1, 0, 150]) await step(n);
  expect(await total.item()).toBe(sum);
  run.dispose();
  await expect(run({ x: counting(3) })).rejects.toThrow(/was disposed of/);
});

it('an output of a program that is dropped by the next may be its input, and waits for it', async () => {
  const backend = await cpu({ debug: true });
  const x = input('int32', ['n'], 'x');
  const run = await compile({ inputs: { x }, outputs: { twice: x.mul(2), x } }, backend);
  let out = await run({ x: counting(1) });
  for (let n = 2; n < 270; n++) {
    // Not awaited: the output of one is taken while the other is compiled.
    const [same, longer] = [run({ x: out.twice }), run({ x: counting(n) })];
    await same;
    out = await longer;
  }
  const last = await run({ x: out.twice });
  expect([...(await last.twice.read())]).toEqual(Array.from({ length: 269 }, (_, k) => 4 * k));
});
