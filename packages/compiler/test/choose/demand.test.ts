// What is needed in some steps alone: which kernels of a program run under which condition of the host.
import { type Expr, input, iota, scan, type Variable, variable, where, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { describeKernels } from '../../src/index.js';
import { programOf, type Spec } from '../programs.js';

const t = variable(0, { name: 't', dtype: 'int32' });
const [w, m, v, acc] = ['w', 'm', 'v', 'acc'].map((name) => variable(zeros([16]), { name }));
const square = variable(zeros([4, 4]), { name: 'square' });
const g = input('float32', [16], 'g');
const h = input('float32', [4, 4], 'h');
const due = t.mod(10).eq(0);
const DUE = 'eq(mod(t, 10), 0)';
const late = t.gt(100);
const LATE = 'gt(t, 100)';

function whens(spec: Spec): string[] {
  const { kernels, host } = programOf({ ...spec, updates: new Map([...(spec.updates ?? []), [t, t.add(1)]]) });
  return describeKernels(kernels, host).map(({ writes, when }) => `${writes.join('+')}${when === undefined ? '' : ` when ${when}`}`);
}

function updatesWhen(rows: readonly (readonly [Variable | undefined, Expr | undefined])[], others: Omit<Spec, 'updates'> = {}): string[] {
  return whens({ inputs: [g, h], ...others, updates: new Map(rows.flatMap(([variable_, value]) => (variable_ === undefined || value === undefined ? [] : [[variable_, value] as const]))) });
}

/** Twice what it is, and something of the gradient. */
const next = (x: Variable | undefined): Expr => (x ?? w ?? g).mul(2).add(g);
const old = (x: Variable | undefined): Expr => x ?? g;

describe('a variable that becomes itself', () => {
  it('is written in the other steps alone, whichever branch it is', () => {
    expect(updatesWhen([[w, due.where(next(w), old(w))]])).toEqual([`w when ${DUE}`]);
    expect(updatesWhen([[w, due.where(old(w), next(w))]])).toEqual([`w when not(${DUE})`]);
    expect(updatesWhen([[w, due.not().where(old(w), next(w))]])).toEqual([`w when ${DUE}`]);
  });

  it('is fused with others of its condition, and with no other', () => {
    const rows = [[w, due.where(next(w), old(w))], [m, due.where(next(m), old(m))], [v, due.not().where(old(v), next(v))]] as const;
    expect(updatesWhen(rows)).toEqual([`w+m+v when ${DUE}`]);
    expect(updatesWhen([...rows, [acc, old(acc).add(g)]])).toEqual([`w+m+v when ${DUE}`, 'acc']);
    expect(updatesWhen([[w, due.where(next(w), old(w))], [m, late.where(next(m), old(m))]])).toEqual([`w when ${DUE}`, `m when ${LATE}`]);
  });

  it('is so under several conditions, in whatever order they are asked', () => {
    const nested = due.where(late.where(next(w), old(w)), old(w));
    const turned = late.where(due.where(next(m), old(m)), old(m));
    expect(updatesWhen([[w, nested], [m, turned], [v, due.and(late).where(next(v), old(v))]])).toEqual([`w+m+v when and(${DUE}, ${LATE})`]);
    expect(updatesWhen([[w, due.where(next(w), late.where(old(w), next(w).neg()))]])).toEqual([`w when or(not(${LATE}), ${DUE})`]);
    // One of three branches keeps it.
    expect(updatesWhen([[w, due.where(late.where(next(w), old(w)), g)]])).toEqual([expect.stringMatching(/^w when or\(/)]);
  });

  it('is written always where it is never itself, or where tensors say when', () => {
    expect(updatesWhen([[w, due.where(next(w), 0)]])).toEqual(['w']);
    expect(updatesWhen([[w, g.sum().gt(0).where(next(w), old(w))]])).toEqual([expect.any(String), 'w']);
    expect(updatesWhen([[w, iota([16], 0).lt(t).where(next(w), old(w))]])).toEqual(['w']);
    expect(updatesWhen([[w, due.where(old(m), next(w))]])).toEqual(['w']);
  });

  it('in one step alone is written always, together with what is', () => {
    // The first step, however it is counted.
    for (const first of [t.eq(0), t.minimum(2 ** 31 - 2).add(1).eq(1), t.add(1).cast('float64').eq(1)]) {
      expect(updatesWhen([[w, first.where(old(w), next(w))], [m, old(m).add(g)], [v, first.where(g, next(v))]])).toEqual(['w+m+v']);
      expect(updatesWhen([[w, first.or(due).where(old(w), next(w))]])).toEqual([expect.stringMatching(/^w when /)]);
      expect(updatesWhen([[w, first.where(next(w), old(w))]])).toEqual([expect.stringMatching(/^w when eq/)]);
    }
    // Products of all other steps run in the first as well; those of the first do not run in the others.
    const first = t.eq(0);
    expect(updatesWhen([[square, first.where(h.matmul(square), square.matmul(h))]])).toEqual(['matmul of input 1 and square when eq(t, 0)', 'matmul of square and input 1', 'square']);
    // What is asked of an input may be so for long, and what holds in every tenth step does.
    const mode = input('int32', [], 'mode');
    expect(updatesWhen([[w, mode.eq(1).where(old(w), next(w))]], { inputs: [g, h, mode] })).toEqual([expect.stringMatching(/^w when not/)]);
    expect(updatesWhen([[w, t.mul(0).eq(0).where(old(w), next(w))]])).toEqual([expect.stringMatching(/^w when not/)]);
  });

  it('is so under other shapes', () => {
    expect(updatesWhen([[w, due.where(next(w).reshape([4, 4]), old(w).reshape([4, 4])).reshape([16])]])).toEqual([`w when ${DUE}`]);
    const one = variable(zeros([1]), { name: 'one' });
    expect(updatesWhen([[one, due.where(g.sum().reshape([1]), one)]])).toEqual([`sum of input 0 when ${DUE}`, `one when ${DUE}`]);
  });

  it('may be a scalar of the host, which needs no kernel, or a number that needs none', () => {
    const rate = variable(0.1, { name: 'rate' });
    expect(updatesWhen([[rate, due.where(rate.mul(0.5), rate)], [w, old(w).sub(g.mul(rate))]])).toEqual(['w']);
    const one = variable(zeros([1]), { name: 'one' });
    expect(updatesWhen([[one, due.where(0, one)]])).toEqual(['one']);
    expect(updatesWhen([[w, due.where(0, old(w))]])).toEqual([`w when ${DUE}`]);
  });
});

describe('what only such a variable needs', () => {
  it('waits as well: products, sums, scans and all that is behind them', () => {
    const root = h.matmul(h.transpose()).add(1).matmul(h);
    expect(updatesWhen([[square, due.where(root, square)]])).toEqual(['matmul of input 1', 'matmul of matmul and input 1', 'square'].map((name) => `${name} when ${DUE}`));
    const { carry } = scan((x: Expr, row: Expr) => ({ carry: x.mul(0.5).add(row) }), { carry: zeros([4]), inputs: h });
    const rows = updatesWhen([[square, due.where(square.mul(carry), square)]]);
    expect(rows.filter((line) => line.endsWith(`when ${DUE}`))).toEqual(rows);
  });

  it('runs always where something else needs it', () => {
    const product = h.matmul(h);
    const lines = updatesWhen([[square, due.where(product, square)]], { outputs: [product.sum()] });
    expect(lines).toEqual([expect.not.stringContaining('when'), 'output 0', `square when ${DUE}`]);
  });

  it('runs always, as a scan, where something else needs another result of it', () => {
    const step = (x: Expr, row: Expr): { carry: Expr; outputs: Expr } => ({ carry: x.mul(0.5).add(row), outputs: x.sub(row) });
    for (const seldom of ['carry', 'outputs'] as const) {
      const run = scan(step, { carry: zeros([4]), inputs: h });
      const often = seldom === 'carry' ? run.outputs : run.carry;
      // The one that is seldom wanted comes first.
      const lines = updatesWhen([[square, due.where(square.mul(run[seldom]), square)], [acc, old(acc).add(often.sum())]]);
      expect(lines.filter((line) => line.includes('when'))).toEqual([`square when ${DUE}`]);
    }
  });

  it('is what one branch of a where needs, whoever needs that', () => {
    const fresh = due.where(h.matmul(h), square);
    const lines = updatesWhen([[square, fresh]], { outputs: [fresh.mul(2)] });
    expect(lines).toEqual([`matmul of input 1 when ${DUE}`, 'output 0', `square when ${DUE}`]);
    const either = due.where(h.matmul(h), late.where(h.transpose().matmul(h), h));
    expect(updatesWhen([], { outputs: [either] })).toEqual([`matmul of input 1 when ${DUE}`, `matmul of input 1 (2) when and(not(${DUE}), ${LATE})`, 'output 0']);
  });
});

describe('values of other updates', () => {
  it('are read before they are overwritten, without a copy', () => {
    const sum = old(acc).add(g);
    expect(updatesWhen([[acc, due.where(0, sum)], [w, due.where(old(w).sub(sum), old(w))]])).toEqual([`w when ${DUE}`, 'acc']);
    // Each reads what the other overwrites: one of them waits in a temporary.
    expect(updatesWhen([[acc, due.where(old(w), old(acc))], [w, old(w).add(old(acc))]])).toEqual([`new acc when ${DUE}`, 'w', `acc when ${DUE}`]);
  });

  it('are kept in the first step, without a copy, and read where the first step is over', () => {
    // The start of a parameter, by which it is overwritten itself: each reads what the other overwrites, though never in the same step.
    const first = t.add(1).eq(1);
    const start = first.where(old(w), old(acc));
    expect(updatesWhen([[w, old(w).add(start).add(g)], [acc, start]])).toEqual(['acc when eq(add(t, 1), 1)', 'w']);
    expect(updatesWhen([[w, old(w).add(first.not().where(old(acc), g))], [acc, first.where(old(w), old(acc))]])).toEqual(['acc when eq(add(t, 1), 1)', 'w']);
    // In the steps in which it is written it is read here.
    expect(updatesWhen([[w, old(w).add(first.where(old(acc), g))], [acc, start]])).toEqual([expect.stringMatching(/^new acc when/), 'w', expect.stringMatching(/^acc when/)]);
    expect(updatesWhen([[w, old(w).add(late.where(g, old(acc)))], [acc, start]])).toEqual([expect.stringMatching(/^new acc when/), 'w', expect.stringMatching(/^acc when/)]);
  });

  it('are computed again by a variable that takes them more seldom', () => {
    const after = next(w);
    expect(updatesWhen([[w, after], [m, due.where(after, old(m))]])).toEqual([`m when ${DUE}`, 'w']);
    expect(updatesWhen([[v, late.where(after, old(v))], [m, due.where(after, old(m))]])).toEqual([`v when ${LATE}`, `m when ${DUE}`]);
    // What a sum needs is there before, and is copied.
    expect(updatesWhen([[w, after], [m, due.where(after, old(m))]], { outputs: [after.square().sum()] })).toEqual(['add of w and input 0', 'output 0', 'w', `m when ${DUE}`]);
    expect(updatesWhen([[w, old(m)], [m, due.where(old(w), old(m))]])).toHaveLength(3);
  });

  it('that are outputs are so in every step', () => {
    const after = due.where(next(w), old(w));
    const lines = updatesWhen([[w, after]], { outputs: [after, old(w)] });
    expect(lines.filter((line) => line.includes('output'))).toEqual(['output 1', 'output 0']);
    expect(lines.at(-1)).toBe(`w when ${DUE}`);
  });
});

it('without fusions everything has the condition under which it is needed', () => {
  const spec: Spec = { inputs: [g], outputs: [where(due, g.exp().mul(2), g)], updates: new Map([[t, t.add(1)]]) };
  expect(whens(spec)).toEqual(['output 0']);
});
