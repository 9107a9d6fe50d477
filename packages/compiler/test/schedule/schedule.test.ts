// Which tensors are computed together, for small graphs of which the answer is plain; and what must hold of any schedule.
import { type Expr, concat, grad, input, pad, scan, scatterAdd, type Variable, variable, zeros, remat } from '@pappus/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choose, type Choice } from '../../src/choose/choose.js';
import { LARGEST_BODY } from '../../src/choose/body-size.js';
import { type Draft, type Item, schedule, type Schedule } from '../../src/schedule/schedule.js';
import { loweredOf, type Spec } from '../programs.js';
import { randomTensors } from '../random-tensors.js';

const x = input('float32', [6, 5], 'x');
const y = input('float32', [6, 5], 'y');
const v = variable(zeros([6, 5]), { name: 'v' });
const w = variable(zeros([6, 5]), { name: 'w' });

interface Options {
  readonly largestBody?: number;
  readonly fuse?: boolean;
}

function scheduled(spec: Spec, { largestBody = LARGEST_BODY, fuse = true }: Options = {}): { readonly choice: Choice; readonly plan: Schedule } {
  const choice = choose({ ...loweredOf({ inputs: [x, y], ...spec }), hosts: true, largestBody, fuse });
  return { choice, plan: schedule(choice) };
}

/** Such as `exp`, `copy of input`, with the outputs and the variables that it goes to. */
function itemName({ tensor: { op }, copy, outputs, targets }: Item): string {
  const what = op.kind === 'elementwise' || op.kind === 'reduce' || op.kind === 'total' ? op.op : op.kind;
  const places = [...outputs, ...targets.map((t) => (t.op.kind === 'variable' ? t.op.variable.name : t.op.kind))];
  return `${copy ? 'copy of ' : ''}${what}${places.length > 0 ? ` -> ${places.join(' ')}` : ''}`;
}

function draftName(draft: Draft): string {
  const more = (items: readonly Item[]): string => items.map((item) => ` + ${itemName(item)}`).join('');
  switch (draft.kind) {
    case 'elementwise':
      return `${draft.update ? 'update' : 'nest'} [${draft.extents.join()}] ${draft.items.map(itemName).join(' + ')}`;
    case 'reduce':
      return `reduce ${draft.axes.join()} ${draft.reductions.map(itemName).join(' + ')}${more(draft.items)}`;
    case 'matmul':
      return `${itemName(draft.product)}${more(draft.items)}`;
    case 'total':
      return `total of ${draft.parts.length} ${itemName(draft.total)}${more(draft.items)}`;
    case 'scatter':
    case 'routine':
    case 'alias':
      return `${draft.kind} ${itemName(draft.whole)}`;
    case 'scan':
      return `scan ${draft.results.map(itemName).join(' + ')}`;
    case 'assemble':
      return `${itemName(draft.whole)} of ${draft.parts.join()}`;
  }
}

const drafts = (spec: Spec, options?: Options): string[] => scheduled(spec, options).plan.drafts.map(draftName);
const outputs = (...list: readonly Expr[]): string[] => drafts({ outputs: list });

describe('nests', () => {
  it('that share a tensor are one, over the same extents', () => {
    expect(outputs(x.exp(), x.neg())).toEqual(['nest [6,5] exp -> 0 + neg -> 1']);
    expect(outputs(x.exp(), y.neg())).toEqual(['nest [6,5] exp -> 0', 'nest [6,5] neg -> 1']);
    expect(outputs(x.exp(), x.slice([1, null]).neg())).toEqual(['nest [6,5] exp -> 0', 'nest [5,5] neg -> 1']);
    expect(outputs(x.exp(), x.reshape([6, 1, 5]).neg())).toEqual(['nest [6,5] exp -> 0 + neg -> 1']);
    expect(outputs(x.exp(), x.reshape([30]).neg())).toEqual(['nest [6,5] exp -> 0', 'nest [30] neg -> 1']);
  });

  it('join the one that computes what they read, where they read it as it is', () => {
    const e = x.exp();
    expect(outputs(e, e.neg())).toEqual(['nest [6,5] exp -> 0 + neg -> 1']);
    const square = input('float32', [4, 4], 'square');
    const exp = square.exp();
    expect(drafts({ inputs: [square], outputs: [exp, exp.transpose().neg()] })).toEqual(['nest [4,4] exp -> 0', 'nest [4,4] neg -> 1']);
  });

  it('do not join one before what they read', () => {
    const sum = x.sum(1, { keepdims: true });
    expect(outputs(x.neg(), x.sub(sum))).toEqual(['nest [6,5] neg -> 0', 'reduce 1 sum', 'nest [6,5] sub -> 1']);
  });

  it('stop where their code is too large', () => {
    const both = [x.exp(), x.log()];
    expect(drafts({ outputs: both }, { largestBody: 8 + 30 + 45 })).toHaveLength(1);
    expect(drafts({ outputs: both }, { largestBody: 8 + 30 + 44 })).toHaveLength(2);
  });

  it('are one for each operation where they are not to be fused', () => {
    expect(drafts({ outputs: [x.exp().neg(), x.abs()] }, { fuse: false })).toEqual(['nest [6,5] exp', 'nest [6,5] neg -> 0', 'nest [6,5] abs -> 1']);
  });
});

