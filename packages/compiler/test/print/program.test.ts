// Programs as a person reads them: small ones in full, and what every listing has.
import { type Expr, flip, gather, grad, input, scan, scatterAdd, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { affineText } from '../../src/print/body.js';
import { formatProgram } from '../../src/print/index.js';
import { adaptive, programOf, type Spec } from '../programs.js';

const x = input('float32', [8, 4], 'x');
const labels = input('int32', [8], 'labels');
const w = variable(zeros([4, 3]), { name: 'w' });
const b = variable(zeros([3]), { name: 'b' });
const rate = variable(0.1, { name: 'rate' });

/** Programs with every kind of kernel, and of what the host does. */
const SPECS: Readonly<Record<string, Spec>> = {
  'a layer': { inputs: [x], outputs: [x.matmul(w).add(b).relu()], updates: new Map([[b, b.mul(rate.mul(0.5))], [rate, rate.mul(0.9)]]) },
  'an update': { inputs: [x], updates: adaptive([w, b], grad(x.matmul(w).add(b).tanh().square().sum(), [w, b]), rate) },
  indices: { inputs: [x, labels], outputs: [x.take(labels.mod(3)), scatterAdd(x, labels, flip(x, [1])), gather(x, labels.reshape([8, 1]), 1), x.argMax(1)] },
  'a scan in a scan': {
    inputs: [x],
    outputs: [
      scan((h: Expr, row: Expr) => {
        const { carry } = scan((c: Expr, one: Expr) => ({ carry: c.add(one).tanh() }), { carry: h, inputs: row });
        return { carry, outputs: carry.mul(2) };
      }, { carry: zeros([4]), inputs: x }).outputs,
    ],
  },
  'scalars and casts': { inputs: [x, labels], outputs: [rate.mul(2), x.gt(rate).any(0), labels.cast('float32').max(), x.transpose().reshape([2, 16]).sum(0)] },
  nothing: {},
};

describe('the text of a program', () => {
  it('shows a small one in full', () => {
    expect(formatProgram(programOf(SPECS['a layer'] ?? {}))).toBe(`\
2 kernels; 284 bytes: 60 of variables, 128 of inputs, 96 of outputs

buffers:
  b           float32   3   12 bytes  variable
  w           float32  12   48 bytes  variable
  'input 0'   float32  32  128 bytes  input
  'output 0'  float32  24   96 bytes  output

host scalars, in float64, before the kernels:
  s0 = mul(rate, 0.5) as float32

k0 matmul+add+relu: matmul in float32
  for row < 8, column < 3:
    over depth < 4:
      v0 = 'input 0'[4*row + depth]
      v1 = w[3*depth + column]
      r0 = sum(mul(v0, v1))
    v2 = b[column]
    v3 = add(r0, v2)
    v4 = relu(v3)
    'output 0'[3*row + column] = v4

k1 update: elementwise, in place: b
  for i < 3:
    v0 = b[i]
    v1 = mul(v0, s0)
    b[i] = v1

on the host, after the kernels:
  rate = mul(rate, 0.9) as float32
`);
  });

  it('shows loops in loops, and which part of a tensor each step has', () => {
    expect(formatProgram(programOf(SPECS['a scan in a scan'] ?? {}))).toContain(`\
k1 scan: its kernels 8 times
  for t < 8:
    'part of input 0' is 'input 0' from element 4*t on
`);
  });

  it('says what indices read and write outside of a tensor', () => {
    const text = formatProgram(programOf(SPECS.indices ?? {}));
    expect(text).toContain("v2 = 'input 0'[4*v1 + j] if 0 <= v1 < 8, else NaN\n");
    expect(text).toMatch(/'\[4\*v0 \+ j\] \+= v1 if 0 <= v0 < 8\n/);
    // Read backwards.
    expect(text).toContain("v1 = 'input 0'[4*i - j + 3]\n");
  });

  it('says what the host answers', () => {
    expect(formatProgram(programOf({ outputs: [rate.mul(2), rate.gt(1)] }))).toBe(`\
0 kernels; 0 bytes

on the host, after the kernels:
  output 0 = mul(rate, 2) as float32
  output 1 = gt(rate, 1) as bool
`);
  });

  it('says what several tensors are that one piece of code covers', () => {
    expect(formatProgram(programOf(SPECS['an update'] ?? {}))).toContain(`\
  segments, of 'm/w', 'grad of w', 'v/w', w:
    size 12: 'm/w', 'grad of w', 'v/w', w
    size 3: 'm/b', 'grad of b', 'v/b', b
`);
  });

  describe.each(Object.entries(SPECS))('of %s', (_, spec) => {
    const program = programOf(spec);
    const text = formatProgram(program);

    it('is the same for the same program', () => {
      expect(formatProgram(programOf(spec))).toBe(text);
    });

    it('has a line for every buffer, and every value before it is used', () => {
      const listed = text.split('\n').filter((line) => /^ {2}\S.* {2}[\d,]+ bytes? {2}/.test(line));
      expect(listed).toHaveLength(program.buffers.length);
      expect(text).not.toMatch(/\?|undefined|NaN\]|\bunused\b/);
      for (const kernel of text.split(/^ *k[\d.]+ .*$/m).slice(1)) {
        const known = new Set<string>();
        for (const line of kernel.replaceAll(/'.*?'/g, '').split('\n')) {
          const [, value, used = ''] = /^ *(?:([vr]\d+) = )?(.*)$/.exec(line) ?? [];
          expect([...used.matchAll(/\b[vr]\d+\b/g)].filter(([word]) => !known.has(word))).toEqual([]);
          if (value !== undefined) known.add(value);
        }
      }
    });
  });

  it('adds up bytes of tensors as a backend stores them', () => {
    const program = programOf({ inputs: [x], outputs: [x.gt(0)] });
    expect(formatProgram(program).split('\n')[0]).toBe('1 kernel; 160 bytes: 128 of inputs, 32 of outputs');
    const elementBytes = { float32: 4, float64: 8, int32: 4, bool: 4 };
    expect(formatProgram(program, { elementBytes }).split('\n')[0]).toBe('1 kernel; 256 bytes: 128 of inputs, 128 of outputs');
  });

  it('ends with the code, if there is any', () => {
    expect(formatProgram(programOf({}), { code: { language: 'WGSL', text: 'fn main() {}\n\n' } })).toBe('0 kernels; 0 bytes\n\nWGSL:\n\nfn main() {}\n');
  });
});

describe('a position', () => {
  it.each([
    [{ offset: 0, strides: [] }, '0'],
    [{ offset: 0, strides: [0, 0] }, '0'],
    [{ offset: 7, strides: [0, 0] }, '7'],
    [{ offset: 0, strides: [1, 0] }, 'i'],
    [{ offset: -1, strides: [10, 1] }, '10*i + j - 1'],
    [{ offset: 9, strides: [-1, -3] }, '-i - 3*j + 9'],
    [{ offset: 2, strides: [0, -2] }, '-2*j + 2'],
  ])('%j is written %s', (affine, text) => {
    expect(affineText(affine, ['i', 'j'])).toBe(text);
  });

  it('that is computed comes first', () => {
    expect(affineText({ offset: 1, strides: [1] }, ['i'], [[8, 'v0']])).toBe('8*v0 + i + 1');
    expect(affineText({ offset: 0, strides: [0] }, ['i'], [[1, 'v0']])).toBe('v0');
  });
});
