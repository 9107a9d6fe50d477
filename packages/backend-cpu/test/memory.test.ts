// Memory: steps take none, and what is dropped gives its own back.
import { compile, input, ones, variable } from '@pappus/core';
import { collectGarbage } from '@pappus/test-support/garbage';
import { describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';
import { adaptiveStep } from './adaptive.js';

async function heapBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('memory', () => {
  it('does not grow with steps', async () => {
    const backend = await cpu();
    const { x, loss, updates } = adaptiveStep();
    const train = await compile({ inputs: { x }, outputs: { loss }, updates }, backend);
    const batch = Float32Array.from({ length: 16 * 5 }, (_, k) => Math.cos(k));
    const steps = async (count: number): Promise<number> => {
      let last = NaN;
      for (let k = 0; k < count; k++) {
        const out = await train({ x: batch });
        if (k % 100 === 99) last = await out.loss.item();
      }
      return last;
    };
    await steps(500);
    const before = backend.bytes;
    // What steps leave behind, every 10,000 of them leave; what the engine needs once (code, say), one round has only.
    const growths: number[] = [];
    for (let round = 0; round < 3; round++) {
      const heap = await heapBytes();
      expect(await steps(10_000)).toBeGreaterThan(0);
      growths.push((await heapBytes()) - heap);
    }
    expect(backend.bytes).toEqual(before);
    // 40 bytes a step would be seen.
    expect(Math.min(...growths)).toBeLessThan(400_000);
  });

  it('does not grow with calls of other sizes, once each was called', async () => {
    const backend = await cpu();
    const x = input('float32', ['n']);
    const f = await compile({ inputs: { x }, outputs: { y: x.exp().sum() } }, backend);
    const round = async (): Promise<void> => {
      for (let n = 1; n <= 20; n++) await f({ x: new Float32Array(n) });
    };
    await round();
    const before = backend.bytes;
    for (let k = 0; k < 50; k++) await round();
    expect(backend.bytes).toEqual(before);
  });

  it('comes back from variables and functions that are dropped', async () => {
    const backend = await cpu();
    const keep = variable(ones([1000]), { name: 'keep' });
    const make = async (): Promise<void> => {
      const w = variable(ones([50_000]));
      const x = input('float32', [20_000]);
      const f = await compile({ inputs: { x }, outputs: { y: x.mul(2), sum: w.sum() }, updates: new Map([[w, w.add(1)], [keep, keep.mul(0.5)]]) }, backend);
      await f({ x: new Float32Array(20_000) });
    };
    await make();
    await collectGarbage();
    const before = backend.bytes;
    for (let k = 0; k < 100; k++) {
      await make();
      if (k % 10 === 9) await collectGarbage();
    }
    await collectGarbage();
    expect(backend.bytes.used).toBeLessThanOrEqual(before.used);
    // 100 of them would be 36 MB: those of ten rounds and some of what they leave is what is reserved.
    expect(backend.bytes.reserved).toBeLessThan(12e6);
    expect((await keep.read())[0]).toBe(2 ** -101);
  });

  it('is kept by an output that is still held, and by variables that a function reads', async () => {
    const backend = await cpu();
    const hold = async (): Promise<{ read: () => Promise<ArrayLike<number>> }> => {
      const w = variable([1, 2, 3]);
      const f = await compile({ outputs: { y: w.mul(2) } }, backend);
      return (await f()).y;
    };
    const output = await hold();
    const step = await (async () => {
      const w = variable([1, 2], { dtype: 'int32' });
      return compile({ outputs: { w }, updates: new Map([[w, w.add(1)]]) }, backend);
    })();
    await step();
    await collectGarbage();
    const others = Array.from({ length: 20 }, () => variable(ones([100])));
    await (await compile({ outputs: { sum: others.map((v) => v.sum()).reduce((a, b) => a.add(b)) } }, backend))();
    expect([...Array.from(await output.read())]).toEqual([2, 4, 6]);
    expect([...(await (await step()).w.read())]).toEqual([2, 3]);
  });

  it('of a variable that moves away is free', async () => {
    const [here, there] = [await cpu(), await cpu()];
    const w = variable(ones([30_000]));
    await w.to(here);
    const used = here.bytes.used;
    await w.to(there);
    await collectGarbage();
    expect(here.bytes.used).toBeLessThan(used - 100_000);
    expect(there.bytes.used).toBeGreaterThan(100_000);
  });
});
