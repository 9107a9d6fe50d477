// Scans: recurrent nets with their gradients, scans of every length and in each other, and steps of training around them.
import { concat, dropout, type Expr, remat, scalar, scan, split } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf, type Leaves, type Value } from './differential.js';
import { randomScans } from './random-scans.js';
import { grad } from './recording.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList, spread } from './values.js';

const zerosOf = (dtype: FloatDType, shape: readonly (number | Expr['shape'][number])[]): Expr => scalar(0, dtype).broadcastTo(shape);

interface Cell {
  /** Gates, and so columns of the weights for each unit. */
  readonly gates: number;
  readonly step: (state: Readonly<Record<string, Expr>>, x: Expr, weights: Leaves['variables']) => Readonly<Record<string, Expr>>;
  readonly state: readonly string[];
}

const fromInput = (x: Expr, weights: Leaves['variables']): Expr => x.matmul(leaf(weights, 'w')).add(leaf(weights, 'b'));
const fromState = (state: Readonly<Record<string, Expr>>, weights: Leaves['variables']): Expr => leaf(state, 'h').matmul(leaf(weights, 'u'));

/** h and what else a cell hands on; `w` is `[inputs, gates * units]`, `u` `[units, gates * units]`, `b` `[gates * units]`. */
const CELLS: Readonly<Record<string, Cell>> = {
  rnn: {
    gates: 1,
    state: ['h'],
    step: (state, x, weights) => ({ h: fromInput(x, weights).add(fromState(state, weights)).tanh() }),
  },
  gru: {
    gates: 3,
    state: ['h'],
    step: (state, x, weights) => {
      const h = leaf(state, 'h');
      const [xr, xz, xn] = split(fromInput(x, weights), 3, -1);
      const [hr, hz, hn] = split(fromState(state, weights), 3, -1);
      if (xr === undefined || xz === undefined || xn === undefined || hr === undefined || hz === undefined || hn === undefined) return {};
      const z = xz.add(hz).sigmoid();
      const n = xn.add(xr.add(hr).sigmoid().mul(hn)).tanh();
      return { h: n.add(z.mul(h.sub(n))) };
    },
  },
  lstm: {
    gates: 4,
    state: ['h', 'c'],
    step: (state, x, weights) => {
      const [i, f, g, o] = split(fromInput(x, weights).add(fromState(state, weights)), 4, -1);
      if (i === undefined || f === undefined || g === undefined || o === undefined) return {};
      const c = f.sigmoid().mul(leaf(state, 'c')).add(i.sigmoid().mul(g.tanh()));
      return { h: o.sigmoid().mul(c.tanh()), c };
    },
  },
};

interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly inputs: number;
  readonly units: number;
}

function weights(dtype: FloatDType, { gates }: Cell, { inputs, units }: Sizes): Record<string, Value> {
  return {
    w: spread(dtype, [inputs, gates * units], { seed: 1, low: -0.7, high: 0.7 }),
    u: spread(dtype, [units, gates * units], { seed: 2, low: -0.7, high: 0.7 }),
    b: spread(dtype, [gates * units], { seed: 3, low: -0.2, high: 0.2 }),
  };
}

