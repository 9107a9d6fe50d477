// Which tensors get memory: what is foreseen of who reads them, by small graphs of which the answer is plain.
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/lower/graph.js';
import { chooseRealized, isStructural, reachable, readWhole, withoutReshapes } from '../../src/choose/realize.js';
import type { LoweredScan, Tensor } from '../../src/lower/tensor.js';
import { apply, leaf } from '../tensors.js';

const graph = new Graph();
const x = leaf(graph, 0, [4, 5]);
const row = leaf(graph, 1, [5]);
const wide = (t: Tensor): Tensor => graph.broadcast(t, [4, 5]);
const NONE: ReadonlySet<Tensor> = new Set();

/** Of the tensors under the roots, what has memory beside them, as the names of their operations. */
function realized(roots: readonly Tensor[], forced = NONE, absorbed = NONE): string[] {
  const found = chooseRealized(reachable(roots), new Set(roots), forced, absorbed);
  for (const root of roots) expect(found.has(root)).toBe(true);
  return [...found].filter((t) => !roots.includes(t)).map(({ op }) => (op.kind === 'elementwise' ? op.op : op.kind)).sort();
}

describe('an elementwise tensor has memory', () => {
  const costly = apply(graph, 'exp', x);
  const cheap = apply(graph, 'add', x, graph.broadcast(graph.constant(1, 'float32'), [4, 5]));
  const sums = (t: Tensor): Tensor[] => [graph.reduce('sum', [0], t), graph.reduce('sum', [1], t)];

  it('where several kernels would compute it, and it is worth it', () => {
    expect(realized(sums(costly))).toEqual(['exp']);
    expect(realized(sums(cheap))).toEqual([]);
    // Two reads and two additions are just worth it.
    const y = leaf(graph, 3, [4, 5]);
    expect(realized(sums(apply(graph, 'add', x, y)))).toEqual([]);
    expect(realized(sums(apply(graph, 'abs', apply(graph, 'add', x, y))))).toEqual(['abs']);
    // Two sums over the same axes are one kernel.
    expect(realized([graph.reduce('sum', [0], costly), graph.reduce('max', [0], costly)])).toEqual([]);
  });

  it('where a broadcast would repeat it', () => {
    expect(realized([apply(graph, 'mul', x, wide(apply(graph, 'exp', row)))])).toEqual(['exp']);
    expect(realized([apply(graph, 'mul', x, wide(apply(graph, 'neg', row)))])).toEqual([]);
    expect(realized([apply(graph, 'mul', row, apply(graph, 'exp', row))])).toEqual([]);
  });

  it('of a number, though a broadcast repeats it, only where it is worth it to more than one kernel', () => {
    const s = leaf(graph, 2, []);
    expect(realized([apply(graph, 'mul', x, wide(apply(graph, 'exp', s)))])).toEqual([]);
  });

  it('in windows, whatever it costs', () => {
    const windows = graph.make({ kind: 'window', axis: 1, stride: 1, dilation: 1 }, [cheap], [4, 3, 3], 'float32');
    expect(realized([apply(graph, 'neg', windows)])).toEqual(['add']);
  });

  it('not where it reads none, and is not repeated', () => {
    const counted = apply(graph, 'exp', graph.elementwise('cast', [graph.make({ kind: 'iota', axis: 0 }, [], [4, 5], 'int32')], 'float32'));
    expect(realized(sums(counted))).toEqual([]);
    const counts = apply(graph, 'exp', graph.elementwise('cast', [graph.make({ kind: 'iota', axis: 0 }, [], [5], 'int32')], 'float32'));
    expect(realized([apply(graph, 'mul', x, wide(counts))])).toEqual(['exp']);
  });

  it('costs what is under it, up to what has memory', () => {
    const chain = [1, 2, 3].reduce((t) => apply(graph, 'mul', t, apply(graph, 'abs', t)), x);
    expect(realized(sums(chain))).toEqual(['mul']);
    // Of what a sum gave nothing is left to pay for.
    const scaled = apply(graph, 'neg', graph.reduce('sum', [0], apply(graph, 'exp', x)));
    expect(realized([apply(graph, 'mul', x, wide(scaled))])).toEqual(['reduce']);
  });
});

