// Random routines: whatever runs in vectors, in threads or by pointers that move, all elements are those of the interpreter.
import { routineSteps } from '@pappus/compiler/print';
import { type DType, type Expr, interpreter, isFloat } from '@pappus/core';
import { applyRoutine, defineRoutine, type RoutineBuilder } from '@pappus/core/routines';
import { describe, it } from 'vitest';
import { seedsFrom } from '../thorough.js';
import { difference, execute, leaf, type Subject, type Value } from './differential.js';
import { RandomRoutine } from './random-routine-code.js';
import type { RoutinePlace } from './random-routine-numbers.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList, uniforms } from './values.js';

/** Whole, or no number at all. */
const FLOATS = [0, 1, -1, 3, -7, 12, 500, -1000, 2, 5];
const ODD = [1, NaN, -3, Infinity, 0, -Infinity, 8];
const INTEGERS = [0, 3, -2, 7, 1, 2 ** 31 - 1, 5, -(2 ** 31), 12, -1, 65537];

/** Nothing is rounded. */
const EXACTLY = { relative: { float32: 0, float64: 0 } };

interface Trial {
  readonly subject: Subject;
  /** The numbers of its statements. */
  readonly statements: readonly string[];
  /** The code as text. */
  readonly text: string;
}

/** The routine of a seed, applied to operands, without some of its statements. */
function trialOf(seed: number, dtype: FloatDType, exactQuotients: boolean, without: ReadonlySet<string> = new Set()): Trial {
  const random = uniforms(seed);
  random();
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const [items, x, y, order] = [between(1, 3), between(1, 60), between(1, 7) * between(1, 40), between(1, 24)];
  const sizes = [between(1, 50), between(20, 300)];
  const works = [between(1, 90), between(1, 40) * 8, between(1, 60), random() < 0.2 ? 2500 : 12];
  const results: DType = random() < 0.25 ? 'int32' : dtype;
  let statements: readonly string[] = [];
  const write = (b: RoutineBuilder, [x, odd, integers, permutation]: readonly ReturnType<RoutineBuilder['array']>[], outs: readonly ReturnType<RoutineBuilder['array']>[]): void => {
    if (x === undefined || odd === undefined || integers === undefined || permutation === undefined) return;
    const place = (array: RoutinePlace['array'], type: RoutinePlace['type'], writable: boolean): RoutinePlace => ({ array, type, writable });
    const places = [
      ...outs.map((out) => place(out, isFloat(results) ? 'float' : 'int', true)),
      ...works.map((size, k) => (k % 3 === 2 ? place(b.array(`integers ${k}`, 'int32', size), 'int', true) : place(b.work(`floats ${k}`, size), 'float', true))),
      place(x, 'float', false), place(integers, 'int', false), place(permutation, 'int', false),
    ];
    const routine = new RandomRoutine(b, places, { seed, without, exactQuotients, odd: [odd], permutations: [permutation] });
    routine.write();
    // What arrays of work have in the end shows in the first result.
    const [out] = outs;
    for (const { array, type, writable } of places.slice(outs.length)) {
      if (!writable || out === undefined) continue;
      b.for(0, array.size, (k) => {
        const at = k.sub(k.div(out.size).mul(out.size));
        const isSame = type === 'int' ? array.at(k).lt(3) : array.at(k).lt(1);
        if (!isFloat(results)) b.if(isSame, () => out.set(at, out.at(at).mul(3).add(k)));
        else out.set(at, out.at(at).add(type === 'float' ? array.at(k) : array.at(k).max(-99).min(99).toFloat()).max(-99999).min(99999));
      });
    }
    statements = routine.statements;
  };
  const routine = defineRoutine({
    name: 'random', itemAxes: [1, 1, 1, 1], dtype: results === 'int32' ? 'int32' : dtype, results: () => [[sizes[0] ?? 1], [sizes[1] ?? 1]] as const, vjp: () => [null, null, null, null],
    write: (b, operands, outs) => write(b, operands, outs),
  });
  const step: Record<string, Value> = {
    x: fromList(dtype, [items, x], FLOATS, seed), odd: fromList(dtype, [items, 7], ODD, seed), integers: fromList('int32', [items, y], INTEGERS, seed),
    permutation: fromList('int32', [items, order], Array.from({ length: order }, (_, k) => order - 1 - k).sort((a, b) => ((a * 7 + seed) % 11) - ((b * 7 + seed) % 11))),
  };
  const subject: Subject = {
    steps: [step],
    build: ({ inputs }) => {
      // One of them is computed: its memory is free behind the routine.
      const [first, second] = applyRoutine(routine, [leaf(inputs, 'x').mul(2), leaf(inputs, 'odd'), leaf(inputs, 'integers').add(0), leaf(inputs, 'permutation')]);
      const outputs: Record<string, Expr> = { first, second: second.add(0) };
      return { outputs };
    },
  };
  const code = routine.code([[items, x], [items, 7], [items, y], [items, order]], [dtype, dtype, 'int32', 'int32']);
  return { subject, statements, text: routineSteps(code).join('\n') };
}

/** Where the backend and the interpreter differ. */
async function complaintsOf({ subject }: Trial, setting: Setting): Promise<readonly string[]> {
  const expected = await execute(subject, interpreter());
  try {
    const actual = await execute(subject, await setting.backend());
    return expected.flatMap(({ name, value }, k) => {
      const other = actual[k]?.value;
      const found = other === undefined ? 'is missing' : difference(other, value, EXACTLY);
      return found === undefined ? [] : [`${name}: ${found}`];
    });
  } catch (error) {
    return [String(error)];
  }
}

/**
 * Runs the random routine of a seed on the backend.
 *
 * @throws {Error} if the backend and the interpreter differ; the message has the code, of which statements were left out as long as they do
 */
export async function runRandomRoutine(seed: number, dtype: FloatDType, setting: Setting): Promise<void> {
  const { exactQuotients } = setting.precision;
  let trial = trialOf(seed, dtype, exactQuotients);
  let found = await complaintsOf(trial, setting);
  if (found.length === 0) return;
  const without = new Set<string>();
  for (const statement of trial.statements) {
    if ([...without].some((outer) => statement.startsWith(`${outer}.`))) continue;
    const smaller = trialOf(seed, dtype, exactQuotients, new Set([...without, statement]));
    const still = await complaintsOf(smaller, setting);
    if (still.length === 0) continue;
    without.add(statement);
    [trial, found] = [smaller, still];
  }
  throw new Error(`random routine of seed ${seed}; PAPPUS_SEED=${seed} runs this routine alone\n${found.map((line) => `  ${line}`).join('\n')}\n\nMade small:\n\n${trial.text}`);
}

export function randomRoutines(setting: Setting): void {
  describe('random routines', () => {
    for (const dtype of setting.floats) {
      it(`of ${dtype} and int32 give every element as the definition does`, async () => {
        for (const seed of seedsFrom(20261127, setting.runs(600))) await runRandomRoutine(seed, dtype, setting);
      }, 600_000);
    }
  });
}
