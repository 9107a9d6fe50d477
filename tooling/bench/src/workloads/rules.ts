/**
 * One step of every rule of the table at a million elements, beside torch.optim and a loop of the same traffic. Few rules: PAPPUS_BENCH_RULES=adam,lion.
 */
import { ruleNames, type RuleName } from '@pappus/rule-table';
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { measuredRule, ruleStep, type Shape } from '../problems/rules.js';
import { loopOf } from '../rules/loop.js';
import { pappusRule } from '../rules/pappus.js';
import { startTorchRules, torchRule } from '../rules/torch.js';
import { type Traffic, trafficOf } from '../rules/traffic.js';
import type { Row, Target, Workload } from '../workload.js';

const cases: readonly { readonly name: string; readonly shapes: readonly Shape[] }[] = [
  { name: '1 x 1000 x 1000', shapes: repeated(1, 1000) },
  { name: '10 x 316 x 316', shapes: repeated(10, 316) },
  { name: '100 x 100 x 100', shapes: repeated(100, 100) },
];

/** The share of the loop that a rule is to reach, and how much faster than torch three are to be. */
const LOOP: Target = { times: 0.85 };
const TWICE: Target = { times: 2 };
const TWICE_AS_FAST: ReadonlySet<RuleName> = new Set<RuleName>(['nadam', 'radam', 'rprop'].filter((name): name is RuleName => ruleNames.some((known) => known === name)));

export const workload: Workload = {
  name: 'rules',
  title: 'Update rules, one step with given gradients at a million elements',
  async run({ rounds }) {
    const python = await startTorchRules();
    const rows: Row[] = [];
    try {
      for (const name of chosen(process.env['PAPPUS_BENCH_RULES'])) {
        const rule = measuredRule(name);
        for (const { name: size, shapes } of cases) {
          const elements = shapes.reduce((sum, [r, c]) => sum + r * c, 0);
          const traffic = rule.row.couples === 'elements' ? trafficOf(ruleStep(rule, shapes.slice(0, 2))) : undefined;
          const contenders = [
            pappusRule(rule, shapes),
            ...(traffic === undefined ? [] : [loopOf(traffic, elements)]),
            python === undefined ? undefined : torchRule(python.torch, name, shapes),
          ].filter((found): found is Contender => found !== undefined);
          for (const { contender, median, ...rest } of await measure(contenders, rounds)) {
            const target = contender === 'loop' ? LOOP : contender.startsWith('torch') && TWICE_AS_FAST.has(name) ? TWICE : undefined;
            const note = contender === 'loop' && traffic !== undefined ? textOf(traffic) : `${((rest.min * 1e6) / elements).toFixed(2)} ns/element`;
            rows.push({ case: `${name}, ${size}`, contender, value: median, unit: 'ms', ...rest, note, ...(target !== undefined && { target }) });
          }
        }
      }
    } finally {
      python?.torch.stop();
    }
    return rows;
  },
};

function textOf({ loads, stores, divisions, roots, functions, kernels }: Traffic): string {
  return `${loads} in, ${stores} out, ${divisions} div, ${roots} sqrt${functions === 0 ? '' : `; ours ${functions} more functions`}${kernels === 1 ? '' : `; ours ${kernels} kernels`}`;
}

function repeated(count: number, side: number): Shape[] {
  return Array.from({ length: count }, () => [side, side] as const);
}

function chosen(names: string | undefined): readonly RuleName[] {
  if (names === undefined || names === '') return ruleNames;
  const wanted = names.split(',');
  const unknown = wanted.filter((name) => !ruleNames.some((known) => known === name));
  if (unknown.length > 0) throw new RangeError(`PAPPUS_BENCH_RULES knows the rules of the table, such as ${ruleNames.slice(0, 3).join(', ')}; not ${unknown.join(', ')}.`);
  return ruleNames.filter((name) => wanted.includes(name));
}