export function recurrent(setting: Setting): void {
  randomScans(setting);
  describe('scans', () => {
    for (const [turn, dtype] of setting.floats.entries()) {
      for (const [number, [name, cell]] of Object.entries(CELLS).entries()) {
        for (const reverse of setting.some([false, true], 1, turn + number)) {
          it(`${name} of ${dtype}${reverse ? ' in reverse' : ''}: states, gradients and descent, of several lengths`, async () => {
            const sizes = { time: 5, batch: 3, inputs: 4, units: 6 };
            await setting.agree(
              {
                steps: [5, 1, 2, 0, 9].map((time, k) => ({ x: { ...spread(dtype, [time, sizes.batch, sizes.inputs], { seed: 20 + k, low: -1, high: 1 }), open: ['time', sizes.batch, sizes.inputs] } })),
                variables: weights(dtype, cell, sizes),
                build: ({ inputs, variables }) => {
                  const x = leaf(inputs, 'x');
                  const initial = Object.fromEntries(cell.state.map((s) => [s, zerosOf(dtype, [sizes.batch, sizes.units]).add(0.25)]));
                  const { carry, outputs } = scan((state, xt) => {
                    const next = cell.step(state, xt, variables);
                    return { carry: next, outputs: leaf(next, 'h') };
                  }, { carry: initial, inputs: x, reverse });
                  const loss = outputs.square().sum().add(leaf(carry, 'h').sum());
                  const params = Object.values(variables);
                  const grads = grad(loss, params);
                  return {
                    outputs: { loss, outputs, ...carry, dx: grad(loss, x) },
                    updates: new Map(params.map((p, k) => [p, p.sub((grads[k] ?? p).mul(0.01))])),
                  };
                },
              },
              { factor: 256, scale: 4 },
            );
          });
        }
      }

      it(`${dtype}: sizes that fill no vector, one batch, one unit`, async () => {
        for (const [time, batch, units] of setting.some([[3, 1, 1], [2, 1, 5], [4, 7, 1], [3, 2, 17], [2, 33, 3]] as const, 2, 1 + turn)) {
          const cell = CELLS['lstm'];
          if (cell === undefined) continue;
          const sizes = { time, batch, inputs: 3, units };
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [time, batch, 3], { low: -1, high: 1 }) }],
              variables: weights(dtype, cell, sizes),
              build: ({ inputs, variables }) => {
                const initial = { h: zerosOf(dtype, [batch, units]), c: zerosOf(dtype, [batch, units]) };
                const { outputs, carry } = scan((state, xt) => {
                  const next = cell.step(state, xt, variables);
                  return { carry: { h: leaf(next, 'h'), c: leaf(next, 'c') }, outputs: { h: leaf(next, 'h'), before: state.c } };
                }, { carry: initial, inputs: leaf(inputs, 'x') });
                const loss = outputs.h.mean().add(carry.c.square().sum());
                return { outputs: { loss, ...outputs, c: carry.c, ...Object.fromEntries(Object.entries(variables).map(([n, v]) => [`d${n}`, grad(loss, v)])) } };
              },
            },
            { factor: 128, scale: 4 },
          );
        }
      });

      const units = setting.thorough ? 64 : 20;
      it(`${dtype}: a state of ${units} units, batch 8, through 12 steps`, async () => {
        const cell = CELLS['lstm'];
        if (cell === undefined) return;
        const sizes = { time: 12, batch: 8, inputs: 16, units };
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [12, 8, 16], { low: -1, high: 1 }) }],
            variables: weights(dtype, cell, sizes),
            build: ({ inputs, variables }) => {
              const initial = { h: zerosOf(dtype, [8, units]), c: zerosOf(dtype, [8, units]) };
              const { outputs } = scan((state, xt) => {
                const next = cell.step(state, xt, variables);
                return { carry: { h: leaf(next, 'h'), c: leaf(next, 'c') }, outputs: leaf(next, 'h') };
              }, { carry: initial, inputs: leaf(inputs, 'x') });
              const loss = outputs.square().mean();
              const params = Object.values(variables);
              const grads = grad(loss, params);
              return { outputs: { loss }, updates: new Map(params.map((p, k) => [p, p.sub(grads[k] ?? p)])) };
            },
          },
          { factor: 2048, scale: 1 },
        );
      });

      it(`${dtype}: scalars, counters, carries that swap, stay, or become a constant`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [6, 5], { low: -1, high: 1 }), start: spread(dtype, [], { low: 0.5, high: 1 }) }],
            variables: { v: spread(dtype, [5], { seed: 4 }), total: fromList(dtype, [], [2]) },
            build: ({ inputs, variables }) => {
              const [x, start, v, total] = [leaf(inputs, 'x'), leaf(inputs, 'start'), leaf(variables, 'v'), leaf(variables, 'total')];
              const one = scalar(1, dtype);
              const { carry, outputs } = scan((s, xt) => ({
                carry: { a: s.b, b: s.a, stays: s.stays, fixed: one.broadcastTo([2]), n: s.n.add(2), sum: s.sum.add(xt.sum()).mul(start), even: s.even.not() },
                outputs: { a: s.a, b: s.b.add(xt), n: s.n, sum: s.sum, fixed: s.fixed, picked: s.even.where(xt, v), same: xt, constant: v },
              }), {
                carry: { a: v, b: v.mul(2), stays: x.slice(0), fixed: one.mul(3).broadcastTo([2]), n: scalar(-1, 'int32'), sum: total, even: scalar(1, 'bool') },
                inputs: x,
              });
              return { outputs: { ...Object.fromEntries(Object.entries(carry).map(([k, e]) => [`last ${k}`, e])), ...outputs }, updates: new Map([[total, carry.sum], [v, carry.a]]) };
            },
          },
          { factor: 32, scale: 8 },
        );
      });

      it(`${dtype}: products turned, batched and of two inputs; look-ups; what is known before the scan`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [3, 4, 5], { low: -1, high: 1 }), tokens: fromList('int32', [3, 4], [0, 2, 1, 6, 3]), rate: fromList(dtype, [], [0.5]) }],
            variables: { table: spread(dtype, [7, 5], { seed: 2 }), w: spread(dtype, [5, 5], { seed: 3, low: -0.5, high: 0.5 }), q: spread(dtype, [2, 4, 4], { seed: 5 }) },
            build: ({ inputs, variables }) => {
              const [x, tokens, rate] = [leaf(inputs, 'x'), leaf(inputs, 'tokens'), leaf(inputs, 'rate')];
              const [table, w, q] = [leaf(variables, 'table'), leaf(variables, 'w'), leaf(variables, 'q')];
              const { carry, outputs } = scan((h, { xt, token }) => {
                const next = h.matmul(w.transpose()).add(table.take(token)).mul(rate).add(w.matmul(w).sum(0)).sigmoid();
                const attended = xt.matmul(next.transpose()).softmax();
                return { carry: next, outputs: { attended, mixed: q.matmul(attended), top: next.max(1) } };
              }, { carry: zerosOf(dtype, [4, 5]), inputs: { xt: x, token: tokens } });
              const loss = outputs.mixed.square().sum().add(outputs.top.sum()).add(carry.sum());
              const params = [table, w, q, x];
              return { outputs: { loss, ...outputs, ...Object.fromEntries(grad(loss, params).map((g, k) => [`d${k}`, g])) } };
            },
          },
          { factor: 512, scale: 8 },
        );
      });

      it(`${dtype}: a scan in a scan, forwards and backwards, and second derivatives`, async () => {
        await setting.agree(
          {
            steps: [2, 3, 1].map((outer, k) => ({ x: { ...spread(dtype, [outer, 3, 2, 4], { seed: k, low: -1, high: 1 }), open: ['outer', 3, 2, 4] } })),
            variables: { w: spread(dtype, [4, 4], { seed: 7, low: -0.6, high: 0.6 }) },
            build: ({ inputs, variables }) => {
              const [x, w] = [leaf(inputs, 'x'), leaf(variables, 'w')];
              const { carry, outputs } = scan((h, rows) => {
                const inner = scan((s, row) => {
                  const next = s.matmul(w).add(row).tanh();
                  return { carry: next, outputs: next.mul(h) };
                }, { carry: h, inputs: rows, reverse: true });
                return { carry: inner.carry.add(rows.sum(0)).mul(0.5), outputs: inner.outputs };
              }, { carry: zerosOf(dtype, [2, 4]), inputs: x });
              const loss = carry.square().sum().add(outputs.sum());
              const [dw, dx] = grad(loss, [w, x]);
              return { outputs: { loss, outputs, dw, dx, second: grad(dw.square().sum(), w) }, updates: new Map([[w, w.sub(dw.mul(0.01))]]) };
            },
          },
          { factor: 2048, scale: 16 },
        );
      });

      it(`${dtype}: what remat computes again, in a scan, around one, and in layers`, async () => {
        await setting.agree(
          {
            steps: [4, 1, 7].map((time, k) => ({ x: { ...spread(dtype, [time, 3, 4], { seed: k, low: -1, high: 1 }), open: ['time', 3, 4] } })),
            variables: { w: spread(dtype, [4, 4], { seed: 7, low: -0.6, high: 0.6 }), v: spread(dtype, [4], { seed: 8 }) },
            build: ({ inputs, variables }) => {
              const [x, w, v] = [leaf(inputs, 'x'), leaf(variables, 'w'), leaf(variables, 'v')];
              const layer = (h: Expr): Expr => h.matmul(w).add(v).tanh().matmul(w.transpose()).sin();
              const deep = Array.from({ length: 4 }).reduce<Expr>((h) => remat(layer, h), x);
              const inside = scan((h: Expr, xt: Expr) => {
                const next = remat((s, row) => layer(s).add(row), h, xt);
                return { carry: next, outputs: next.mul(v) };
              }, { carry: zerosOf(dtype, [3, 4]), inputs: x, reverse: true });
              const around = remat((a, b) => ({ last: scan((h: Expr, xt: Expr) => ({ carry: layer(h).add(xt) }), { carry: b, inputs: a }).carry, start: b.exp() }), x, inside.carry);
              const loss = deep.square().sum().add(inside.outputs.sum()).add(around.last.mul(around.start).sum());
              const [dw, dv, dx] = grad(loss, [w, v, x]);
              const second = grad(grad(deep.square().mean(), x).square().sum(), x);
              return { outputs: { loss, deep, ...around, dx, second }, updates: new Map([[w, w.sub(dw.mul(0.01))], [v, v.sub(dv.mul(0.01))]]) };
            },
          },
          { factor: 1024, scale: 8 },
        );
      });

      it(`${dtype}: dropout by other masks in each step, which remat draws again`, async () => {
        await setting.agree(
          {
            steps: [5, 5, 2].map((time) => ({ x: { ...spread(dtype, [time, 3, 4], { low: -1, high: 1 }), open: ['time', 3, 4] } })),
            variables: { w: spread(dtype, [4, 4], { seed: 7, low: -0.6, high: 0.6 }), drawn: fromList('int32', [], [3]) },
            build: ({ inputs, variables }) => {
              const [x, w, drawn] = [leaf(inputs, 'x'), leaf(variables, 'w'), leaf(variables, 'drawn')];
              const { carry, outputs } = scan((s, xt) => {
                const h = remat((before, row, step) => dropout(before.matmul(w).add(row).tanh(), 0.4, { seed: 5, step }), s.h, xt, s.step);
                return { carry: { h, step: s.step.add(1) }, outputs: { h, kept: h.ne(0) } };
              }, { carry: { h: zerosOf(dtype, [3, 4]), step: drawn }, inputs: x });
              const loss = outputs.h.square().sum();
              const [dw, dx] = grad(loss, [w, x]);
              return { outputs: { loss, ...outputs, dx }, updates: new Map([[w, w.sub(dw.mul(0.1))], [drawn, carry.step]]) };
            },
          },
          { factor: 256, scale: 4 },
        );
      });

      it(`${dtype}: two scans over one input, one after the other, their states in one tensor`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [5, 3], { low: -1, high: 1 }) }],
            build: ({ inputs }) => {
              const x = leaf(inputs, 'x');
              const forwards = scan((s, xt) => ({ carry: s.add(xt), outputs: s.add(xt) }), { carry: zerosOf(dtype, [3]), inputs: x }).outputs;
              const backwards = scan((s, { a, b }) => ({ carry: s.mul(a).add(b), outputs: s }), { carry: forwards.sum(0), inputs: { a: forwards, b: x }, reverse: true }).outputs;
              const both = concat([forwards, backwards], 1);
              return { outputs: { both, dx: grad(both.square().sum(), x), unused: scan((s) => ({ carry: { a: s.a.mul(2), b: s.b.add(1) } }), { carry: { a: x.sum(), b: x.max() }, length: 4 }).carry.b } };
            },
          },
          { factor: 64, scale: 64 },
        );
      });
    }
  });
}
