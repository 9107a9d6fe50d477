// How large code may grow, and where it is cut: every body is within the limit, and no more is cut than that asks for.
import { describe, expect, it } from 'vitest';
import { codeOf, Cuts, instructionCode, LOAD } from '../../src/choose/body-size.js';
import { Graph } from '../../src/lower/graph.js';
import { isLeaf, reachable } from '../../src/choose/realize.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { apply, at, leaf } from '../tensors.js';

const cutsOf = (root: Tensor, largest: number): Cuts => {
  const order = reachable([root]);
  return new Cuts(order, (t) => isLeaf(t) || t === root, largest);
};

/** The code of what computes a tensor, every tensor in it once, down to what has memory. */
function bodyOf(root: Tensor, chosen: ReadonlySet<Tensor>): number {
  const seen = new Set<Tensor>();
  const visit = (t: Tensor): number => {
    if (seen.has(t)) return 0;
    seen.add(t);
    if (isLeaf(t) || (t !== root && chosen.has(t))) return LOAD;
    return codeOf(t) + t.args.reduce((sum, arg) => sum + visit(arg), 0);
  };
  return visit(root);
}

describe('cuts', () => {
  it('leave every body within the limit, and are as many as it asks for', () => {
    for (const [count, largest] of [[100, 40], [100, 1000], [57, 20], [7, 12]] as const) {
      const graph = new Graph();
      const x = leaf(graph, 0, [5]);
      const root = Array.from({ length: count }).reduce<Tensor>((t) => apply(graph, 'abs', apply(graph, 'neg', t)), x);
      const { chosen } = cutsOf(root, largest);
      for (const t of [...chosen, root]) expect(bodyOf(t, chosen)).toBeLessThanOrEqual(largest);
      // Of n operations, and 8 for what is read, a body holds at most largest - 8.
      const operations = reachable([root]).length - 1;
      expect(chosen.size + 1).toBe(Math.ceil(operations / (largest - LOAD)));
    }
  });

  it('count what is used twice once', () => {
    const graph = new Graph();
    const x = leaf(graph, 0, [5]);
    const shared = Array.from({ length: 20 }).reduce<Tensor>((t) => apply(graph, 'mul', t, t), x);
    expect(cutsOf(shared, 28).chosen.size).toBe(0);
    expect(cutsOf(shared, 27).chosen.size).toBe(1);
  });

  it('take the operand with the most code, and of that what is under its views', () => {
    const graph = new Graph();
    const [x, y] = [leaf(graph, 0, [2, 3]), leaf(graph, 1, [3, 2])];
    const large = apply(graph, 'exp', apply(graph, 'log', y));
    const small = apply(graph, 'abs', x);
    const root = apply(graph, 'add', small, graph.transpose(large, [1, 0]));
    const { chosen } = cutsOf(root, 85);
    expect([...chosen]).toEqual([large]);
    expect(cutsOf(root, 94).chosen.size).toBe(0);
  });

  it('answer the code of a tensor where it is used', () => {
    const graph = new Graph();
    const x = leaf(graph, 0, [5]);
    const [a, b] = [apply(graph, 'exp', x), apply(graph, 'log', apply(graph, 'exp', x))];
    const root = apply(graph, 'neg', b);
    const cuts = cutsOf(root, 1000);
    expect([cuts.sizeOf(x), cuts.sizeOf(a), cuts.sizeOf(b), cuts.sizeOf(root)]).toEqual([LOAD, LOAD + 30, LOAD + 75, LOAD]);
    expect(cutsOf(root, 80).sizeOf(at([...cutsOf(root, 80).chosen], 0))).toBe(LOAD);
  });

  it('count a reduction as what is read of it', () => {
    const graph = new Graph();
    const sum = graph.reduce('sum', [0], apply(graph, 'exp', leaf(graph, 0, [5, 6])));
    const root = apply(graph, 'neg', apply(graph, 'exp', sum));
    expect(cutsOf(root, 39).chosen.size).toBe(0);
    expect(bodyOf(root, new Set([sum]))).toBe(39);
  });
});

it('an instruction counts as the tensor that it computes does', () => {
  const graph = new Graph();
  const x = leaf(graph, 0, [5]);
  const place = { buffer: { id: 0, name: 'b', dtype: 'float32', size: 5, place: { kind: 'temporary' } }, offset: 0, strides: [1] } as const;
  for (const op of ['exp', 'neg', 'tanh'] as const) expect(instructionCode({ kind: 'apply', op, args: [0], operand: 'float32', dtype: 'float32' })).toBe(codeOf(apply(graph, op, x)));
  const table = graph.make({ kind: 'gather', axis: 0, outside: 0 }, [x, leaf(graph, 1, [2], 'int32')], [2], 'float32');
  expect(instructionCode({ kind: 'gather', access: place, index: 0, stride: 1, count: 5, outside: 0, dtype: 'float32' })).toBe(codeOf(table));
  expect(instructionCode({ kind: 'load', access: place, dtype: 'float32' })).toBe(codeOf(x));
  expect(instructionCode({ kind: 'constant', value: 1, dtype: 'float32' })).toBe(codeOf(graph.constant(1, 'float32')));
});
