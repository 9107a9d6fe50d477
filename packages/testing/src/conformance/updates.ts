// What variables become in a step: in place where that is right, simultaneously everywhere.
import { concat, type Expr, iota, type Variable } from '@pappus/core';
import { describe, it } from 'vitest';
import { conditionalUpdates } from './conditional-updates.js';
import { type Computed, leaf, type Leaves, type Subject, type Value } from './differential.js';
import { grad } from './recording.js';
import type { FloatDType, Setting } from './setting.js';
import { counting, fromList, spread } from './values.js';

type Updates = Readonly<Record<string, Expr>>;

/** A subject whose updates are given by the names of variables, run three times. */
function updating(variables: Readonly<Record<string, Value>>, build: (v: (name: string) => Variable, leaves: Leaves) => { updates: Updates; outputs?: Updates }): Subject {
  return {
    steps: [{}, {}, {}],
    variables,
    build: (leaves): Computed => {
      const { updates, outputs = {} } = build((name) => leaf(leaves.variables, name), leaves);
      return { outputs, updates: new Map(Object.entries(updates).map(([name, value]) => [leaf(leaves.variables, name), value])) };
    },
  };
}

function subjects(dtype: FloatDType): Readonly<Record<string, Subject>> {
  const x = spread(dtype, [5, 5]);
  const [a, b, c] = [1, 2, 3].map((seed) => spread(dtype, [7], { seed }));
  const [row = x, other = x, third = x] = [a, b, c];
  return {
    'in place': updating({ x }, (v) => ({ updates: { x: v('x').mul(0.5).add(1) } })),
    'a constant': updating({ x }, (v) => ({ updates: { x: v('x').mul(0).add(3) } })),
    'nothing': updating({ x }, (v) => ({ updates: { x: v('x') } })),
    'two swap': updating({ a: row, b: other }, (v) => ({ updates: { a: v('b'), b: v('a') } })),
    'two swap and change': updating({ a: row, b: other }, (v) => ({ updates: { a: v('b').mul(2).add(v('a')), b: v('a').sub(v('b')) } })),
    'three rotate': updating({ a: row, b: other, c: third }, (v) => ({ updates: { a: v('b'), b: v('c'), c: v('a') } })),
    'transposed': updating({ x }, (v) => ({ updates: { x: v('x').transpose() } })),
    'transposed and added': updating({ x }, (v) => ({ updates: { x: v('x').transpose().mul(0.5).add(v('x')) } })),
    'reversed': updating({ a: row }, (v) => ({ updates: { a: v('a').slice([null, null, -1]) } })),
    'rolled': updating({ a: row }, (v) => ({ updates: { a: concat([v('a').slice([1, null]), v('a').slice([0, 1])]) } })),
    'normalized by its own sum': updating({ x }, (v) => ({ updates: { x: v('x').div(v('x').square().sum().sqrt()) } })),
    'normalized by rows': updating({ x }, (v) => ({ updates: { x: v('x').div(v('x').square().sum(1, { keepdims: true }).sqrt()) } })),
    'the first element everywhere': updating({ a: row }, (v) => ({ updates: { a: v('a').sub(v('a').slice([0, 1])) } })),
    'taken at computed places': updating({ a: row }, (v) => ({ updates: { a: v('a').take(iota([7], 0).mul(3).add(2), 0, { mode: 'wrap' }).mul(0.5) } })),
    'taken at places that another update changes': updating({ a: row, b: counting('int32', [7]) }, (v) => ({
      updates: { a: v('a').take(v('b').add(3), 0, { mode: 'wrap' }).add(v('a')), b: v('b').add(1) },
    })),
    'three of one code, one of them read in between': updating({ a: row, b: spread(dtype, [9], { seed: 4 }), c: spread(dtype, [9], { seed: 5 }), d: spread(dtype, [11], { seed: 6 }) }, (v) => ({
      updates: {
        a: v('a').mul(0.5).add(1),
        c: v('c').exp().mul(0.1).sub(v('b').square()),
        b: v('b').mul(0.5).add(1),
        d: v('d').mul(0.5).add(1).mul(v('b').slice([null, null, -1]).sum().add(v('c').slice(3))),
      },
      outputs: { seen: v('b').slice([null, null, -1]).mul(v('c')).add(v('a').sum()), total: v('b').sum().add(v('d').sum()) },
    })),
    'of one code, one of them read in another shape in between': updating({ a: row, b: spread(dtype, [9], { seed: 4 }), c: spread(dtype, [3, 3], { seed: 5 }) }, (v) => ({
      updates: { a: v('a').mul(0.5).add(1), c: v('c').exp().mul(0.1).sub(v('b').reshape([3, 3]).transpose().square()), b: v('b').mul(0.5).add(1) },
    })),
    'its own product': updating({ x }, (v) => ({ updates: { x: v('x').matmul(v('x')).mul(0.2) } })),
    'read by another update': updating({ a: row, b: other }, (v) => {
      const next = v('a').mul(0.9).add(v('b'));
      return { updates: { a: next, b: next.mul(2).sub(v('a')) } };
    }),
    'read by another update at other elements': updating({ a: row, b: other }, (v) => {
      const next = v('a').mul(0.9).add(1);
      return { updates: { a: next, b: next.slice([null, null, -1]).add(v('b')) } };
    }),
    'old and new value read at other elements': updating({ a: row, b: other, c: third }, (v) => {
      const next = v('a').exp().add(v('b'));
      return { updates: { a: next, b: next.slice([null, null, -1]).add(v('a')), c: v('a').slice([null, null, -1]).add(next) } };
    }),
    'summed for another update': updating({ a: row, b: other }, (v) => {
      const next = v('a').mul(0.9).add(v('b'));
      return { updates: { a: next, b: v('b').mul(next.square().sum().sqrt()) } };
    }),
    'also an output': updating({ a: row }, (v) => {
      const next = v('a').mul(0.9).add(1);
      return { updates: { a: next }, outputs: { next, twice: next.mul(2), again: next.reshape([1, 7]) } };
    }),
    'the old value an output': updating({ a: row, x }, (v) => ({
      updates: { a: v('a').add(1), x: v('x').transpose() },
      outputs: { old: v('a'), turned: v('x').transpose(), plain: v('x'), sum: v('a').sum() },
    })),
    'two become the same': updating({ a: row, b: other }, (v) => {
      const next = v('a').add(v('b'));
      return { updates: { a: next, b: next }, outputs: { next } };
    }),
    'one becomes what another was': updating({ a: row, b: other }, (v) => ({ updates: { b: v('a') }, outputs: { b: v('b') } })),
    'a reduction': updating({ x, a: spread(dtype, [5]) }, (v) => ({ updates: { a: v('x').sum(0), x: v('x').add(v('a')) } })),
    'a product': updating({ x, y: spread(dtype, [5, 5], { seed: 9 }) }, (v) => ({ updates: { x: v('x').matmul(v('y')).mul(0.1), y: v('y').add(v('x')) } })),
    'scalars of tensors': updating({ s: spread(dtype, []), a: row }, (v) => ({ updates: { s: v('s').mul(0.9).add(v('a').sum()), a: v('a').mul(v('s').tanh()) } })),
    'scalars of scalars': updating({ s: spread(dtype, []), t: spread(dtype, [], { seed: 3 }), a: row }, (v) => ({
      updates: { s: v('t').mul(2), t: v('s').add(1).tanh(), a: v('a').add(v('s')).sub(v('t')) },
      outputs: { s: v('s'), next: v('t').mul(2) },
    })),
    'one element in other shapes': updating({ s: spread(dtype, [1]), t: spread(dtype, [1, 1], { seed: 3 }), u: spread(dtype, []) }, (v) => ({
      updates: { s: v('u').reshape([1]), t: v('s').reshape([1, 1]).mul(2), u: v('t').reshape([]).add(1) },
    })),
    'empty': updating({ e: spread(dtype, [0, 3]), a: row }, (v) => ({ updates: { e: v('e').mul(2), a: v('a').add(v('e').sum()) }, outputs: { e: v('e').add(1) } })),
  };
}

