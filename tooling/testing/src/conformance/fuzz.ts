// Random computations with several outputs and updates, compiled and interpreted: the same to the last rounding allowed.
import { type DType, interpreter, type Variable } from '@pappus/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { difference, execute, leaf, type Leaves, type Subject, type Value } from './differential.js';
import { RandomGraph, type Tracked } from './random-graph.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList, spread } from './values.js';

const SHAPES: readonly (readonly number[])[] = [[], [1], [3], [5], [8], [17], [2, 3], [3, 5], [4, 4], [1, 6], [6, 1], [9, 17], [0, 3], [2, 3, 4], [3, 1, 5], [2, 2, 2, 3]];

/** Shapes of the same few sizes: more is computed together, in place and as segments of one kernel. */
const ALIKE: readonly (readonly number[])[] = [[4, 4], [4, 4], [4, 4], [16], [16], [2, 8], [32], [4], [1, 4], [4, 1], []];

export interface RandomPlan {
  readonly float: FloatDType;
  /** Draws for the choices of the graph. */
  readonly draws: readonly number[];
  /** Operations tried. */
  readonly size: number;
}

export interface RandomSubject {
  readonly subject: Subject;
  /** The error of each result, in roundings, once the subject is built. */
  readonly allowed: ReadonlyMap<string, number>;
}

/** A computation of random operations on random leaves: several outputs, several updates. */
export function randomSubject({ float, draws, size }: RandomPlan): RandomSubject {
  const allowed = new Map<string, number>();
  const shapes = (draws[0] ?? 0) % 2 === 0 ? SHAPES : ALIKE;
  const leaves: Readonly<Record<string, Value>> = Object.fromEntries(
    Array.from({ length: 12 }, (_, k): [string, Value] => {
      const dtype = ([float, float, float, float, float, 'int32', 'bool', float, 'int32', 'bool', float, float] as const)[k] ?? float;
      const shape = shapes[(draws[k + 1] ?? 0) % shapes.length] ?? [];
      return [`${k % 2 === 0 ? 'v' : 'x'}${k}`, spread(dtype, shape, { seed: k + (draws[k + 13] ?? 0) })];
    }),
  );
  const of = (prefix: string): Record<string, Value> => Object.fromEntries(Object.entries(leaves).filter(([name]) => name.startsWith(prefix)));
  const build = (given: Leaves): ReturnType<Subject['build']> => {
    let next = 25;
    const choose = (count: number): number => (draws[next++ % draws.length] ?? 0) % count;
    const trackedLeaf = ([name, value]: [string, Value]): Tracked => ({
      expr: name.startsWith('v') ? leaf(given.variables, name) : leaf(given.inputs, name),
      shape: value.shape,
      magnitude: value.dtype === 'bool' ? 1 : value.dtype === 'int32' ? 9 : 2,
      error: 0,
    });
    const graph = new RandomGraph(Object.entries(leaves).map(trackedLeaf), choose, float);
    for (let k = 0; k < size; k++) graph.grow();
    const outputs = Object.fromEntries(
      Array.from({ length: 1 + choose(4) }, (_, k) => {
        const picked = graph.pick(undefined, 4);
        if (picked !== undefined) allowed.set(`y${k}`, picked.error);
        return [`y${k}`, picked?.expr] as const;
      }).flatMap(([name, expr]) => (expr === undefined ? [] : [[name, expr]])),
    );
    const updates = new Map<Variable, Tracked['expr']>();
    for (const [name, variable] of Object.entries(given.variables)) {
      const shape = variable.shape;
      const value = graph.pick((t) => t.expr.dtype === variable.dtype && t.shape.join() === shape.join() && t.shape.length === shape.length, 4);
      if (value === undefined || choose(4) === 0) continue;
      updates.set(variable, value.expr);
      allowed.set(name, value.error);
    }
    return { outputs, updates };
  };
  return { subject: { steps: [of('x')], variables: of('v'), build }, allowed };
}

/** The unit roundoff, with a little room for what a first-order analysis leaves out. */
const ROUNDING: Readonly<Record<DType, number>> = { float32: 2 ** -24 * 1.5, float64: 2 ** -53 * 1.5, int32: 0, bool: 0 };

async function complaints(plan: RandomPlan, setting: Setting): Promise<string[]> {
  const { subject, allowed } = randomSubject(plan);
  const expected = await execute(subject, interpreter());
  const actual = await execute(subject, await setting.backend());
  return expected.flatMap(({ name, value }, k) => {
    const other = actual[k]?.value;
    const error = allowed.get(name.split(' ').find((word) => allowed.has(word)) ?? '') ?? 0;
    // The result itself is rounded once more by the definition as it is read.
    const relative = ROUNDING[value.dtype];
    const complaint = other === undefined ? 'is missing' : difference(other, value, { relative: { float32: relative, float64: relative }, scale: error });
    return complaint === undefined ? [] : [`${name} (${error.toPrecision(3)} roundings): ${complaint}`];
  });
}

/** Fixed numbers of graphs from a fixed seed: a failure prints the draws that lead to it. */
export function fuzz(setting: Setting): void {
  describe('random graphs', () => {
    for (const float of setting.floats) {
      for (const [size, runs] of [[6, 120], [20, 120], [60, 40]] as const) {
        it(`of ${size} operations, ${float}`, async () => {
          await fc.assert(
            fc.asyncProperty(fc.noBias(fc.array(fc.nat(1e6), { minLength: 100, maxLength: 400 })), async (draws) => {
              const wrong = await complaints({ float, draws, size }, setting);
              if (wrong.length > 0) throw new Error(wrong.join('\n'));
            }),
            { seed: 20240817 + size, numRuns: runs, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
          );
        });
      }
    }

    it('of nothing but leaves', async () => {
      const [dtype = 'float32'] = setting.floats;
      await setting.agree({ steps: [{ x: fromList(dtype, [2], [1, 2]) }], variables: { v: fromList(dtype, [3], [1, 2, 3]) }, build: ({ inputs, variables }) => ({ outputs: { x: leaf(inputs, 'x'), v: leaf(variables, 'v') } }) });
    });
  });
}
