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

/** First and second gradients of a weighed result. */
function gradients(result: Expr, wrt: readonly Expr[]): Record<string, Expr> {
  const first = grad(result.square().add(result).sum(), wrt);
  const second = grad(first.map((g) => g.square().sum()).reduce((a, b) => a.add(b)), wrt);
  const named = (name: string, list: readonly Expr[]): readonly (readonly [string, Expr])[] => list.map((g, k) => [`${name} ${k}`, g]);
  return Object.fromEntries([...named('gradient', first), ...named('second gradient', second)]);
}

const TRIANGLES = [false, true].flatMap((lower) => [false, true].flatMap((transpose) => [false, true].map((unitDiagonal) => ({ lower, transpose, unitDiagonal }))));

/** Every function of square matrices [2, n, n] and right sides [n, 3]. */
function square(x: Expr, right: Expr): Record<string, Expr> {
  const [a, triangle] = [mixed(x), dominant(x).div(Number(x.shape.at(-1)))];
  const { sign, logAbs } = slogdet(a);
  const scaled = a.div(3 * Number(x.shape.at(-1)));
  const vectors = right.slice(null, 0);
  return {
    solution: solve(a, right),
    vectors: solve(a, vectors),
    inverse: inverse(a),
    sign,
    logAbs,
    determinant: determinant(scaled),
    cube: matrixPower(scaled, 3),
    power: matrixPower(scaled, -2),
    norms: matrixNorm(x, { order: 1 }).add(matrixNorm(x)),
    squares: leastSquares(a, right),
    ...Object.fromEntries(TRIANGLES.map((options, k) => [`triangle ${k}`, triangularSolve(triangle, k % 2 === 0 ? right : vectors, options)])),
  };
}

export function linearSolve(setting: Setting): void {
  describe('linear systems', () => {
    for (const dtype of setting.floats) {
      it(`of ${dtype}: solutions, inverses, determinants, powers`, async () => {
        for (const n of setting.some([1, 2, 3, 4, 5, 8, 13, 17], 2, 1)) {
          await setting.agree(
            { steps: [{ x: spread(dtype, [2, n, n], { seed: n }), right: spread(dtype, [n, 3]) }], build: ({ inputs }) => ({ outputs: square(leaf(inputs, 'x'), leaf(inputs, 'right')) }) },
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
                const value = solve(mixed(x), right).sum().add(slogdet(mixed(x)).logAbs.sum()).add(determinant(mixed(x).div(3 * n)).sum());
                const turned = triangularSolve(dominant(x), right, { lower: true, transpose: n % 2 === 0, unitDiagonal: n % 3 === 0 });
                return { outputs: gradients(value.add(turned.sum()), [x, right]) };
              },
            },
            { factor: 256, scale: 4 },
          );
        }
      });

      it(`of ${dtype}: least squares and their gradients`, async () => {
        for (const [m, n] of setting.some([[5, 3], [3, 5], [9, 6], [6, 9], [1, 4], [4, 1], [20, 7]] as const, 2, 0)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [2, m, n], { seed: m }), right: spread(dtype, [m, 2]) }],
              build: ({ inputs }) => {
                const [x, right] = [leaf(inputs, 'x'), leaf(inputs, 'right')];
                const result = leastSquares(x.add(eye(m, n, { dtype }).mul(3 * Math.max(m, n))), right);
                return { outputs: { result, vectors: leastSquares(x.add(eye(m, n, { dtype }).mul(3 * Math.max(m, n))), right.slice(null, 1)), ...gradients(result, [x, right]) } };
              },
            },
            { factor: 256, scale: 4 },
          );
        }
      });

      it(`of ${dtype} whose matrices are singular, and such as have no elements`, async () => {
        if (setting.extremes) {
          const matrices = fromList(dtype, [3, 3, 3], [1, 2, 3, 2, 4, 6, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
          await setting.agree({ steps: [{ x: matrices }], build: ({ inputs }) => ({ outputs: ofSingular(leaf(inputs, 'x')) }) }, { factor: 64, scale: 4 });
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
            steps: [step(2, 3, 1), step(1, 5, 4)],
            build: ({ inputs }) => {
              const [x, right] = [leaf(inputs, 'x'), leaf(inputs, 'right')];
              const a = x.add(eye('n', 'n', { dtype }).mul(20));
              const solution = solve(a, right);
              return { outputs: { solution, inverse: inverse(a), determinant: determinant(a.div(20)), triangle: triangularSolve(a, right), squares: leastSquares(a, right), gradient: grad(solution.square().sum(), x) } };
            },
          },
          { factor: 64, scale: 4 },
        );
      });
    }
  });
}

function ofSingular(x: Expr): Record<string, Expr> {
  const { sign, logAbs } = slogdet(x);
  const ones = x.slice(null, null, [0, 1]).mul(0).add(1);
  return { solution: solve(x, ones), vectors: solve(x, ones.slice(0, null, 0)), inverse: inverse(x), sign: sign.abs(), logAbs, determinant: determinant(x), gradient: grad(determinant(x).sum(), x), squares: leastSquares(x.slice(null, null, [1, null]), ones.slice([2, null])) };
}

function ofNothing(x: Expr, right: Expr): Record<string, Expr> {
  return { solution: solve(x, right), inverse: inverse(x), determinant: determinant(x), logAbs: slogdet(x).logAbs, triangle: triangularSolve(x, right), squares: leastSquares(x, right), power: matrixPower(x, 3) };
}
