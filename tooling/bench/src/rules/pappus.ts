/** A rule of Pappus as a contender: its updates compiled for the CPU. */
import { compile, cpu } from 'pappus';
import type { Contender } from '../contender.js';
import { afterChecked, expectedAfterChecked, type MeasuredRule, requireAgreement, ruleStep, type Shape } from '../problems/rules.js';

/** Wrong by this share of the largest change is wrong: rounding to float32 is a part in 10^4 of small changes; products lose more. */
const SHARE = { elements: 1e-3, tensor: 2e-2, parameters: 2e-2 } as const;
/** Four steps round a parameter to float32 four times, by 2^-24 of it each. */
const ROUNDING = 2 ** -22;

export function pappusRule(rule: MeasuredRule, shapes: readonly Shape[]): Contender {
  let step: (() => Promise<unknown>) | undefined;
  return {
    name: 'Pappus',
    async setup() {
      const { updates } = ruleStep(rule, shapes);
      const run = await compile({ updates }, await cpu());
      step = () => run();
    },
    async check() {
      requireAgreement(`Pappus, ${rule.name}`, await afterChecked(rule, await cpu(), 'float32'), await expectedAfterChecked(rule), SHARE[rule.row.couples], ROUNDING);
    },
    step: () => step?.(),
    dispose() {
      step = undefined;
    },
  };
}
