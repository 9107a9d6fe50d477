// The tests that every update rule passes, one function each: a rule, a backend, a dtype.
import { type Backend, compile, type Expr, grad, interpreter, variable, type Variable } from '@pappus/core';
import type { Courses, Problem } from '@pappus/rule-table';
import { expect, it } from 'vitest';
import { allClose } from '../all-close.js';
import { expectWay } from './replay.js';
import { type FloatDType, type TestedRule, Trial, wave } from './trial.js';

/** What the tests of a section are given. */
export interface RuleSetting {
  readonly rule: TestedRule;
  readonly makeBackend: () => Backend | Promise<Backend>;
  readonly dtype: FloatDType;
  readonly courses: Courses;
  readonly problems: readonly Problem[];
}

/** The sum of a (x - c)^2 with curvatures a from 0.125 to 1: 21 at its start. */
function quadratic(x: Expr): Expr {
  const constants = (values: number[]): Expr => variable(values, { dtype: x.dtype });
  return x.sub(constants([1, 2, -1, 0])).square().mul(constants([1, 0.5, 0.25, 0.125])).sum();
}

/** 100 (y - x^2)^2 + (1 - x)^2. Rosenbrock (1960). */
function rosenbrock(position: Expr): Expr {
  const [x, y] = [position.slice(0).sum(), position.slice(1).sum()];
  return y.sub(x.square()).square().mul(100).add(x.sub(1).square());
}

const problems = { quadratic: [quadratic, [3, -2, 5, 0.5], 1e-3], rosenbrock: [rosenbrock, [-1.2, 1], 1e-2] } as const satisfies Readonly<Record<Problem, unknown>>;

export function converges({ rule, makeBackend, dtype, courses, problems: chosen }: RuleSetting): void {
  it.each(chosen)('converges: %s', async (problem) => {
    const [lossOf, start, enough] = problems[problem];
    const { learningRate, steps } = courses[problem];
    const x = variable([...start], { name: 'x', dtype });
    const loss = lossOf(x);
    const backend = await makeBackend();
    const step = await compile({ updates: rule(loss, [x], { learningRate }) }, backend);
    for (let t = 0; t < steps; t++) await step();
    const { loss: reached } = await (await compile({ outputs: { loss } }, backend))();
    expect(await reached.item()).toBeLessThan(enough);
  });
}

export function keepsParametersApart({ rule, makeBackend, dtype }: RuleSetting): void {
  it('treats each parameter as if it were alone, bit for bit', async () => {
    const shapes = { a: [5], b: [2, 3], c: [] };
    const begin = async (names: readonly string[]): Promise<Trial> => {
      const chosen = Object.fromEntries(Object.entries(shapes).filter(([name]) => names.includes(name)));
      return Trial.begin(rule, await makeBackend(), { dtype, shapes: chosen, rate: 0.1 });
    };
    const together = await begin(Object.keys(shapes));
    for (let t = 0; t < 4; t++) await together.step();
    const all = await together.values();
    for (const [p, name] of Object.keys(shapes).entries()) {
      const alone = await begin([name]);
      for (let t = 0; t < 4; t++) await alone.step((_, element, step) => wave(p, element, step));
      for (const [key, value] of Object.entries(await alone.values())) expect(value, key).toEqual(all[key]);
    }
  });
}

export function keepsDTypeAndShape({ rule, makeBackend, dtype }: RuleSetting): void {
  it('keeps the dtype and the shape of parameters and state', async () => {
    const shapes = { scalar: [], one: [1, 1], vector: [3], tensor: [2, 3, 4] };
    const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes, rate: 0.1 });
    expect(trial.updates.params).toEqual(trial.params);
    await trial.step();
    await trial.step();
    const values = await trial.values();
    for (const [key, next] of trial.updates) {
      const owner = trial.params.find(({ name }) => key.name === name || key.name.endsWith(`/${name}`));
      expect([key.dtype, key.shape], key.name).toEqual(owner === undefined ? ['int32', []] : [dtype, owner.shape]);
      expect([next.dtype, next.shape], key.name).toEqual([key.dtype, key.shape]);
      expect(values[key.name], key.name).toBeInstanceOf(owner === undefined ? Int32Array : dtype === 'float32' ? Float32Array : Float64Array);
      expect(Array.from(values[key.name] ?? []).every(Number.isFinite), key.name).toBe(true);
    }
  });
}

export function takesAnySize({ rule, makeBackend, dtype }: RuleSetting): void {
  it('takes scalars, empty parameters and large ones', async () => {
    const period = 7;
    const shapes = { seven: [period], none: [0], noRows: [0, 3], scalar: [], large: [40_009], wide: [3, 7 * 143] };
    const start = (element: number): number => wave(0, element % period, 0);
    const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes, rate: 0.1, start });
    for (let t = 0; t < 3; t++) await trial.step((_, element, step) => wave(0, element % period, step));
    const { seven = [], none, noRows, scalar = [], large = [], wide = [] } = await trial.values();
    expect([none?.length, noRows?.length]).toEqual([0, 0]);
    // A backend may compute a scalar in float64 on its host.
    allClose(scalar, seven.slice(0, 1), { rtol: dtype === 'float32' ? 1e-6 : 1e-12 });
    expect(Array.from(seven).every(Number.isFinite)).toBe(true);
    for (const many of [large, wide]) {
      expect(Array.from(many).findIndex((value, element) => !Object.is(value, seven[element % period]))).toBe(-1);
    }
  });

  it('takes no parameters', async () => {
    const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes: {}, rate: 0.1 });
    await trial.step();
    expect(trial.updates.size).toBe(0);
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

