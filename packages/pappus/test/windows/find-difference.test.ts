// A wrong number is traced to its kernel: faults are planted into each kernel of a step, and findDifference names it.
import type { Body, Instruction, Kernel, Program } from '@pappus/compiler';
import { kernelNames } from '@pappus/compiler';
import type { ProgramBackend } from '@pappus/compiler/find-difference';
import { CASES, someOf, THOROUGH } from '@pappus/testing/thorough';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { BackendError, compile, cpu, crossEntropy, findDifference, grad, input, InputError, interpreter, ones, sgd, ShapeError, take, variable } from 'pappus';
import { webgpu } from 'pappus/webgpu';
import { describe, expect, it } from 'vitest';
import { type Model, network, recurrent, seldom } from './models.js';

/** The body with what it stores, or its last value, too large; the opposite of a truth value. */
function wrongBy({ instructions, stores }: Body, by: number): Body {
  const all: Instruction[] = [...instructions];
  const change = (value: number): number => {
    const dtype = all[value]?.dtype ?? 'float32';
    if (dtype === 'bool') return all.push({ kind: 'apply', op: 'not', args: [value], operand: dtype, dtype }) - 1;
    const off = all.push({ kind: 'constant', value: by, dtype }) - 1;
    return all.push({ kind: 'apply', op: 'add', args: [value, off], operand: dtype, dtype }) - 1;
  };
  if (stores.length === 0) change(all.length - 1);
  return { instructions: all, stores: stores.map((store) => ({ ...store, value: change(store.value) })) };
}

function faulty(kernel: Kernel, by: number): Kernel {
  switch (kernel.kind) {
    case 'elementwise':
    case 'scatter':
      return { ...kernel, body: wrongBy(kernel.body, by) };
    case 'reduce':
      return { ...kernel, epilogue: wrongBy(kernel.epilogue, by) };
    case 'matmul':
      return kernel.epilogue.stores.length > 0 ? { ...kernel, epilogue: wrongBy(kernel.epilogue, by) } : { ...kernel, left: wrongBy(kernel.left, by) };
    case 'routine':
      return { ...kernel, code: { ...kernel.code, steps: [...kernel.code.steps, { kind: 'store', array: kernel.code.arrays.findIndex(({ role }) => role === 'result'), index: { kind: 'constant', type: 'int', value: 0 }, value: { kind: 'constant', type: 'float', value: by } }] } };
    case 'scan':
      return { ...kernel, kernels: kernel.kernels.map((inside, k) => (k === 0 ? faulty(inside, by) : inside)) };
  }
}

/** A backend that runs kernel k wrongly, and tells its name. */
function withFault(backend: ProgramBackend, k: number, by = 1): { readonly broken: ProgramBackend; readonly name: () => string | undefined; readonly count: () => number } {
  let name: string | undefined;
  let count = 0;
  const load = (program: Program): ReturnType<ProgramBackend['load']> => {
    const own = program.kernels.filter((kernel) => !isCopy(kernel));
    count = own.length;
    const wrong = own[k];
    name = wrong === undefined ? undefined : kernelNames(own).get(wrong);
    return backend.load({ ...program, kernels: program.kernels.map((kernel) => (kernel === wrong ? faulty(kernel, by) : kernel)) });
  };
  const broken = new Proxy(backend, { get: (target, key): unknown => (key === 'load' ? load : Reflect.get(target, key)) });
  return { broken, name: () => name, count: () => count };
}

/** What findDifference adds to see with. */
function isCopy(kernel: Kernel): boolean {
  return kernel.kind === 'elementwise' && kernel.body.stores.some(({ access }) => access.buffer.name.startsWith('copy of '));
}

const MODELS: Readonly<Record<string, () => Model>> = { 'a network with Adam': network, 'a scan': recurrent };
/** `wanted`: into how many kernels faults are planted where only some cases are run. */
const BACKENDS = [
  { name: 'cpu', there: true, make: cpu, wanted: 24 },
  { name: 'webgpu', there: adapterOrComplaint('findDifference on WebGPU'), make: webgpu, wanted: 2 },
] as const;

for (const { name: on, there, make, wanted } of BACKENDS) {
  describe.runIf(there)(`findDifference on ${on}`, () => {
    for (const [what, model] of Object.entries(MODELS)) {
      // Kernels of one operation are found as others are: the soak shows it.
      for (const fuse of THOROUGH ? [true, false] : [true]) {
        it(`finds none in ${what}, ${fuse ? 'fused' : 'one operation in a kernel'}`, async () => {
          const { spec, values } = model();
          expect(await findDifference(spec, await make(), values, { fuse })).toBe(undefined);
        });

        it(`names the kernel of ${what} that is wrong, whichever it is, ${fuse ? 'fused' : 'one operation in a kernel'}`, async () => {
          const { spec, values } = model();
          const backend = await make();
          const missed: string[] = [];
          const reference = withFault(backend, -1);
          await findDifference(spec, reference.broken, values, { fuse });
          for (const k of someOf(Array.from({ length: reference.count() }, (_, kernel) => kernel), wanted, 1, CASES)) {
            const { broken, name } = withFault(backend, k);
            const found = await findDifference(spec, broken, values, { fuse });
            const named = found === undefined ? [] : [found.kernel, ...found.unseen];
            if (!named.includes(name() ?? '')) missed.push(`${name() ?? ''}: ${found?.message ?? 'no difference'}`);
          }
          expect(missed).toEqual([]);
        }, 120_000);
      }
    }
  });
}

