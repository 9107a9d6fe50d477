/**
 * Every update rule, every transform of updates and every wrapper of rules that the umbrella exports, one row each: what they are tested, drawn and trained
 * with. The suite, the gallery, the examples, the tests and the table of the README read it; one that is exported and is not here fails
 * packages/pappus/test/rules/table.test.ts. Numbers only: who reads a row has the function of its name from `pappus`.
 */

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
  /** It takes the loss itself and no list of gradients, since it needs its value, or its gradients elsewhere. */
  readonly needs?: 'loss';
  /** Its state has shapes of its own, such as a row and a column for a matrix; else each part of a parameter's state has the parameter's. */
  readonly ownShapes?: true;
  /** Its steps depend on the count however large that is, as by a decay of t^-0.8; else 2^30 steps and 2^31 are the same to it. */
  readonly ages?: true;
  /** What it is given in the suite beside the rate. */
  readonly options?: Readonly<Record<string, number | boolean>>;
}

/** Functions that every rule finds the minimum of. */
export type Problem = keyof Courses;

/** The surfaces of the gallery. */
export type SurfaceName = 'rosenbrock' | 'beale' | 'saddle';

export interface RuleRow extends Traits {
  /** What takes it to the minimum of the suite's two problems. */
  readonly suite: Courses;
  readonly gallery: {
    readonly colour: string;
    /** Such that the rule shows its character there. */
    readonly learningRates: Readonly<Record<SurfaceName, number>>;
  };
  /** Suits the rule in the MNIST example at batches of 128. */
  readonly mnist: { readonly learningRate: number };
  /** Its name in Lasagne and Dandelion, whose recorded trajectories it follows; if they do not have it, packages/pappus/test/rules/recorded.test.ts has others'. */
  readonly reference?: string;
}

export const rules = {
  sgd: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
    gallery: { colour: '#222222', learningRates: { rosenbrock: 0.001, beale: 0.01, saddle: 0.05 } },
    mnist: { learningRate: 0.5 },
    reference: 'sgd',
  },
  momentum: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 200 }, rosenbrock: { learningRate: 1e-3, steps: 2000 } },
    gallery: { colour: '#1f6fb4', learningRates: { rosenbrock: 0.001, beale: 0.002, saddle: 0.02 } },
    mnist: { learningRate: 0.1 },
    reference: 'momentum',
  },
  nesterovMomentum: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.03, steps: 200 }, rosenbrock: { learningRate: 1e-3, steps: 2000 } },
    gallery: { colour: '#17a2b8', learningRates: { rosenbrock: 0.001, beale: 0.002, saddle: 0.02 } },
    mnist: { learningRate: 0.1 },
    reference: 'nesterov_momentum',
  },
  adagrad: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 1, steps: 100 }, rosenbrock: { learningRate: 1, steps: 4000 } },
    gallery: { colour: '#8c5a2b', learningRates: { rosenbrock: 0.5, beale: 0.5, saddle: 0.2 } },
    mnist: { learningRate: 0.02 },
    reference: 'adagrad',
  },
  rmsprop: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.03, steps: 500 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
    gallery: { colour: '#e3a008', learningRates: { rosenbrock: 0.004, beale: 0.02, saddle: 0.02 } },
    mnist: { learningRate: 2e-3 },
    reference: 'rmsprop',
  },
  adadelta: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 1, steps: 3000 }, rosenbrock: { learningRate: 0.03, steps: 10_000 } },
    gallery: { colour: '#7a3fb0', learningRates: { rosenbrock: 1, beale: 1, saddle: 1 } },
    mnist: { learningRate: 2 },
    reference: 'adadelta',
  },
  adam: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 200 }, rosenbrock: { learningRate: 0.1, steps: 2000 } },
    gallery: { colour: '#d1242f', learningRates: { rosenbrock: 0.05, beale: 0.05, saddle: 0.05 } },
    mnist: { learningRate: 2e-3 },
    reference: 'adam',
  },
  adamax: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 300 }, rosenbrock: { learningRate: 0.1, steps: 2500 } },
    gallery: { colour: '#e45fae', learningRates: { rosenbrock: 0.05, beale: 0.05, saddle: 0.05 } },
    mnist: { learningRate: 5e-3 },
    reference: 'adamax',
  },
  amsgrad: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 200 }, rosenbrock: { learningRate: 0.1, steps: 2000 } },
    gallery: { colour: '#2e9e4f', learningRates: { rosenbrock: 0.05, beale: 0.05, saddle: 0.05 } },
    mnist: { learningRate: 2e-3 },
    reference: 'amsgrad',
  },
} as const satisfies Readonly<Record<string, RuleRow>>;

/** A rule, by the name under which the umbrella exports it. */
export type RuleName = keyof typeof rules;

export const ruleNames: readonly RuleName[] = Object.keys(rules).filter((name): name is RuleName => name in rules);

/** The names that Lasagne and Dandelion have for our rules. */
export type ReferenceRule = { [R in RuleName]: (typeof rules)[R] extends { readonly reference: infer N extends string } ? N : never }[RuleName];

/** The rules that Lasagne and Dandelion do not have. */
export type UnreferencedRule = { [R in RuleName]: (typeof rules)[R] extends { readonly reference: string } ? never : R }[RuleName];

/** A transform goes over the updates of a rule. With one that is named here it is a rule, and passes the suite of rules. */
export interface TransformRow extends Traits {
  readonly over: RuleName;
  readonly options: Readonly<Record<string, number>>;
  readonly suite: Courses;
  readonly reference?: string;
}

export const transforms = {
  applyMomentum: {
    couples: 'elements',
    over: 'rmsprop',
    options: { momentum: 0.5 },
    suite: { quadratic: { learningRate: 0.01, steps: 1000 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
    reference: 'apply_momentum',
  },
  applyNesterovMomentum: {
    couples: 'elements',
    over: 'adagrad',
    options: {},
    suite: { quadratic: { learningRate: 0.3, steps: 500 }, rosenbrock: { learningRate: 0.3, steps: 4000 } },
    reference: 'apply_nesterov_momentum',
  },
} as const satisfies Readonly<Record<string, TransformRow>>;

/** A transform, by the name under which the umbrella exports it. */
export type TransformName = keyof typeof transforms;

export const transformNames: readonly TransformName[] = Object.keys(transforms).filter((name): name is TransformName => name in transforms);

/** The names that Lasagne and Dandelion have for our transforms. */
export type ReferenceTransform = {
  [T in TransformName]: (typeof transforms)[T] extends { readonly reference: infer N extends string } ? N : never;
}[TransformName];

/** A wrapper goes over a rule and answers one. With the rule that is named here it passes the suite of rules. */
export interface WrapperRow extends Traits {
  readonly over: RuleName;
  /** The wrapper's own, its second argument: `lookahead(sgd, { k: 5 })`. */
  readonly wrapper: Readonly<Record<string, number | boolean>>;
  readonly suite: Courses;
}

export const wrappers = {} as const satisfies Readonly<Record<string, WrapperRow>>;

/** A wrapper, by the name under which the umbrella exports it. */
export type WrapperName = keyof typeof wrappers;

export const wrapperNames: readonly WrapperName[] = Object.keys(wrappers).filter((name): name is WrapperName => name in wrappers);
