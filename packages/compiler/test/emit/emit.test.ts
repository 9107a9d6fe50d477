// From drafts to kernels: run by a few lines of TypeScript they give the elements of the tensors' definitions, and so they do after every pass.
import { concat, cumsum, einsum, type Expr, grad, input, pad, remat, scan, scatterAdd, take, variable, type Variable, zeros } from '@pappus/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGEST_BODY } from '../../src/choose/body-size.js';
import { choose } from '../../src/choose/choose.js';
import { emit, type Emitted } from '../../src/emit/emit.js';
import { kernelAccesses } from '../../src/kernels/accesses.js';
import type { Buffer, Kernel } from '../../src/kernels/kernel.js';
import { kernelBodies } from '../../src/kernels/kernel-parts.js';
import { collapseNests, mergeElementwise } from '../../src/rewrite/merge.js';
import { eagerly } from '../../src/rewrite/order.js';
import { isHosted, withoutReshapes } from '../../src/choose/realize.js';
import { schedule } from '../../src/schedule/schedule.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { NO_NAMES } from '../../src/lower/tensor-names.js';
import { loweredOf, type Spec } from '../programs.js';
import { randomTensors } from '../random-tensors.js';
import { at, elementsOf, leaf, numbered, ran } from '../tensors.js';
import { Graph } from '../../src/lower/graph.js';
import { HostProgram } from '../../src/lower/host.js';
import { checkPass } from '../../src/check/index.js';

interface Work {
  readonly outputs: readonly Tensor[];
  readonly updates?: readonly { readonly target: Tensor; readonly value: Tensor }[];
}

interface Options {
  readonly largestBody?: number;
  readonly fuse?: boolean;
}

function emitted({ outputs, updates = [] }: Work, { largestBody = LARGEST_BODY, fuse = true }: Options = {}, host = new HostProgram()): Emitted {
  return emit(schedule(choose({ outputs, updates, hosts: true, largestBody, fuse })), NO_NAMES, host);
}

/** What a buffer holds before the kernels run: as the leaves of definitions do. */
function before({ place, size, dtype }: Buffer): ArrayLike<number> | undefined {
  switch (place.kind) {
    case 'input':
      return numbered(leaf(new Graph(), place.position, [size], dtype));
    case 'variable':
      return place.variable.hostValue();
    case 'data':
      return place.data;
    default:
      return undefined;
  }
}

/** Runs the kernels, and compares what outputs and variables hold with the definitions. */
function check({ outputs, updates = [] }: Work, kernels: readonly Kernel[], buffers: readonly Buffer[], scalars: ArrayLike<number> = []): void {
  const given = { leaf: numbered, host: scalars };
  const memory = ran(kernels, buffers, before, scalars);
  const answered = buffers.flatMap(({ place }) => (place.kind === 'output' ? [place.position] : []));
  expect(answered.sort((a, b) => a - b)).toEqual(outputs.flatMap((t, position) => (isHosted(withoutReshapes(t)) ? [] : [position])));
  for (const [buffer, values] of memory) {
    const { place } = buffer;
    const tensor = place.kind === 'output' ? outputs[place.position] : place.kind === 'variable' ? updates.find(({ target }) => target.op.kind === 'variable' && target.op.variable === place.variable)?.value : undefined;
    if (tensor !== undefined) expect(Array.from(values), buffer.name).toEqual(elementsOf(tensor, given));
    else if (place.kind === 'variable') expect(Array.from(values), buffer.name).toEqual(Array.from(place.variable.hostValue() ?? []));
  }
}

function checkSpec(spec: Spec, options?: Options): Emitted {
  const { outputs, updates, graph } = loweredOf(spec);
  const made = emitted({ outputs, updates }, options, graph.host);
  const scalars = graph.host.evaluate((k) => at(numbered(leaf(new Graph(), k, [])), 0), (v) => v.hostValue()?.[0] ?? NaN);
  checkPass('emit', made.kernels, graph.host);
  for (const kernels of [made.kernels, collapseNests(made.kernels)]) check({ outputs, updates }, kernels, made.buffers.all, scalars);
  return made;
}

