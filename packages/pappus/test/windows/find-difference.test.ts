// A wrong number is traced to its kernel: faults are planted into each kernel of a step, and findDifference names it.
import type { Body, Instruction, Kernel, Program } from '@pappus/compiler';
import { kernelNames } from '@pappus/compiler';
import type { ProgramBackend } from '@pappus/compiler/find-difference';
import { CASES, someOf } from '@pappus/testing/thorough';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { BackendError, compile, cpu, findDifference, input, InputError, interpreter, variable } from 'pappus';
import { webgpu } from 'pappus/webgpu';
import { describe, expect, it } from 'vitest';
import { type Model, network, recurrent } from './models.js';

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
  { name: 'cpu', there: true, make: cpu, wanted: Infinity },
  { name: 'webgpu', there: adapterOrComplaint('findDifference on WebGPU'), make: webgpu, wanted: 6 },
] as const;

for (const { name: on, there, make, wanted } of BACKENDS) {
  describe.runIf(there)(`findDifference on ${on}`, () => {
    for (const [what, model] of Object.entries(MODELS)) {
      for (const fuse of [true, false]) {
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
    await expect(findDifference(spec, await cpu(), { x: [1, 3] }, { tolerance: -1 })).rejects.toThrow(new InputError('findDifference: the tolerance is a number from 0 on, not -1'));
  });

  it('wants a backend that runs compiled programs', async () => {
    await expect(findDifference({}, interpreter(), {})).rejects.toThrow(new BackendError('findDifference: the backend interpreter runs no compiled programs; give it cpu() or webgpu()'));
  });
});
