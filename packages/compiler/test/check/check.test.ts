// What a program must keep: for every rule a program that breaks it, and the words that say so.
import { cholesky, type Expr, input, scan, type Variable, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import text from '../../../../docs/kernel-language.md';
import { BrokenProgramError, checkPass, checkProgram, type ProgramRule, RULES } from '../../src/check/index.js';
import type { Body, Buffer, ElementwiseKernel, Instruction, Kernel, MatmulKernel, Program, ReduceKernel, RoutineKernel, ScanKernel, ScatterKernel } from '../../src/index.js';
import { programOf, type Spec } from '../programs.js';

const x = input('float32', [4, 3], 'x');
const rows = input('int32', [2], 'rows');

function changed<K extends Kernel['kind']>(kind: K, spec: Spec, change: (kernel: Extract<Kernel, { kind: K }>, program: Program) => Kernel, which = 0): Program {
  const program = programOf(spec);
  const isKind = (kernel: Kernel): kernel is Extract<Kernel, { kind: K }> => kernel.kind === kind;
  const target = program.kernels.filter(isKind)[which];
  if (target === undefined) throw new Error(`no kernel is a ${kind}`);
  return { ...program, kernels: program.kernels.map((kernel) => (kernel === target ? change(target, program) : kernel)) };
}

const elementwise = (spec: Spec, change: (kernel: ElementwiseKernel, program: Program) => Kernel): Program => changed('elementwise', spec, change);

/** A body with one instruction replaced. */
function instruction(body: Body, at: number, change: (i: Instruction) => Instruction): Body {
  return { ...body, instructions: body.instructions.map((i, k) => (k === at ? change(i) : i)) };
}

function store(body: Body, change: (store: Body['stores'][number]) => Body['stores'][number]): Body {
  return { ...body, stores: body.stores.map(change) };
}

function moved(body: Body, by: number): Body {
  return store(body, (s) => ({ ...s, access: { ...s.access, offset: s.access.offset + by } }));
}

const buffer = (from: Buffer, other: Partial<Buffer>): Buffer => ({ ...from, ...other });
const doubled: Spec = { inputs: [x], outputs: [x.mul(2)] };
const multiplied = (): Spec => ({ inputs: [x], outputs: [x.matmul(x.transpose()).add(1)] });
const summed: Spec = { inputs: [x], outputs: [x.sum(1)] };

function running(): Spec {
  const { outputs } = scan((h, part) => ({ carry: h.add(part), outputs: h.mul(part) }), { carry: zeros([3]), inputs: x });
  return { inputs: [x], outputs: [outputs] };
}

function descent(count: number): Spec {
  const params = Array.from({ length: count }, (_, k) => variable(zeros([4 + k]), { name: `p${k}` }));
  return { updates: new Map(params.map((p) => [p, p.mul(0.5)])) };
}

function counted(): Spec {
  const rate = variable(1, { name: 'rate' });
  return { inputs: [x], outputs: [x.mul(rate)], updates: new Map([[rate, rate.mul(0.9)]]) };
}

/** A temporary: sums of rows, read by a later kernel. */
const between: Spec = { inputs: [x], outputs: [x.sub(x.sum(1).reshape([4, 1]))] };

/** For each rule a program that breaks it, and how the checker says it. */
const BROKEN: Readonly<Record<ProgramRule, { readonly program: () => Program; readonly says: RegExp }>> = {
  operands: {
    program: () => elementwise(doubled, (k) => ({ ...k, body: instruction(k.body, k.body.instructions.length - 1, (i) => (i.kind === 'apply' ? { ...i, args: [0, 9] } : i)) })),
    says: /^k0 mul: instruction 2, mul of float32 to float32, is given \[0: float32, 9: no instruction before it\]/,
  },
  results: {
    program: () => changed('reduce', summed, (k: ReduceKernel) => ({ ...k, epilogue: instruction(k.epilogue, 0, (i) => (i.kind === 'result' ? { ...i, index: 1 } : i)) })),
    says: /^k0 sum: instruction 0 is result 1 of float32; the kernel gives \[float32\]/,
  },
  uniforms: {
    program: () => ({ ...programOf(counted()), uniforms: [] }),
    says: /^scalar \d+ of float32 is read and not listed/,
  },
  conditions: {
    program: () => {
      const t = variable(0, { name: 't', dtype: 'int32' });
      const w = variable(zeros([3, 4]), { name: 'w' });
      const root = w.matmul(w.transpose()).matmul(w);
      const program = programOf({ updates: new Map<Variable, Expr>([[w, t.mod(10).eq(0).where(root, w)], [t, t.add(1)]]) });
      return { ...program, kernels: program.kernels.map((kernel) => (kernel.kind === 'elementwise' ? { ...kernel, when: undefined } : kernel)) };
    },
    says: /update: matmul of .* is read, which k1 matmul does not write in every step in which that is wanted/,
  },
  axes: {
    program: () => elementwise({ inputs: [x], outputs: [x.transpose().add(1)] }, (k) => ({ ...k, body: store(k.body, (s) => ({ ...s, access: { ...s.access, strides: [1] } })) })),
    says: /^k0 add: store 0 has 1 strides in a nest of 2 axes/,
  },
  bounds: {
    program: () => elementwise(doubled, (k) => ({ ...k, body: moved(k.body, 1) })),
    says: /^k0 mul: store 0 reaches elements 1 to 12 of output 0, which has 12/,
  },
  dtypes: {
    program: () => elementwise(doubled, (k) => ({ ...k, body: instruction(k.body, 0, (i) => (i.kind === 'load' ? { ...i, dtype: 'float64' } : i)) })),
    says: /^k0 mul: instruction 0 loads float64 from input 0, which is float32/,
  },
  written: {
    program: () => {
      const program = programOf(between);
      return { ...program, kernels: program.kernels.slice(1) };
    },
    says: /is read, of whose 4 elements 0 were written/,
  },
  inPlace: {
    program: () => {
      const w = variable(zeros([12]), { name: 'w' });
      return elementwise({ updates: new Map([[w, w.mul(0.5)]]) }, (k) => ({
        ...k,
        body: instruction(k.body, 0, (i) => (i.kind === 'load' ? { ...i, access: { ...i.access, offset: 11, strides: [-1] } } : i)),
      }));
    },
    says: /^k0 update: w is read at other elements than it is written/,
  },
  apart: {
    program: () => elementwise(doubled, (k) => ({ ...k, body: store(k.body, (s) => ({ ...s, access: { ...s.access, strides: s.access.strides.map(() => 0) } })) })),
    says: /^k0 mul: store 0 writes elements of output 0 more than once/,
  },
  oldValues: {
    program: () => {
      const w = variable(zeros([12]), { name: 'w' });
      const program = programOf({ outputs: [w.reshape([3, 4]).sum(1)], updates: new Map([[w, w.mul(0.5)]]) });
      return { ...program, kernels: [...program.kernels].sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'elementwise' ? -1 : 1)) };
    },
    says: /^k1 sum: w is read, which k0 update has overwritten/,
  },
  segments: {
    program: () => elementwise(descent(2), (k) => ({ ...k, segments: k.segments.map((s) => ({ ...s, size: 5 })) })),
    says: /^k0 update: segment 0: instruction 0 reaches elements 0 to 4 of p0, which has 4/,
  },
  reductions: {
    program: () => changed('reduce', summed, (k: ReduceKernel) => ({ ...k, parts: k.parts.map((part) => ({ ...part, values: [] })) })),
    says: /^k0 sum: 0 values for 1 results/,
  },
  products: {
    program: () => changed('matmul', multiplied(), (k: MatmulKernel) => ({ ...k, product: buffer(k.product, { size: 15 }) })),
    says: /the product has 16 elements, and .* 15/,
  },
  scatters: {
    program: () => changed('scatter', { inputs: [x, rows], outputs: [x.scatterAdd(rows, zeros([2, 3]).add(1))] }, (k: ScatterKernel) => ({ ...k, index: k.body.instructions.findIndex((i) => i.dtype === 'float32') })),
    says: /scatter.*: the index is instruction \d+, of float32/,
  },
  routines: {
    program: () => changed('routine', { inputs: [x], outputs: [cholesky(x.slice([0, 3], [0, 3]))] }, (k: RoutineKernel) => ({ ...k, buffers: k.buffers.slice(1) })),
    says: /^k\d cholesky: 2 buffers for 3 arrays/,
  },
  slices: {
    program: () => changed('scan', running(), (k: ScanKernel) => ({ ...k, slices: k.slices.map((s) => ({ ...s, start: s.start + 3 })) })),
    says: /scan: .* reaches elements 3 to 14 of .*, which has 12/,
  },
  memory: {
    program: () => {
      const program = programOf(between);
      return { ...program, temporaries: { ...program.temporaries, offsets: new Map([...program.temporaries.offsets].map(([b, at]) => [b, at + 64])) } };
    },
    says: / is from \d+ to \d+ in a block of \d+ bytes/,
  },
  outputs: {
    program: () => ({ ...programOf(doubled), kernels: [] }),
    says: /^nothing writes output 0/,
  },
  hosts: {
    program: () => {
      const program = programOf(counted());
      return { ...program, hostUpdates: program.hostUpdates.map((update) => ({ ...update, index: 99 })) };
    },
    says: /^rate becomes scalar 99 of the host, which has \d+/,
  },
};

