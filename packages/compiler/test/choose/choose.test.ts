// Which tensors have memory, and what each reads: nothing reads what has none and is not computed on the way.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Choice, choose } from '../../src/choose/choose.js';
import { Graph } from '../../src/lower/graph.js';
import { isHosted, isLeaf } from '../../src/choose/realize.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { randomTensors } from '../random-tensors.js';
import { apply, at, leaf } from '../tensors.js';

function chosen(outputs: readonly Tensor[], options: Partial<Parameters<typeof choose>[0]> = {}): Choice {
  const choice = choose({ outputs, updates: [], hosts: true, largestBody: 1000, fuse: true, ...options });
  const { realized, codes, order } = choice;
  // What has memory has code, and what is read has memory.
  for (const tensor of realized) expect(codes.has(tensor)).toBe(!isLeaf(tensor));
  for (const [tensor, { needs }] of codes) {
    expect(realized.has(tensor)).toBe(true);
    for (const { tensor: read } of needs) expect(isLeaf(read) || realized.has(read)).toBe(true);
  }
  for (const [k, tensor] of order.entries()) for (const arg of tensor.args) expect(order.indexOf(arg)).toBeLessThan(k);
  return choice;
}

const kinds = ({ realized }: Choice): string[] => [...realized].map(({ op }) => (op.kind === 'elementwise' ? op.op : op.kind)).sort();

describe('a choice', () => {
  const graph = new Graph();
  const x = leaf(graph, 0, [3, 4]);
  const s = graph.hostScalar(graph.host.input(1), 'float32');

  it('leaves to the host what it knows, if that may be', () => {
    expect([s, graph.constant(1, 'float32'), graph.reshape(s, [1]), x, leaf(graph, 5, [])].map(isHosted)).toEqual([true, true, false, false, false]);
    const neg = apply(graph, 'neg', x);
    const { outputs, realized } = chosen([s, neg, graph.reshape(s, [1])]);
    expect([...outputs]).toEqual([[neg, [1]]]);
    expect(realized.has(s)).toBe(false);
    expect([...chosen([s, neg], { hosts: false }).outputs]).toEqual([[s, [0]], [neg, [1]]]);
    expect([...chosen([], { updates: [{ target: leaf(graph, 6, []), value: s }] }).updated]).toEqual([]);
    expect([...chosen([], { updates: [{ target: leaf(graph, 6, []), value: s }], hosts: false }).updated.keys()]).toEqual([s]);
  });

  it('sees an output under its reshapes, at all of its positions', () => {
    const neg = apply(graph, 'neg', x);
    const { outputs } = chosen([neg, apply(graph, 'exp', x), graph.reshape(neg, [12]), neg]);
    expect(outputs.get(neg)).toEqual([0, 2, 3]);
  });

  it('leaves out a variable that keeps its value, and takes two that become one', () => {
    const [v, w] = [leaf(graph, 7, [3, 4]), leaf(graph, 8, [3, 4])];
    const next = apply(graph, 'add', v, w);
    const { updated } = chosen([], { updates: [{ target: v, value: next }, { target: w, value: next }, { target: x, value: graph.reshape(graph.make({ kind: 'reshape' }, [x], [12], 'float32'), [3, 4]) }] });
    expect([...updated]).toEqual([[next, [{ target: v }, { target: w }]]]);
  });

  it('gives memory to what is cut out of a turned tensor', () => {
    const flat = leaf(graph, 9, [3, 2]);
    const part = graph.slice(graph.reshape(graph.transpose(flat, [1, 0]), [6]), [1], [1], [3]);
    expect(kinds(chosen([part]))).toEqual(['slice', 'transpose']);
  });

  it('gives memory to every operation where they are not to be fused, and absorbs no sum', () => {
    const chain = apply(graph, 'neg', apply(graph, 'abs', apply(graph, 'relu', x)));
    expect(kinds(chosen([chain]))).toEqual(['neg']);
    expect(kinds(chosen([chain], { fuse: false }))).toEqual(['abs', 'neg', 'relu']);
    const sums = [10, 11, 12].map((k) => graph.reduce('sum', [0], leaf(graph, k, [k]))).reduce((a, b) => apply(graph, 'add', a, b));
    expect([chosen([sums]).absorbed.size, chosen([sums], { fuse: false }).absorbed.size]).toEqual([1, 0]);
  });

  it('of a barrier reads what is behind it alone', () => {
    const first = graph.reduce('sum', [0], x);
    const behind = graph.barrier(apply(graph, 'exp', x), [first]);
    const choice = chosen([apply(graph, 'neg', behind)]);
    expect(choice.codes.get(behind)?.needs.map(({ tensor }) => tensor)).toEqual([at(behind.args, 0)]);
    expect(choice.realized.has(at(behind.args, 0))).toBe(true);
  });

  it('of a total reads its parts, and those of what it absorbed', () => {
    const leaves = [10, 11, 12].map((k) => leaf(graph, k, [k]));
    const total = leaves.map((t) => graph.reduce('sum', [0], t)).reduce((a, b) => apply(graph, 'add', a, b));
    expect(chosen([total]).codes.get(total)?.needs.map(({ tensor }) => tensor)).toEqual(leaves);
  });

  it('keeps bodies that read one computation at several places within bounds', () => {
    const long = leaf(graph, 13, [40]);
    let h: Tensor = long;
    for (let k = 0; k < 8; k++) {
      const count = at(h.shape, 0) - 1;
      h = apply(graph, 'add', apply(graph, 'tanh', graph.slice(h, [0], [1], [count])), graph.slice(h, [1], [1], [count]));
    }
    const { codes, realized } = chosen([h], { largestBody: 200 });
    for (const { sizes } of codes.values()) expect([...sizes.values()].reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(400);
    expect(realized.size).toBeLessThanOrEqual(6);
    expect(chosen([h], { largestBody: 100_000 }).realized.size).toBe(1);
  });
});

describe('of any graph', () => {
  const graphs = fc.array(fc.nat(1000), { minLength: 15, maxLength: 60 });

  it('what is read has memory, and what has memory has code', () => {
    fc.assert(fc.property(graphs, fc.boolean(), (numbers, fuse) => void chosen(randomTensors(numbers).outputs, { fuse })), { seed: 1, numRuns: 200 });
  });
});
