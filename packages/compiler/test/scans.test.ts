// What scans become: kernels that repeat, one run for all that is asked of it, memory that is shared; and what remat spares.
import { type Expr, grad, input, remat, scan, split, variable, type Variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { describeKernels } from '../src/index.js';
import { programOf } from './programs.js';

const [time, batch, units] = [20, 8, 16];
const x = input('float32', [time, batch, units], 'x');
const weights = (name: string, rows: number, columns: number): Variable => variable(zeros([rows, columns]), { name });
const [w, u] = [weights('w', units, units), weights('u', units, units)];

const recurrent = (inputs: Expr): Expr =>
  scan((h: Expr, xt: Expr) => {
    const next = xt.matmul(w).add(h.matmul(u)).tanh();
    return { carry: next, outputs: next };
  }, { carry: zeros([batch, units]), inputs }).outputs;

const repeated = (spec: Parameters<typeof programOf>[0]): string[] =>
  describeKernels(programOf(spec).kernels).filter((k) => k.repeats > 1).map((k) => `${k.repeats} ${k.operations.join('+')}`);

describe('a scan', () => {
  it('is one kernel that repeats: two products and what follows them, the new state written in place and to its part', () => {
    expect(repeated({ inputs: [x], outputs: [recurrent(x)] })).toEqual(['20 matmul', '20 matmul', '20 add+tanh']);
    const { kernels } = programOf({ inputs: [x], outputs: [recurrent(x)] });
    expect(kernels.map((k) => k.kind)).toEqual(['elementwise', 'scan']);
  });

  it('is run once forwards and once backwards in a step of training; the gradients of weights are one product over all steps', () => {
    const loss = recurrent(x).square().sum();
    const [dw, du] = grad(loss, [w, u]);
    const { kernels } = programOf({ inputs: [x], outputs: [loss], updates: new Map([[w, w.sub(dw)], [u, u.sub(du)]]) });
    expect(kernels.filter((k) => k.kind === 'scan')).toHaveLength(2);
    expect(describeKernels(kernels).filter((k) => k.repeats === 1 && k.kind === 'matmul')).toHaveLength(2);
  });

  it('of gates computes their gradients into the parts of one tensor', () => {
    const wide = weights('wide', units, 4 * units);
    const { carry } = scan(({ h, c }, xt) => {
      const [i = h, f = h, g = h, o = h] = split(xt.add(h).matmul(wide), 4, -1);
      const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      return { carry: { h: o.sigmoid().mul(next.tanh()), c: next } };
    }, { carry: { h: zeros([batch, units]), c: zeros([batch, units]) }, inputs: x });
    const dwide = grad(carry.h.sum(), wide);
    expect(repeated({ inputs: [x], outputs: [dwide] }).filter((k) => k.includes('pad'))).toEqual([]);
  });

  it('leaves out carries that nothing wants', () => {
    const { carry } = scan(({ a, b }, xt) => ({ carry: { a: a.add(xt), b: b.mul(xt).exp() } }), { carry: { a: zeros([batch, units]), b: zeros([batch, units]) }, inputs: x });
    expect(repeated({ inputs: [x], outputs: [carry.a] })).toEqual(['20 add']);
  });

  it('of one step is none, and of no step gives what it started from', () => {
    const open = input('float32', ['time', 4], 'open');
    const { carry } = scan((s: Expr, xt: Expr) => ({ carry: s.add(xt) }), { carry: open.sum(0), inputs: open });
    expect(programOf({ inputs: [open], outputs: [carry] }, { time: 1 }).kernels.map((k) => k.kind)).not.toContain('scan');
    expect(programOf({ inputs: [open], outputs: [carry] }, { time: 0 }).kernels.map((k) => k.kind)).toEqual(['reduce']);
  });

  it('shares the memory of what lives within a step', () => {
    const deep = (steps: number): number => {
      const long = input('float32', [time, 1000], 'long');
      const { carry } = scan((s: Expr, xt: Expr) => {
        let h = s.add(xt);
        for (let k = 0; k < steps; k++) h = h.sub(h.max()).exp();
        return { carry: h };
      }, { carry: zeros([1000]), inputs: long });
      return programOf({ inputs: [long], outputs: [carry] }).temporaries.bytes;
    };
    expect(deep(12)).toBeLessThan(deep(4) + 2000);
  });
});

describe('remat', () => {
  const deepLoss = (layer: (h: Expr, weight: Variable) => Expr): { readonly bytes: number; readonly products: number } => {
    const images = input('float32', [256, 64], 'images');
    const layers = Array.from({ length: 12 }, (_, k) => weights(`w${k}`, 64, 64));
    const loss = layers.reduce<Expr>(layer, images).square().sum();
    const grads = grad(loss, layers);
    const program = programOf({ inputs: [images], outputs: [loss], updates: new Map(layers.map((l, k) => [l, l.sub(grads[k] ?? l)])) });
    return { bytes: program.temporaries.bytes, products: program.kernels.filter((k) => k.kind === 'matmul').length };
  };
  // Three activations a layer to keep: two products, and the state between layers.
  const inside = (h: Expr, weight: Variable): Expr => h.matmul(weight).tanh().matmul(weight.transpose()).tanh().add(h);

  it('keeps the states between layers only: less memory, for the products once more', () => {
    const kept = deepLoss(inside);
    const again = deepLoss((h, weight) => remat((a) => inside(a, weight), h));
    expect(again.products).toBeGreaterThan(kept.products);
    expect(again.bytes).toBeLessThan(0.6 * kept.bytes);
  });

  it('in a scan keeps the carries only', () => {
    const bytes = (step: (h: Expr, xt: Expr) => Expr): number => {
      const { carry } = scan((h: Expr, xt: Expr) => ({ carry: step(h, xt) }), { carry: zeros([batch, units]), inputs: x });
      const loss = carry.sum();
      return programOf({ inputs: [x], outputs: [loss, grad(loss, w)] }).temporaries.bytes;
    };
    const step = (h: Expr, xt: Expr): Expr => h.matmul(w).tanh().matmul(w).sin().matmul(w).tanh().add(xt);
    expect(bytes((h, xt) => remat((a) => step(a, xt), h))).toBeLessThan(0.8 * bytes(step));
  });
});
