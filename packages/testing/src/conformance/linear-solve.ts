// Systems of equations, their gradients and second gradients: with any matrix, with triangles, with more equations than unknowns and with fewer.
import { determinant, type Expr, eye, flip, inverse, leastSquares, matrixNorm, matrixPower, slogdet, solve, triangularSolve } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

/** What is well conditioned, and has its large numbers far from the diagonal, so that rows are exchanged. */
function mixed(x: Expr): Expr {
  const n = Number(x.shape.at(-1));
  return x.add(flip(eye(n, n, { dtype: x.dtype }), 0).mul(3 * n));
}

/** The same with them on it, so that every triangle is well conditioned. */
function dominant(x: Expr): Expr {
  const n = Number(x.shape.at(-1));
  return x.add(eye(n, n, { dtype: x.dtype }).mul(3 * n));
}

/** Gradients of a weighed result, and where all cases are run second ones, too, of which there are many kernels. */
function gradients(result: Expr, wrt: readonly Expr[], thorough: boolean): Record<string, Expr> {
  const first = grad(result.square().add(result).sum(), wrt);
  const second = !thorough ? [] : grad(first.map((g) => g.square().sum()).reduce((a, b) => a.add(b)), wrt);
  const named = (name: string, list: readonly Expr[]): readonly (readonly [string, Expr])[] => list.map((g, k) => [`${name} ${k}`, g]);
  return Object.fromEntries([...named('gradient', first), ...named('second gradient', second)]);
}

/** All results where all cases are run, otherwise those of some names: each has kernels of its own, which take long to compile somewhere. */
function results<const N extends string>(setting: Setting, all: Readonly<Record<N, Expr>>, everyDay: readonly NoInfer<N>[]): Readonly<Record<string, Expr>> {
  return setting.thorough ? all : Object.fromEntries(everyDay.map((name) => [name, all[name]]));
}

const TRIANGLES = [false, true].flatMap((lower) => [false, true].flatMap((transpose) => [false, true].map((unitDiagonal) => ({ lower, transpose, unitDiagonal }))));

/** Every function of square matrices [2, n, n] and right sides [n, 3]. */
function square(setting: Setting, x: Expr, right: Expr, turn: number): Readonly<Record<string, Expr>> {
  const [a, triangle] = [mixed(x), dominant(x).div(Number(x.shape.at(-1)))];
  const { sign, logAbs } = slogdet(a);
  const scaled = a.div(3 * Number(x.shape.at(-1)));
  const vectors = right.slice(null, 0);
  const triangles = setting.some(TRIANGLES, 1, turn).map((options, k) => [`triangle ${k}`, triangularSolve(triangle, k % 2 === 0 ? right : vectors, options)] as const);
  const all = {
    solution: solve(a, right),
    vectors: solve(a, vectors),
    inverse: inverse(a),
    sign,
    logAbs,
    determinant: determinant(scaled),
    power: matrixPower(scaled, -2),
    norms: matrixNorm(x, { order: 1 }).add(matrixNorm(x)),
    squares: leastSquares(a, right),
  };
  return { ...results(setting, all, ['solution', 'vectors', 'sign', 'logAbs', 'norms']), ...Object.fromEntries(triangles) };
}

