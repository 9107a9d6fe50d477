/** Systems of equations whose matrix is a triangle. */
import type { Expr, Operand } from '../../graph/expr.js';
import { checkOptions, option } from '../../arguments/options.js';
import { applyRoutine, type DefinedRoutine, defineRoutine } from '../../routines/routine.js';
import type { Shape } from '../../graph/shape.js';
import { matmul } from '../products.js';
import { tril, triu } from '../masks.js';
import { swapLast } from '../movement.js';
import { requireSquare } from './checks.js';
import { matrixOf } from './matrices.js';
import { solveRightSides } from './right-sides.js';
import { substitute } from './substitution.js';

/** Options of `triangularSolve`. */
export interface TriangularSolveOptions {
  /** The lower triangle counts, and not the upper one. Default false. */
  readonly lower?: boolean;
  /** Solve with the transpose of the triangle. Default false. */
  readonly transpose?: boolean;
  /** The diagonal counts as ones, whatever it is. Default false. */
  readonly unitDiagonal?: boolean;
}

/** A triangle of a matrix, and whether its transpose is meant. */
type Kind = Required<TriangularSolveOptions>;

/** The routine of each kind; made when it is first asked for. */
const routines = new Map<string, DefinedRoutine<readonly [2, 2], readonly [Shape]>>();

function routineOf({ lower, transpose, unitDiagonal }: Kind): DefinedRoutine<readonly [2, 2], readonly [Shape]> {
  const settings = `${lower ? 'lower' : 'upper'}${transpose ? ' transpose' : ''}${unitDiagonal ? ' unit' : ''}`;
  const known = routines.get(settings);
  if (known !== undefined) return known;
  const made = defineRoutine<readonly [2, 2], readonly [Shape]>({
    name: 'triangularSolve',
    settings,
    itemAxes: [2, 2],
    results: ([, right]) => [right],
    write(b, [a, right], [solution]) {
      b.parallel(0, right.size, (k) => solution.set(k, right.at(k)));
      substitute(b, { matrix: matrixOf(b, a), transpose, upper: lower === transpose, unit: unitDiagonal }, matrixOf(b, solution));
    },
    // T X = B: B's cotangent is T^-T G, T's is -T^-T G X^T where T has elements.
    vjp([a], [solution], [g]) {
      const ofRight = triangular(a, g, { lower, transpose: !transpose, unitDiagonal });
      const [left, right] = transpose ? [solution, ofRight] : [ofRight, solution];
      const ofWhole = matmul(left, swapLast(right)).neg();
      const offset = unitDiagonal ? 1 : 0;
      return [lower ? tril(ofWhole, -offset) : triu(ofWhole, offset), ofRight];
    },
  });
  routines.set(settings, made);
  return made;
}

/** Without checks: operands of the same leading axes. */
export function triangular(a: Expr, b: Expr, kind: Kind): Expr {
  const [solution] = applyRoutine(routineOf(kind), [a, b]);
  return solution;
}

/**
 * Solves `T x = b` where T is a triangle of a square matrix, of which the other side is not read; it is the upper one by default, as SciPy's
 * `solve_triangular` has it. A zero on the diagonal divides by zero: the solution has infinities and NaN, as torch's has. The gradient of `a` is
 * that of the triangle, 0 elsewhere.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @param b `[n]`, a vector, or `[..., n, k]`; leading axes broadcast. Numbers take the dtype of a
 * @returns `[..., n]` for a vector, otherwise `[..., n, k]`
 * @throws {ShapeError} unless the sizes fit, or the leading axes do not broadcast
 * @throws {DTypeError} unless both are float32 or both are float64
 * @example triangularSolve(literal([2, 0, 1, 4], [2, 2], 'float32'), [2, 9], { lower: true })   // [1, 2]
 */
export function triangularSolve(a: Expr, b: Operand, options?: TriangularSolveOptions): Expr {
  const { lower = false, transpose = false, unitDiagonal = false } = checkOptions('triangularSolve', options, { lower: option.flag, transpose: option.flag, unitDiagonal: option.flag });
  requireSquare('triangularSolve', a);
  return solveRightSides('triangularSolve', a, b, (matrix, columns) => triangular(matrix, columns, { lower, transpose, unitDiagonal }));
}
