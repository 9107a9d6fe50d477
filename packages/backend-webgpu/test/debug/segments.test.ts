// Reductions over tensors of several blocks: a debug build knows where each of them ends, though their addresses are the same.
import { compile, input, variable } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../../src/index.js';

const ones = (count: number): number[] => Array<number>(count).fill(1);

describe.runIf(adapterOrComplaint('debug builds of WebGPU'))('in a debug build', () => {
  it('a sum goes over inputs and variables', async () => {
    const x = input('float32', [90], 'x');
    const v = variable(ones(28));
    const w = variable(ones(7));
    const squares = [v, x, w].map((e) => e.square().sum());
    const outputs = { total: x.sum().add(v.sum()).add(w.sum()), squares: squares.slice(1).reduce((a, b) => a.add(b), squares[0] ?? x) };
    const run = await compile({ inputs: { x }, outputs }, await webgpu({ debug: true }));
    const { total, squares: sum } = await run({ x: ones(90) });
    expect(await total.read()).toEqual(Float32Array.of(125));
    expect(await sum.read()).toEqual(Float32Array.of(125));
  });
});
