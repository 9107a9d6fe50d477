/** A rule of the umbrella by its name, with options beside the rate. */
import { type RuleRow, rules } from '@pappus/rule-table';
import * as pappus from 'pappus';

import { OptionError } from '../options.js';
import type { AnyOptimizer } from '../optimizers.js';

export type Options = Readonly<Record<string, number | boolean | string>>;

/**
 * The rule that the umbrella exports under a name, with what its row in the table gives it, if it has one, and `options` over that.
 *
 * @throws {OptionError} if there is none
 */
export function boundRule(name: string, options: Options = {}): AnyOptimizer {
  const exported = Object.entries<unknown>(pappus).find(([key]) => key === name)?.[1];
  if (!isFunction(exported)) throw new OptionError(`pappus exports no rule ${name}`);
  const given = { ...rowOptions(name), ...options };
  return (lossOrGrads, params, own) => {
    const updates = exported(lossOrGrads, params, { ...given, ...own });
    if (!(updates instanceof pappus.Updates)) throw new OptionError(`${name} of pappus is no rule: it answers no updates`);
    return updates;
  };
}

function rowOptions(name: string): Options {
  return Object.entries<RuleRow>(rules).find(([key]) => key === name)?.[1].options ?? {};
}

function isFunction(value: unknown): value is (...given: readonly unknown[]) => unknown {
  return typeof value === 'function';
}