export function linearSolve(setting: Setting): void {
  describe('linear systems', () => {
    for (const dtype of setting.floats) {
      it(`of ${dtype}: solutions, inverses, determinants, powers`, async () => {
        for (const n of setting.some([1, 2, 3, 4, 6, 9, 13, 17, 40], 1, 5)) {
          await setting.agree(
            { steps: [{ x: spread(dtype, [2, n, n], { seed: n }), right: spread(dtype, [n, 3]) }], build: ({ inputs }) => ({ outputs: square(setting, leaf(inputs, 'x'), leaf(inputs, 'right'), n) }) },
            { factor: 64, scale: 4 },
          );
        }
      });

      it(`of ${dtype}: gradients of solutions, of logarithms of determinants and of determinants`, async () => {
        for (const n of setting.some([1, 2, 3, 6, 9], 1, 2)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [2, n, n], { seed: n }), right: spread(dtype, [n, 2]) }],
              build: ({ inputs }) => {
                const [x, right] = [leaf(inputs, 'x'), leaf(inputs, 'right')];
                const solution = solve(mixed(x), right).sum();
                const determinants = slogdet(mixed(x)).logAbs.sum().add(determinant(mixed(x).div(3 * n)).sum());
                const value = setting.thorough ? solution.add(determinants) : solution;
                const turned = triangularSolve(dominant(x), right, { lower: true, transpose: n % 2 === 0, unitDiagonal: n % 3 === 0 });
                return { outputs: gradients(value.add(turned.sum()), [x, right], setting.thorough) };
              },
            },
            { factor: 256, scale: 4 },
          );
        }
      });

      it(`of ${dtype}: least squares and their gradients`, async () => {
        for (const [m, n] of setting.some([[5, 3], [3, 5], [9, 6], [6, 9], [1, 4], [4, 1], [20, 7]] as const, 1, 2)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [2, m, n], { seed: m }), right: spread(dtype, [m, 2]) }],
              build: ({ inputs }) => {
                const [x, right] = [leaf(inputs, 'x'), leaf(inputs, 'right')];
                const a = x.add(eye(m, n, { dtype }).mul(3 * Math.max(m, n)));
                const result = leastSquares(a, right);
                return { outputs: { ...results(setting, { result, vectors: leastSquares(a, right.slice(null, 1)) }, ['result']), ...gradients(result, [x, right], setting.thorough) } };
              },
            },
            { factor: 256, scale: 4 },
          );
        }
      });

      it(`of ${dtype} whose matrices are singular, and such as have no elements`, async () => {
        if (setting.extremes) {
          const matrices = fromList(dtype, [3, 3, 3], [1, 2, 3, 2, 4, 6, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
          await setting.agree({ steps: [{ x: matrices }], build: ({ inputs }) => ({ outputs: ofSingular(setting, leaf(inputs, 'x')) }) }, { factor: 64, scale: 4 });
          // Every other pivot overflows in a product of its own, and those between vanish.
          const [large, small] = dtype === 'float32' ? [2 ** 100, 2 ** -100] : [2 ** 800, 2 ** -800];
          const pivots = fromList(dtype, [2, 8], [large, small, large, small, large, small, large, 2 * small, large, large, large, large, large, large, large, 0]);
          await setting.agree({ steps: [{ x: pivots }], build: ({ inputs }) => ({ outputs: { determinants: ofDiagonal(leaf(inputs, 'x')) } }) });
        }
        await setting.agree({ steps: [{ x: spread(dtype, [0, 0]), right: spread(dtype, [0, 3]) }], build: ({ inputs }) => ({ outputs: ofNothing(leaf(inputs, 'x'), leaf(inputs, 'right')) }) });
      });

      it(`of ${dtype} whose sizes are open`, async () => {
        const step = (batch: number, n: number, k: number) => ({
          x: { ...spread(dtype, [batch, n, n], { seed: n }), open: ['batch', 'n', 'n'] },
          right: { ...spread(dtype, [n, k]), open: ['n', 'k'] },
        });
        await setting.agree(
          {
            steps: setting.some([step(2, 3, 1), step(1, 5, 4), step(3, 1, 2)], 2, 0),
            build: ({ inputs }) => {
              const [x, right] = [leaf(inputs, 'x'), leaf(inputs, 'right')];
              const a = x.add(eye('n', 'n', { dtype }).mul(20));
              const solution = solve(a, right);
              const all = { solution, determinant: determinant(a), triangle: triangularSolve(a, right), squares: leastSquares(a, right), gradient: grad(solution.square().sum(), x) };
              return { outputs: results(setting, all, ['solution']) };
            },
          },
          { factor: 64, scale: 4 },
        );
      });
    }
  });
}

function ofSingular(setting: Setting, x: Expr): Readonly<Record<string, Expr>> {
  const { sign, logAbs } = slogdet(x);
  const ones = x.slice(null, null, [0, 1]).mul(0).add(1);
  const squares = leastSquares(x.slice(null, null, [1, null]), ones.slice([2, null]));
  const all = { solution: solve(x, ones), vectors: solve(x, ones.slice(0, null, 0)), inverse: inverse(x), sign: sign.abs(), logAbs, determinant: determinant(x), gradient: grad(determinant(x).sum(), x), squares };
  return results(setting, all, ['solution', 'sign', 'logAbs', 'determinant', 'gradient']);
}

function ofDiagonal(pivots: Expr): Expr {
  return determinant(pivots.expandDims(-1).mul(eye(8, 8, { dtype: pivots.dtype })));
}

function ofNothing(x: Expr, right: Expr): Record<string, Expr> {
  return { solution: solve(x, right), inverse: inverse(x), determinant: determinant(x), logAbs: slogdet(x).logAbs, triangle: triangularSolve(x, right), squares: leastSquares(x, right), power: matrixPower(x, 3) };
}
