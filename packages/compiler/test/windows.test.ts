// Convolutions and products over several axes: read from the program that nothing is unfolded in memory for them.
import { conv2d, einsum, grad, input, maxPool2d, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { kernelsOf, programOf } from './programs.js';

const images = input('float32', ['batch', 3, 12, 12], 'images');
const w = variable(zeros([8, 3, 5, 5]), { name: 'w' });
const b = variable(zeros([8, 1, 1]), { name: 'b' });

describe('a convolution', () => {
  it('is one kernel that reads the images as they are, with what follows it fused', () => {
    const kernels = kernelsOf({ inputs: [images], outputs: [conv2d(images, w).add(b).relu()] }, { batch: 4 });
    expect(kernels).toMatchObject([{ kind: 'matmul', operations: ['matmul', 'add', 'relu'], reads: ['w', 'input 0', 'b'], writes: ['output 0'] }]);
  });

  it('has windows and places as axes of the product', () => {
    const [kernel] = programOf({ inputs: [images], outputs: [conv2d(images, w)] }, { batch: 4 }).kernels;
    expect(kernel).toMatchObject({ kind: 'matmul', batch: [4], rows: [8], columns: [8, 8], depth: [3, 5, 5] });
  });

  it('computes what it reads once, and not in every window', () => {
    const hidden = maxPool2d(conv2d(images, w).add(b).relu(), 2);
    const w2 = variable(zeros([4, 8, 3, 3]), { name: 'w2' });
    const kernels = kernelsOf({ inputs: [images], outputs: [conv2d(hidden, w2)] }, { batch: 4 });
    expect(kernels.map((k) => k.operations.join('+').replace(/maximum(\+maximum)*/, 'maximum'))).toEqual(['matmul', expect.stringContaining('maximum'), 'matmul']);
    expect(kernelsOf({ inputs: [images], outputs: [conv2d(conv2d(images, w).relu(), w2)] }, { batch: 4 }).map((k) => k.operations)).toEqual([['matmul', 'relu'], ['matmul']]);
  });

  it('has gradients that are one product each', () => {
    const loss = conv2d(images, w).square().sum();
    expect(kernelsOf({ inputs: [images], outputs: [grad(loss, w)] }, { batch: 4 }).map((k) => k.kind)).toEqual(['matmul', 'matmul']);
    // The cotangent is padded: zeros, and the copy.
    expect(kernelsOf({ inputs: [images], outputs: [grad(loss, images)] }, { batch: 4 }).map((k) => k.kind)).toEqual(['matmul', 'elementwise', 'elementwise', 'matmul']);
  });

  it('needs no memory but what its results take', () => {
    const { temporaries } = programOf({ inputs: [images], outputs: [grad(conv2d(images, w).square().sum(), w)] }, { batch: 4 });
    expect(temporaries.bytes).toBe(4 * 8 * 8 * 8 * 4);
  });
});

describe('pooling', () => {
  it('is one loop', () => {
    expect(kernelsOf({ inputs: [images], outputs: [maxPool2d(images, 2)] }, { batch: 4 }).map((k) => k.operations)).toEqual([['maximum', 'maximum', 'maximum']]);
  });
});

describe('a product over several axes', () => {
  it('copies no operand, however its axes lie', () => {
    const x = input('float32', [6, 7, 8, 9], 'x');
    const y = input('float32', [9, 7, 6, 5], 'y');
    const kernels = programOf({ inputs: [x, y], outputs: [einsum('ijkl,ljmn->imkn', x, y)] }).kernels;
    expect(kernels.map((k) => k.kind)).toEqual(['matmul', 'elementwise']);
    expect(kernels[0]).toMatchObject({ rows: [6, 8], columns: [30], depth: [7, 9] });
  });

  it('has as few axes as its operands allow', () => {
    const x = input('float32', [4, 5, 6], 'x');
    const m = input('float32', [6, 7], 'm');
    expect(programOf({ inputs: [x, m], outputs: [x.matmul(m)] }).kernels[0]).toMatchObject({ batch: [], rows: [20], columns: [7], depth: [6] });
  });
});
