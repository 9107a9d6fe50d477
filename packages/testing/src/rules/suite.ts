// The tests that every update rule passes whatever it is, one function each: a rule, a backend, a dtype. What depends on what a rule couples is in suite-coupling.ts.
import { type Backend, compile, grad, interpreter, variable, type Variable } from '@pappus/core';
import { expect, it } from 'vitest';
import { problems } from './problems.js';
import { expectWay } from './replay.js';
import { tolerance } from './rounding-tolerance.js';
import type { Courses, Problem, Traits } from './row.js';
import { type FloatDType, type TestedRule, Trial, wave } from './trial.js';

/** What the tests of a section are given. */
export interface RuleSetting {
  readonly rule: TestedRule;
  readonly makeBackend: () => Backend | Promise<Backend>;
  readonly dtype: FloatDType;
  readonly courses: Courses;
  readonly traits: Traits;
  readonly problems: readonly Problem[];
  /** Whether the backend's programs say how many kernels there are, and nothing but the rule decides it. */
  readonly countsKernels: boolean;
  /** Elements of the parameter that is large, in a test of sizes. */
  readonly large: number;
}

export function converges({ rule, makeBackend, dtype, courses, problems: chosen }: RuleSetting): void {
  it.each(chosen)('converges: %s', async (problem) => {
    const { loss: lossOf, start, low } = problems[problem];
    const course = courses[problem];
    if (course === undefined) throw new Error(`the rule has no course for ${problem}`);
    const { learningRate, steps, enough = low } = course;
    const x = variable([...start], { name: 'x', dtype });
    const loss = lossOf(x);
    const backend = await makeBackend();
    const step = await compile({ updates: rule(loss, [x], { learningRate }) }, backend);
    for (let t = 0; t < steps; t++) await step();
    const { loss: reached } = await (await compile({ outputs: { loss } }, backend))();
    expect(await reached.item()).toBeLessThan(enough);
  });
}

export function keepsDTypeAndShape({ rule, makeBackend, dtype, traits }: RuleSetting): void {
  const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

  it('keeps the dtype and the shape of parameters and state', async () => {
    const shapes = { scalar: [], one: [1, 1], vector: [3], tensor: [2, 3, 4] };
    const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes, rate: 0.1 });
    expect(new Set(trial.updates.params)).toEqual(new Set(trial.params));
    await trial.step();
    await trial.step();
    const values = await trial.values();
    for (const [key, next] of trial.updates) {
      const owner = trial.params.find(({ name }) => key.name === name || key.name.endsWith(`/${name}`));
      if (owner === undefined) {
        // What all share is a scalar: a count, or a float that the host may compute in float64.
        expect([key.shape, ['int32', 'float64', dtype].includes(key.dtype)], key.name).toEqual([[], true]);
      } else {
        expect(key.dtype, key.name).toBe(dtype);
        if (key === owner || traits.ownShapes !== true) expect(key.shape, key.name).toEqual(owner.shape);
      }
      expect([next.dtype, next.shape], key.name).toEqual([key.dtype, key.shape]);
      expect(values[key.name], key.name).toBeInstanceOf(arrays[key.dtype === 'bool' ? 'int32' : key.dtype]);
      expect(Array.from(values[key.name] ?? []).every(Number.isFinite), key.name).toBe(true);
    }
  });
}

/** Counts what a backend compiles. */
function counting(backend: Backend): () => number {
  let count = 0;
  const prepare = backend.prepare.bind(backend);
  backend.prepare = (computation, sizes) => {
    count++;
    return prepare(computation, sizes);
  };
  return () => count;
}

