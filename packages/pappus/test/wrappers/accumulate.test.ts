// What runs between the updates of accumulated gradients, and that an update is that of one large batch.
import { describe, expect, it } from 'vitest';
import { accumulate, adam, compile, cpu, crossEntropy, type Expr, exponentialAverage, glorotUniform, grad, input, interpreter, type KernelDescription, sgd, variable, type Variable, zeros } from '../../src/index.js';
import { recurrent } from './recurrent.js';

function classifier(dtype: 'float32' | 'float64') {
  const x = input(dtype, ['batch', 4], 'x');
  const y = input('int32', ['batch'], 'y');
  const w = variable(glorotUniform([4, 3], { seed: 1, dtype }), { name: 'w' });
  const b = variable(zeros([3], { dtype }), { name: 'b' });
  return { inputs: { x, y }, params: [w, b] as const, loss: crossEntropy(x.matmul(w).add(b), y) };
}

/** The k-th of some batches of two. */
const batch = (k: number, size = 2): { x: number[][]; y: number[] } => ({
  x: Array.from({ length: size }, (_, i) => Array.from({ length: 4 }, (__, j) => Math.sin((k * 2 + i) * 4 + j + 1))),
  y: Array.from({ length: size }, (_, i) => (k * 2 + i) % 3),
});

const isConditional = ({ when }: KernelDescription): boolean => when !== undefined;

describe('accumulate over adam', () => {
  it('runs nothing of the rule in steps between: all that write its state or the parameters are under a condition', async () => {
    const { inputs, params, loss } = classifier('float32');
    const updates = accumulate(adam, { steps: 4 })(loss, params);
    const step = await compile({ inputs, updates }, await cpu());
    await step(batch(0));
    const { kernels } = step.program;
    const names = (list: readonly Variable[]): string[] => list.map(({ name }) => name);
    const ofRule = new Set(names([...params, ...updates.state.filter(({ name }) => name.startsWith('adam/'))]));
    const writing = kernels.filter(({ writes }) => writes.some((name) => ofRule.has(name)));
    expect(writing.length).toBeGreaterThan(0);
    expect(writing.every(isConditional)).toBe(true);
    // What runs in all steps knows no root, which adam alone takes.
    expect(kernels.filter((kernel) => !isConditional(kernel)).flatMap(({ operations }) => operations)).not.toContain('sqrt');
    // The host knows the condition: no step needs a value of the device.
    for (const { when } of writing) expect(when).toContain('accumulate/step');
  });

  it('costs no kernel more in steps between than a sum of gradients by itself', async () => {
    const { inputs, params, loss, values } = recurrent();
    const backend = await cpu();
    const accumulated = await compile({ inputs, updates: accumulate(adam, { steps: 4 })(loss, params) }, backend);
    const sums = new Map(grad(loss, params).map((g, k): [Variable, Expr] => {
      const sum = variable(zeros(params[k]?.shape ?? []), { name: `sum${k}` });
      return [sum, sum.add(g)];
    }));
    const summed = await compile({ inputs, updates: sums }, backend);
    for (const step of [accumulated, summed]) await step(values);
    const count = (kernels: readonly KernelDescription[]): number => kernels.filter((kernel) => !isConditional(kernel)).length;
    expect(count(accumulated.program.kernels)).toBeLessThanOrEqual(count(summed.program.kernels));
  });

  it('moves as adam by one batch of all: cross-entropy is a mean, and the batches are alike in size', async () => {
    const way = async (accumulated: boolean): Promise<number[]> => {
      const { inputs, params, loss } = classifier('float64');
      const updates = accumulated ? accumulate(adam, { steps: 3 })(loss, params, { learningRate: 0.1 }) : adam(loss, params, { learningRate: 0.1 });
      const step = await compile({ inputs, updates }, interpreter());
      for (let k = 0; k < 12; k += accumulated ? 1 : 3) await step(accumulated ? batch(k) : batch(k, 6));
      return (await Promise.all(params.map(async (p) => [...(await p.read())]))).flat();
    };
    const [small, large] = [await way(true), await way(false)];
    // Of sums in another order, 12 steps of 1e-16 each, times adam's quotients.
    small.forEach((value, i) => expect(Math.abs(value - (large[i] ?? NaN))).toBeLessThan(1e-12));
  });

  it('leaves all bits but its own in steps between', async () => {
    const { inputs, params, loss } = classifier('float32');
    const updates = accumulate(exponentialAverage(adam), { steps: 3 })(loss, params);
    const step = await compile({ inputs, updates }, await cpu());
    const held = [...updates.keys()].filter(({ name }) => !name.startsWith('accumulate/'));
    const bits = async (): Promise<number[][]> => Promise.all(held.map(async (v) => [...(await v.read())]));
    for (let k = 0; k < 9; k++) {
      const before = await bits();
      await step(batch(k));
      const now = await bits();
      if (k % 3 === 2) expect(now).not.toEqual(before);
      else expect(now).toEqual(before);
    }
    expect(await updates.slot('adam/t').item()).toBe(3);
    expect(await updates.slot('exponentialAverage/t').item()).toBe(3);
  });

  it('takes a number of steps that a schedule says, by updates, also on a device', async () => {
    const w = variable(0, { name: 'w' });
    const g = input('float32', [], 'g');
    const updates = accumulate(sgd, { steps: ({ t }) => t })([g], [w], { learningRate: 1 });
    const step = await compile({ inputs: { g }, updates }, await cpu());
    const path: number[] = [];
    for (const value of [1, 3, 5, 1, 1, 4, 8]) {
      await step({ g: value });
      path.push(await w.item());
    }
    // Means of 1, of 3 and 5, of 1, 1 and 4.
    expect(path).toEqual([-1, -1, -5, -5, -5, -7, -7]);
  });
});