/** Momentum and a quotient: a rule with state, written out. */
function rule(param: Variable, gradient: Expr, state: Variable, scale: Expr | number): (readonly [Variable, Expr])[] {
  const next = state.mul(0.9).add(gradient.mul(0.1));
  return [[param, param.sub(next.mul(scale).div(next.abs().add(0.5)))], [state, next]];
}

const MANY: readonly (readonly number[])[] = [[4, 4], [4, 4], [4, 4], [3], [17], [1], [], [2, 1, 3], [0], [33], [5], [16], [64, 3], [1, 1], []];

/** Many parameters of one rule, each with a gradient of its own. */
function manyParameters(dtype: FloatDType, kind: 'own' | 'shared' | 'scaled', shapes: readonly (readonly number[])[]): Subject {
  const named = (prefix: string, seed: number): Record<string, Value> => Object.fromEntries(shapes.map((shape, k) => [`${prefix}${k}`, spread(dtype, shape, { seed: seed + k })]));
  return {
    steps: [{}, {}, {}],
    variables: { ...named('p', 1), ...named('m', 40), scale: spread(dtype, [], { seed: 77 }) },
    build: ({ variables }) => {
      const params = shapes.map((_, k) => leaf(variables, `p${k}`));
      const target = (p: Variable, k: number): Expr => p.sub(kind === 'shared' ? 0.5 : k / 10).square().sum();
      const loss = params.map(target).reduce((sum, term) => sum.add(term));
      const grads = grad(loss, params);
      // What a rule over all parameters shares: a number computed from all gradients, kept on the device.
      const norm = grads.map((g) => g.square().sum()).reduce((sum, term) => sum.add(term)).sqrt();
      const scale = kind === 'scaled' ? norm.add(leaf(variables, 'scale').abs()).add(1) : 0.1;
      const updates = new Map(params.flatMap((p, k) => rule(p, grads[k] ?? p, leaf(variables, `m${k}`), scale)));
      return { outputs: { loss, norm }, updates };
    },
  };
}