export function compilesOnce({ rule, makeBackend, dtype }: RuleSetting): void {
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
    expectWay(actual, await path(interpreter(), falling), dtype === 'float32' ? 2e-6 : 1e-12, 'a falling rate');
    expect(actual.at(-1)).not.toEqual((await path(await makeBackend(), () => 0.1)).at(-1));
  });
}

export function meetsNan({ rule, makeBackend, dtype }: RuleSetting): void {
  /** Three steps; the second has another number in place of one element of the gradient. */
  const steps = async (clearNan: boolean | undefined, odd: number): Promise<{ param: number[]; all: number[] }> => {
    const options = { dtype, shapes: { w: [9] }, rate: 0.1, ...(clearNan === undefined ? {} : { clearNan }) };
    const trial = await Trial.begin(rule, await makeBackend(), options);
    for (let t = 0; t < 3; t++) await trial.step((p, element, step) => (step === 1 && element === 4 ? odd : wave(p, element, step)));
    return { param: await trial.param(), all: Object.values(await trial.values()).flatMap((values) => Array.from(values)) };
  };

  it.each([undefined, false])('without clearNan a NaN stays in its element; clearNan %s', async (clearNan) => {
    const { param } = await steps(clearNan, NaN);
    const ordinary = await steps(clearNan, 0.5);
    expect(param).toEqual(ordinary.param.map((value, element) => (element === 4 ? NaN : value)));
  });

  it('with clearNan a NaN counts as 0: the weight and its state survive', async () => {
    const cleared = await steps(true, NaN);
    expect(cleared).toEqual(await steps(true, 0));
    expect(cleared.all.every(Number.isFinite)).toBe(true);
  });
}

export function meetsInfinity({ rule, makeBackend, dtype }: RuleSetting): void {
  it.each([Infinity, -Infinity])('an infinite gradient stays in its element: %s', async (infinity) => {
    const steps = async (backend: Backend, odd: number, clearNan: boolean): Promise<number[]> => {
      const trial = await Trial.begin(rule, backend, { dtype, shapes: { w: [9] }, rate: 0.1, clearNan });
      await trial.step((p, element, step) => (element === 4 ? odd : wave(p, element, step)));
      return trial.param();
    };
    const met = await steps(await makeBackend(), infinity, false);
    const ordinary = await steps(await makeBackend(), 0.5, false);
    const defined = (await steps(interpreter(), infinity, false))[4] ?? 0;
    // A rule that bounds its steps stays finite; where the definition does not, nothing is rounded.
    const there: unknown = Number.isFinite(defined) ? expect.closeTo(defined, 6) : defined;
    expect(met).toEqual(ordinary.map((value, element) => (element === 4 ? there : value)));
    expect(await steps(await makeBackend(), infinity, true)).toEqual(met);
  });
}

export function goesOnCounting({ rule, makeBackend, dtype }: RuleSetting): void {
  it('trains on at the end of the numbers that count its steps', async () => {
    const from = async (count: number): Promise<{ param: number[]; counts: (number | undefined)[] }> => {
      const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes: { w: [5] }, rate: 0.1 });
      const counters = trial.updates.state.filter((state) => state.dtype === 'int32');
      for (const counter of counters) await counter.set(count);
      for (let t = 0; t < 3; t++) await trial.step();
      return { param: await trial.param(), counts: await Promise.all(counters.map(async (counter) => (await counter.read())[0])) };
    };
    // After so many steps no bias is left to be corrected: every count means the same.
    const { param, counts } = await from(2 ** 30);
    expect(param.every(Number.isFinite)).toBe(true);
    expect(counts.every((count) => count === 2 ** 30 + 3)).toBe(true);
    for (const start of [2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31 - 1]) expect(await from(start)).toEqual({ param, counts: counts.map(() => 2 ** 31 - 1) });
  });
}

export function takesLossOrGradients({ rule, makeBackend, dtype }: RuleSetting): void {
  it('takes a loss or its gradients: the same bits', async () => {
    const trained = async (asGrads: boolean): Promise<number[][]> => {
      const fill = (shape: readonly number[], size: number, name: string): Variable =>
        variable({ data: Float64Array.from({ length: size }, (_, i) => wave(2, i, size)), shape }, { name, dtype });
      const [x, w, b] = [fill([4, 3], 12, 'x'), fill([3, 2], 6, 'w'), fill([2], 2, 'b')];
      const loss = x.matmul(w).add(b).tanh().square().sum();
      const updates = rule(asGrads ? grad(loss, [w, b]) : loss, [w, b], { learningRate: 0.1 });
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
