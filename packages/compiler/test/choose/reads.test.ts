// What the code of a tensor reads and how much it is, asked before any is written.
import { describe, expect, it } from 'vitest';
import { LOAD } from '../../src/choose/body-size.js';
import { Graph } from '../../src/lower/graph.js';
import { type Answer, Reads } from '../../src/choose/reads.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { apply, leaf } from '../tensors.js';

const graph = new Graph();
const x = leaf(graph, 0, [3, 4]);
const y = leaf(graph, 1, [3, 4]);

const ask = (memory: readonly Tensor[] = [], largest = Infinity, cut?: Tensor): Reads => new Reads((t) => memory.includes(t), largest, () => cut);

/** `+` where the element read is the one that is computed, else `-`. */
function needs(answer: Answer): [Tensor, string][] {
  if (!('needs' in answer)) throw new Error(`tensor ${answer.memory.id} has no memory`);
  return answer.needs.map(({ tensor, identity }) => [tensor, identity ? '+' : '-']);
}

describe('a tensor needs', () => {
  it('what it is computed of down to memory, and the element itself or another', () => {
    expect(needs(ask().ofDefinition(apply(graph, 'add', x, apply(graph, 'mul', y, x))))).toEqual([[x, '+'], [y, '+']]);
    const square = leaf(graph, 2, [3, 3]);
    const turned = graph.transpose(square, [1, 0]);
    expect(needs(ask().ofDefinition(apply(graph, 'neg', turned)))).toEqual([[square, '-']]);
    expect(needs(ask().ofDefinition(apply(graph, 'add', square, turned)))).toEqual([[square, '-']]);
    expect(needs(ask().ofDefinition(apply(graph, 'add', turned, square)))).toEqual([[square, '-']]);
    const row = leaf(graph, 3, [4]);
    expect(needs(ask().ofDefinition(apply(graph, 'mul', x, graph.broadcast(row, [3, 4]))))).toEqual([[x, '+'], [row, '-']]);
    expect(needs(ask().ofDefinition(graph.slice(x, [1, 0], [1, 1], [2, 4])))).toEqual([[x, '-']]);
    expect(needs(ask().ofDefinition(graph.slice(x, [0, 0], [1, 1], [2, 4])))).toEqual([[x, '+']]);
    expect(needs(ask().ofDefinition(graph.reshape(apply(graph, 'neg', x), [12])))).toEqual([[x, '+']]);
  });

  it('a tensor that has memory, and not what that is computed of; but its own definition', () => {
    const inner = apply(graph, 'exp', x);
    const outer = apply(graph, 'mul', inner, y);
    expect(needs(ask([inner, outer]).ofDefinition(outer))).toEqual([[inner, '+'], [y, '+']]);
    expect(needs(ask([inner, outer]).ofOperands([outer]))).toEqual([[outer, '+']]);
    expect(needs(ask().ofOperands([outer, leaf(graph, 9, [7])]))).toEqual([[x, '+'], [y, '+'], [leaf(graph, 9, [7]), '+']]);
  });

  it('memory for what a slice cuts out of a reshaped view, where its element is no function of the indices', () => {
    // Elements 1 to 3 of the transpose of [3, 2]: at 2, 4 and 1.
    const flat = leaf(graph, 4, [3, 2]);
    const turned = graph.transpose(flat, [1, 0]);
    const cut = (from: number, count: number): Answer => ask().ofDefinition(graph.slice(graph.reshape(turned, [6]), [from], [1], [count]));
    expect(cut(1, 3)).toEqual({ memory: turned });
    expect(cut(0, 4)).toEqual({ memory: turned });
    expect(needs(cut(0, 3))).toEqual([[flat, '-']]);
    expect(needs(cut(3, 3))).toEqual([[flat, '-']]);
  });

  it('memory for the whole computation that was reshaped, and not for what that is computed of', () => {
    const flat = leaf(graph, 4, [3, 2]);
    const turned = apply(graph, 'exp', graph.transpose(flat, [1, 0]));
    expect(ask().ofDefinition(graph.slice(graph.reshape(turned, [6]), [1], [1], [3]))).toEqual({ memory: turned });
  });

  it('memory for what is looked up, through reshapes, but not for a number', () => {
    const table = apply(graph, 'exp', leaf(graph, 5, [6, 2]));
    const by = leaf(graph, 6, [4], 'int32');
    const found = (a: Tensor): Tensor => graph.make({ kind: 'gather', axis: 0, outside: NaN }, [a, by], [4, ...a.shape.slice(1)], 'float32');
    expect(ask().ofDefinition(found(table))).toEqual({ memory: table });
    expect(needs(ask([table]).ofDefinition(found(table)))).toEqual([[table, '-'], [by, '-']]);
    expect(ask().ofDefinition(found(graph.reshape(table, [3, 4])))).toEqual({ memory: table });
    expect(needs(ask([table]).ofDefinition(found(graph.reshape(table, [3, 4]))))).toEqual([[table, '-'], [by, '-']]);
    expect(needs(ask().ofDefinition(found(graph.broadcast(graph.constant(2, 'float32'), [6, 2]))))).toEqual([[by, '-']]);
  });
});

describe('the code', () => {
  it('counts what is computed, and what is read, once for each view of it', () => {
    const e = apply(graph, 'exp', x);
    const answer = ask().ofDefinition(apply(graph, 'add', apply(graph, 'mul', e, e), y));
    expect('sizes' in answer && [answer.sizes.get(e), answer.sizes.get(x), answer.sizes.get(y)]).toEqual([30, LOAD, LOAD]);
    const v = apply(graph, 'exp', leaf(graph, 7, [9]));
    const both = ask().ofDefinition(apply(graph, 'add', graph.slice(v, [0], [1], [8]), graph.slice(v, [1], [1], [8])));
    expect('sizes' in both && both.sizes.get(v)).toBe(60);
  });

  it('that is too much is answered with what to give memory to, of what is computed', () => {
    const e = apply(graph, 'exp', x);
    const root = apply(graph, 'mul', apply(graph, 'log', e), y);
    let asked: ReadonlyMap<Tensor, number> = new Map();
    const reads = new Reads(() => false, 60, (computed) => {
      asked = computed;
      return e;
    });
    expect(reads.ofDefinition(root)).toEqual({ memory: e });
    expect([...asked.keys()]).not.toContain(root);
    expect(asked.get(e)).toBe(30);
    expect('needs' in ask([], 76, e).ofDefinition(root)).toBe(true);
    expect(ask([], 75, e).ofDefinition(root)).toEqual({ memory: e });
    // Where nothing can be given any, it stays as it is.
    expect('needs' in ask([], 10).ofDefinition(root)).toBe(true);
  });
});
