// Where updates are written, and that many of one rule are one kernel.
import { crossEntropy, type Expr, grad, input, ones, variable, type Variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { describeKernel } from '../src/index.js';
import { adaptive, kernelsOf, programOf } from './programs.js';

const sizes = [20, 12, 7, 5];
const params = sizes.slice(1).flatMap((columns, k) => {
  const rows = sizes[k] ?? 1;
  return [variable(ones([rows, columns]), { name: `w${k}` }), variable(zeros([columns]), { name: `b${k}` })];
});

/** One step of three layers with Adam. */
function step(): { readonly inputs: Expr[]; readonly outputs: Expr[]; readonly updates: Map<Variable, Expr> } {
  const x = input('float32', [16, 20], 'x');
  const labels = input('int32', [16], 'labels');
  const rate = variable(1e-3, { name: 'rate' });
  const [w0, b0, w1, b1, w2, b2] = params;
  if (w0 === undefined || b0 === undefined || w1 === undefined || b1 === undefined || w2 === undefined || b2 === undefined) throw new Error('six parameters');
  const loss = crossEntropy(x.matmul(w0).add(b0).relu().matmul(w1).add(b1).relu().matmul(w2).add(b2), labels);
  return { inputs: [x, labels], outputs: [loss], updates: adaptive(params, grad(loss, params), rate) };
}

describe('the update of a perceptron', () => {
  const spec = step();
  const kernels = kernelsOf(spec);
  const update = kernels.filter((k) => k.name === 'update');

  it('is one kernel for all six parameters', () => {
    expect(update).toHaveLength(1);
    expect(update[0]?.segments).toBe(6);
  });

  it('is in place, each of parameter and state read once and written once', () => {
    const names = params.flatMap((p) => [p.name, `m/${p.name}`, `v/${p.name}`]).sort();
    expect([...(update[0]?.inPlace ?? [])].sort()).toEqual(names);
    expect([...(update[0]?.writes ?? [])].sort()).toEqual(names);
    expect(update[0]?.reads).toHaveLength(4 * 6);
  });

  it('takes its rate from the host, and computes no scalar', () => {
    const { uniforms, host, hostUpdates } = programOf(spec);
    expect(uniforms.map(({ index }) => host.describe(index))).toEqual([expect.stringMatching(/^div\(mul\(rate, sqrt\(sub\(1, exp\(/)]);
    expect(hostUpdates.map(({ variable: { name } }) => name)).toEqual(['t']);
    expect(update[0]?.operations).not.toContain('exp');
    expect(update[0]?.operations.filter((op) => op === 'sqrt')).toHaveLength(1);
  });

  it('puts parameters, and state, and gradients side by side', () => {
    const { arenas, temporaries, kernels: built } = programOf(spec);
    expect(arenas.map((arena) => arena.map((v) => v.name).join())).toEqual(
      expect.arrayContaining(['w0,b0,w1,b1,w2,b2', 'm/w0,m/b0,m/w1,m/b1,m/w2,m/b2', 'v/w0,v/b0,v/w1,v/b1,v/w2,v/b2']),
    );
    const nest = built.find((k) => k.kind === 'elementwise' && k.update);
    const gradients = nest?.kind === 'elementwise' ? nest.segments.map(({ buffers }) => buffers.find((b) => b.place.kind === 'temporary')) : [];
    const offsets = gradients.map((b) => (b === undefined ? NaN : (temporaries.offsets.get(b) ?? NaN)));
    expect(offsets).toHaveLength(6);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  });
});

describe('updates', () => {
  const a = variable(ones([8]), { name: 'a' });
  const b = variable(ones([8]), { name: 'b' });
  const m = variable(ones([4, 4]), { name: 'm' });
  const program = (updates: readonly (readonly [Variable, Expr])[]): string[] =>
    programOf({ updates: new Map(updates) }).kernels.map(describeKernel).map((k) => `${k.reads.join()} -> ${k.writes.join()}`);

  it('need no copy where each element depends on itself alone', () => {
    expect(program([[a, a.add(b)], [b, a.sub(b)]])).toEqual(['a,b -> a,b']);
  });

  it('copy what is read at other elements', () => {
    expect(program([[m, m.transpose()]])).toEqual(['m -> new m', 'new m -> m']);
    expect(program([[a, a.slice([null, null, -1])]])).toEqual(['a -> new a', 'new a -> a']);
  });

  it('swap with one temporary at most', () => {
    const { temporaries } = programOf({ updates: new Map<Variable, Expr>([[a, b], [b, a]]) });
    expect(temporaries.bytes).toBeLessThanOrEqual(32);
  });

  it('are nothing where a variable keeps its value', () => {
    expect(program([[a, a], [m, m.transpose().transpose()]])).toEqual([]);
  });
});

describe('temporaries', () => {
  it('are used again: ten products in a chain need two of them', () => {
    const size = 64;
    let x: Expr = input('float32', [size, size], 'x');
    const first = x;
    const w = Array.from({ length: 10 }, (_, k) => variable(ones([size, size]), { name: `w${k}` }));
    for (const factor of w) x = x.matmul(factor);
    const { temporaries, kernels } = programOf({ inputs: [first], outputs: [x] });
    expect(kernels).toHaveLength(10);
    expect(temporaries.offsets.size).toBe(9);
    expect(temporaries.bytes).toBeLessThanOrEqual(3 * size * size * 4);
  });

  it('never overlap while both are alive', () => {
    const { kernels, temporaries } = programOf(step());
    const lives = new Map<string, { start: number; end: number; first: number; last: number }>();
    for (const [at, kernel] of kernels.entries()) {
      const { reads, writes } = describeKernel(kernel);
      for (const [buffer, start] of temporaries.offsets) {
        if (![...reads, ...writes].includes(buffer.name)) continue;
        const life = lives.get(buffer.name) ?? { start, end: start + buffer.size * 4, first: at, last: at };
        life.last = at;
        lives.set(buffer.name, life);
      }
    }
    const all = [...lives.values()];
    expect(all.length).toBeGreaterThan(6);
    for (const [k, p] of all.entries()) {
      for (const q of all.slice(k + 1)) {
        const apart = p.end <= q.start || q.end <= p.start || p.last < q.first || q.last < p.first;
        expect(apart).toBe(true);
      }
    }
  });
});