function complaintOf(program: Program): BrokenProgramError {
  try {
    checkProgram(program);
  } catch (error) {
    if (error instanceof BrokenProgramError) return error;
    throw error;
  }
  throw new Error('nothing is found');
}

describe('checkProgram', () => {
  for (const [rule, { program, says }] of Object.entries(BROKEN)) {
    it('finds a segment without its scalars, and a scalar that is not listed', () => {
    const params = [4, 5].map((size, k) => variable(zeros([size]), { name: `p${k}` }));
    const program = programOf({ updates: new Map(params.map((p, k) => [p, p.mul(0.5 + k)])) });
    const [kernel] = program.kernels;
    if (kernel?.kind !== 'elementwise') throw new Error('no update');
    expect(kernel.segments.map(({ scalars = [] }) => scalars.length)).toEqual([1, 1]);
    const bare = kernel.segments.map(({ scalars, ...segment }, k) => (k === 1 ? segment : { ...segment, ...(scalars === undefined ? {} : { scalars }) }));
    expect(() => checkProgram({ ...program, kernels: [{ ...kernel, segments: bare }] })).toThrow('segment 1 has scalars of [], and the first of [float32]');
    expect(() => checkProgram({ ...program, kernels: [{ ...kernel, segments: kernel.segments.map(({ size, buffers }) => ({ size, buffers })) }] })).toThrow(/instruction 1 is parameter 0 of float32; a segment has \[\]/);
    expect(() => checkProgram({ ...program, uniforms: [] })).toThrow(/scalar \d+ of float32 is read and not listed/);
  });

  it(`finds what breaks the rule '${rule}', and says where`, () => {
      const { violations, message } = complaintOf(program());
      const own = violations.filter((violation) => violation.rule === rule);
      expect(own.map(({ kernel, what }) => `${kernel === undefined ? '' : `${kernel}: `}${what}`)).toContainEqual(expect.stringMatching(says));
      expect(message).toMatch(/^the compiler has made a broken program; please report the computation\n/);
    });
  }

  it('finds temporaries that share memory while both are in use', () => {
    const y = x.sum(1).reshape([4, 1]);
    const z = x.max(1).reshape([4, 1]);
    const program = programOf({ inputs: [x], outputs: [x.sub(y).matmul(x.sub(z).transpose()).add(y)] });
    const { offsets } = program.temporaries;
    expect(offsets.size).toBeGreaterThan(1);
    const wrong = { ...program, temporaries: { ...program.temporaries, offsets: new Map([...offsets].map(([b]) => [b, 0])) } };
    expect(complaintOf(wrong).violations.map(({ rule, what }) => `${rule}: ${what}`)).toContainEqual(expect.stringMatching(/^memory: .* and .* share bytes 0 to \d+ while both are in use$/));
  });

  it('names the pass that has broken a program', () => {
    const program = programOf(doubled);
    const wrong = program.kernels.map((kernel) => (kernel.kind === 'elementwise' ? { ...kernel, body: moved(kernel.body, -1) } : kernel));
    expect(() => checkPass('merge', wrong)).toThrow(
      /^the compiler has made a broken program in the pass 'merge'; please report the computation\nk0 mul: store 0 reaches elements -1 to 10 of output 0, which has 12 \(bounds: /,
    );
  });

  it('takes what the compiler makes: of nothing, of tensors without elements, of a step in a scan', () => {
    const empty = input('float32', [0, 3], 'empty');
    const specs: Spec[] = [{}, { inputs: [empty], outputs: [empty.mul(2), empty.sum(0), empty.sum(1)] }, running(), descent(5), counted()];
    for (const spec of specs) expect(() => checkProgram(programOf(spec))).not.toThrow();
  });
});

describe('docs/kernel-language.md', () => {
  it('has every rule, in the words of the checker', () => {
    const [, rules = ''] = text.split('## What a program keeps');
    const stated = [...rules.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, rule]) => [name, rule]);
    expect(stated).toEqual(Object.entries(RULES));
  });
});

