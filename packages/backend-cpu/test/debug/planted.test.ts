// The test of the test: wrong addresses are planted into programs of every kind, and a debug build names what they reach.
import { type Access, type Buffer as Tensor, type Kernel, type Program } from '@pappus/compiler';
import { BackendError, type Expr, input, scan, type TypedArray, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { layOutBlock } from '../../src/codegen/block.js';
import { emitModule } from '../../src/codegen/module.js';
import { layOutScratch } from '../../src/codegen/scratch.js';
import { Checks } from '../../src/debug/checks.js';
import { debugging } from '../../src/debug/index.js';
import { cpu, type CpuBackend } from '../../src/index.js';
import { CpuMemory } from '../../src/memory.js';
import { ON_DEMAND, programOf, type Spec } from '../wasm/modules.js';

/** The end of the function that checks: `unreachable`, and the end of an `if`, and the address that is answered. */
const TRAP = '\x00\x0b\x20\x00\x0f\x00\x0b';

type Move = (access: Access) => Access;

/** The kernel with every access to a buffer of this name moved. */
function moved(kernel: Kernel, move: Move): Kernel {
  const inBody = <B extends { readonly instructions: readonly unknown[] }>(body: B): B => {
    const visit = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(visit);
      if (typeof value !== 'object' || value === null) return value;
      if (isAccess(value)) return move(value);
      if ('place' in value) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner)]));
    };
    // The shape of a body stays as it is: accesses are replaced by accesses.
    return visit(body) as B;
  };
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
      return { ...kernel, kernels: kernel.kernels.map((inside) => moved(inside, move)) };
  }
}

function isAccess(value: object): value is Access {
  return 'buffer' in value && 'offset' in value && 'strides' in value;
}

/** Has accesses to a buffer begin `by` elements further. */
const shift = (name: string, by: number): Move => (access) => (access.buffer.name === name ? { ...access, offset: access.offset + by } : access);

async function complaint(program: Program, inputs: readonly TypedArray[]): Promise<string> {
  const backend = await cpu({ debug: true });
  const executable = await backend.load(program);
  try {
    executable.run(inputs);
  } catch (error) {
    expect(error).toBeInstanceOf(BackendError);
    return error instanceof Error ? error.message : '';
  }
  return 'nothing';
}

const counting = (n: number): Float32Array => Float32Array.from({ length: n }, (_, k) => k);

const a = input('float32', [6, 10], 'a');
const b = input('float32', [10, 7], 'b');
const rows = input('int32', [4], 'rows');

const PROGRAMS: Readonly<Record<string, { readonly spec: Spec; readonly inputs: readonly TypedArray[]; readonly reads: readonly string[]; readonly writes: readonly string[] }>> = {
  'a loop': { spec: { inputs: { a }, outputs: { y: a.mul(2).add(1) } }, inputs: [counting(60)], reads: ['a'], writes: ['y'] },
  'a loop over columns': { spec: { inputs: { a }, outputs: { y: a.transpose().exp() } }, inputs: [counting(60)], reads: ['a'], writes: ['y'] },
  'a sum of rows': { spec: { inputs: { a }, outputs: { y: a.sum(1) } }, inputs: [counting(60)], reads: ['a'], writes: ['y'] },
  'a sum of columns': { spec: { inputs: { a }, outputs: { y: a.sum(0) } }, inputs: [counting(60)], reads: ['a'], writes: ['y'] },
  'a product': { spec: { inputs: { a, b }, outputs: { y: a.matmul(b).add(1) } }, inputs: [counting(60), counting(70)], reads: ['a', 'b'], writes: ['y'] },
  'take': { spec: { inputs: { a, rows }, outputs: { y: a.take(rows) } }, inputs: [counting(60), Int32Array.of(5, 0, 5, 2)], reads: ['a', 'rows'], writes: ['y'] },
  'a scatter': {
    spec: { inputs: { a, rows }, outputs: { y: zeros([6, 10]).scatterAdd(rows, a.slice([0, 4])) } },
    inputs: [counting(60), Int32Array.of(5, 0, 5, 2)], reads: ['rows'], writes: ['y'],
  },
};

