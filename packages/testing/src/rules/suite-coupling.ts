// The tests of what a rule couples: elements by themselves, those of a tensor, or all parameters. Each asks for the most that is true of a rule.
import { type Backend, interpreter } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import { expect, it } from 'vitest';
import { allClose } from '../all-close.js';
import { tolerance } from './rounding-tolerance.js';
import type { RuleSetting } from './suite.js';
import { type Shapes, Trial, wave } from './trial.js';

/** The path of each parameter alone is that among others; or if all are coupled, parameters are as good as one vector. */
export function keepsParametersApart({ rule, makeBackend, dtype, traits }: RuleSetting): void {
  const shapes = { a: [5], b: [2, 3], c: [] };

  if (traits.couples === 'parameters') {
    it('treats all parameters as one vector', async () => {
      const sizes = Object.values(shapes).map(sizeOf);
      const offsets = sizes.map((_, p) => sizes.slice(0, p).reduce((sum, size) => sum + size, 0));
      const place = (p: number, element: number): number => (offsets[p] ?? NaN) + element;
      const path = async (backend: Backend, chosen: Shapes, at: (p: number, element: number) => number): Promise<number[][][]> => {
        const trial = await Trial.begin(rule, backend, { dtype, shapes: chosen, rate: 0.1, start: (element, p) => wave(0, at(p, element), 0) });
        const visited: number[][][] = [];
        for (let t = 0; t < 4; t++) {
          await trial.step((p, element, step) => wave(0, at(p, element), step));
          const params = await Promise.all(trial.params.map(async (_, p) => trial.param(p)));
          visited.push([params.flat()]);
        }
        return visited;
      };
      const joined = await path(await makeBackend(), { all: [sizes.reduce((sum, size) => sum + size, 0)] }, (_, element) => element);
      const apart = await path(await makeBackend(), shapes, place);
      // Sums over parts are added up in another order; a step is no larger than 4, and no parameter.
      for (const [t, params] of joined.entries()) allClose(apart[t]?.[0] ?? [], params[0] ?? [], { rtol: tolerance(traits, dtype), atol: tolerance(traits, dtype), label: `step ${t + 1}` });
    });
    return;
  }

  const exact = traits.couples === 'elements';
  it(`treats each parameter as if it were alone, ${exact ? 'bit for bit' : 'but for the order of its sums'}`, async () => {
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
      for (const [key, value] of Object.entries(await alone.values())) {
        const among = all[key];
        if (among === undefined) throw new Error(`the parameters together have no ${key}`);
        // A backend may add up a tensor in other parts where there are more of them; a step is no larger than 4, and no parameter.
        if (exact) expect(value, key).toEqual(among);
        else allClose(Array.from(value), Array.from(among), { rtol: tolerance(traits, dtype), atol: tolerance(traits, dtype), label: key });
      }
    }
  });
}

export function takesAnySize({ rule, makeBackend, dtype, traits, large: size }: RuleSetting): void {
  const period = 7;
  const shapes = { seven: [period], none: [0], noRows: [0, 3], scalar: [], large: [size], wide: [3, 7 * 143] };
  const run = async (backend: Backend): Promise<Trial> => {
    const trial = await Trial.begin(rule, backend, { dtype, shapes, rate: 0.1, start: (element) => wave(0, element % period, 0) });
    for (let t = 0; t < 3; t++) await trial.step((_, element, step) => wave(0, element % period, step));
    return trial;
  };

  it('takes scalars, empty parameters and large ones', async () => {
    const trial = await run(await makeBackend());
    const { seven = [], none, noRows, scalar = [], large = [], wide = [] } = await trial.values();
    expect([none?.length, noRows?.length]).toEqual([0, 0]);
    for (const values of [seven, scalar, large, wide]) expect(Array.from(values).every(Number.isFinite)).toBe(true);
    if (traits.couples === 'elements') {
      // A backend may compute a scalar in float64 on its host.
      allClose(scalar, seven.slice(0, 1), { rtol: dtype === 'float32' ? 1e-6 : 1e-12 });
      for (const many of [large, wide]) {
        expect(Array.from(many).findIndex((value, element) => !Object.is(value, seven[element % period]))).toBe(-1);
      }
    } else {
      const defined = await run(interpreter());
      const before = trial.params.map(({ shape }) => Array.from({ length: sizeOf(shape) }, (_, element) => Math.fround(wave(0, element % period, 0))));
      for (const [p, { name }] of trial.params.entries()) {
        // Elements as large as 1, and steps of any size.
        const [actual, expected] = [await trial.param(p), await defined.param(p)];
        const furthest = Math.max(0, ...expected.slice(0, 1000).map((value, i) => Math.abs(value - (before[p]?.[i] ?? NaN))));
        allClose(actual, expected, { atol: tolerance(traits, dtype) * furthest + 4 * (dtype === 'float32' ? 2 ** -24 : 2 ** -53), rtol: tolerance(traits, dtype), label: name });
      }
    }
  });

  it('takes no parameters', async () => {
    const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes: {}, rate: 0.1 });
    await trial.step();
    expect(trial.updates.params).toEqual([]);
    // What is left is what all parameters would share, such as a count.
    for (const { rank } of trial.updates.state) expect(rank).toBe(0);
  });
}