describe('findDifference', () => {
  it('compares nothing of what a kernel would leave that has not run, and all of one that has', async () => {
    const backend = await cpu();
    const { spec, values } = seldom();
    const [step] = [...spec.updates.keys()].slice(-1);
    const reference = withFault(backend, -1);
    await findDifference(spec, reference.broken, values);
    for (const at of [0, 1]) {
      await step?.set(at);
      expect(await findDifference(spec, backend, values)).toBe(undefined);
      const found: boolean[] = [];
      for (let k = 0; k < reference.count(); k++) found.push((await findDifference(spec, withFault(backend, k).broken, values)) !== undefined);
      const { program } = await compile(spec, backend);
      expect(found).toEqual(program.kernels.map(({ when }) => when === undefined || at === 1));
    }
  });

  it('says where, and what it should be', async () => {
    const x = input('float32', ['n', 3], 'x');
    const sum = x.mul(2).sum(0);
    const backend = await cpu();
    const { broken } = withFault(backend, 0);
    const found = await findDifference({ inputs: { x }, outputs: { sum } }, broken, { x: [[1, 2, 3], [4, 5, 7]] });
    expect(found).toMatchObject({ kernel: 'k0 sum+mul', tensor: 'sum', at: [0], actual: 11, expected: 10, unseen: [] });
    expect(found?.message).toBe('k0 sum+mul: sum at [0] is 11, and by the interpreter 10; all kernels before it agree');
  });

  it('leaves variables as they were, where they were, and functions at work', async () => {
    const backend = await cpu();
    const w = variable([1, 2], { name: 'w' });
    const spec = { updates: new Map([[w, w.mul(3)]]) };
    const step = await compile(spec, backend);
    await step();
    const { broken } = withFault(backend, 0);
    expect((await findDifference(spec, broken, {}))?.message).toBe('k0 update: w at [0] is 10, and by the interpreter 9; all kernels before it agree');
    expect([...(await w.read())]).toEqual([3, 6]);
    await step();
    expect([...(await w.read())]).toEqual([9, 18]);
  });

  it('sees NaN and infinity where there should be numbers, and takes them where they should be', async () => {
    const x = input('float32', [3], 'x');
    const spec = { inputs: { x }, outputs: { log: x.log() } };
    expect(await findDifference(spec, await cpu(), { x: [-1, 0, 1] })).toBe(undefined);
    const { broken } = withFault(await cpu(), 0);

    expect(await findDifference(spec, broken, { x: [-1, 0, 1] })).toMatchObject({ at: [2], actual: 1, expected: 0 });
    const root = { inputs: { x }, outputs: { y: x.sub(4) } };
    const nan = withFault(await cpu(), 0, NaN).broken;
    expect(await findDifference(root, nan, { x: [4, 0, 1] })).toMatchObject({ at: [0], actual: NaN, expected: 0 });
  });

  it('takes a tolerance, as a part of the largest value', async () => {
    const x = input('float32', [2], 'x');
    const spec = { inputs: { x }, outputs: { y: x.mul(0.1) } };
    expect((await findDifference(spec, await cpu(), { x: [1, 3] }, { tolerance: 1e-12 }))?.at).toEqual([1]);
    expect(await findDifference(spec, await cpu(), { x: [1, 3] }, { tolerance: 1e-6 })).toBe(undefined);
    await expect(findDifference(spec, await cpu(), { x: [1, 3] }, { tolerance: -1 })).rejects.toThrow(new InputError('findDifference: the option tolerance must be a number from 0 on, not -1'));
  });

  it('wants a backend that runs compiled programs', async () => {
    await expect(findDifference({}, interpreter(), {})).rejects.toThrow(new BackendError('findDifference: the backend interpreter runs no compiled programs; give it cpu() or webgpu()'));
  });

  it('takes no option that there is not, and what a call refuses', async () => {
    const backend = await cpu();
    const t = variable([[1], [2]], { name: 't' });
    const i = input('int32', ['n'], 'i');
    const spec = { inputs: { i }, outputs: { row: take(t, i, 0) } };
    const misspelt = { fuse: true, tolerence: 1 };
    await expect(findDifference(spec, backend, { i: [0] }, misspelt)).rejects.toThrow("findDifference: there is no option 'tolerence'; did you mean tolerance?");
    await expect(findDifference(spec, backend, { i: [0, 2] })).rejects.toThrow("take: input 'i' has the index 2, which is not from 0 to 1");
    const x = input('float32', ['n'], 'x');
    await expect(findDifference({ inputs: { x }, outputs: { y: x.slice([0, 5]).add(ones([5])) } }, backend, { x: [1, 2, 3] })).rejects.toThrow(ShapeError);
    const first = await compile({ inputs: { x }, outputs: { y: x } }, backend);
    const { y } = await first({ x: [1] });
    await expect(findDifference({ inputs: { x }, outputs: { z: x.add(1) } }, backend, { x: y })).rejects.toThrow(new InputError("findDifference: give values for the input 'x', not an output; await output.read() has them"));
  });
});

