// What a step costs the host: one call, and nothing compiled for what changes from step to step.
import { compile, type Expr, grad, input, variable, type Variable } from '@pappus/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cpu } from '../src/index.js';
import { adaptiveStep } from './adaptive.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A linear fit whose learning rate is a variable. */
function fit(): { readonly x: Expr; readonly rate: Variable; readonly w: Variable; readonly loss: Expr; readonly updates: Map<Variable, Expr> } {
  const x = input('float32', ['batch', 4], 'x');
  const w = variable([1, 2, 3, 4], { name: 'w' });
  const rate = variable(0.1, { name: 'rate' });
  const loss = x.matmul(w).square().mean();
  return { x, rate, w, loss, updates: new Map([[w, w.sub(rate.mul(grad(loss, w)))]]) };
}

describe('a step', () => {
  it('compiles once for ten steps with other rates and other inputs, and once more for another size', async () => {
    const backend = await cpu();
    const prepare = vi.spyOn(backend, 'prepare');
    const instantiate = vi.spyOn(WebAssembly, 'instantiate');
    const { x, rate, w, loss, updates } = fit();
    const train = await compile({ inputs: { x }, outputs: { loss }, updates }, backend);
    const batch = (size: number, k: number): Float32Array => Float32Array.from({ length: size * 4 }, (_, i) => Math.sin(i + k));
    const seen = new Set<number>();
    for (let k = 0; k < 10; k++) {
      await rate.set(0.1 / (k + 1));
      await w.set([1, 2, 3, 4]);
      await train({ x: batch(8, k) });
      seen.add((await w.read())[0] ?? NaN);
    }
    expect(seen.size).toBe(10);
    expect([prepare.mock.calls.length, instantiate.mock.calls.length]).toEqual([1, 1]);
    await train({ x: batch(5, 0) });
    for (let k = 0; k < 5; k++) {
      await train({ x: batch(5, k) });
      await train({ x: batch(8, k) });
    }
    expect([prepare.mock.calls.length, instantiate.mock.calls.length]).toEqual([2, 2]);
  });

  it('is prepared before the first call where the sizes are known', async () => {
    const backend = await cpu();
    const prepare = vi.spyOn(backend, 'prepare');
    const { x, loss, updates } = fit();
    const train = await compile({ inputs: { x }, outputs: { loss }, updates }, backend, { sizes: { batch: 3 } });
    expect(prepare).toHaveBeenCalledTimes(1);
    await train({ x: new Float32Array(12) });
    expect(prepare).toHaveBeenCalledTimes(1);
  });

  it('is one call into WebAssembly, and its module exports nothing else', async () => {
    let calls = 0;
    const exported: string[] = [];
    const counting = (value: WebAssembly.ExportValue): unknown =>
      typeof value === 'function' ? (...args: readonly unknown[]): unknown => (calls++, Reflect.apply(value, undefined, args)) : value;
    const instantiate = async (bytes: BufferSource, imports: WebAssembly.Imports): Promise<unknown> => {
      const { instance } = await engine.instantiate(bytes, imports);
      exported.push(...Object.keys(instance.exports));
      return { instance: { exports: Object.fromEntries(Object.entries(instance.exports).map(([name, value]) => [name, counting(value)])) } };
    };
    const engine = WebAssembly;
    vi.stubGlobal('WebAssembly', new Proxy(engine, { get: (target, name): unknown => (name === 'instantiate' ? instantiate : Reflect.get(target, name)) }));
    const { x, loss, updates, params } = adaptiveStep();
    const train = await compile({ inputs: { x }, outputs: { loss }, updates }, await cpu());
    for (let k = 1; k <= 3; k++) {
      await train({ x: new Float32Array(6 * 5).fill(k) });
      expect(calls).toBe(k);
    }
    expect(exported).toEqual(['step']);
    expect(train.program.calls).toBe(1);
    expect(train.program.kernels.filter((k) => k.name === 'update')).toMatchObject([{ segments: params.length }]);
  });

  it('says what it runs', async () => {
    const { x, loss, updates } = adaptiveStep();
    const train = await compile({ inputs: { x }, outputs: { loss }, updates }, await cpu());
    expect(() => train.program).toThrow(/its sizes/);
    await train({ x: new Float32Array(6 * 5) });
    const { hostScalars, bytes, kernels } = train.program;
    expect(hostScalars).toEqual([expect.stringContaining('pow(0.999, cast(add(t, 1)))')]);
    expect(bytes.inputs).toBe(6 * 5 * 4);
    expect(bytes.outputs).toBe(4);
    expect(bytes.code).toBeGreaterThan(1000);
    expect(kernels.flatMap((k) => k.operations)).not.toContain('pow');
  });

  it('is what its block was filled with: programs without variables, and variables that move', async () => {
    const x = input('int32', ['n']);
    const plain = await compile({ inputs: { x }, outputs: { y: x.mul(3) } }, await cpu());
    expect([...(await (await plain({ x: [1, 2] })).y.read())]).toEqual([3, 6]);
  });
});