/** Two parameters of nine elements; the second step has another number in place of one element of the first one's gradient. */
const beside = { w: [9], other: [9] } as const satisfies Shapes;
const ODD = 4;

export function meetsNan({ rule, makeBackend, dtype, traits }: RuleSetting): void {
  interface Ended {
    readonly param: number[];
    readonly other: number[];
    readonly all: number[];
  }
  const steps = async (clearNan: boolean | undefined, odd: number): Promise<Ended> => {
    const options = { dtype, shapes: beside, rate: 0.1, ...(clearNan === undefined ? {} : { clearNan }) };
    const trial = await Trial.begin(rule, await makeBackend(), options);
    for (let t = 0; t < 3; t++) await trial.step((p, element, step) => (p === 0 && step === 1 && element === ODD ? odd : wave(p, element, step)));
    return { param: await trial.param(0), other: await trial.param(1), all: Object.values(await trial.values()).flatMap((values) => Array.from(values)) };
  };
  /** The parameters after the other two steps. */
  const stepsWithoutThe = async (left: number): Promise<{ param: number[]; other: number[] }> => {
    const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes: beside, rate: 0.1 });
    for (const t of [0, 1, 2].filter((step) => step !== left)) await trial.step((p, element) => wave(p, element, t));
    return { param: await trial.param(0), other: await trial.param(1) };
  };
  const where = { elements: 'stays in its element', tensor: 'stays in its tensor', parameters: 'is not lost' } as const;

  it.each([undefined, false])(`without clearNan a NaN ${where[traits.couples]}; clearNan %s`, async (clearNan) => {
    const { param, other } = await steps(clearNan, NaN);
    if (traits.skips === true) return expect({ param, other }).toEqual(await stepsWithoutThe(1));
    const ordinary = await steps(clearNan, 0.5);
    expect(param[ODD]).toBeNaN();
    if (traits.couples !== 'parameters') expect(other).toEqual(ordinary.other);
    if (traits.couples === 'elements') expect(param).toEqual(ordinary.param.map((value, element) => (element === ODD ? NaN : value)));
  });

  it('with clearNan a NaN counts as 0: the weight and its state survive', async () => {
    const cleared = await steps(true, NaN);
    expect(cleared).toEqual(await steps(true, 0));
    expect(cleared.all.every(Number.isFinite)).toBe(true);
  });
}

export function meetsInfinity({ rule, makeBackend, dtype, traits }: RuleSetting): void {
  const where = { elements: 'stays in its element', tensor: 'stays in its tensor', parameters: 'does what it is defined to' } as const;

  it.each([Infinity, -Infinity])(`an infinite gradient ${where[traits.couples]}: %s`, async (infinity) => {
    const steps = async (backend: Backend, odd: number, clearNan: boolean): Promise<{ w: number[]; other: number[] }> => {
      const trial = await Trial.begin(rule, backend, { dtype, shapes: beside, rate: 0.1, clearNan });
      await trial.step((p, element, step) => (p === 0 && element === ODD ? odd : wave(p, element, step)));
      return { w: await trial.param(0), other: await trial.param(1) };
    };
    const met = await steps(await makeBackend(), infinity, false);
    const ordinary = await steps(await makeBackend(), 0.5, false);
    const defined = await steps(interpreter(), infinity, false);
    // A rule that bounds its steps stays finite; where the definition does not, nothing is rounded.
    const there = (value: number | undefined): unknown => (value !== undefined && Number.isFinite(value) ? expect.closeTo(value, 6) : value);
    if (traits.couples === 'elements') expect(met.w).toEqual(ordinary.w.map((value, element) => (element === ODD ? there(defined.w[element]) : value)));
    else expect(met.w).toEqual(defined.w.map(there));
    expect(met.other).toEqual(traits.couples === 'parameters' ? defined.other.map(there) : ordinary.other);
    expect(await steps(await makeBackend(), infinity, true)).toEqual(met);
  });
}

/** As the program says, where a backend has one and no limit on what a kernel is given. */
export function isOneKernel({ rule, makeBackend, dtype, traits, countsKernels }: RuleSetting): void {
  // An estimate of the curvature has kernels of its own, which do not run in every step.
  if (traits.couples !== 'elements' || traits.needs === 'curvature' || !countsKernels) return;
  it('is one kernel for all parameters: scalars, vectors and matrices', async () => {
    const shapes = { scalar: [], vector: [5], long: [1000], matrix: [3, 4], tensor: [2, 3, 4] };
    const trial = await Trial.begin(rule, await makeBackend(), { dtype, shapes, rate: 'input' });
    // What runs in some steps only, such as in the first, is apart.
    expect(trial.program.kernels.filter(({ when }) => when === undefined)).toHaveLength(1);
  });
}