const x = input('float32', [3, 4], 'x');
const y = input('float32', [4, 3], 'y');
const rows = input('int32', [4], 'rows');
const inputs = [x, y, rows];
const make = (name: string): Variable => variable([[1, -2, 3], [4, 5, -6], [7, 8, 9]], { name });
const [v, w] = [make('v'), make('w')];

const outputs = (...list: readonly Expr[]): Emitted => checkSpec({ inputs, outputs: list });
const updates = (...list: readonly (readonly [Variable, Expr])[]): Emitted => checkSpec({ inputs, updates: new Map(list) });

describe('kernels compute', () => {
  it('nests', () => {
    outputs(x.add(y.transpose()), x.neg(), x.mul(3).sub(x), x, x.reshape([12]));
    outputs(x.transpose().reshape([12]).slice([5, 9]), x.transpose().reshape([2, 6]).slice([1, 2], [1, 4]).mul(2));
  });

  it('reductions along any axis, with what follows', () => {
    outputs(x.sum(0), x.max(0).add(x.sum(0)), x.sum(1).neg(), x.sub(x.max(1, { keepdims: true })), x.sum(), x.neg().min());
    outputs(x.sum().add(y.sum()), x.sum().add(y.transpose().neg().sum()).mul(2));
  });

  it('totals of much code in parts, and their sum', () => {
    const terms = [x, y, x.neg(), y.abs(), x.mul(2)].map((t) => t.mod(5).sum());
    const total = terms.reduce((a, b) => a.add(b));
    expect(checkSpec({ inputs, outputs: [total] }, { largestBody: 80 }).kernels.length).toBeGreaterThan(1);
    const { kernels } = outputs(total);
    expect(kernels).toHaveLength(1);
  });

  it('totals of which one part alone fills a kernel', () => {
    const term = (t: Expr): Expr => t.mod(5).mod(4).mod(3).sum();
    const total = term(x).add(term(y.neg())).add(term(v.mul(2)));
    for (const largestBody of [20, 50, 80, 110]) checkSpec({ inputs, outputs: [total] }, { largestBody });
  });

  it('products, in place of what is made of them where only that is wanted', () => {
    const { buffers } = outputs(x.matmul(y).add(v).relu());
    expect(buffers.all.filter(({ place }) => place.kind === 'temporary')).toEqual([]);
    outputs(x.matmul(y), x.matmul(y).add(v), y.transpose().matmul(x.transpose()));
    outputs(x.matmul(y).cast('int32'));
    outputs(x.matmul(y).transpose().sub(v));
    outputs(x.mul(2).matmul(x.transpose().add(1)));
    const wide = y.reshape([4, 3, 1]).mul(3).sub(x.transpose().reshape([4, 1, 3]));
    outputs(einsum('ij,jkl->ikl', x, wide), einsum('jkl,ij->kli', wide, x), einsum('jkl,jki->li', wide, wide), einsum('jkl,jki->jli', wide, wide).neg());
    // What follows reads the place that it writes to: the product has its own.
    updates([v, v.matmul(w).add(v)]);
  });

  it('what is put together', () => {
    outputs(concat([x, y.transpose().neg(), x.slice([1, null])], 0), concat([x, x], 1));
    outputs(pad(x, [[1, 2], [0, 3]]), pad(x.neg(), [[0, 0], [2, 1]]).sum(0));
    outputs(concat([x, x.mul(2)], 0).neg(), concat([x, x.mul(2)], 0));
  });

  it('look-ups and additions', () => {
    outputs(take(y, rows), take(x, rows, 1), scatterAdd(zeros([3, 3]), rows, y), scatterAdd(zeros([2, 12, 2]), rows, y.reshape([2, 3, 2]).sum(1, { keepdims: true }).mul(zeros([2, 4, 2]).add(1)), 1));
    outputs(cumsum(x, 1), cumsum(x, 0, { reverse: true }));
  });

  it('scans in both directions, one in another', () => {
    for (const reverse of [false, true]) {
      const { carry, outputs: all } = scan(({ h, k }, row) => ({ carry: { h: h.add(row).sub(y.sum(1)), k: k.add(1) }, outputs: { h: h.mul(2), row: row.neg() } }), { carry: { h: x.sum(0), k: zeros([]) }, inputs: x, reverse });
      outputs(carry.h, carry.k, all.h, all.row, all.h.sum(0));
      const outer = scan((h: Expr, row: Expr) => {
        const inner = scan((g: Expr, e: Expr) => ({ carry: e.sub(g), outputs: g.add(row.sum()) }), { carry: h, inputs: row, reverse });
        return { carry: inner.carry, outputs: inner.outputs };
      }, { carry: zeros([]), inputs: x });
      outputs(outer.carry, outer.outputs);
    }
  });

  it('scans whose carries are each other', () => {
    const { carry } = scan(({ a, b }) => ({ carry: { a: b, b: a.add(b) } }), { carry: { a: x.sum(0), b: y.sum(1) }, length: 5 });
    outputs(carry.a, carry.b);
  });

  it('what is wanted twice', () => {
    const { carry, outputs: all } = scan((h: Expr, row: Expr) => ({ carry: h.add(row), outputs: h }), { carry: x.sum(0), inputs: x });
    const twice = [x, x.neg(), x.sum(0), x.matmul(y), concat([x, x], 0), pad(x, [[1, 1], [0, 0]]), scatterAdd(zeros([3, 3]), rows, y), take(y, rows), carry, all, x.sum().add(y.sum())];
    for (const expr of twice) outputs(expr, x.abs(), expr, expr.reshape([...expr.shape, 1]));
    // Behind a barrier, in the gradient of what is computed again.
    const h = remat((a) => a.mod(5).mul(a), x);
    outputs(grad(h.sum(), x), h.sum(), grad(h.sum(), x));
    const graph = new Graph();
    const [input0, input1] = [leaf(graph, 0, [3, 4]), leaf(graph, 1, [4, 3])];
    const behind = graph.barrier(graph.elementwise('neg', [input0], 'float32'), [input1]);
    const made = emitted({ outputs: [behind, graph.elementwise('abs', [behind], 'float32'), behind] });
    check({ outputs: [behind, graph.elementwise('abs', [behind], 'float32'), behind] }, made.kernels, made.buffers.all);
  });

  it('updates that see old values', () => {
    updates([v, w], [w, v]);
    updates([v, v.transpose()], [w, w.add(v)]);
    updates([v, v.add(w)], [w, w.sub(v.sum())]);
    updates([v, v.slice([null, null, -1])], [w, w.mul(2)]);
    const next = v.mod(5).add(w);
    checkSpec({ inputs, outputs: [next.sum(0), next.max(1), v], updates: new Map<Variable, Expr>([[v, next], [w, next.matmul(w)]]) });
  });
});