describe('reductions', () => {
  it('of one operand over the same axes are one', () => {
    expect(outputs(x.sum(0), x.max(0), x.neg().sum(0))).toEqual(['reduce 0 sum -> 0 + max -> 1 + sum -> 2']);
    expect(outputs(x.sum(0), x.max(1))).toEqual(['reduce 0 sum -> 0', 'reduce 1 max -> 1']);
    expect(outputs(x.sum(0), y.max(0))).toEqual(['reduce 0 sum -> 0', 'reduce 0 max -> 1']);
    expect(drafts({ outputs: [x.sum(0), x.max(0)] }, { fuse: false })).toHaveLength(2);
  });

  it('take what follows them element by element, and nothing else', () => {
    expect(outputs(x.sum(1).add(1).sqrt())).toEqual(['reduce 1 sum + sqrt -> 0']);
    expect(outputs(x.sum(1).add(y.max(1)))).toEqual(['reduce 1 sum', 'reduce 1 max + add -> 0']);
    const c = input('float32', [6], 'c');
    expect(drafts({ inputs: [x, y, c], outputs: [x.sum(1).mul(c), c.neg()] })).toEqual(['reduce 1 sum + mul -> 0', 'nest [6] neg -> 1']);
    expect(outputs(x.sum(1), x.sum(1).slice([null, null, -1]).neg())).toEqual(['reduce 1 sum -> 0', 'nest [6] neg -> 1']);
  });

  it('of everything that are added are a total, with what follows', () => {
    expect(outputs(x.sum().add(y.sum()).sqrt())).toEqual(['total of 2 sum + sqrt -> 0']);
    const c = input('float32', [7], 'c');
    expect(drafts({ inputs: [x, y, c], outputs: [x.sum().add(y.sum()).add(c.sum())] })).toEqual(['total of 3 sum -> 0']);
    expect(outputs(x.sum().add(y.sum()).mul(x))).toEqual(['total of 2 sum', 'nest [6,5] mul -> 0']);
  });

  it('do not join one before what they read', () => {
    const mean = x.sum(1, { keepdims: true });
    expect(outputs(x.sum(1), x.sub(mean).square().sum(1))).toEqual(['reduce 1 sum -> 0', 'reduce 1 sum -> 1']);
  });
});

describe('products', () => {
  const m = input('float32', [5, 4], 'm');

  it('take what follows them', () => {
    expect(drafts({ inputs: [x, m], outputs: [x.matmul(m).relu()] })).toEqual(['matmul + relu -> 0']);
    expect(drafts({ inputs: [x, m], outputs: [x.matmul(m), x.matmul(m).add(1)] })).toEqual(['matmul -> 0 + add -> 1']);
    expect(drafts({ inputs: [x, m], outputs: [x.matmul(m).transpose().add(1)] })).toEqual(['matmul', 'nest [4,6] add -> 0']);
    // The same elements, and other extents.
    expect(drafts({ inputs: [x, m], outputs: [x.matmul(m).reshape([24]).neg()] })).toEqual(['matmul', 'nest [24] neg -> 0']);
    expect(outputs(x.sum(1).reshape([2, 3]).neg())).toEqual(['reduce 1 sum', 'nest [2,3] neg -> 0']);
  });
});

