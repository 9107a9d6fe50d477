/**
 * Every update rule, every transform of updates and every wrapper of rules that the umbrella exports, one row each: what they are tested, drawn and trained
 * with. The suite, the gallery, the examples, the tests, docs/rules.md and the table of the README read it; one that is exported and is not here fails
 * packages/pappus/test/rules/table.test.ts. No functions: who reads a row has the function of its name from `pappus`.
 */
import { sgd } from './families/sgd.js';
import { adagrad } from './families/adagrad.js';
import { rmsprop } from './families/rmsprop.js';
import { adadelta } from './families/adadelta.js';
import { adam } from './families/adam.js';
import { sign } from './families/sign.js';
import { trust } from './families/trust.js';
import { factored } from './families/factored.js';
import { muon } from './families/muon.js';
import { scheduleFree } from './families/schedule-free.js';
import { rateFree } from './families/rate-free.js';
import { sophia } from './families/sophia.js';
import type { Courses } from '@pappus/testing/rules';
import type { Traits } from './row.js';

export type { Course, Courses, Problem } from '@pappus/testing/rules';
export type { Elsewhere, RuleRow, SurfaceName, Traits } from './row.js';

/** The families, by the package that has them behind `@pappus/`: what they are called, and their rows. */
export const families = {
  sgd: { title: 'Gradient descent and momentum', rows: sgd },
  adagrad: { title: 'Adagrad and sums of gradients', rows: adagrad },
  rmsprop: { title: 'RMSProp', rows: rmsprop },
  adadelta: { title: 'Adadelta', rows: adadelta },
  adam: { title: "Adam's kin", rows: adam },
  sign: { title: 'Signs of gradients', rows: sign },
  trust: { title: 'Trust ratios', rows: trust },
  factored: { title: 'Little memory', rows: factored },
  muon: { title: 'Matrices made orthogonal', rows: muon },
  'schedule-free': { title: 'No schedule', rows: scheduleFree },
  'rate-free': { title: 'No rate to tune', rows: rateFree },
  sophia: { title: 'Curvature', rows: sophia },
} as const;

/** A package of rules, behind `@pappus/`. */
export type FamilyName = keyof typeof families;

export const rules = { ...sgd, ...adagrad, ...rmsprop, ...adadelta, ...adam, ...sign, ...trust, ...factored, ...muon, ...scheduleFree, ...rateFree, ...sophia } as const;

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

export const wrappers = {
  accumulate: {
    couples: 'elements',
    ages: true,
    over: 'sgd',
    wrapper: { steps: 2 },
    suite: { quadratic: { learningRate: 0.3, steps: 200 }, rosenbrock: { learningRate: 1e-3, steps: 12000 } },
  },
  cautious: {
    couples: 'tensor',
    over: 'adam',
    wrapper: {},
    suite: { quadratic: { learningRate: 0.1, steps: 200 }, rosenbrock: { learningRate: 0.003, steps: 6000 } },
  },
  exponentialAverage: {
    couples: 'elements',
    over: 'sgd',
    wrapper: { decay: 0.9 },
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  equalAverage: {
    couples: 'elements',
    over: 'sgd',
    wrapper: {},
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  polynomialAverage: {
    couples: 'elements',
    over: 'sgd',
    wrapper: { gamma: 8 },
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  gradientAverage: {
    couples: 'elements',
    over: 'sgd',
    wrapper: { decay: 0.5 },
    suite: { quadratic: { learningRate: 0.3, steps: 150 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  gradientNoise: {
    couples: 'elements',
    over: 'sgd',
    // Noise of its own is other at every place; the tests of the package have it.
    wrapper: { eta: 0 },
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  lookahead: {
    couples: 'elements',
    ages: true,
    over: 'sgd',
    wrapper: { steps: 3, alpha: 0.5 },
    suite: { quadratic: { learningRate: 0.3, steps: 200 }, rosenbrock: { learningRate: 1e-3, steps: 12000 } },
  },
  skipNonFinite: {
    couples: 'parameters',
    ages: true,
    skips: true,
    over: 'sgd',
    wrapper: {},
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  lossScaling: {
    couples: 'parameters',
    ages: true,
    skips: true,
    needs: 'loss',
    over: 'sgd',
    wrapper: { initial: 1024 },
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  partition: {
    couples: 'elements',
    over: 'sgd',
    wrapper: {},
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
  },
  sam: {
    couples: 'parameters',
    needs: 'loss',
    over: 'sgd',
    wrapper: { rho: 0.01 },
    // It stays within rho of the valley's floor: half of the curvature, 1002, times rho^2 is 0.05.
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000, enough: 0.05 } },
  },
} as const satisfies Readonly<Record<string, WrapperRow>>;

/** A wrapper, by the name under which the umbrella exports it. */
export type WrapperName = keyof typeof wrappers;

export const wrapperNames: readonly WrapperName[] = Object.keys(wrappers).filter((name): name is WrapperName => name in wrappers);
