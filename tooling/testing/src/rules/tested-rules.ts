// The rules that go through the suite, whatever they are imported from: in Node from their sources, in a page as they are built.
import type { Updates, Variable } from '@pappus/core';
import { type Courses, type RuleName, ruleNames, rules, type TransformName, transformNames, transforms } from '@pappus/rule-table';
import type { TestedRule } from './trial.js';

/** What goes over the updates of a rule. */
type TestedTransform = (updates: Updates, params?: readonly Variable[], options?: Readonly<Record<string, number>>) => Updates;

/** What the umbrella exports of rules and transforms. */
export type Rules = Readonly<Record<RuleName, TestedRule>> & Readonly<Record<TransformName, TestedTransform>>;

export interface NamedRule {
  readonly name: string;
  /** Its name in the table. */
  readonly row: RuleName | TransformName;
  readonly rule: TestedRule;
  readonly courses: Courses;
}

/** Every rule, and every transform over one, which is a rule, too. */
export function testedRules(exported: Rules): NamedRule[] {
  return [
    ...ruleNames.map((name) => ({ name, row: name, rule: exported[name], courses: rules[name].suite })),
    ...transformNames.map((name) => {
      const { over, options: own, suite } = transforms[name];
      const rule: TestedRule = (loss, params, options) => exported[name](exported[over](loss, params, options), undefined, own);
      return { name: `${name} over ${over}`, row: name, rule, courses: suite };
    }),
  ];
}
