// The two functions that every rule finds the minimum of, as the suite asks for it and as `npx pnpm@12 run rule-courses` searches for it.
import { type Expr, variable } from '@pappus/core';
import type { Problem } from './row.js';

/** A function, and where its minimum is sought from. */
export interface ProblemSetting {
  /** A scalar, of a vector like `start`. */
  readonly loss: (position: Expr) => Expr;
  /** Where it is sought from. */
  readonly start: readonly number[];
  /** The loss that is low enough, unless a rule's course says otherwise. */
  readonly low: number;
}

/** The sum of a (x - c)^2 with curvatures a from 0.125 to 1: 21 at its start. */
function quadratic(x: Expr): Expr {
  const constants = (values: number[]): Expr => variable(values, { dtype: x.dtype });
  return x.sub(constants([1, 2, -1, 0])).square().mul(constants([1, 0.5, 0.25, 0.125])).sum();
}

/** 100 (y - x^2)^2 + (1 - x)^2. Rosenbrock (1960). */
function rosenbrock(position: Expr): Expr {
  const [x, y] = [position.slice(0).sum(), position.slice(1).sum()];
  return y.sub(x.square()).square().mul(100).add(x.sub(1).square());
}

/** The functions by name: `quadratic`, with curvatures from 0.125 to 1, and `rosenbrock`, a bent valley. */
export const problems: Readonly<Record<Problem, ProblemSetting>> = {
  quadratic: { loss: quadratic, start: [3, -2, 5, 0.5], low: 1e-3 },
  rosenbrock: { loss: rosenbrock, start: [-1.2, 1], low: 1e-2 },
};
