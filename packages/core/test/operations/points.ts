// Values and gradients of functions of numbers, by the interpreter in float64.
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { evaluate } from '../../src/run/evaluate.js';

const [x, y] = [input('float64', ['n'], 'x'), input('float64', ['n'], 'y')];

const evaluated = async (expr: Expr, a: readonly number[], b: readonly number[]): Promise<number[]> => [...(await evaluate(expr, [[x, Float64Array.from(a)], [y, Float64Array.from(b)]])).data];

/** The values of a function of one number or two. */
export const at = (f: (a: Expr, b: Expr) => Expr, a: readonly number[], b: readonly number[] = a): Promise<number[]> => evaluated(f(x, y), a, b);

/** The derivatives of a function of one number. */
export const gradientAt = (f: (a: Expr) => Expr, a: readonly number[]): Promise<number[]> => evaluated(grad(f(x).sum(), x), a, a);

/** The derivatives of a function of two numbers by each. */
export const gradientsAt = (f: (a: Expr, b: Expr) => Expr, a: readonly number[], b: readonly number[]): Promise<number[][]> =>
  Promise.all(grad(f(x, y).sum(), [x, y]).map((g) => evaluated(g, a, b)));
