// Variables that stay what they are in most steps: by conditions that the host knows, alone and several, and by those that tensors say.
import { concat, type Expr, iota, scalar, scan, type Variable } from '@pappus/core';
import { describe, it } from 'vitest';
import { type Computed, leaf, type Leaves, type Subject, type Value } from './differential.js';
import type { FloatDType, Setting } from './setting.js';
import { counting, fromList, spread } from './values.js';

/** Steps enough for every condition below to hold and not to. */
const STEPS = 7;

interface Named {
  readonly v: (name: string) => Variable;
  readonly g: Expr;
  readonly h: Expr;
  /** Holds in every third step. */
  readonly due: Expr;
  /** Holds from the third step on, but for the fifth. */
  readonly on: Expr;
}

type Results = Readonly<Record<string, Expr>>;

/** Variables `a`, `b`, `c` of 7 elements, `x` and `y` of 5 x 5, inputs `g` and `h` like them. */
function conditional(dtype: FloatDType, build: (named: Named) => { updates: Results; outputs?: Results }): Subject {
  const vectors = Object.fromEntries(['a', 'b', 'c'].map((name, k) => [name, spread(dtype, [7], { seed: k + 1 })]));
  const matrices = Object.fromEntries(['x', 'y'].map((name, k) => [name, spread(dtype, [5, 5], { seed: k + 7 })]));
  return {
    steps: Array.from({ length: STEPS }, (_, k): Record<string, Value> => ({
      g: spread(dtype, [7], { seed: k + 20 }),
      h: spread(dtype, [5, 5], { seed: k + 40 }),
      on: fromList('bool', [], [k >= 2 && k !== 4 ? 1 : 0]),
    })),
    variables: { ...vectors, ...matrices, t: fromList('int32', [], [0]) },
    build: ({ inputs, variables }: Leaves): Computed => {
      const t = leaf(variables, 't');
      const named = { v: (name: string) => leaf(variables, name), g: leaf(inputs, 'g'), h: leaf(inputs, 'h'), due: t.mod(3).eq(2), on: leaf(inputs, 'on') };
      const { updates, outputs = {} } = build(named);
      return { outputs, updates: new Map<Variable, Expr>([...Object.entries(updates).map(([name, value]) => [named.v(name), value] as const), [t, t.add(1)]]) };
    },
  };
}

type Case = (named: Named) => { updates: Results; outputs?: Results };

