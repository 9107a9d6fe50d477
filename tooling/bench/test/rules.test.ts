// What the benchmark of rules compares with: the traffic of a rule's kernel, a loop that has it, and results that are checked.
import { rules } from '@pappus/rule-table';
import { cpu } from 'pappus';
import { expect, it } from 'vitest';
import { WrongResult, type Contender } from '../src/contender.js';
import { measure } from '../src/measure.js';
import { afterChecked, expectedAfterChecked, measuredRule, requireAgreement, ruleStep, smallShapes } from '../src/problems/rules.js';
import { loopOf } from '../src/rules/loop.js';
import { trafficOf } from '../src/rules/traffic.js';

it('counts what Adam and SGD read, write and divide', () => {
  expect(trafficOf(ruleStep(measuredRule('adam'), smallShapes))).toEqual({ loads: 4, stores: 3, divisions: 1, roots: 1, functions: 0, kernels: 1 });
  expect(trafficOf(ruleStep(measuredRule('sgd'), smallShapes))).toEqual({ loads: 2, stores: 1, divisions: 0, roots: 0, functions: 0, kernels: 1 });
});

it('has a loop for any traffic, whose numbers stay plain', async () => {
  for (const [loads, stores, divisions, roots] of [[2, 1, 0, 0], [4, 3, 1, 1], [4, 3, 1, 2], [4, 3, 3, 2], [6, 5, 1, 1]] as const) {
    const loop = loopOf({ loads, stores, divisions, roots, functions: 0, kernels: 1 }, 1001);
    await loop.setup();
    await expect(loop.check()).resolves.toBeUndefined();
    loop.dispose();
  }
});

it('refuses a rule that computes something else', async () => {
  const [rule, other] = [measuredRule('adam'), measuredRule('adam', { beta1: 0.8 })];
  const expected = await expectedAfterChecked(rule);
  requireAgreement('adam', await afterChecked(rule, await cpu(), 'float32'), expected, 1e-3, 2 ** -22);
  const wrong = await afterChecked(other, await cpu(), 'float32');
  expect(() => requireAgreement('adam', wrong, expected, 1e-3, 2 ** -22)).toThrow(WrongResult);
  expect(rule.options.learningRate).toBe(rules.adam.mnist.learningRate);
});

it('asks a contender with a clock of its own how long it took', async () => {
  const asked: number[] = [];
  const remote: Contender = {
    name: 'remote', setup: async () => undefined, check: async () => undefined, step: () => undefined, dispose: () => undefined,
    timed: async (repetitions) => asked.push(repetitions) * 0 + 2,
  };
  const [timing] = await measure([remote], 3);
  expect(timing).toMatchObject({ median: 2, min: 2, repetitions: 3 });
  expect(asked.slice(-3)).toEqual([3, 3, 3]);
});
