/** Matrices made nearly orthogonal by products alone. */
import { checkOptions, type Expr, type Hyperparameter, hyperparameter, norm, option, type OptionTest, range, requireFloat, ShapeError, formatShape, sum } from '@pappus/core';

/** What a step multiplies by: `a X + b (X X') X + c (X X')^2 X`. */
export type Coefficients = readonly [a: number, b: number, c: number];

/** Options of `newtonSchulz`. */
export interface NewtonSchulzOptions {
  /** How many steps there are. Default 5. */
  readonly steps?: number;
  /** Those of all steps, or a list of those of each; the last are those of all further steps. Default `[3.4445, -4.775, 2.0315]`, Jordan's. */
  readonly coefficients?: Coefficients | readonly Coefficients[];
  /** Keeps a matrix of zeros from being divided by 0, at least 0. Default 1e-7. */
  readonly epsilon?: Hyperparameter;
  /** Whether epsilon is added to what divides at first, or the least that it is. Default `'added'`; it is always the least of other norms than Frobenius'. */
  readonly epsilonPlace?: 'added' | 'least';
  /**
   * What divides at first, so that no singular value is above 1: the root of the sum of squares (`'frobenius'`), the fourth root of the sum of
   * fourth powers of singular values (`'schatten'`), or for each row the root of the sum of its inner products with all (`'aol'`). The last
   * two leave less to be done; that by rows also ends at another matrix. Default `'frobenius'`.
   */
  readonly normalization?: 'frobenius' | 'schatten' | 'aol';
}

/** Jordan's, which grow small singular values fastest, and end between 0.7 and 1.2 in the place of 1. */
const JORDAN: Coefficients = [3.4445, -4.775, 2.0315];

/** What is given as coefficients, in words. */
export const COEFFICIENTS_WANTED = 'three finite numbers, or a list of at least one such triple';

/** Whether it is coefficients of all steps or a list of those of each. */
export function areCoefficients(value: unknown): value is Coefficients | readonly Coefficients[] {
  return isTriple(value) || (Array.isArray(value) && value.length > 0 && value.every(isTriple));
}

function isTriple(value: unknown): value is Coefficients {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}

const coefficientsTest: OptionTest = { wanted: COEFFICIENTS_WANTED, takes: areCoefficients };
const stepsTest: OptionTest = { wanted: 'a whole number from 0 to 100', takes: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100 };

/**
 * `U V'` of `[..., n, m]` matrices `U S V'`, nearly: Newton and Schulz' iteration in the quintic form, which brings all singular values that
 * are not very small close to 1. Jordan's coefficients leave them between about 0.7 and 1.2 after five steps; `[15 / 8, -10 / 8, 3 / 8]`
 * converge to 1, in more steps.
 *
 * ```text
 * X = x / (|x| + epsilon)        steps times: A = X X', X <- a X + (b A + c A A) X
 * ```
 *
 * Tall matrices are transposed, so that `A` is the smaller product. Sources: Jordan et al. (2024), "Muon: an optimizer for hidden layers in
 * neural networks"; for `'aol'` Boissin et al. (2025), arXiv:2512.04632; for `'schatten'` Grishina et al. (2025), arXiv:2506.10935.
 *
 * @throws {DTypeError} if it is no float
 * @throws {ShapeError} if it has fewer than two axes
 * @throws {InputError|OptimizerError} for an option that does not exist, or has a value that it does not take
 * @example const direction = newtonSchulz(grad(loss, w), { steps: 5 });
 */
export function newtonSchulz(x: Expr, given?: NewtonSchulzOptions): Expr {
  requireFloat('newtonSchulz', x);
  if (x.rank < 2) throw new ShapeError(`newtonSchulz: takes matrices, and the shape ${formatShape(x.shape)} is of none`);
  const { steps = 5, coefficients = JORDAN, ...first } = checkOptions('newtonSchulz', given, {
    steps: stepsTest,
    coefficients: coefficientsTest,
    epsilon: option.unchecked,
    epsilonPlace: ['added', 'least'],
    normalization: ['frobenius', 'schatten', 'aol'],
  });
  const [rows, columns] = x.shape.slice(-2);
  const tall = typeof rows === 'number' && typeof columns === 'number' && rows > columns;
  let y = normalized(tall ? transposed(x) : x, first);
  for (let k = 0; k < steps; k++) {
    const [a, b, c] = coefficientsOf(coefficients, k);
    const gram = y.matmul(transposed(y));
    y = y.mul(a).add(gram.mul(b).add(gram.matmul(gram).mul(c)).matmul(y));
  }
  return tall ? transposed(y) : y;
}

function coefficientsOf(coefficients: Coefficients | readonly Coefficients[], step: number): Coefficients {
  if (isTriple(coefficients)) return coefficients;
  return coefficients[Math.min(step, coefficients.length - 1)] ?? JORDAN;
}

function normalized(x: Expr, { epsilon: given = 1e-7, epsilonPlace = 'added', normalization = 'frobenius' }: NewtonSchulzOptions): Expr {
  const epsilon = hyperparameter(given, x.dtype, 'newtonSchulz: epsilon', range.nonNegative);
  const matrix = [x.rank - 2, x.rank - 1];
  switch (normalization) {
    case 'frobenius': {
      const size = norm(x, matrix, { keepdims: true });
      return x.div(epsilonPlace === 'added' ? size.add(epsilon) : size.maximum(epsilon));
    }
    case 'schatten':
      return x.div(norm(x.matmul(transposed(x)), matrix, { keepdims: true }).maximum(epsilon).sqrt());
    case 'aol':
      return x.div(sum(x.matmul(transposed(x)).abs(), -1, { keepdims: true }).maximum(epsilon).sqrt());
  }
}

function transposed(x: Expr): Expr {
  return x.transpose([...Array.from({ length: x.rank - 2 }, (_, axis) => axis), x.rank - 1, x.rank - 2]);
}