for (const { name: on, there, make } of BACKENDS) {
  describe.runIf(there)(`findDifference on ${on}, not waited for,`, () => {
    it('comes after the calls before it, and before those after it', async () => {
      const backend = await make();
      const w = variable([1, 2], { name: 'w' });
      const spec = { updates: new Map([[w, w.mul(3)]]) };
      const step = await compile(spec, backend);
      const all = [step(), findDifference(spec, backend, {}), step(), step()] as const;
      expect(await all[1]).toBe(undefined);
      await Promise.all(all);
      expect([...(await w.read())]).toEqual([27, 54]);
      const waiting = findDifference(spec, backend, {});
      await w.set([5, 7]);
      expect(await waiting).toBe(undefined);
      expect([...(await w.read())]).toEqual([5, 7]);
    });

    it('leaves variables as they were if the program fails', async () => {
      const backend = await make();
      const w = variable([1, 2], { name: 'w' });
      const failing = new Proxy(backend, { get: (target, key): unknown => (key === 'load' ? (): Promise<never> => Promise.reject(new BackendError('no room')) : Reflect.get(target, key)) });
      const spec = { updates: new Map([[w, w.mul(3)]]) };
      await expect(findDifference(spec, failing, {})).rejects.toThrow('no room');
      await (await compile(spec, backend))();
      expect([...(await w.read())]).toEqual([3, 6]);
    });

    describe('does not take rounding for a fault', () => {
      it.each([true, false])('where all terms cancel; fused: %s', async (fuse) => {
        const x = input('float32', ['batch', 40], 'x');
        const w = variable(ones([40]), { name: 'w' });
        // The sum of what is centred is 0, but for rounding: as the gradient of a bias before a normalization.
        const loss = x.sub(x.mean(0, { keepdims: true })).sum(0).mul(w).sum();
        const spec = { inputs: { x }, outputs: { loss }, updates: sgd(loss, [w], { learningRate: 1 }) };
        expect(await findDifference(spec, await make(), { x: Float32Array.from({ length: 4000 }, (_, k) => 10 + Math.sin(k * k)) }, { fuse })).toBe(undefined);
      });

      it.each([true, false])('in the loss of a net that is sure; fused: %s', async (fuse) => {
        const x = input('float32', ['batch', 10], 'x');
        const y = input('int32', ['batch'], 'y');
        const loss = crossEntropy(x, y);
        const logits = Float32Array.from({ length: 80 }, (_, k) => (k % 10 === 0 ? 15 : Math.cos(k)));
        expect(await findDifference({ inputs: { x, y }, outputs: { loss, d: grad(loss, [x])[0] } }, await make(), { x: logits, y: new Int32Array(8) }, { fuse })).toBe(undefined);
      });

      it.each([true, false])('where numbers are too small to be normal; fused: %s', async (fuse) => {
        const x = input('float32', ['n'], 'x');
        const square = x.square();
        const spec = { inputs: { x }, outputs: { square, part: square.mul(0.001).add(1e-42) } };
        expect(await findDifference(spec, await make(), { x: Float32Array.of(3.3e-22, 7.7e-22, 1.1e-21) }, { fuse })).toBe(undefined);
      });

      it.each([true, false])('in what is left of a fit, nor a fault for rounding; fused: %s', async (fuse) => {
        const backend = await make();
        const x = input('float32', ['batch', 3], 'x');
        const y = input('float32', ['batch', 1], 'y');
        const w = variable([[1], [2], [3]], { name: 'w' });
        const loss = x.matmul(w).sub(y).square().mean();
        const spec = { inputs: { x, y }, outputs: { loss } };
        const xs = Float32Array.from({ length: 60 }, (_, k) => Math.sin(k * k));
        const at = (k: number): number => xs[k] ?? NaN;
        const values = { x: xs, y: Float32Array.from({ length: 20 }, (_, k) => at(3 * k) + 2 * at(3 * k + 1) + 3 * at(3 * k + 2)) };
        expect(await findDifference(spec, backend, values, { fuse })).toBe(undefined);
        // A tolerance that is given is all there is.
        expect(await findDifference(spec, backend, values, { fuse, tolerance: 1e-3 })).not.toBe(undefined);
        const { broken, name } = withFault(backend, 0, 0.1);
        expect((await findDifference(spec, broken, values, { fuse }))?.kernel).toBe(name());
      });
    });
  });
}
