/** What the table says of a rule. */

/** A learning rate and a number of steps that suit a rule. */
export interface Course {
  readonly learningRate: number;
  readonly steps: number;
  /** The loss that is reached, where the problem's own is out of reach: of a rule whose steps keep their size, or of one that needs long to find its own. */
  readonly enough?: number;
}

export interface Courses {
  /** From a loss of 21 to below 1e-3. */
  readonly quadratic: Course;
  /** From (-1.2, 1), a loss of 24, to below 1e-2. Left out for a rule that cannot follow the valley, with the reason beside it. */
  readonly rosenbrock?: Course;
}

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
  /** It takes matrices alone: suite and examples put it together with `adamw` at a tenth of its rate, by `partition`. */
  readonly matrices?: true;
  /** A step whose gradients hold NaN or an infinity changes nothing. */
  readonly skips?: true;
  /** Its state has shapes of its own, such as a row and a column for a matrix; else each part of a parameter's state has the parameter's. */
  readonly ownShapes?: true;
  /** Its steps depend on the count however large that is, as by a decay of t^-0.8; else 2^30 steps and 2^31 are the same to it. */
  readonly ages?: true;
  /** What it is given in the suite beside the rate. */
  readonly options?: Readonly<Record<string, number | boolean | string>>;
  /** A model is evaluated at `evaluationParameters` of its updates, and not at the parameters. */
  readonly evaluatedApart?: true;
  /** Its rate is that of the first step, and no other one. */
  readonly ratesOnce?: true;
}

/** Functions that every rule finds the minimum of. */
export type Problem = keyof Courses;

/** The surfaces of the gallery. */
export type SurfaceName = 'rosenbrock' | 'beale' | 'saddle';

/** Libraries that people come from. */
export type Elsewhere = 'torch' | 'optax' | 'keras' | 'tfjs';

export interface RuleRow extends Traits {
  /** What takes it to the minimum of the suite's two problems. */
  readonly suite: Courses;
  readonly gallery: {
    readonly colour: string;
    /** Such that the rule shows its character there. */
    readonly learningRates: Readonly<Record<SurfaceName, number>>;
    /** It is drawn large, beside the few others that everyone knows. */
    readonly classic?: true;
  };
  /** Suits the rule in the MNIST example at batches of 128. */
  readonly mnist: {
    readonly learningRate: number;
    /** It learns next to nothing in the few steps of a short training, which it needs to find its rate, or never. */
    readonly slow?: true;
  };
  /** When to choose it, in a sentence or two, for docs/rules.md. */
  readonly choose: string;
  /** What one writes elsewhere for the same steps, by the library; one that has no such rule is left out. */
  readonly elsewhere: Readonly<Partial<Record<Elsewhere, string>>>;
  /** Its name in Lasagne and Dandelion, whose recorded trajectories it follows; if they do not have it, packages/pappus/test/rules/recorded.test.ts has others'. */
  readonly reference?: string;
}