const CASES: Readonly<Record<string, Case>> = {
  'in either branch': ({ v, g, due }) => ({ updates: { a: due.where(v('a').mul(0.5).add(g), v('a')), b: due.where(v('b'), v('b').sub(g)), c: v('c').add(v('a')) } }),
  'a sum of gradients, and a rule for it': ({ v, g, due }) => {
    const sum = v('a').add(g);
    const next = v('b').mul(0.9).add(sum.mul(0.1));
    return { updates: { a: due.where(0, sum), b: due.where(next, v('b')), c: due.where(v('c').sub(next.div(next.abs().add(0.5))), v('c')) }, outputs: { loss: sum.square().sum() } };
  },
  'nested, and in another order': ({ v, g, due, on }) => ({
    updates: { a: due.where(on.where(g.mul(2), v('a')), v('a')), b: on.where(due.where(g.mul(2), v('b')), v('b')), c: due.and(on).where(v('c').add(g), v('c')) },
  }),
  'several, each with a value of its own': ({ v, g, due, on }) => ({
    updates: { a: due.where(g.exp().mul(0.1), on.where(v('a'), v('a').neg())), b: on.where(v('b'), due.where(v('b').add(1), g)), c: due.or(on.not()).where(v('a').add(v('b')), v('c')) },
  }),
  'by a condition that is not there': ({ v, g, due, on }) => ({ updates: { a: due.and(due.not()).where(g, v('a')), b: on.or(on.not()).where(g, v('b')) } }),
  'two swap': ({ v, due }) => ({ updates: { a: due.where(v('b'), v('a')), b: due.where(v('a'), v('b')) } }),
  'two swap under conditions of their own': ({ v, due, on }) => ({ updates: { a: due.where(v('b'), v('a')), b: on.where(v('a').mul(2), v('b')) } }),
  'what another was, read where that is over': ({ v, g, due, on }) => {
    const start = due.where(v('a'), v('b'));
    return { updates: { a: v('a').sub(start).add(g), b: start, c: on.where(start.mul(2), due.not().where(v('b'), v('c'))) }, outputs: { start: start.sum() } };
  },
  'three rotate': ({ v, due, on }) => ({ updates: { a: due.where(v('b'), v('a')), b: v('c'), c: on.where(v('a'), v('c')) } }),
  'a copy of what another becomes': ({ v, g, due, on }) => {
    const next = v('a').mul(0.9).add(g);
    return { updates: { a: next, b: due.where(next, v('b')), c: on.where(next, v('c')) } };
  },
  'what two others become, and nobody else': ({ v, g, due, on }) => {
    const next = v('a').mul(0.9).add(g);
    return { updates: { b: due.where(next, v('b')), c: on.where(next, v('c')) } };
  },
  'read backwards by the others': ({ v, g, due }) => {
    const back = (e: Expr): Expr => e.slice([null, null, -1]);
    return { updates: { a: due.where(back(v('a')).add(g), v('a')), b: due.where(back(v('a')).mul(2), v('b')), c: back(v('b')).add(v('a')) }, outputs: { old: back(v('a')) } };
  },
  'an output, old and new': ({ v, g, due }) => {
    const next = due.where(v('a').mul(0.9).add(g), v('a'));
    return { updates: { a: next, b: due.where(g, v('b')) }, outputs: { old: v('a'), next, twice: next.mul(2), turned: v('b').reshape([1, 7]) } };
  },
  'a product, and what reads it in all steps': ({ v, h, due }) => {
    const statistics = v('x').mul(0.5).add(h.matmul(h.transpose()).mul(0.1));
    const root = due.where(statistics.matmul(statistics).add(1).matmul(statistics).tanh(), v('y'));
    return { updates: { x: statistics, y: root, a: v('a').add(root.matmul(h).sum()) }, outputs: { scaled: root.matmul(h) } };
  },
  'products, sums and scans that nothing else needs': ({ v, g, h, due, on }) => {
    const { carry, outputs } = scan((state: Expr, row: Expr) => ({ carry: state.mul(0.5).add(row), outputs: state.neg() }), { carry: v('x').sum(0), inputs: h });
    return {
      updates: { x: due.where(v('x').mul(0.5).add(outputs).add(carry), v('x')), y: on.where(h.matmul(v('y')).mul(0.1).add(h.sum(1, { keepdims: true })), v('y')), a: due.where(v('a').div(v('a').square().sum().add(1).sqrt()), v('a')), b: v('b').add(g) },
    };
  },
  'put together, taken and added to places': ({ v, g, due, on }) => {
    const places = iota([7], 0).mul(3).mod(5);
    return {
      updates: {
        a: due.where(concat([v('a').slice([1, null]), g.slice([0, 1])]), v('a')),
        b: on.where(v('b').scatterAdd(places, g), v('b')),
        c: due.where(g.take(places), v('c')),
      },
    };
  },
  'one branch of what is computed in all steps': ({ v, g, h, due, on }) => {
    const chosen = due.where(h.matmul(h).sum(0), on.where(h.transpose().matmul(h).sum(1), h.max(0)));
    return { updates: { a: v('a').mul(chosen.sum()).tanh(), b: on.where(v('b').add(chosen.max()), v('b')), c: due.where(g, v('c')) }, outputs: { chosen, other: on.where(chosen.add(1), chosen) } };
  },
  'what is not finite while it waits': ({ v, g, due, on }) => ({
    updates: { a: due.where(g.abs(), v('a')), b: on.where(v('a').sub(v('a')).div(due.cast(g.dtype)), v('b')).minimum(1e30).maximum(-1e30), c: due.where(v('c').log().abs().add(1), v('c')) },
    outputs: { seen: due.where(g.abs().sqrt(), 0) },
  }),
  'by what tensors say': ({ v, g, due, on }) => ({
    updates: { a: g.sum().gt(0).where(v('a').add(g), v('a')), b: due.where(g.gt(0).where(v('b').add(g), v('b')), v('b')), c: v('c').gt(0).and(on).where(v('c').mul(0.5), v('c')) },
  }),
};

export function conditionalUpdates(setting: Setting): void {
  describe('updates in some steps alone', () => {
    for (const dtype of setting.floats) {
      for (const [name, build] of Object.entries(CASES)) {
        it(`${name}, ${dtype}`, () => setting.agree(conditional(dtype, build), { factor: 256, scale: 16 }));
      }

      it(`of many parameters, under two conditions, ${dtype}`, () => {
        const shapes: readonly (readonly number[])[] = [[4, 4], [3], [17], [1], [], [0], [33], [2, 1, 3]];
        return setting.agree(
          {
            steps: Array.from({ length: STEPS }, () => ({})),
            variables: { ...Object.fromEntries(shapes.flatMap((shape, k) => [[`p${k}`, spread(dtype, shape, { seed: k + 1 })], [`m${k}`, spread(dtype, shape, { seed: k + 30 })]])), t: counting('int32', []) },
            build: ({ variables }) => {
              const t = leaf(variables, 't');
              const updates = new Map<Variable, Expr>([[t, t.add(1)]]);
              for (const k of shapes.keys()) {
                const [p, m] = [leaf(variables, `p${k}`), leaf(variables, `m${k}`)];
                const next = m.mul(0.9).add(p.mul(0.1));
                updates.set(m, t.mod(2).eq(1).where(next, m)).set(p, t.mod(k % 2 === 0 ? 2 : 3).eq(1).where(p.sub(next.mul(scalar(0.3, dtype))), p));
              }
              return { updates };
            },
          },
          { factor: 256, scale: 16 },
        );
      });
    }
  });
}
