// The main job: a perceptron trained with Adam, one step a few kernels, its numbers those of the interpreter.
import { describe, expect, it } from 'vitest';
import { adam, type Backend, compile, cpu, crossEntropy, type Expr, glorotUniform, input, interpreter, print, variable, zeros } from '../src/index.js';

interface Network {
  readonly inputs: { readonly images: Expr; readonly labels: Expr };
  readonly params: readonly ReturnType<typeof variable>[];
  readonly logits: Expr;
  readonly loss: Expr;
}

function network(dtype: 'float32' | 'float64'): Network {
  const images = input(dtype, ['batch', 20], 'images');
  const labels = input('int32', ['batch'], 'labels');
  const layer = (rows: number, columns: number, k: number) =>
    [variable(glorotUniform([rows, columns], { seed: k, dtype }), { name: `w${k}` }), variable(zeros([columns], { dtype }), { name: `b${k}` })] as const;
  const layers = [layer(20, 30, 1), layer(30, 17, 2), layer(17, 10, 3)];
  const logits = layers.reduce<Expr>((x, [w, b], k) => (k === 0 ? x : x.relu()).matmul(w).add(b), images);
  return { inputs: { images, labels }, params: layers.flat(), logits, loss: crossEntropy(logits, labels) };
}

function batch(dtype: 'float32' | 'float64', size: number): { images: Float32Array | Float64Array; labels: Int32Array } {
  const pixels = Array.from({ length: size * 20 }, (_, k) => Math.sin(k * 1.7));
  return {
    images: dtype === 'float32' ? Float32Array.from(pixels) : Float64Array.from(pixels),
    labels: Int32Array.from({ length: size }, (_, k) => (k * 7) % 10),
  };
}

async function train(dtype: 'float32' | 'float64', backend: Backend, steps: number) {
  const { inputs, params, loss } = network(dtype);
  const learningRate = variable(0.01, { name: 'learningRate', dtype });
  const step = await compile({ inputs, outputs: { loss }, updates: adam(loss, params, { learningRate }) }, backend);
  const losses: number[] = [];
  for (let k = 0; k < steps; k++) {
    if (k === 5) await learningRate.set(0.005);
    losses.push(await (await step(batch(dtype, k % 3 === 2 ? 7 : 13))).loss.item());
  }
  return { losses, params: await Promise.all(params.map((p) => p.read())), step };
}

describe('a step of Adam on a perceptron', () => {
  it('updates its six parameters in one kernel, in place, in one call', async () => {
    const { step } = await train('float32', await cpu(), 1);
    const updates = step.program.kernels.filter((kernel) => kernel.name === 'update');
    expect(updates).toHaveLength(1);
    expect(updates[0]?.segments).toBe(6);
    const names = ['w1', 'b1', 'w2', 'b2', 'w3', 'b3'].flatMap((name) => [name, `adam/m/${name}`, `adam/v/${name}`]);
    expect([...(updates[0]?.inPlace ?? [])].sort()).toEqual(names.sort());
    expect(step.program.calls).toBe(1);
  });

  it('evaluates what depends on no tensor on the host', async () => {
    const { step } = await train('float32', await cpu(), 1);
    expect(step.program.hostScalars).toEqual([expect.stringMatching(/learningRate.*expm1\(mul\(add\(minimum\(adam\/t, 2147483646\), 1\), -0\.00100050\d+\)\)/)]);
    expect(step.program.kernels.flatMap((kernel) => kernel.operations).filter((op) => op === 'pow' || op === 'cast')).toEqual([]);
  });

  it('is a kernel for each of eight products, bias and relu in it', async () => {
    const { step } = await train('float32', await cpu(), 1);
    const products = step.program.kernels.filter((kernel) => kernel.kind === 'matmul').map((kernel) => kernel.name);
    expect(products).toHaveLength(8);
    expect(products.filter((name) => name === 'matmul+add+relu')).toHaveLength(2);
    expect(step.program.kernels.length).toBeLessThanOrEqual(17);
  });

  it('trains as the interpreter does', async () => {
    const expected = await train('float64', interpreter(), 20);
    const wide = await train('float64', await cpu(), 20);
    expect(expected.losses.at(-1)).toBeLessThan((expected.losses[0] ?? 0) * 0.6);
    wide.losses.forEach((loss, k) => expect(loss).toBeCloseTo(expected.losses[k] ?? NaN, 10));
    wide.params.forEach((values, p) => values.forEach((value, i) => expect(value).toBeCloseTo(expected.params[p]?.[i] ?? NaN, 9)));
    const narrow = await train('float32', await cpu(), 20);
    narrow.losses.forEach((loss, k) => expect(loss).toBeCloseTo(expected.losses[k] ?? NaN, 3));
  });

  it('prints its graph', () => {
    expect(print(network('float32').loss)).toContain('matmul');
  });
});