export function updates(setting: Setting): void {
  conditionalUpdates(setting);
  describe('updates', () => {
    for (const dtype of setting.floats) {
      for (const [name, subject] of Object.entries(subjects(dtype))) {
        it(`${name}, ${dtype}`, () => setting.agree(subject, { factor: 64, scale: 4 }));
      }

      for (const [turn, kind] of (['own', 'shared', 'scaled'] as const).entries()) {
        it(`many parameters of one rule, ${kind}, ${dtype}`, () => setting.agree(manyParameters(dtype, kind, setting.some(MANY, 7, turn)), { factor: 64, scale: 16 }));
      }

      it(`many parameters of one rule whose numbers differ, ${dtype}`, () =>
        setting.agree(
          {
            steps: [{}, {}, {}],
            variables: {
              ...Object.fromEntries(MANY.flatMap((shape, k) => [[`p${k}`, spread(dtype, shape, { seed: k + 1 })], [`m${k}`, spread(dtype, shape, { seed: k + 40 })]])),
              rate: fromList(dtype, [], [0.1]),
              t: counting('int32', []),
            },
            build: ({ variables }) => {
              const [rate, t] = [leaf(variables, 'rate'), leaf(variables, 't')];
              const decayed = rate.div(t.add(1).cast(dtype));
              const updates = new Map<Variable, Expr>([[t, t.add(1)], [rate, rate.mul(0.9)]]);
              for (const k of MANY.keys()) {
                const [p, m] = [leaf(variables, `p${k}`), leaf(variables, `m${k}`)];
                // Every third the same; of every fourth a factor is 1, or an addend 0.
                const next = m.mul(k % 3 === 0 ? 0.9 : 0.9 - k / 100).add(p.mul(k % 4 === 0 ? 1 : k / 10));
                updates.set(m, next).set(p, p.sub(next.mul(decayed.mul(0.9 ** k))).sub(p.mul(k % 4 === 1 ? 0 : rate.mul(k / 5))));
              }
              return { updates };
            },
          },
          { factor: 64, scale: 16 },
        ));

      it(`many parameters times one scalar on the left, ${dtype}`, () =>
        setting.agree(
          {
            steps: [{}, {}],
            variables: { a: spread(dtype, [9]), b: spread(dtype, [33], { seed: 2 }), c: spread(dtype, [2, 3], { seed: 3 }), s: spread(dtype, [1], { seed: 4 }), x: spread(dtype, [4], { seed: 5 }) },
            build: ({ variables }) => {
              const [a, b, c, s, x] = [leaf(variables, 'a'), leaf(variables, 'b'), leaf(variables, 'c'), leaf(variables, 's'), leaf(variables, 'x')];
              const shared = x.square().sum();
              return {
                updates: new Map<Variable, Expr>([[a, shared.mul(a)], [b, shared.mul(b)], [c, shared.mul(c)], [x, s.mul(x).mul(0.5)]]),
              };
            },
          },
          { factor: 64, scale: 4 },
        ));

      it(`each parameter times a scalar of its own, ${dtype}`, () =>
        setting.agree(
          {
            steps: [{}, {}],
            variables: Object.fromEntries([0, 1, 2, 3].flatMap((k) => [[`s${k}`, spread(dtype, [1], { seed: k + 1 })], [`p${k}`, spread(dtype, [16], { seed: k + 5 })]])),
            build: ({ variables }) => ({
              updates: new Map([0, 1, 2, 3].flatMap((k): [Variable, Expr][] => {
                const [s, p] = [leaf(variables, `s${k}`), leaf(variables, `p${k}`)];
                return [[p, s.mul(p)], [s, s.mul(0.9)]];
              })),
            }),
          },
          { factor: 16, scale: 4 },
        ));
    }

    it('of many parameters by the place and by the first of their elements', async () => {
      const [dtype = 'float32'] = setting.floats;
      // Sizes of whole cache lines, which lie side by side in memory.
      const names = [0, 1, 2, 3];
      const forms: Readonly<Record<string, (p: Expr) => Expr>> = {
        place: (p) => p.mul(0.5).add(iota([16], 0).cast(dtype)),
        first: (p) => p.sub(p.slice([0, 1])),
        beginning: (p) => p.slice([0, 8]).mul(2).sum().mul(p),
        both: (p) => p.mul(p.slice([0, 1])).add(iota([16], 0).cast(dtype).mul(p)),
      };
      for (const form of Object.values(forms)) {
        await setting.agree(
          {
            steps: [{}, {}],
            variables: Object.fromEntries(names.map((k) => [`p${k}`, spread(dtype, [16], { seed: k + 1 })])),
            build: ({ variables }) => {
              const params = names.map((k) => leaf(variables, `p${k}`));
              return {
                outputs: { sum: params.map((p) => form(p).square().sum()).reduce((a, b) => a.add(b)), ...Object.fromEntries(params.map((p, k) => [`y${k}`, form(p).tanh()])) },
                updates: new Map(params.map((p) => [p, form(p)])),
              };
            },
          },
          { factor: 64, scale: 64 },
        );
      }
    });

    it('beside the beginnings of many parameters', async () => {
      const [dtype = 'float32'] = setting.floats;
      const names = [0, 1, 2, 3];
      await setting.agree(
        {
          variables: Object.fromEntries(names.map((k) => [`p${k}`, spread(dtype, [32], { seed: k + 1 })])),
          build: ({ variables }) => {
            const beginnings = names.map((k) => leaf(variables, `p${k}`).slice([0, 16]));
            return {
              outputs: { sum: beginnings.map((p) => p.square().sum()).reduce((a, b) => a.add(b)), ...Object.fromEntries(beginnings.map((p, k) => [`y${k}`, p.tanh()])), last: leaf(variables, 'p3').add(1) },
            };
          },
        },
        { factor: 64, scale: 64 },
      );
    });

    it('of integers and booleans', () =>
      setting.agree(
        updating({ n: counting('int32', [9]), count: counting('int32', []), flags: spread('bool', [9]), seen: spread('bool', []) }, (v) => ({
          updates: { n: v('n').mul(1000003).add(v('count')), count: v('count').add(1), flags: v('flags').not().and(v('n').gt(2)), seen: v('seen').or(v('count').gt(1)) },
          outputs: { flags: v('flags'), any: v('flags').any() },
        })),
      ));

    it('of several dtypes in one step', async () => {
      const [narrow, wide] = setting.floats;
      if (narrow === undefined || wide === undefined) return;
      await setting.agree(
        updating({ p: spread(narrow, [9]), q: spread(wide, [9]), n: counting('int32', [9]), flags: spread('bool', [9]), s: spread(narrow, []), t: spread(wide, []) }, (v) => ({
          updates: {
            p: v('p').mul(0.5).add(v('n').cast(narrow)), q: v('q').add(v('p').cast(wide)), n: v('n').add(v('flags').cast('int32')), flags: v('p').gt(0), s: v('s').mul(0.5), t: v('t').add(v('s').cast(wide)),
          },
        })),
        // The wide variable takes in the error of the narrow one.
        { factor: 1e9, scale: 4 },
      );
    });
  });
}
