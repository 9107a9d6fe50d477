// Scans in the compiler's graph: of none, of one step, of many; what is a leaf of the body, and what is left out of it.
import { evaluate, type Expr, input, scan, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/lower/graph.js';
import { reachable } from '../../src/choose/realize.js';
import type { LoweredScan, Tensor } from '../../src/lower/tensor.js';
import { loweredOf } from '../programs.js';
import { at, elementsOf, leaf, numbered } from '../tensors.js';

const x = input('float32', ['time', 2], 'x');
const h = input('float32', [2], 'h');
const c = input('float32', [2], 'c');
const w = variable([3, -1], { name: 'w' });

/** One scan in two directions: its last carry, what it stacks, and the carry before each step. */
function results(reverse: boolean): Expr[] {
  const { carry, outputs } = scan(
    ({ a, count }, row) => ({ carry: { a: a.mul(2).add(row).sub(c.mul(2)), count: count.add(1) }, outputs: { row: row.mul(w).sub(a), before: a, count } }),
    { carry: { a: h, count: zeros([2]) }, inputs: x, reverse },
  );
  return [carry.a, carry.count, outputs.row, outputs.before, outputs.count];
}

function scansOf(outputs: readonly Tensor[]): LoweredScan[] {
  return [...new Set(reachable(outputs).flatMap(({ op }) => (op.kind === 'scan' ? [op.scan] : [])))];
}

const valuesOf = (time: number): number[][] => [[time, 2], [2], [2]].map((shape, k) => numbered(leaf(new Graph(), k, shape)));

describe('a scan', () => {
  it.each([0, 1, 2, 5])('of %i steps has the values of its definition, in both directions', async (time) => {
    for (const reverse of [false, true]) {
      const exprs = results(reverse);
      const given = valuesOf(time);
      const { outputs } = loweredOf({ inputs: [x, h, c], outputs: exprs }, { time });
      for (const [k, expr] of exprs.entries()) {
        const rows = Array.from({ length: time }, (_, row) => at(given, 0).slice(2 * row, 2 * row + 2));
        const { data, shape } = await evaluate(expr, [[x, time === 0 ? { data: new Float32Array(0), shape: [0, 2] } : rows], [h, at(given, 1)], [c, at(given, 2)]]);
        expect(at(outputs, k).shape, `${k}`).toEqual(shape);
        expect(elementsOf(at(outputs, k), { leaf: (t) => (t.op.kind === 'input' ? at(given, t.op.position) : numbered(t)) }), `${k}`).toEqual([...data]);
      }
    }
  });

  it('is one run for all that is asked of it, and another in the other direction', () => {
    const { outputs } = loweredOf({ inputs: [x, h, c], outputs: [...results(false), ...results(true)] }, { time: 4 });
    expect(scansOf(outputs).map(({ count, reverse }) => [count, reverse])).toEqual([[4, false], [4, true]]);
  });

  it('is none of one step, or of none', () => {
    for (const time of [0, 1]) expect(scansOf(loweredOf({ inputs: [x, h, c], outputs: results(false) }, { time }).outputs)).toEqual([]);
  });

  it('has the carries that are wanted alone, with those that they need', () => {
    const { carry } = scan(({ a, b, d, e }, row) => ({ carry: { a: a.add(b), b: b.mul(row), d: d.add(e), e: e.mul(2) } }), { carry: { a: h, b: h, d: h, e: c }, inputs: x });
    const run = at(scansOf(loweredOf({ inputs: [x, h, c], outputs: [carry.a] }, { time: 3 }).outputs), 0);
    expect([run.carries.length, run.inputs.length]).toEqual([2, 1]);
    const other = at(scansOf(loweredOf({ inputs: [x, h, c], outputs: [carry.e] }, { time: 3 }).outputs), 0);
    expect([other.carries.length, other.inputs.length]).toEqual([1, 0]);
  });

  it('captures what is computed outside, and not what has memory already, or is a number', () => {
    const rate = variable(2, { name: 'rate' });
    const { carry } = scan((a: Expr, row) => ({ carry: a.add(row.mul(w)).add(c.exp()).mul(rate) }), { carry: h, inputs: x });
    const run = at(scansOf(loweredOf({ inputs: [x, h, c], outputs: [carry] }, { time: 3 }).outputs), 0);
    expect(run.captured.map(({ source: { op } }) => op)).toEqual([{ kind: 'elementwise', op: 'exp' }]);
    const inside = reachable(run.carries.map(({ next }) => next));
    expect(inside.filter(({ op }) => op.kind === 'variable')).toHaveLength(1);
    expect(inside.filter(({ op }) => op.kind === 'host')).toHaveLength(1);
  });

  it('takes an input that is the same in every step as it is', () => {
    const bound = (inputs: Expr): LoweredScan => {
      const { carry } = scan((a: Expr, row) => ({ carry: a.mul(row) }), { carry: h, inputs });
      return at(scansOf(loweredOf({ inputs: [x, h, c], outputs: [carry.add(x.sum(0))] }, { time: 3 }).outputs), 0);
    };
    const ones = zeros(['time', 2]).add(1);
    const repeated = bound(c.exp().mul(ones));
    expect([repeated.inputs.length, repeated.captured.map(({ source }) => source.shape)]).toEqual([0, [[2]]]);
    const row = bound(c.exp().reshape([1, 2]).mul(ones));
    expect([row.inputs.length, row.captured.map(({ source }) => source.shape)]).toEqual([0, [[2]]]);
    const different = bound(x.exp());
    // Repeated along another axis than that of the steps.
    const columns = bound(x.sum(1, { keepdims: true }).exp().mul(ones));
    expect([columns.inputs.map(({ source }) => source.shape), columns.captured.length]).toEqual([[[3, 2]], 0]);
    expect([different.inputs.map(({ source }) => source.shape), different.captured.length]).toEqual([[[3, 2]], 0]);
  });
});

it('the operands of a scan are what its carries start from, its inputs and what it captures, in this order', () => {
  const { carry } = scan((a: Expr, row) => ({ carry: a.mul(row).add(c.exp()) }), { carry: h.neg(), inputs: x.abs() });
  const [tensor] = loweredOf({ inputs: [x, h, c], outputs: [carry] }, { time: 3 }).outputs;
  expect(tensor?.args.map(({ op }) => (op.kind === 'elementwise' ? op.op : op.kind))).toEqual(['neg', 'abs', 'exp']);
  expect(tensor?.shape).toEqual([2]);
});
