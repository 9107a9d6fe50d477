// The rules that go through the suite, whatever they are imported from: in Node from their sources, in a page as they are built.
import { type Expr, type Hyperparameter, type Updates, type Variable } from '@pappus/core';
import {
  type Courses, type RuleName, ruleNames, type RuleRow, rules, type Traits, type TransformName, transformNames, type TransformRow, transforms,
  type WrapperName, wrapperNames, type WrapperRow, wrappers,
} from '@pappus/rule-table';
import type { TestedRule } from '@pappus/testing/rules';

/** What goes over the updates of a rule. */
type TestedTransform = (updates: Updates, params?: readonly Variable[], options?: Readonly<Record<string, number>>) => Updates;

/** What goes over a rule. */
type TestedWrapper = (rule: TestedRule, options: Readonly<Record<string, number | boolean>>) => TestedRule;

/** What the umbrella exports of rules, transforms and wrappers. */
export type Rules = Readonly<Record<RuleName, TestedRule>> & Readonly<Record<TransformName, TestedTransform>> & Readonly<Record<WrapperName, unknown>> & Readonly<Record<'partition', unknown>>;

export interface NamedRule {
  readonly name: string;
  /** Its name in the table. */
  readonly row: string;
  readonly rule: TestedRule;
  readonly courses: Courses;
  readonly traits: Traits;
  /** Whether it is a wrapper over a rule. */
  readonly wraps: boolean;
}

/** Every rule, every transform over one, and every wrapper over one; these are rules, too. */
export function testedRules(exported: Rules): NamedRule[] {
  return [
    ...ruleNames.map((name) => {
      const row: RuleRow = rules[name];
      return named(name, name, row, row.matrices === true ? besideAdamw(exported, name) : exported[name], row.options);
    }),
    ...transformNames.map((name) => {
      const row: TransformRow = transforms[name];
      return named(`${name} over ${row.over}`, name, row, (loss, params, options) => exported[name](exported[row.over](loss, params, options), undefined, row.options));
    }),
    ...wrapperNames.map((name) => {
      const row: WrapperRow = wrappers[name];
      return named(`${name} over ${row.over}`, name, row, name === 'partition' ? inGroups(exported[name], exported[row.over]) : wrapped(exported[name], exported[row.over], row), row.options);
    }),
  ];
}

/**
 * A wrapper over a rule: `lookahead(sgd, { k: 5 })`. One that is called otherwise has its case here.
 *
 * @param wrapper what the umbrella exports under the name of a row
 */
function wrapped(wrapper: unknown, over: TestedRule, { wrapper: options }: WrapperRow): TestedRule {
  if (!isWrapper(wrapper)) throw new Error('the umbrella exports no function of this name');
  return wrapper(over, options);
}

function isWrapper(value: unknown): value is TestedWrapper {
  return typeof value === 'function';
}

/** @param own what the rule is given beside the rate; the options of a transform are given to it already */
function named(name: string, row: NamedRule['row'], { suite, ...traits }: RuleRow | TransformRow | WrapperRow, rule: TestedRule, own: Traits['options'] = {}): NamedRule {
  const whole: TestedRule = (lossOrGrads, params, options) => rule(lossOrGrads, params, Object.assign({}, own, options));
  return { name, row, courses: suite, traits, rule: whole, wraps: row in wrappers };
}

/** A rule for matrices beside `adamw` for the rest, as its users put them together. */
function besideAdamw(exported: Rules, name: RuleName): TestedRule {
  const { partition } = exported;
  if (!isPartition(partition)) throw new Error('the umbrella exports no partition');
  return (lossOrGrads, params, options) => {
    const groups = { matrices: { params: ({ rank }: Variable) => rank === 2, rule: exported[name], options }, rest: { rule: exported.adamw, options: { ...options, learningRate: tenthOf(options.learningRate) } } };
    const present = Object.entries(groups).filter(([group]) => params.some(({ rank }) => (rank === 2) === (group === 'matrices')));
    return params.length === 0 ? exported[name](lossOrGrads, params, options) : partition(Object.fromEntries(present))(lossOrGrads, params);
  };
}

/** A rule in two groups: scalars, and all the rest. */
function inGroups(partition: unknown, rule: TestedRule): TestedRule {
  if (!isPartition(partition)) throw new Error('the umbrella exports no partition');
  return (lossOrGrads, params, options) => {
    const groups = { scalars: { params: ({ rank }: Variable) => rank === 0, rule, options }, rest: { rule, options } };
    const present = Object.entries(groups).filter(([group]) => params.some(({ rank }) => (rank === 0) === (group === 'scalars')));
    return partition(Object.fromEntries(present))(lossOrGrads, params);
  };
}

function tenthOf(rate: Hyperparameter): Hyperparameter {
  return typeof rate === 'number' ? 0.1 * rate : rate.mul(0.1);
}

type TestedPartition = (groups: object) => (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[]) => Updates;

function isPartition(value: unknown): value is TestedPartition {
  return typeof value === 'function';
}
