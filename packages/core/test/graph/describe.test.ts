import { describe as group, expect, it } from 'vitest';
import { iota, literal, scalar, size } from '../../src/graph/construct.js';
import { describe, print, topological } from '../../src/graph/describe.js';
import { dimension } from '../../src/graph/dimension.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { concat } from '../../src/operations/movement.js';
import { variable } from '../../src/values/variable.js';

group('describe', () => {
  it('names an expression with its leaves, dtype and shape', () => {
    const w = variable([[1, 2]], { name: 'w' });
    const x = input('float32', ['batch', 1], 'x');
    expect(describe(w)).toBe('variable w float32[1, 2]');
    expect(describe(x)).toBe('input x float32[batch, 1]');
    expect(describe(input('int32'))).toBe('an input int32[]');
    expect(describe(x.matmul(w))).toBe('matmul(x, w) float32[batch, 2]');
    expect(describe(x.matmul(w).add(w).sum(0))).toBe('sum(x, w) float32[2]');
    expect(describe(x.transpose())).toBe('transpose(x) float32[1, batch]');
    expect(describe(scalar(0.5, 'float64'))).toBe('the number 0.5 float64[]');
    expect(describe(scalar(0.1, 'float32'))).toBe('the number 0.1 float32[]');
    expect([16777217, 1e39, 1e-45, -0, 1 / 3].map((value) => describe(scalar(value, 'float32')))).toEqual(['16777216', 'Infinity', '1e-45', '-0', '0.33333334'].map((text) => `the number ${text} float32[]`));
    expect(describe(scalar(0.10000000149011612, 'float64'))).toBe('the number 0.10000000149011612 float64[]');
    expect(describe(scalar(-0, 'float64'))).toBe('the number -0 float64[]');
    expect(describe(literal([1], [1], 'bool'))).toBe('a constant bool[1]');
    expect(describe(size(dimension('batch'), 'float32'))).toBe('the size batch float32[]');
    expect(describe(input('float32').exp())).toBe('exp(input) float32[]');
  });

  it('names at most four leaves', () => {
    const leaves = ['a', 'b', 'c', 'd', 'e'].map((name) => variable(1, { name }));
    const sum = leaves.map((v) => v.exp()).reduce((a, b) => a.add(b));
    expect(describe(sum)).toBe('add(a, b, c, d, ...) float32[]');
  });
});

group('toString', () => {
  it('gives operation, dtype and shape', () => {
    const x = input('float32', ['batch', 2]);
    expect([x, x.exp(), x.sum(0), x.reshape([-1]), scalar(1, 'int32')].map(String)).toEqual([
      'input float32[batch, 2]', 'exp float32[batch, 2]', 'sum float32[2]', 'reshape float32[2*batch]', 'constant int32[]',
    ]);
  });
});

group('topological', () => {
  it('puts operands before users, each once, in the order of the roots', () => {
    const x = input('float32');
    const y = x.exp();
    const z = y.add(y).mul(x);
    const order = topological([z, y]);
    expect(new Set(order).size).toBe(order.length);
    for (const [k, expr] of order.entries()) for (const arg of expr.args) expect(order.indexOf(arg)).toBeLessThan(k);
    expect(order).toEqual([x, y, y.add(y), z]);
  });

  it('does not overflow the stack on deep graphs', () => {
    let x = input('float32');
    for (let k = 0; k < 50_000; k++) x = x.add(k);
    expect(topological([x])).toHaveLength(100_001);
  });
});

group('print', () => {
  it('shows a graph, one line an expression', () => {
    const x = input('float32', ['batch', 2], 'x');
    const w = variable([[1, 2, 3], [4, 5, 6]], { name: 'w' });
    expect(print(x.matmul(w).relu().mean())).toMatchInlineSnapshot(`
      "%0 = input x : float32[batch, 2]
      %1 = variable w : float32[2, 3]
      %2 = matmul %0 %1 : float32[batch, 3]
      %3 = relu %2 : float32[batch, 3]
      %4 = sum axes=[0, 1] %3 : float32[]
      %5 = size 3*batch : float32[]
      %6 = div %4 %5 : float32[]"
    `);
  });

  it('shows every kind of node', () => {
    const x = input('float32', [2, 3]);
    const parts = concat([x.slice([null, null, -1], [1, null]), literal([1, 2], [2, 1], 'float32')], 1).transpose();
    const masked = iota([3, 2], 0).cast('float32').add(parts).stopGradient().reshape([6]).add(-0);
    expect(print(masked, size(dimension('batch'), 'float32'))).toMatchInlineSnapshot(`
      "%0 = iota axis=0 : int32[3, 2]
      %1 = cast %0 : float32[3, 2]
      %2 = input : float32[2, 3]
      %3 = slice starts=[1, 1] steps=[-1, 1] %2 : float32[2, 2]
      %4 = data : float32[2, 1]
      %5 = concat axis=1 %3 %4 : float32[2, 3]
      %6 = transpose [1, 0] %5 : float32[3, 2]
      %7 = add %1 %6 : float32[3, 2]
      %8 = stopGradient %7 : float32[3, 2]
      %9 = reshape %8 : float32[6]
      %10 = constant -0 : float32[]
      %11 = broadcast %10 : float32[6]
      %12 = add %9 %11 : float32[6]
      %13 = size batch : float32[]"
    `);
  });

  it('shows a gradient', () => {
    const logits = variable([[0, 1], [2, 3]], { name: 'logits', dtype: 'float64' });
    expect(print(grad(logits.slice(0).square().sum(), logits))).toMatchInlineSnapshot(`
      "%0 = constant 1 : float64[]
      %1 = reshape %0 : float64[1]
      %2 = broadcast %1 : float64[2]
      %3 = variable logits : float64[2, 2]
      %4 = slice starts=[0, 0] steps=[1, 1] %3 : float64[1, 2]
      %5 = reshape %4 : float64[2]
      %6 = mul %2 %5 : float64[2]
      %7 = add %6 %6 : float64[2]
      %8 = reshape %7 : float64[1, 2]
      %9 = pad starts=[0, 0] steps=[1, 1] %8 : float64[2, 2]"
    `);
  });
});