describe('what is put together', () => {
  it('begins with zeros where it is padded, and takes parts of one shape together, eight at most', () => {
    expect(outputs(pad(x.neg(), [[1, 0], [0, 0]]))).toEqual(['pad -> 0 of ', 'pad -> 0 of 0']);
    expect(outputs(concat([x, x.slice([1, null]), y], 0))).toEqual(['concat -> 0 of 0,2', 'concat -> 0 of 1']);
    expect(outputs(concat(Array.from({ length: 10 }, (_, k) => x.mul(k + 2)), 0))).toEqual(['concat -> 0 of 0,1,2,3,4,5,6,7', 'concat -> 0 of 8,9']);
  });

  it('adds to zeros', () => {
    const rows = input('int32', [2], 'rows');
    expect(drafts({ inputs: [x, rows], outputs: [scatterAdd(zeros([6, 5]), rows, x.slice([0, 2]))] })).toEqual(['scatter of ', 'scatter scatter', expect.stringContaining('add')]);
  });
});

describe('scans and barriers', () => {
  it('a scan is one draft for all of its results', () => {
    const { carry, outputs: all } = scan((h: Expr, row: Expr) => ({ carry: h.add(row), outputs: h }), { carry: zeros([5]), inputs: x });
    expect(outputs(carry, all)).toEqual(['scan scan -> 0 + scan -> 1']);
  });

  it('what is computed again comes behind a barrier', () => {
    const loss = remat((a) => a.mul(v).tanh().sin(), x).sum();
    expect(drafts({ outputs: [loss, grad(loss, v)] })).toEqual(['reduce 0,1 sum -> 0', 'alias barrier', 'nest [6,5] mul -> 1']);
  });
});

describe('updates', () => {
  const updates = (list: readonly (readonly [Variable, Expr])[], ...more: readonly Expr[]): string[] => drafts({ outputs: more, updates: new Map(list) });

  it('come last, after all that reads old values', () => {
    expect(updates([[v, v.add(x)]], v.neg(), x.exp())).toEqual(['nest [6,5] neg -> 0', 'nest [6,5] exp -> 1', 'update [6,5] add -> v']);
  });

  it('that share a tensor are one', () => {
    expect(updates([[v, v.add(x)], [w, w.mul(v)]])).toEqual(['update [6,5] add -> v + mul -> w']);
    expect(updates([[v, v.add(x)], [w, w.mul(2)]])).toEqual(['update [6,5] add -> v', 'update [6,5] mul -> w']);
  });

  it('of what others read is computed early, and copied late', () => {
    const next = v.add(x);
    expect(updates([[v, next]], next.sum(1))).toEqual(['nest [6,5] add', 'reduce 1 sum -> 0', 'update [6,5] copy of add -> v']);
    const costly = v.exp().log().add(x);
    expect(updates([[v, costly]], costly.sum(1), costly.sum(0))).toEqual(['nest [6,5] add', 'reduce 1 sum -> 0', 'reduce 0 sum -> 1', 'update [6,5] copy of add -> v']);
    expect(updates([[v, next]], next)).toEqual(['update [6,5] add -> 0 v']);
  });

  it('by a leaf are a copy, by a product or a sum are one too', () => {
    expect(updates([[v, x]])).toEqual(['update [6,5] copy of input -> v']);
    expect(updates([[v, x]], x)).toEqual(['nest [6,5] copy of input -> 0', 'update [6,5] copy of input -> v']);
    expect(updates([[v, x.matmul(variable(zeros([5, 5]), { name: 'm' }))]])).toEqual(['matmul', 'update [6,5] copy of matmul -> v']);
  });
});

describe('of any graph', () => {
  const graphs = fc.array(fc.nat(1000), { minLength: 15, maxLength: 75 });

  it('a draft needs what earlier ones compute, or its own result at the same element; and what another computes is external', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom({}, { fuse: false }, { largestBody: 60 }), (numbers, options: Options) => {
        const random = randomTensors(numbers);
        const { largestBody = LARGEST_BODY, fuse = true } = options;
        const choice = choose({ outputs: random.outputs, updates: [], hosts: true, largestBody, fuse });
        const { drafts: list, positions, external } = schedule(choice);
        for (const [tensor, { needs }] of choice.codes) {
          const own = positions.get(tensor) ?? NaN;
          expect(own).toBeLessThan(list.length);
          for (const { tensor: read, identity } of needs) {
            const from = positions.get(read) ?? -1;
            expect(from < own || (from === own && identity)).toBe(true);
            if (from !== own) expect(external.has(read)).toBe(true);
          }
        }
        if (!fuse) for (const draft of list) if (draft.kind === 'elementwise') expect(draft.items).toHaveLength(1);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
