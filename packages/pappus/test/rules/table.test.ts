// Every rule, every transform and every wrapper that a user can import is in the table of rules: what is not there is never tested.
import { readdirSync, readFileSync } from 'node:fs';
import { type RuleName, ruleNames, type RuleRow, rules, type TransformName, transformNames, type WrapperName, wrapperNames } from '@pappus/rule-table';
import { trajectories } from '@pappus/test-support';
import { type Called, isCalled } from '@pappus/test-support/odd-arguments';
import { describe, expect, it } from 'vitest';
import * as pappus from '../../src/index.js';
import * as webgpu from '../../src/webgpu.js';

const workspace = new URL('../../../../', import.meta.url);

/** The exports that answer updates, by their types: rules, transforms, and what puts updates together. */
type AnsweringUpdates<Exports> = {
  [Name in keyof Exports]: Exports[Name] extends (...given: never[]) => infer Answer ? ([Answer] extends [pappus.Updates] ? Name : never) : never;
}[keyof Exports];

// A type error here names the rule that has no row in tooling/rule-table.
const entered: Readonly<Record<Exclude<AnsweringUpdates<typeof pappus>, 'mergeUpdates'>, true>> = {
  ...byName<RuleName>(ruleNames),
  ...byName<TransformName>(transformNames),
};

/** The exports that answer a rule, by their types: wrappers of rules, and what makes a rule. */
type AnsweringRules<Exports> = {
  [Name in keyof Exports]: Exports[Name] extends (...given: never[]) => infer Answer
    ? [Answer] extends [(lossOrGrads: pappus.Expr, params: readonly pappus.Variable[], options: never) => pappus.Updates] ? ([Answer] extends [pappus.Transform] ? never : Name) : never
    : never;
}[keyof Exports];

/** The type finds a wrapper whose rule asks for an option; a type error here says that it does not. */
const found: AnsweringRules<{ over: (rule: pappus.Optimizer) => pappus.Optimizer<{ readonly learningRate: number }>; sum: typeof pappus.sum; sgd: typeof pappus.sgd }> = 'over';

// A type error here names the wrapper that has no row in tooling/rule-table.
const enteredWrappers: Readonly<Record<Exclude<AnsweringRules<typeof pappus>, 'defineOptimizer' | 'defineTransform'>, true>> = byName<WrapperName>(wrapperNames);

function byName<Name extends string>(names: readonly Name[]): Readonly<Record<Name, true>> {
  return Object.fromEntries(names.map((name) => [name, true])) as Record<Name, true>;
}

/** Whether a function answers updates for these arguments and options, those that it asks for included. */
function answersUpdates(call: Called, given: () => readonly unknown[]): boolean {
  const options: Record<string, number> = {};
  for (;;) {
    try {
      const answer = call(...given(), options);
      // What computes refuses these arguments later.
      if (answer instanceof Promise) answer.catch(() => undefined);
      return answer instanceof pappus.Updates;
    } catch (error) {
      const [, required] = /: (\w+) is required/.exec(error instanceof Error ? error.message : '') ?? [];
      if (required === undefined || required in options) return false;
      options[required] = 0.1;
    }
  }
}

function isRule(call: Called): boolean {
  return answersUpdates(call, () => {
    const w = pappus.variable([[1, 2], [3, 4]], { name: 'w' });
    return [w.square().sum(), [w]];
  });
}

function isTransform(call: Called): boolean {
  return answersUpdates(call, () => {
    const w = pappus.variable([1, 2, 3], { name: 'w' });
    return [new Map([[w, w.mul(2)]]), [w]];
  });
}

/** Whether it answers a rule for a rule: called with one alone, or with options that it asks for. */
function isWrapper(call: Called): boolean {
  const options: Record<string, number> = {};
  for (;;) {
    try {
      const answer = call(pappus.sgd, options);
      if (answer instanceof Promise) answer.catch(() => undefined);
      return isCalled(answer) && isRule(answer);
    } catch (error) {
      const [, required] = /: (\w+) is required/.exec(error instanceof Error ? error.message : '') ?? [];
      if (required === undefined || required in options) return false;
      options[required] = 1;
    }
  }
}

/** The names of the exported functions of a kind. */
function exported(exports: object, isOne: (call: Called) => boolean): string[] {
  return Object.entries(exports).flatMap(([name, value]: [string, unknown]) => (isCalled(value) && isOne(value) ? [name] : []));
}

