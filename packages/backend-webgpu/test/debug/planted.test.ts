// The test of the test: wrong addresses are planted into programs, and a debug build names what they reach.
import { type Access, type Body, compileProgram, type Kernel, type Program } from '@pappus/compiler';
import { BackendError, type Expr, input, scan, type TypedArray, zeros } from '@pappus/core';
import { GRAPH_VERSION } from '@pappus/core/backend';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../../src/index.js';
import { LAYOUT } from '../../src/run/windows.js';

const counting = (n: number): Float32Array => Float32Array.from({ length: n }, (_, k) => k);

const a = input('float32', [6, 10], 'a');
const b = input('float32', [10, 7], 'b');
const rows = input('int32', [4], 'rows');

function programOf(inputs: readonly Expr[], output: Expr): Program {
  const named = inputs.map((expr, k) => ({ name: `x${k}`, expr }));
  return compileProgram({ graphVersion: GRAPH_VERSION, inputs: named, outputs: [{ name: 'y', expr: output }], updates: [] }, new Map(), LAYOUT);
}

/** Has accesses to a buffer begin `by` elements further. */
function shifted(kernel: Kernel, name: string, by: number): Kernel {
  const move = (access: Access): Access => (access.buffer.name === name ? { ...access, offset: access.offset + by } : access);
  const inBody = (body: Body): Body => ({
    instructions: body.instructions.map((i) => (i.kind === 'load' || i.kind === 'gather' ? { ...i, access: move(i.access) } : i)),
    stores: body.stores.map((store) => ({ ...store, access: move(store.access) })),
  });
  switch (kernel.kind) {
    case 'elementwise':
    case 'scatter':
      return { ...kernel, body: inBody(kernel.body) };
    case 'reduce':
      return { ...kernel, parts: kernel.parts.map((part) => ({ ...part, body: inBody(part.body) })), epilogue: inBody(kernel.epilogue) };
    case 'matmul':
      return { ...kernel, left: inBody(kernel.left), right: inBody(kernel.right), epilogue: inBody(kernel.epilogue) };
    case 'routine':
      return kernel;
    case 'scan':
      return { ...kernel, kernels: kernel.kernels.map((inside) => shifted(inside, name, by)) };
  }
}

async function complaint(program: Program, inputs: readonly TypedArray[]): Promise<string> {
  const executable = await (await webgpu({ debug: true })).load(program);
  const [output] = executable.run(inputs);
  try {
    await output?.read();
  } catch (error) {
    expect(error).toBeInstanceOf(BackendError);
    return error instanceof Error ? error.message : '';
  }
  return 'nothing';
}

describe.runIf(adapterOrComplaint('debug builds of WebGPU'))('a debug build names a wrong address', () => {
  const cases: Readonly<Record<string, readonly [readonly Expr[], Expr, readonly TypedArray[]]>> = {
    'a loop': [[a], a.mul(2), [counting(60)]],
    'a sum of rows': [[a], a.sum(1), [counting(60)]],
    'a product': [[a, b], a.matmul(b).add(1), [counting(60), counting(70)]],
    take: [[a, rows], a.take(rows), [counting(60), Int32Array.of(5, 0, 5, 2)]],
  };
  for (const [name, [inputs, output, values]] of Object.entries(cases)) {
    it(`in ${name}`, async () => {
      const program = programOf(inputs, output);
      expect(await complaint(program, values)).toBe('nothing');
      for (const [buffer, verb] of [['x0', 'reads'], ['y', 'writes']] as const) {
        for (const by of [-4, 1000]) {
          const wrong = { ...program, kernels: program.kernels.map((kernel) => shifted(kernel, buffer, by)) };
          expect(await complaint(wrong, values), `${buffer} by ${by}`).toMatch(new RegExp(`^kernel k0 \\S+ ${verb} element -?\\d+ of ${buffer}, which has \\d+;`));
        }
      }
    });
  }

  it('in a scan, whose kernels have names of their own', async () => {
    const { carry } = scan((h: Expr, row: Expr) => ({ carry: h.add(row).tanh() }), { carry: zeros([10]), inputs: a });
    const program = programOf([a], carry);
    const inside = program.kernels.find((kernel) => kernel.kind === 'scan')?.slices.find(({ of }) => of.name === 'x0')?.buffer.name;
    expect(await complaint(program, [counting(60)])).toBe('nothing');
    const wrong = { ...program, kernels: program.kernels.map((kernel) => shifted(kernel, inside ?? '', 1000)) };
    expect(await complaint(wrong, [counting(60)])).toMatch(/^kernel k\d\.0 add\+tanh reads element 1000 of /);
  });
});