describe('memory', () => {
  it('has whatever a kernel of its own computes, what is forced, and no part of a total', () => {
    const sum = graph.reduce('sum', [1], x);
    expect(realized([apply(graph, 'neg', sum)])).toEqual(['reduce']);
    const cheap = apply(graph, 'neg', x);
    expect(realized([apply(graph, 'abs', cheap)], new Set([cheap]))).toEqual(['neg']);
    const [a, b, c] = [5, 6, 7].map((k) => graph.reduce('sum', [0], leaf(graph, k, [k])));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    const two = apply(graph, 'add', a, b);
    const three = apply(graph, 'add', two, c);
    expect(realized([three], NONE, new Set([two]))).toEqual([]);
    expect(realized([three])).toEqual(['total']);
  });

  it('is not had for what only has to come first', () => {
    const first = apply(graph, 'exp', x);
    const behind = graph.barrier(x, [first]);
    expect(realized([graph.reduce('sum', [0], behind), graph.reduce('sum', [1], behind), graph.reduce('sum', [0], first)])).toEqual(['barrier']);
  });
});

describe('what is under roots', () => {
  it('comes with its operands first, each once', () => {
    const a = apply(graph, 'neg', x);
    const b = apply(graph, 'mul', a, apply(graph, 'abs', a));
    const order = reachable([b, a]);
    expect(order).toHaveLength(4);
    for (const [k, t] of order.entries()) for (const arg of t.args) expect(order.indexOf(arg)).toBeLessThan(k);
  });

  it('is the same elements without reshapes, and without broadcasts that repeat nothing', () => {
    const wider = graph.make({ kind: 'broadcast' }, [graph.reshape(x, [1, 20])], [1, 1, 20], 'float32');
    expect(withoutReshapes(wider)).toBe(x);
    const repeated = wide(row);
    expect(withoutReshapes(graph.reshape(repeated, [20]))).toBe(repeated);
    const turned = graph.transpose(x, [1, 0]);
    expect(withoutReshapes(turned)).toBe(turned);
  });

  it('is read whole by a scan, but for what carries start from, and behind a barrier', () => {
    const [initial, source, captured] = [apply(graph, 'neg', row), apply(graph, 'exp', x), apply(graph, 'abs', row)];
    const [carry, part, whole] = [[5], [5], [5]].map((shape) => graph.placeholder(shape, 'float32'));
    if (carry === undefined || part === undefined || whole === undefined) throw new Error('three');
    const scan: LoweredScan = { id: 0, count: 4, reverse: false, carries: [{ leaf: carry, initial, next: carry }], inputs: [{ leaf: part, source }], captured: [{ leaf: whole, source: captured }] };
    const run = graph.make({ kind: 'scan', scan, result: 'final', of: carry }, [initial, source, captured], [5], 'float32');
    expect(readWhole(run)).toEqual([source, captured]);
    expect(readWhole(graph.barrier(source, [captured]))).toEqual([source]);
    expect(readWhole(graph.barrier(x, [captured]))).toEqual([]);
    expect(readWhole(captured)).toEqual([]);
  });
});

it('what is computed element by element is told from what has a kernel of its own', () => {
  const product = graph.make({ kind: 'matmul', rows: 1, columns: 1, depth: 1 }, [x, graph.transpose(x, [1, 0])], [4, 4], 'float32');
  const put = graph.make({ kind: 'concat', axis: 0 }, [x, x], [8, 5], 'float32');
  const padded = graph.pad(x, [1, 0], [1, 1], [6, 5]);
  expect([product, put, padded, graph.reduce('max', [0], x)].map(isStructural)).toEqual([true, true, true, true]);
  expect([x, apply(graph, 'exp', x), graph.transpose(x, [1, 0]), wide(row), graph.slice(x, [0, 0], [1, 1], [2, 2])].map(isStructural)).toEqual([false, false, false, false, false]);
});
