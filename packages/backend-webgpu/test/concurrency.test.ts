// Calls that are not waited for: of one function, of several that share variables or outputs, and moves between them.
import { BackendError, compile, input, interpreter, PappusError, StaleOutputError, variable } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { DeviceLostError, webgpu } from '../src/index.js';
import { watched } from './watched.js';

describe.runIf(adapterOrComplaint('calls that are not waited for, on WebGPU'))('calls that are not waited for', () => {
  it('see a scalar that another function writes meanwhile', async () => {
    const backend = await webgpu();
    const rate = variable(0.5, { name: 'rate' });
    const w = variable([1, 2, 3], { name: 'w' });
    const x = input('float32', [4], 'x');
    const adapt = await compile({ inputs: { x }, updates: new Map([[rate, rate.mul(x.max())]]) }, backend);
    const train = await compile({ updates: new Map([[w, w.sub(rate.mul(2))]]) }, backend);
    await adapt({ x: [1, 1, 1, 1] });
    await Promise.all([train(), adapt({ x: [1, 1, 1, 1] })]);
    expect([...(await w.read())]).toEqual([0, 1, 2]);
  });

  it('run in the order in which they were made, of whichever functions', async () => {
    const backend = await webgpu();
    const x = input('float32', [4], 'x');
    const first = await compile({ inputs: { x }, outputs: { y: x.sum(), z: x.mul(2) } }, backend);
    const [s, given] = [input('float32', [], 's'), input('float32', [4], 'given')];
    const second = await compile({ inputs: { s, given }, outputs: { scaled: given.add(1).mul(s.add(1)) } }, backend);
    const { y, z } = await first({ x: [1, 0, 0, 0] });
    // The second learns on the host what s is, and the first waits until it has.
    const [inTime, , late] = [second({ s: y, given: z }), first({ x: [7, 7, 7, 7] }), second({ s: y, given: z })];
    await expect(late).rejects.toThrow(StaleOutputError);
    expect([...(await (await inTime).scaled.read())]).toEqual([6, 2, 2, 2]);
  });

  it('run in that order too when there is no room for more under way', async () => {
    const backend = await webgpu();
    const w = variable([0], { name: 'w' });
    const step = await compile({ updates: new Map([[w, w.add(1)]]) }, backend);
    const look = await compile({ outputs: { now: w.mul(1) } }, backend);
    const steps = Array.from({ length: 200 }, () => step());
    const { now } = await look();
    expect([...(await now.read())]).toEqual([200]);
    await Promise.all(steps);
  });

  it('leave no rejection unhandled when the device is lost', async () => {
    const { gpu, devices } = watched();
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const backend = await webgpu({ gpu });
    const x = input('float32', [4], 'x');
    const first = await compile({ inputs: { x }, outputs: { y: x.sum() } }, backend);
    const s = input('float32', [], 's');
    const second = await compile({ inputs: { s }, outputs: { twice: s.mul(2) } }, backend);
    const { y } = await first({ x: [1, 2, 3, 4] });
    const refused = expect(second({ s: y })).rejects.toThrow(PappusError);
    const again = first({ x: [1, 2, 3, 4] });
    devices[0]?.destroy();
    await refused;
    await again.catch((error: unknown) => expect(error).toBeInstanceOf(DeviceLostError));
    await devices[0]?.lost;
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('are not lost while their variable moves away', async () => {
    for (const [from, to] of [[await webgpu(), interpreter()], [interpreter(), await webgpu()]] as const) {
      const w = variable([1, 2], { name: 'w' });
      const step = await compile({ updates: new Map([[w, w.mul(2)]]) }, from);
      await step();
      const late = [step(), step(), w.to(to), step().catch((error: unknown) => error)];
      expect((await Promise.all(late)).at(-1)).toBeInstanceOf(BackendError);
      expect(w.backend).toBe(to);
      expect([...(await w.read())]).toEqual([8, 16]);
      await Promise.all([w.to(from), w.set([3, 4])]);
      expect(w.backend).toBe(from);
      expect([...(await w.read())]).toEqual([3, 4]);
    }
  });
});