export function compilesOnce({ rule, makeBackend, dtype, traits }: RuleSetting): void {
  it.each(['input', 'variable'] as const)('compiles once for ten steps of a changing rate, as an %s', async (rate) => {
    const options = { dtype, shapes: { w: [2, 5] }, rate, start: () => 0 };
    const path = async (backend: Backend, rateOf: (t: number) => number): Promise<number[][][]> => {
      const trial = await Trial.begin(rule, backend, options);
      const visited: number[][][] = [];
      for (let t = 0; t < 10; t++) {
        await trial.step(wave, rateOf(t));
        visited.push([await trial.param()]);
      }
      return visited;
    };
    const falling = (t: number): number => 0.1 / (1 + t);
    const backend = await makeBackend();
    const compiled = counting(backend);
    const actual = await path(backend, falling);
    expect(compiled()).toBe(1);
    expectWay(actual, await path(interpreter(), falling), tolerance(traits, dtype), 'a falling rate');
    const constant = await path(await makeBackend(), () => 0.1);
    if (traits.ratesOnce === true) expect(actual).toEqual(constant);
    else expect(actual.at(-1)).not.toEqual(constant.at(-1));
  });
}

export function goesOnCounting({ rule, makeBackend, dtype, traits }: RuleSetting): void {
  it('trains on at the end of the numbers that count its steps', async () => {
    const from = async (count: number): Promise<{ param: number[]; counts: (number | undefined)[] }> => {
      const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes: { w: [5] }, rate: 0.1 });
      const counters = trial.updates.state.filter(({ name }) => name.endsWith('/t'));
      for (const counter of counters) await counter.set(count);
      for (let t = 0; t < 3; t++) await trial.step();
      return { param: await trial.param(), counts: await Promise.all(counters.map(async (counter) => (await counter.read())[0])) };
    };
    const { param, counts } = await from(2 ** 30);
    expect(param.every(Number.isFinite)).toBe(true);
    // A rule that ages may count every other step only.
    for (const count of counts) {
      if (traits.ages !== true) expect(count).toBe(2 ** 30 + 3);
      else expect(count !== undefined && count > 2 ** 30 && count <= 2 ** 30 + 3, `a count of ${count}`).toBe(true);
    }
    for (const start of [2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31 - 1]) {
      const last = await from(start);
      for (const count of last.counts) {
        if (traits.ages !== true) expect(count).toBe(2 ** 31 - 1);
        else expect(count !== undefined && count >= start && count < 2 ** 31, `a count of ${count}`).toBe(true);
      }
      // After so many steps no bias is left to be corrected: every count means the same, but to a rule that grows slower with it.
      if (traits.ages === true) expect(last.param.every(Number.isFinite)).toBe(true);
      else expect(last.param).toEqual(param);
    }
  });
}

export function takesLossOrGradients({ rule, makeBackend, dtype, traits }: RuleSetting): void {
  it(traits.needs === 'loss' ? 'takes a loss: the same bits each time' : 'takes a loss or its gradients: the same bits', async () => {
    const trained = async (asGrads: boolean): Promise<number[][]> => {
      const fill = (shape: readonly number[], size: number, name: string): Variable =>
        variable({ data: Float64Array.from({ length: size }, (_, i) => wave(2, i, size)), shape }, { name, dtype });
      const [x, w, b] = [fill([4, 3], 12, 'x'), fill([3, 2], 6, 'w'), fill([2], 2, 'b')];
      const loss = x.matmul(w).add(b).tanh().square().sum();
      const updates = rule(asGrads && traits.needs !== 'loss' ? grad(loss, [w, b]) : loss, [w, b], { learningRate: 0.1 });
      const step = await compile({ updates }, await makeBackend());
      for (let t = 0; t < 5; t++) await step();
      return Promise.all([...updates.keys()].map(async (key) => Array.from(await key.read())));
    };
    const byLoss = await trained(false);
    expect(await trained(true)).toEqual(byLoss);
    expect(byLoss.flat().every(Number.isFinite)).toBe(true);
  });
}

export function refusesDuplicates({ rule, dtype }: RuleSetting): void {
  it('refuses a variable that is given twice', () => {
    const [w, b] = [variable([1, 2], { name: 'w', dtype }), variable(0, { name: 'b', dtype })];
    const loss = w.sum().add(b).square();
    const refusal = /^\w+: the variable w is given twice in the parameters$/;
    expect(() => rule(loss, [w, b, w], { learningRate: 0.1 })).toThrow(refusal);
    expect(() => rule([w.mul(2), w.mul(3)], [w, w], { learningRate: 0.1 })).toThrow(refusal);
  });
}
