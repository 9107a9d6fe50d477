// `{ fuse: false }`: a kernel for each operation, for those who hunt a wrong one.
import { crossEntropy, glorotUniform, grad, input, scan, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { compileProgram, describeKernels, type Kernel } from '../src/index.js';
import { adaptive, computationOf, type Spec } from './programs.js';

/** Operations of each kernel, those in scans too; `copy` of one that applies none. */
function operations(spec: Spec): readonly (readonly string[])[] {
  return describeKernels(compileProgram(computationOf(spec), new Map(), { fuse: false }).kernels).map((kernel) => kernel.operations);
}

function network(): Spec {
  const x = input('float32', [8, 20], 'x');
  const y = input('int32', [8], 'y');
  const params = [variable(glorotUniform([20, 30], { seed: 1 }), { name: 'w' }), variable(glorotUniform([30, 10], { seed: 2 }), { name: 'v' })] as const;
  const loss = crossEntropy(x.matmul(params[0]).tanh().matmul(params[1]).softmax(), y);
  return { inputs: [x, y], outputs: [loss], updates: adaptive(params, grad(loss, params), variable(1e-3, { name: 'rate' })) };
}

function recurrent(): Spec {
  const x = input('float32', [5, 3], 'x');
  const w = variable(glorotUniform([3, 3], { seed: 1 }), { name: 'w' });
  const { outputs } = scan((h, part) => {
    const next = h.matmul(w).add(part).tanh().mul(0.5);
    return { carry: next, outputs: next };
  }, { carry: zeros([1, 3]), inputs: x.reshape([5, 1, 3]) });
  const loss = outputs.square().sum();
  return { inputs: [x], outputs: [loss], updates: new Map([[w, w.sub(grad(loss, [w])[0])]]) };
}

describe('without fusion', () => {
  for (const [what, spec] of Object.entries({ network, recurrent })) {
    it(`no kernel of a ${what} computes more than one operation`, () => {
      // What a pad or an index out of range asks of its place is no operation of the graph.
      const asked = new Set(['ge', 'lt', 'and', 'where']);
      for (const list of operations(spec())) expect(list.filter((op) => !asked.has(op)).length, list.join('+')).toBeLessThanOrEqual(1);
    });
  }

  it('no kernel covers several tensors, and a value is computed once for all that use it', () => {
    const kernels: readonly Kernel[] = compileProgram(computationOf(network()), new Map(), { fuse: false }).kernels;
    for (const { segments } of describeKernels(kernels)) expect(segments).toBe(1);
    const x = input('float32', [4], 'x');
    const e = x.exp();
    expect(operations({ inputs: [x], outputs: [e.add(1), e.mul(2)] })).toEqual([['exp'], ['add'], ['mul']]);
  });
});