describe('the table of rules', () => {
  it('has every rule of the umbrella', () => {
    expect(exported(pappus, isRule).sort()).toEqual([...ruleNames].sort());
  });

  it('has every transform of the umbrella', () => {
    expect(exported(pappus, isTransform).sort()).toEqual([...transformNames].sort());
  });

  it('has what answers updates by its type', () => {
    expect(Object.keys(entered).sort()).toEqual([...ruleNames, ...transformNames].sort());
  });

  it('has every wrapper of the umbrella', () => {
    // By its type, whatever it is called with; by calling it, those that take a rule and options.
    expect(Object.keys(enteredWrappers).sort()).toEqual([...wrapperNames].sort());
    expect(exported(pappus, isWrapper).filter((name) => !(name in enteredWrappers))).toEqual([]);
  });

  it('would miss a rule or a transform that asks for an option of its own', () => {
    const rule = pappus.defineOptimizer({ name: 'odd', defaults: {}, required: { trust: pappus.range.finite }, update: ({ param, grad, trust }) => ({ param: param.sub(grad.mul(trust)) }) });
    const byHand: pappus.Optimizer = (lossOrGrads, params) => pappus.sgd(lossOrGrads, params, { learningRate: 1 });
    const transform = pappus.defineTransform({ name: 'half', defaults: {}, update: ({ param, next }) => ({ param: param.add(next).mul(0.5) }) });
    const wrapper = (base: pappus.Optimizer, { k }: { k?: number }): pappus.Optimizer => {
      if (k === undefined) throw new pappus.OptimizerError('wrapper: k is required');
      return (lossOrGrads, params, options) => base(lossOrGrads, params, options);
    };
    const module = { rule, byHand, transform, wrapper, sum: pappus.sum, mergeUpdates: pappus.mergeUpdates };
    expect(exported(module, isRule)).toEqual(['rule', 'byHand']);
    expect(exported(module, isTransform)).toEqual(['transform']);
    expect(exported(module, isWrapper)).toEqual(['wrapper']);
    expect(found).toBe('over');
  });

  it('names only references that are recorded, and all of them', () => {
    const recorded = new Set(trajectories().map((trajectory) => trajectory.function));
    const rows: Readonly<Record<RuleName, RuleRow>> = rules;
    for (const name of ruleNames) {
      const { reference } = rows[name];
      if (reference !== undefined) expect(recorded, name).toContain(reference);
    }
  });

  it('is what the README has accuracies of', () => {
    const [, section = ''] = readFileSync(new URL('README.md', workspace), 'utf8').split(/<!-- \/?accuracies -->/);
    const rows = [...section.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)].map(([, name = '', rate]) => [name, Number(rate)]);
    expect(rows).toEqual(ruleNames.map((name) => [name, rules[name].mnist.learningRate]));
  });

  it.each(['rosenbrock', 'beale', 'saddle'])('is what docs/gallery/%s.svg shows the paths of, as `npx pnpm@12 run gallery` draws them', (surface) => {
    const drawn = readFileSync(new URL(`docs/gallery/${surface}.svg`, workspace), 'utf8');
    expect([...drawn.matchAll(/<path id="(\w+)"/g)].map(([, name]) => name)).toEqual([...ruleNames]);
  });
});

describe('the umbrella', () => {
  interface Manifest {
    readonly name: string;
    readonly private?: boolean;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
  }
  const manifest = (folder: string): Manifest => JSON.parse(readFileSync(new URL(`packages/${folder}/package.json`, workspace), 'utf8')) as Manifest;
  const packages = readdirSync(new URL('packages/', workspace)).map(manifest);
  /** What people install, but for the umbrella itself, the compiler, of which it takes `findDifference` alone, and the tests. */
  const under = packages.filter((p) => p.private !== true && !['pappus', '@pappus/compiler', '@pappus/testing'].includes(p.name)).map(({ name }) => name);

  it('depends on every package, and on core as a peer, so that an application has one', () => {
    const { dependencies = {}, peerDependencies = {} } = manifest('pappus');
    expect(Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => name !== 'webgpu').sort()).toEqual(['@pappus/compiler', ...under].sort());
    expect(dependencies).not.toHaveProperty(['@pappus/core']);
  });

  it.each(under)('exports all of %s', async (name) => {
    const all: Readonly<Record<string, unknown>> = { ...pappus, ...webgpu };
    const own = (await import(name)) as Readonly<Record<string, unknown>>;
    expect(Object.keys(own).filter((key) => all[key] !== own[key])).toEqual([]);
  });
});
