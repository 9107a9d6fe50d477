// The rules that go through the suite, whatever they are imported from: in Node from their sources, in a page as they are built.
import { add, customGradient, Expr, isNan, literal, type Updates, type Variable, where } from '@pappus/core';
import {
  type Courses, type RuleName, ruleNames, type RuleRow, rules, type Traits, type TransformName, transformNames, type TransformRow, transforms,
  type WrapperName, wrapperNames, type WrapperRow, wrappers,
} from '@pappus/rule-table';
import type { TestedRule } from './trial.js';

/** What goes over the updates of a rule. */
type TestedTransform = (updates: Updates, params?: readonly Variable[], options?: Readonly<Record<string, number>>) => Updates;

/** What goes over a rule. */
type TestedWrapper = (rule: TestedRule, options: Readonly<Record<string, number | boolean>>) => TestedRule;

/** What the umbrella exports of rules, transforms and wrappers. */
export type Rules = Readonly<Record<RuleName, TestedRule>> & Readonly<Record<TransformName, TestedTransform>> & Readonly<Record<WrapperName, unknown>>;

export interface NamedRule {
  readonly name: string;
  /** Its name in the table. */
  readonly row: string;
  readonly rule: TestedRule;
  readonly courses: Courses;
  readonly traits: Traits;
}

/** Every rule, every transform over one, and every wrapper over one; these are rules, too. */
export function testedRules(exported: Rules): NamedRule[] {
  return [
    ...ruleNames.map((name) => {
      const row: RuleRow = rules[name];
      return named(name, name, row, exported[name], row.options);
    }),
    ...transformNames.map((name) => {
      const row: TransformRow = transforms[name];
      return named(`${name} over ${row.over}`, name, row, (loss, params, options) => exported[name](exported[row.over](loss, params, options), undefined, row.options));
    }),
    ...wrapperNames.map((name) => {
      const row: WrapperRow = wrappers[name];
      return named(`${String(name)} over ${row.over}`, name, row, wrapped(exported[name], exported[row.over], row), row.options);
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
  const whole: TestedRule = (lossOrGrads, params, options) => {
    const given = traits.needs === 'loss' && !(lossOrGrads instanceof Expr) ? lossOf(lossOrGrads, params) : lossOrGrads;
    return rule(given, params, Object.assign({}, own, options));
  };
  return { name, row, courses: suite, traits, rule: whole };
}

/** A positive loss with these gradients, wherever they are taken: they flow into what the parameters stand for, and a NaN of them is none of the loss. */
function lossOf(grads: readonly Expr[], params: readonly Variable[]): Expr {
  const parts = params.map((param, p) => {
    const grad = grads[p];
    if (grad === undefined) throw new Error('a gradient is missing');
    const part = where(isNan(grad), 0, grad).mul(param).sum();
    return customGradient(part.square().add(0.5).sqrt(), [param, grad], (cotangent, [, g = grad]) => [g.mul(cotangent), null]);
  });
  return parts.reduce((sum, part) => add(sum, part), literal([1], [], params[0]?.dtype ?? 'float64'));
}