describe('a debug build names a wrong address', () => {
  for (const [name, { spec, inputs, reads, writes }] of Object.entries(PROGRAMS)) {
    it(`in ${name}`, async () => {
      const program = programOf(spec);
      expect(await complaint(program, inputs)).toBe('nothing');
      for (const buffers of [reads, writes]) {
        for (const buffer of buffers) {
          for (const by of [-1, 1000, -1000, 2 ** 28]) {
            const wrong = { ...program, kernels: program.kernels.map((kernel) => moved(kernel, shift(buffer, by))) };
            expect(await complaint(wrong, inputs), `${buffer} by ${by}`).toMatch(new RegExp(`^kernel k\\d+ \\S+ (reads|writes) \\d+ bytes from byte -?\\d+ of ${buffer} on, which has bytes 0 to \\d+;`));
          }
        }
      }
    });
  }

  it('in the elements that fill up a tensor, where they are not read as part of a vector', async () => {
    const program = programOf({ inputs: { a }, outputs: { y: a.slice(null, [0, 1]) } });
    const wrong = { ...program, kernels: program.kernels.map((kernel) => moved(kernel, shift('a', 11))) };
    expect(await complaint(wrong, [counting(60)])).toContain('reads 4 bytes from byte 244 of a on, which has bytes 0 to 240');
  });

  it('in a product that is larger than what it is written to', async () => {
    const program = programOf({ inputs: { a, b }, outputs: { y: a.matmul(b) } });
    const smaller = (buffer: Tensor): Tensor => (buffer.name === 'y' ? { ...buffer, size: 30 } : buffer);
    const kernels = program.kernels.map((kernel): Kernel => (kernel.kind === 'matmul' ? { ...kernel, product: smaller(kernel.product) } : kernel));
    const product = kernels.flatMap((kernel) => (kernel.kind === 'matmul' ? [kernel.product] : []));
    const outputs = program.outputs.map((output) => (output.kind === 'buffer' ? { ...output, buffer: product[0] ?? output.buffer } : output));
    const wrong = { ...program, kernels, outputs, buffers: program.buffers.map((buffer) => (buffer.name === 'y' ? (product[0] ?? buffer) : buffer)) };
    expect(await complaint(wrong, [counting(60), counting(70)])).toMatch(/^kernel k0 matmul writes .* of y on, which has bytes 0 to 128;/);
  });

  it('in the segments of an update, whose tensors lie apart', async () => {
    const make = (): Program => {
      const [v, w] = [variable({ data: counting(5), shape: [5] }, { name: 'v' }), variable({ data: counting(9), shape: [9] }, { name: 'w' })];
      return programOf({ updates: [[v, v.mul(2)], [w, w.mul(2)]] });
    };
    expect(make().kernels).toHaveLength(1);
    expect(await complaint(make(), [])).toBe('nothing');
    const program = make();
    const small = program.buffers.find((buffer) => buffer.name === 'v');
    const only = (kernel: Kernel): Kernel => {
      if (kernel.kind !== 'elementwise' || small === undefined) return kernel;
      return { ...kernel, segments: kernel.segments.map(({ buffers }) => ({ buffers: buffers.map(() => small), size: 9 })) };
    };
    const wrong = { ...program, kernels: program.kernels.map(only) };
    expect(await complaint(wrong, [])).toMatch(/^kernel k0 update reads 16 bytes from byte 32 of v on, which has bytes 0 to 32;/);
  });

  it('in the part of a tensor that a step of a loop works on', async () => {
    const program = programOf({ inputs: { a }, outputs: { y: scan((h: Expr, x: Expr) => ({ carry: h.add(x) }), { carry: zeros([10]), inputs: a }).carry } });
    expect(await complaint(program, [counting(60)])).toBe('nothing');
    const beyond = program.kernels.map((kernel): Kernel => (kernel.kind === 'scan' ? { ...kernel, slices: kernel.slices.map((slice) => ({ ...slice, start: slice.start + 1 })) } : kernel));
    expect(await complaint({ ...program, kernels: beyond }, [counting(60)])).toMatch(/^kernel k1 scan reads 40 bytes from byte 204 of a on, which has bytes 0 to 240;/);
  });
});

describe('the guard zones of a debug build', () => {
  it('tell what was written to them, and beside which tensor they lie', async () => {
    const memory = new CpuMemory(debugging);
    const first = memory.allocate(36, 'first');
    const second = memory.allocate(64, 'second');
    memory.view('float32', first, 12).fill(1);
    memory.view('float32', second, 16).fill(1);
    memory.zones?.verify();
    for (const [address, message] of [
      [first - 4, 'before first, at its byte 60'],
      [first + 48, 'behind first, at its byte 0'],
      [second - 64, 'before second, at its byte 0'],
      [second + 64, 'behind second, at its byte 0'],
      [second + 127, 'behind second, at its byte 60'],
    ] as const) {
      memory.view('bool', address, 1)[0] = 1;
      expect(() => memory.zones?.verify()).toThrow(message);
      memory.zones?.verify();
    }
    memory.release(first, 36);
    memory.view('float32', first + 48, 1)[0] = 1;
    memory.zones?.verify();
    // A read from one is no number.
    expect(memory.view('float32', second + 64, 1)[0]).toBeNaN();
    expect(memory.view('float64', second + 64, 1)[0]).toBeNaN();
  });
});

describe('a build that is none for debugging', () => {
  it('has no check and no guard in it', async () => {
    const [plain, off, on] = [await cpu(), await cpu({ debug: false }), await cpu({ debug: true })];
    for (const { spec } of Object.values(PROGRAMS)) {
      const program = programOf(spec);
      const codeOf = (debug: boolean): string => {
        const code = emitModule(program, layOutBlock(program, debug), layOutScratch(program.kernels, false), { relaxed: false, onDemand: ON_DEMAND, makeChecks: debug ? (module) => new Checks(module) : undefined });
        return Buffer.from(code).toString('latin1');
      };
      // A call of function 0, which the checks are in a debug build, after the number of a site.
      const bytes = async (backend: CpuBackend): Promise<number> => (await backend.load(program)).program.bytes.code;
      expect(await bytes(off)).toBe(await bytes(plain));
      expect(await bytes(on)).toBeGreaterThan(await bytes(plain));
      expect(codeOf(false)).not.toContain(TRAP);
      expect(codeOf(true)).toContain(TRAP);
    }
  });
});
