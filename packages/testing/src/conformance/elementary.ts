// The elementary functions that are composed of others: values beside JavaScript's, zeros, infinities and NaN included, and gradients.
import * as core from '@pappus/core';
import type { Expr } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { difference, execute, leaf, type Subject, type Value } from './differential.js';
import { grad } from './recording.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList, spread, uniforms } from './values.js';

interface Function {
  readonly f: (a: Expr, b: Expr) => Expr;
  readonly exact: (a: number, b: number) => number;
}

const one = (f: (a: Expr) => Expr, exact: (a: number) => number): Function => ({ f, exact });

/** In an order in which a third of them, of which a backend that is slow to compile has its share, are of every kind. */
const FUNCTIONS: Readonly<Record<string, Function>> = {
  atan2: { f: core.atan2, exact: Math.atan2 }, atan: one(core.atan, Math.atan), sinh: one(core.sinh, Math.sinh), cosh: one(core.cosh, Math.cosh), asinh: one(core.asinh, Math.asinh),
  acosh: one(core.acosh, Math.acosh), atanh: one(core.atanh, Math.atanh), asin: one(core.asin, Math.asin), cbrt: one(core.cbrt, Math.cbrt), exp2: one(core.exp2, (a) => 2 ** a),
  hypot: { f: core.hypot, exact: (a, b) => Math.hypot(a, b) }, acos: one(core.acos, Math.acos), trunc: one(core.trunc, Math.trunc),
  // Of numbers of one sign, lest the two terms cancel.
  logAddExp: { f: (a, b) => core.logAddExp(a.abs(), b.abs()), exact: (a, b) => logAddExp(Math.abs(a), Math.abs(b)) },
  fmax: { f: core.fmax, exact: (a, b) => whichever(Math.max, a, b) }, fmin: { f: core.fmin, exact: (a, b) => whichever(Math.min, a, b) },
};

function logAddExp(a: number, b: number): number {
  return a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function whichever(extreme: (a: number, b: number) => number, a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : extreme(a, b);
}

/** Pairs of special values, of numbers in [-1, 1] and around it. */
function pairs(setting: Setting, dtype: FloatDType): readonly (readonly [number, number])[] {
  const random = uniforms(7);
  const near = Array.from({ length: 100 }, () => [2 * random() - 1, 4 * random() - 2] as const);
  const special = setting.samples(dtype);
  const all = [...special.flatMap((a, k) => setting.some(special, 40, k).map((b) => [a, b] as const)), ...near];
  return dtype === 'float32' ? all.map(([a, b]) => [Math.fround(a), Math.fround(b)]) : all;
}

/** In smooth ranges: of a number in (0.2, 0.8) and one in (1.1, 2). */
const SMOOTH: Readonly<Record<string, (a: Expr, b: Expr) => Expr>> = {
  asin: core.asin, acos: core.acos, atan: core.atan, atan2: core.atan2, sinh: core.sinh, cosh: core.cosh, asinh: core.asinh, acosh: (_, b) => core.acosh(b), atanh: core.atanh,
  cbrt: core.cbrt, exp2: core.exp2, hypot: core.hypot, logAddExp: core.logAddExp, fmax: core.fmax, lerp: (a, b) => core.lerp(a, b, a),
  std: (a, b) => core.std(a.mul(b), -1, { keepdims: true }),
};

export function elementary(setting: Setting): void {
  describe('elementary functions composed of others', () => {
    for (const dtype of setting.floats) {
      it(`of ${dtype} are those of JavaScript`, async () => {
        const given = pairs(setting, dtype);
        const functions = setting.some(Object.entries(FUNCTIONS), 16);
        const [a, b] = [given.map(([p]) => p), given.map(([, q]) => q)];
        const subject: Subject = {
          steps: [{ a: { ...fromList(dtype, [a.length], a), open: ['n'] }, b: { ...fromList(dtype, [b.length], b), open: ['n'] } }],
          build: ({ inputs }) => ({ outputs: Object.fromEntries(functions.map(([name, { f }]) => [name, f(leaf(inputs, 'a'), leaf(inputs, 'b'))])) }),
        };
        const results = await execute(subject, await setting.backend());
        const complaints = functions.flatMap(([name, { exact }], k) => {
          const value = results[k]?.value;
          if (value === undefined) return [`${name} is missing`];
          const wanted: Value = { ...value, data: fromList(dtype, [a.length], given.map(([p, q]) => exact(p, q))).data };
          const complaint = difference(value, wanted, setting.closeness({ signedZeros: true }));
          return complaint === undefined ? [] : [`${name}: ${complaint}`];
        });
        expect(complaints).toEqual([]);
      });

      it(`of ${dtype} have first and second gradients`, async () => {
        await setting.agree(
          {
            steps: [{ a: spread(dtype, [3, 7], { low: 0.2, high: 0.8 }), b: spread(dtype, [7], { low: 1.1, high: 2, seed: 2 }) }],
            build: ({ inputs }) => {
              const [a, b] = [leaf(inputs, 'a'), leaf(inputs, 'b')];
              const losses = setting.some(Object.values(SMOOTH), 9).map((f, k) => f(a, b).mul(b.add(k / 8)).sum());
              const [da, db] = grad(losses.reduce((sum, loss) => sum.add(loss)), [a, b]);
              const second = grad(da.square().sum().add(db.square().sum()), [a, b]);
              return { outputs: { da, db, dda: second[0], ddb: second[1] } };
            },
          },
          { factor: 128, scale: 32 },
        );
      });
    }
  });
}
