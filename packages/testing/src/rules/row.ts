/** What the suite is told of a rule. */

/** A learning rate and a number of steps that suit a rule. */
export interface Course {
  /** The rate of every step. */
  readonly learningRate: number;
  /** How many steps it needs, and some more. */
  readonly steps: number;
  /** The loss that is reached, where the problem's own is out of reach: of a rule whose steps keep their size, or of one that needs long to find its own. */
  readonly enough?: number;
}

/** What takes a rule to the minimum of the suite's two problems. */
export interface Courses {
  /** From a loss of 21 to below 1e-3. */
  readonly quadratic: Course;
  /** From (-1.2, 1), a loss of 24, to below 1e-2. Left out for a rule that cannot follow the valley, with the reason beside it. */
  readonly rosenbrock?: Course;
}

/** Functions that every rule finds the minimum of. */
export type Problem = keyof Courses;

/**
 * What a rule is, beside a function: the suite asks for the most that can be true of it. A rule that says nothing but `elements` is
 * asked for everything.
 */
export interface Traits {
  /**
   * What a step of an element depends on, beside its own gradients: nothing (`elements`; such a rule is one kernel for all parameters),
   * the elements of its tensor (`tensor`, by norms, rows and columns, or products), or all parameters (`parameters`, which are then as
   * good as one long vector).
   */
  readonly couples: 'elements' | 'tensor' | 'parameters';
  /** It takes the loss itself and no list of gradients, since it needs its value, or its gradients elsewhere; or its second derivatives (`curvature`). */
  readonly needs?: 'loss' | 'curvature';
  /** A step whose gradients hold NaN or an infinity changes nothing. */
  readonly skips?: true;
  /** Its state has shapes of its own, such as a row and a column for a matrix; else each part of a parameter's state has the parameter's. */
  readonly ownShapes?: true;
  /** Its steps depend on the count however large that is, as by a decay of t^-0.8; else 2^30 steps and 2^31 are the same to it. */
  readonly ages?: true;
  /** Its rate is that of the first step, and no other one. */
  readonly ratesOnce?: true;
}

/** A rule's row: its traits and its courses. */
export interface SuiteRow extends Traits {
  /** What takes it to the minimum. */
  readonly courses: Courses;
}
