// What is computed together: read from the program, since a result does not tell.
import { bernoulli, concat, crossEntropy, type Expr, grad, input, iota, ones, uniform, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { kernelsOf, operationsOf, programOf } from './programs.js';

const x = input('float32', [16, 20], 'x');
const y = input('float32', [16, 20], 'y');

describe('indices', () => {
  it('are checked in the kernel that reads by them', () => {
    const table = input('float32', [50, 20], 'table');
    const tokens = input('int32', [16], 'tokens');
    expect(operationsOf({ inputs: [table, tokens, x], outputs: [table.take(tokens).add(x).relu()] })).toEqual(['add+relu']);
    expect(operationsOf({ inputs: [x, tokens], outputs: [x.gather(tokens.expandDims(1), 1).squeeze().mul(2)] })).toEqual(['ge+lt+and+mul+add+where+mul']);
    expect(operationsOf({ inputs: [table, tokens, x], outputs: [grad(table.take(tokens).mul(x).sum(), table)] })).toEqual(['', 'scatter']);
  });

  it('of labels need no kernel of their own', () => {
    const logits = variable(zeros([16, 20]), { name: 'logits' });
    const labels = input('int32', [16], 'labels');
    const loss = crossEntropy(logits, labels);
    expect(kernelsOf({ inputs: [labels], outputs: [loss, grad(loss, logits)] })).toHaveLength(5);
  });
});

describe('elementwise chains', () => {
  it('are one kernel, with several outputs too', () => {
    const sum = x.add(y).relu();
    expect(operationsOf({ inputs: [x, y], outputs: [sum, sum.mul(2).tanh(), sum.sub(x)] })).toEqual(['add+relu+mul+tanh+sub']);
  });

  it('compute what is common once', () => {
    const [kernel] = kernelsOf({ inputs: [x], outputs: [x.exp().add(1), x.exp().mul(x.exp())] });
    expect(kernel?.operations.filter((op) => op === 'exp')).toHaveLength(1);
  });

  it('take transposed, sliced, repeated and reshaped operands as they are', () => {
    const row = input('float32', [20], 'row');
    const moved = x.transpose().reshape([20, 16]).transpose().slice([null, null, -1]);
    expect(operationsOf({ inputs: [x, y, row], outputs: [moved.add(row).mul(y)] })).toEqual(['add+mul']);
    expect(operationsOf({ inputs: [x], outputs: [x.add(iota([16, 20], 1).cast('float32')).reshape([320])] })).toEqual(['cast+add']);
  });

  it('are no kernel where nothing is computed per element', () => {
    const s = input('float32', [], 's');
    const w = variable(ones([3]), { name: 'w' });
    const t = variable(1, { name: 't' });
    expect(kernelsOf({ inputs: [s], outputs: [s.exp().add(t)], updates: new Map<typeof w, Expr>([[w, w.add(0).mul(1)], [t, t.mul(s)]]) })).toHaveLength(1);
    expect(kernelsOf({ inputs: [s], outputs: [s.exp().add(t)], updates: new Map<typeof w, Expr>([[w, w.mul(1)], [t, t.mul(s)]]) })).toEqual([]);
  });
});

describe('random numbers', () => {
  const step = input('int32', [], 'step');
  const mask = bernoulli([16, 20], { p: 0.5, seed: 1, step });

  it('are made where they are used, by several kernels too', () => {
    const kernels = kernelsOf({ inputs: [x, y, step], outputs: [mask.where(x, 0).sum(1), mask.where(y, 0).transpose().matmul(x), mask.where(x, y)] });
    expect(kernels.map((k) => k.kind)).toEqual(['reduce', 'matmul', 'elementwise']);
    expect(kernels.flatMap((k) => k.writes)).toEqual(['output 0', 'output 1', 'output 2']);
  });

  it('are made once where a broadcast would repeat them', () => {
    const row = bernoulli([20], { p: 0.5, seed: 1, step });
    const [made, used, ...others] = kernelsOf({ inputs: [x, step], outputs: [row.where(x, 0)] });
    expect(others).toEqual([]);
    expect([made?.operations.length, used?.operations]).toEqual([expect.any(Number), ['where']]);
  });

  it('of a scalar are made on the host, and told of in a few words', () => {
    const { kernels, uniforms, host } = programOf({ inputs: [x, step], outputs: [x.mul(uniform([], { seed: 1, step }))] });
    expect(kernels).toHaveLength(1);
    const [text = ''] = uniforms.map(({ index }) => host.describe(index));
    expect(text).toMatch(/^add\(mul\(mul\(cast\(shiftRightLogical\(.*\.\.\./);
    expect(text.length).toBeLessThan(4000);
  });
});

describe('simplification', () => {
  it.each<[string, Expr, string[]]>([
    ['x * 1', x.mul(1).add(y), ['add']],
    ['x - 0', x.sub(0).add(y), ['add']],
    ['--x', x.neg().neg().add(y), ['add']],
    ['x + -y', x.add(y.neg()), ['sub']],
    ['x / 4', x.div(4).add(y), ['mul+add']],
    ['x ^ 2', x.pow(2).add(y), ['mul+add']],
    ['a sum over size 1', x.reshape([16, 1, 20]).sum(1).add(y), ['add']],
    ['two transposes', x.transpose().transpose().add(y), ['add']],
    ['constants', x.mul(ones([16, 20]).mul(2).add(1)), ['mul']],
    ['a sum of a constant', x.mul(ones([4, 5]).mul(3).sum()), ['mul']],
  ])('%s', (_, expr, operations) => {
    expect(operationsOf({ inputs: [x, y], outputs: [expr] })).toEqual(operations);
  });

  it('keeps x + 0, which turns -0 into 0', () => {
    expect(operationsOf({ inputs: [x], outputs: [x.add(0)] })).toEqual(['add']);
  });
});

describe('reductions', () => {
  it('have what comes before and after in them', () => {
    expect(operationsOf({ inputs: [x, y], outputs: [x.mul(y).sum().add(1).sqrt()] })).toEqual(['sum+mul+add+sqrt']);
    expect(operationsOf({ inputs: [x, y], outputs: [x.sub(y).square().mean(1).neg()] })).toEqual(['sum+sub+mul+div+neg']);
  });

  it('of one operand are one kernel', () => {
    const [kernel, ...others] = kernelsOf({ inputs: [x], outputs: [x.sum(0), x.max(0), x.square().sum(0).sqrt()] });
    expect(others).toEqual([]);
    expect(kernel?.operations.slice(0, 3)).toEqual(['sum', 'max', 'sum']);
  });

  it('of all gradients, for their norm, are one kernel', () => {
    const grads = [[4, 5], [5], [5, 6], [6]].map((shape, k) => input('float32', shape, `g${k}`));
    const norm = grads.map((g) => g.square().sum()).reduce((a, b) => a.add(b)).sqrt();
    expect(kernelsOf({ inputs: grads, outputs: [norm] })).toHaveLength(1);
  });

  it('give softmax in two passes over its rows, and one to divide', () => {
    expect(kernelsOf({ inputs: [x], outputs: [x.softmax()] }).length).toBeLessThanOrEqual(4);
  });
});

describe('matrix products', () => {
  const w = variable(zeros([20, 8]), { name: 'w' });
  const b = variable(zeros([8]), { name: 'b' });

  it('relu(x @ w + b) is one kernel, without a temporary', () => {
    const kernels = kernelsOf({ inputs: [x], outputs: [x.matmul(w).add(b).relu()] });
    expect(kernels).toMatchObject([{ kind: 'matmul', operations: ['matmul', 'add', 'relu'], reads: ['input 0', 'w', 'b'], writes: ['output 0'] }]);
  });

  it('take operands that are computed on the way', () => {
    const h = input('float32', [8, 20], 'h');
    expect(operationsOf({ inputs: [x, h], outputs: [x.mul(2).matmul(h.transpose().add(1))] })).toEqual(['matmul+mul+add']);
  });

  it('write the product beside what is made of it where both are wanted', () => {
    const product = x.matmul(w);
    expect(kernelsOf({ inputs: [x], outputs: [product, product.add(b).tanh()] })).toMatchObject([{ writes: ['output 0', 'output 1'] }]);
  });
});

describe('a perceptron', () => {
  it('trains in one kernel a product, and a few for the loss', () => {
    const labels = input('int32', [16], 'labels');
    const [w1, b1, w2, b2] = [variable(ones([20, 9])), variable(zeros([9])), variable(ones([9, 5])), variable(zeros([5]))];
    const loss = crossEntropy(x.matmul(w1).add(b1).relu().matmul(w2).add(b2), labels);
    const grads = grad(loss, [w1, b1, w2, b2]);
    const kernels = kernelsOf({ inputs: [x, labels], outputs: [loss, ...grads] });
    expect(kernels.filter((k) => k.kind === 'matmul')).toHaveLength(5);
    expect(kernels.filter((k) => k.kind !== 'matmul').length).toBeLessThanOrEqual(7);
  });
});

describe('tensors put together', () => {
  it('are computed in place, parts of one shape by one kernel', () => {
    const kernels = kernelsOf({ inputs: [x, y], outputs: [concat([x.add(1), y.mul(2), x.slice([1, null]).neg()], 0)] });
    expect(kernels.map((k) => `${k.operations.join('+')} -> ${k.writes.join()}`)).toEqual(['add+mul -> output 0', 'neg -> output 0']);
  });
});
