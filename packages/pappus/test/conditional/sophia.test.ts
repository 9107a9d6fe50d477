// What runs now and then alone: sophia's Hessian, by itself and under wrappers.
import { describe, expect, it } from 'vitest';
import { accumulate, compile, cpu, type Expr, glorotUniform, grad, input, type interpreter, type KernelDescription, normal, partition, sgd, skipNonFinite, sophia, type Updates, variable, type Variable, where, zeros, zerosLike } from '../../src/index.js';
import { recurrent } from '../wrappers/recurrent.js';

const ELEMENTS = 12;

function perceptron() {
  const x = input('float32', ['batch', 5], 'x');
  const w = variable(glorotUniform([5, 4], { seed: 1 }), { name: 'w' });
  const v = variable(glorotUniform([4, 1], { seed: 2 }), { name: 'v' });
  return { inputs: { x }, params: [w, v] as const, loss: x.matmul(w).tanh().matmul(v).square().mean(), values: { x: Float32Array.from({ length: 15 }, (_, k) => Math.sin(k)) } };
}

async function kernelsOf(of: (given: ReturnType<typeof perceptron>) => Updates): Promise<readonly KernelDescription[]> {
  const given = perceptron();
  const step = await compile({ inputs: given.inputs, updates: of(given) }, await cpu());
  await step(given.values);
  return step.program.kernels;
}

const always = (kernels: readonly KernelDescription[]): readonly KernelDescription[] => kernels.filter(({ when }) => when === undefined);
const products = (kernels: readonly KernelDescription[]): number => kernels.filter(({ kind }) => kind === 'matmul').length;

describe('sophia', () => {
  it('runs the products of the gradient in all steps, and those of the Hessian in those of its interval', async () => {
    const kernels = await kernelsOf(({ loss, params }) => sophia(loss, params, { interval: 5 }));
    const plain = await kernelsOf(({ loss, params }) => sgd(loss, params, { learningRate: 0.1 }));
    // Each of them is of the gradient; beside sgd there are updates of `m`, and of the parameters in a kernel of their own.
    expect(products(always(kernels))).toBe(products(plain));
    expect(products(kernels)).toBeGreaterThan(products(plain));
    expect(always(kernels).length).toBeLessThanOrEqual(plain.length + 2);
    // The random vectors are drawn for the Hessian alone.
    expect(always(kernels).flatMap(({ operations }) => operations)).not.toContain('cos');
    for (const { when } of kernels) if (when !== undefined) expect(when).toContain('sophia/t');
  });

  it('runs all in all steps where the interval is 1', async () => {
    const kernels = await kernelsOf(({ loss, params }) => sophia(loss, params, { interval: 1 }));
    expect(always(kernels)).toHaveLength(kernels.length);
  });

  it('in a group runs its Hessian as seldom, by the count of all', async () => {
    const kernels = await kernelsOf(({ loss, params: [w, v] }) => partition({ matrices: { params: [w], rule: sophia, options: { interval: 5 } }, rest: { rule: sgd, options: { learningRate: 0.1 } } })(loss, [w, v]));
    const conditional = kernels.filter(({ when }) => when !== undefined);
    expect(products(conditional)).toBeGreaterThan(0);
    for (const { when } of conditional) expect(when).toContain('partition/t');
  });

  it('under accumulate runs its Hessian in no step but that of an update', async () => {
    const kernels = await kernelsOf(({ loss, params }) => accumulate(sophia, { steps: 4 })(loss, params, { interval: 5 }));
    const plain = await kernelsOf(({ loss, params }) => sgd(loss, params, { learningRate: 0.1 }));
    expect(products(always(kernels))).toBe(products(plain));
  });

  it('takes no more of a loss with a scan in steps between than its gradient', async () => {
    const repeated = async (rule: typeof sophia | typeof sgd, options: object): Promise<string[]> => {
      const { inputs, params, loss, values } = recurrent();
      const step = await compile({ inputs, updates: rule(loss, params, { learningRate: 0.1, ...options }) }, await cpu());
      await step(values);
      return always(step.program.kernels).filter(({ repeats, kind }) => repeats > 1 && kind === 'matmul').map(({ repeats, operations }) => `${repeats} ${operations.join('+')}`);
    };
    expect(await repeated(sophia, { interval: 3 })).toEqual(await repeated(sgd, {}));
  });

  it('takes its Hessian in the same steps where the count lives on the device, whatever the interval', async () => {
    for (const interval of [3, 7, 10]) {
      const w = variable(new Array<number>(ELEMENTS).fill(1), { name: 'w' });
      const h = input('float32', [ELEMENTS], 'h');
      const updates = skipNonFinite(sophia)([w.mul(0)], [w], { interval, hessian: [h], beta2: 0 });
      const step = await compile({ inputs: { h }, updates }, await cpu());
      const seen: number[] = [];
      for (let t = 1; t <= 31; t++) {
        await step({ h: new Float32Array(ELEMENTS).fill(t) });
        seen.push((await updates.slot(w, 'h').read())[0] ?? NaN);
      }
      expect(seen).toEqual(Array.from({ length: 31 }, (_, k) => Math.floor(k / interval) * interval + 1));
    }
  });
});

describe('an update now and then', () => {
  it('has the numbers of the same by hand, and is a kernel that seldom runs, for one that begins anew in the same step', async () => {
    // A mean over windows of 3: reset and read in the same step.
    const g = input('float32', [ELEMENTS], 'g');
    const [sum, mean, t] = [variable(zeros([ELEMENTS]), { name: 'sum' }), variable(zeros([ELEMENTS]), { name: 'mean' }), variable(0, { name: 't', dtype: 'int32' })];
    const due = t.mod(3).eq(2);
    const next = sum.add(g);
    const updates = new Map<Variable, Expr>([[sum, where(due, zerosLike(sum), next)], [mean, where(due, next.div(3), mean)], [t, t.add(1)]]);
    const step = await compile({ inputs: { g }, updates }, await cpu());
    for (let k = 0; k < 8; k++) await step({ g: new Float32Array(ELEMENTS).fill(k) });
    expect([...(await mean.read())]).toEqual(new Array<number>(ELEMENTS).fill(4));
    expect([...(await sum.read())]).toEqual(new Array<number>(ELEMENTS).fill(13));
    expect(step.program.kernels.some(({ when, writes }) => when !== undefined && writes.includes('mean'))).toBe(true);
  });

  it('leaves the seed and the gradient of what is not due out of every step but that', async () => {
    const w = variable(normal([ELEMENTS, ELEMENTS], { seed: 1 }), { name: 'w' });
    const v = variable(normal([ELEMENTS, ELEMENTS], { seed: 2 }), { name: 'v' });
    const t = variable(0, { name: 't', dtype: 'int32' });
    const due = t.mod(4).eq(3);
    const [dw] = grad(w.matmul(v).tanh().sum(), [w]);
    const run = async (backend: Awaited<ReturnType<typeof cpu>> | ReturnType<typeof interpreter>): Promise<number[]> => {
      await w.to(backend);
      await v.to(backend);
      await t.to(backend);
      const step = await compile({ updates: new Map<Variable, Expr>([[w, where(due, w.sub(dw.mul(0.1)), w)], [t, t.add(1)]]) }, backend);
      const before = [...(await w.read())];
      for (let k = 0; k < 3; k++) await step();
      expect([...(await w.read())]).toEqual(before);
      await step();
      expect([...(await w.read())]).not.toEqual(before);
      return step.program.kernels.map(({ when }) => (when === undefined ? 1 : 0));
    };
    expect((await run(await cpu())).every((runs) => runs === 0)).toBe(true);
  });
});