describe('of any graph', () => {
  const graphs = fc.array(fc.nat(1000), { minLength: 15, maxLength: 60 });

  it('the kernels give what the tensors are, after every pass', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom<Options>({}, { fuse: false }, { largestBody: 60 }), (numbers, options) => {
        const random = randomTensors(numbers);
        const { kernels, buffers } = emitted(random, options, random.graph.host);
        const collapsed = collapseNests(kernels);
        const merged = mergeElementwise(collapsed, random.graph.host);
        for (const list of [kernels, collapsed, merged, eagerly(merged)]) check(random, list, buffers.all);
      }),
      { seed: 1, numRuns: 120 },
    );
  });

  it('no body is larger than it may be, and no buffer is for nothing', () => {
    fc.assert(
      fc.property(graphs, (numbers) => {
        const { kernels, buffers } = emitted(randomTensors(numbers));
        const used = new Set(kernels.flatMap((kernel) => [...kernelAccesses(kernel).reads, ...kernelAccesses(kernel).writes]));
        for (const buffer of buffers.all) if (buffer.place.kind === 'temporary') expect(used.has(buffer), buffer.name).toBe(true);
        for (const body of kernels.flatMap(kernelBodies)) expect(body.instructions.length).toBeLessThanOrEqual(2 * LARGEST_BODY);
      }),
      { seed: 2, numRuns: 60 },
    );
  });
});
