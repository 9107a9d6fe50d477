// How long kernels take: who is named, that shares and counts are right, and that the numbers are what they are without.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { adam, compile, cpu, GraphError, input, interpreter, variable, zeros } from 'pappus';
import { webgpu } from 'pappus/webgpu';
import { afterEach, describe, expect, it } from 'vitest';
import { network, recurrent, seldom } from './models.js';

const BACKENDS = [
  { name: 'cpu', there: true, make: cpu },
  { name: 'webgpu', there: adapterOrComplaint('traces on WebGPU'), make: webgpu },
] as const;

afterEach(() => {
  performance.clearMeasures();
});

for (const { name, there, make } of BACKENDS) {
  describe.runIf(there)(`a trace on ${name}`, () => {
    for (const [what, model] of Object.entries({ network, recurrent })) {
      it(`has every kernel of ${what}, by its label, and changes no bit`, async () => {
        const results: Float32Array[] = [];
        for (const trace of [false, true]) {
          const { spec, values } = model();
          const step = await compile(spec, await make(), { trace });
          let loss: number | undefined;
          for (let k = 0; k < 3; k++) loss = await (await step(values))['loss']?.item();
          results.push(Float32Array.of(loss ?? NaN));
          for (const variable of spec.updates.keys()) results.push(Float32Array.from(await variable.read()));
          if (!trace) continue;
          const traced = await step.trace();
          expect(traced.steps).toBe(3);
          expect(traced.kernels.map(({ label, calls }) => ({ label, calls }))).toEqual(step.program.kernels.map(({ label, repeats }) => ({ label, calls: repeats })));
          for (const { milliseconds } of traced.kernels) expect(milliseconds).toBeGreaterThanOrEqual(0);
          expect(traced.milliseconds).toBeGreaterThan(0);
          expect(traced.kernels.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
        }
        const half = results.length / 2;
        expect(results.slice(half)).toEqual(results.slice(0, half));
      });
    }

    it('counts what runs in some steps alone by those', async () => {
      const { spec, values } = seldom();
      const step = await compile(spec, await make(), { trace: true });
      for (let k = 0; k < 9; k++) await step(values);
      const { kernels } = await step.trace();
      expect(kernels.map(({ calls }) => calls)).toEqual(step.program.kernels.map(({ when }) => (when === undefined ? 1 : 1 / 3)));
      expect(kernels.filter(({ calls }) => calls < 1).map(({ label }) => label)).toHaveLength(3);
      const entries = performance.getEntriesByType('measure');
      for (const { label, calls } of kernels) expect(entries.filter((entry) => entry.name === label)).toHaveLength(Math.round(9 * calls));
    });

    it('leaves entries for the timeline: of the step, and of every kernel', async () => {
      const { spec, values } = recurrent();
      const step = await compile(spec, await make(), { trace: true });
      await step(values);
      await step.trace();
      const entries = performance.getEntriesByType('measure');
      const top = new Set(step.program.kernels.map(({ label }) => label.replace(/^k(\d+)\.\S* .*$/, 'k$1 scan')));
      expect(new Set(entries.map((entry) => entry.name))).toEqual(new Set(['step', ...top]));
      for (const entry of entries) expect(entry.duration).toBeGreaterThanOrEqual(0);
      expect(entries.find((entry) => entry.name === 'step')).toMatchObject({ detail: { devtools: { dataType: 'track-entry', track: 'steps', trackGroup: 'Pappus' } } });
    });
  });
}

describe('a trace', () => {
  it('counts bytes and operations', async () => {
    const a = input('float32', [30, 20], 'a');
    const b = input('float32', [20, 40], 'b');
    const step = await compile({ inputs: { a, b }, outputs: { y: a.matmul(b).add(1), s: a.mul(a).sum(1) } }, await cpu(), { trace: true });
    await step({ a: new Float32Array(600), b: new Float32Array(800) });
    const { kernels } = await step.trace();
    // The product: 2 * 30 * 20 * 40 and an addition to each of 1200; reads both operands, writes the product.
    expect(kernels.find(({ label }) => label.includes('matmul'))).toMatchObject({ flop: 48_000 + 1200, bytes: 4 * (600 + 800 + 1200) });
    // The sum: a product and an addition for each of 600; reads them, writes 30.
    expect(kernels.find(({ label }) => label.includes('sum'))).toMatchObject({ flop: 1200, bytes: 4 * (600 + 30) });
  });

  it('counts what a fused Adam moves: four tensors read and three written, whatever the parameters', async () => {
    const params = [10, 20, 30].map((n) => variable(zeros([n])));
    const grads = params.map((p) => input('float32', p.shape));
    const step = await compile({ inputs: Object.fromEntries(grads.map((g, k) => [`g${k}`, g])), updates: adam(grads, params) }, await cpu(), { trace: true });
    await step(Object.fromEntries(params.map((p, k) => [`g${k}`, new Float32Array(p.shape[0] ?? 0)])));
    const { kernels } = await step.trace();
    expect(kernels.map(({ bytes }) => bytes)).toEqual([7 * 60 * 4]);
  });

  it('prints a table, the slowest kernel first', async () => {
    const { spec, values } = network();
    const step = await compile(spec, await cpu(), { trace: true });
    await step(values);
    const trace = await step.trace();
    const lines = String(trace).split('\n');
    expect(lines[0]).toMatch(/^kernel +calls +ms +share +GB\/s +GFLOP\/s$/);
    const slowest = [...trace.kernels].sort((x, y) => y.milliseconds - x.milliseconds)[0];
    expect(lines[1]?.startsWith(slowest?.label ?? '?')).toBe(true);
    expect(lines.at(-1)).toMatch(/^\d+\.\d{4} ms in all kernels of a step, after 1 steps$/);
  });

  it('says what is missing', async () => {
    const w = variable([1]);
    const updates = new Map([[w, w.mul(2)]]);
    await expect((await compile({ updates }, await cpu())).trace()).rejects.toThrow(
      new GraphError('trace: times are taken of functions that are compiled with the option { trace: true }'),
    );
    await expect((await compile({ updates: new Map([[w, w.mul(2)]]) }, w.backend ?? (await cpu()), { trace: true })).trace()).rejects.toThrow(
      new GraphError('trace: there are no times before a call; call the function first'),
    );
    const v = variable([1]);
    await expect(compile({ updates: new Map([[v, v.mul(2)]]) }, interpreter(), { trace: true })).rejects.toThrow(
      'the backend interpreter cannot take the times of its kernels; compile without the option trace',
    );
  });
});
