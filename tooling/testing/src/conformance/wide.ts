// Random computations of the wide kind, by the definition and by a backend: no further apart than rounding can take them.
import {
  type Backend,
  compile,
  type CompiledFunction,
  type DType,
  type Expr,
  interpreter,
  isFloat,
  PappusError,
  print,
  type TypedArray,
  type Variable,
} from '@pappus/core';
import { topological } from '@pappus/core/backend';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Precision } from './elementwise-error.js';
import { roundingBounds } from './rounding-bounds.js';
import type { Setting } from './setting.js';
import { type WideInstance, widePlan, type WideStep } from './wide-plan.js';

interface Answer {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What a call led to: its outputs and the variables after it, or an error. */
interface Outcome {
  readonly error: string | undefined;
  /** An error that is none of ours. */
  readonly raw: boolean;
  readonly answers: ReadonlyMap<string, Answer>;
}

type Step = CompiledFunction<Readonly<Record<string, Expr>>, Readonly<Record<string, Expr>>>;

/** How many elements were compared, and how many could be anything. */
export interface Tally {
  compared: number;
  unsure: number;
  refused: number;
  /** Graphs that nobody compiled. */
  uncompiled: number;
  /** Graphs that are others with their loops written out. */
  unjudged: number;
}

async function call(f: Step, { variables }: WideInstance, { values }: WideStep): Promise<Outcome> {
  const answers = new Map<string, Answer>();
  let error: string | undefined;
  let raw = false;
  try {
    for (const [name, output] of Object.entries(await f(values))) answers.set(name, { dtype: output.dtype, shape: output.shape, data: await output.read() });
  } catch (thrown) {
    raw = !(thrown instanceof PappusError);
    error = thrown instanceof Error ? `${thrown.constructor.name}: ${thrown.message}` : String(thrown);
  }
  for (const held of variables) answers.set(`variable ${held.name}`, { dtype: held.dtype, shape: held.shape.map(Number), data: await held.read() });
  return { error, raw, answers };
}

/** Every expression of an instance, evaluated by the definition. */
class Definition {
  private constructor(
    private readonly instance: WideInstance,
    private readonly order: readonly Expr[],
    private readonly f: Step,
  ) {}

  static async of(instance: WideInstance): Promise<Definition> {
    const order = topological([...Object.values(instance.outputs), ...instance.updates.values(), ...instance.variables]);
    // As float64: what lies between is not rounded.
    const outputs = Object.fromEntries(order.map((e, k) => [`e${k}`, e.cast('float64')]));
    return new Definition(instance, order, await compile({ inputs: instance.inputs, outputs }, interpreter()));
  }

  /** The bounds of the outputs and the variables after a step, given those of the variables before it. */
  async bounds({ values, sizes }: WideStep, errors: ReadonlyMap<string, Float64Array>, precision: Precision): Promise<{ readonly bounds: ReadonlyMap<string, Float64Array>; readonly values: ReadonlyMap<string, Float64Array> }> {
    const found = new Map<Expr, { readonly values: Float64Array; readonly shape: readonly number[] }>();
    const answers = await this.f(values);
    for (const [k, e] of this.order.entries()) {
      const output = answers[`e${k}`];
      if (output !== undefined) found.set(e, { values: Float64Array.from(await output.read()), shape: output.shape });
    }
    const { instance } = this;
    const leaves = new Map<Expr, Float64Array>(instance.variables.flatMap((v) => [[v, errors.get(v.name) ?? new Float64Array(0)] as const]).filter(([, e]) => e.length > 0));
    const known = roundingBounds({
      order: this.order, leaves, sizes, precision,
      valueOf: (e) => {
        const value = found.get(e);
        if (value === undefined) throw new Error(`the definition has no value for ${e.toString()}`);
        return value;
      },
    });
    const named = [...Object.entries(instance.outputs), ...instance.variables.map((v) => [`variable ${v.name}`, instance.updates.get(v) ?? v] as const)];
    return {
      bounds: new Map(named.map(([name, e]) => [name, known.get(e)?.errors ?? new Float64Array(0)])),
      values: new Map(named.map(([name, e]) => [name, known.get(e)?.values ?? new Float64Array(0)])),
    };
  }

  async follow(variables: ReadonlyMap<string, Answer>): Promise<void> {
    for (const v of this.instance.variables) {
      const value = variables.get(`variable ${v.name}`);
      if (value !== undefined) await v.set({ data: value.data, shape: value.shape });
    }
  }
}

/** Room for what an analysis of the first order leaves out, and for other orders of the same sums. */
const ROOM = 2;
const UNIT = { float32: 2 ** -24, float64: 2 ** -53 };

function apart(actual: Answer | undefined, expected: Answer, bounds: Float64Array, tally: Tally): string | undefined {
  if (actual === undefined) return 'is missing';
  if (actual.data.length !== expected.data.length || String(actual.shape) !== String(expected.shape)) return `has the shape [${actual.shape.join()}], not [${expected.shape.join()}]`;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e, bound] = [actual.data[i] ?? NaN, expected.data[i] ?? NaN, bounds[i] ?? NaN];
    if (bound === Infinity) {
      tally.unsure++;
      continue;
    }
    tally.compared++;
    if (Object.is(a, e) || a === e) continue;
    // A number that is read is rounded once more.
    const allowed = bound === 0 ? 0 : ROOM * bound + (isFloat(expected.dtype) ? UNIT[expected.dtype] * Math.abs(e) : 0);
    if (!(Math.abs(a - e) <= allowed)) return `[${i}] is ${String(a)}, not ${String(e)}, and may be off by ${allowed.toPrecision(3)}`;
  }
  return undefined;
}

/** What is wrong with a random computation on a backend. */
export async function wideComplaints(draws: readonly number[], float: 'float32' | 'float64', setting: Setting, tally: Tally): Promise<string[]> {
  const mixed = setting.floats.length > 1;
  const { make, steps } = widePlan({ float, mixed, subnormals: setting.precision.flushed === 0, draws });
  const [one, two, three] = [make(false), make(false), make(true)];
  const complaints = [...one.raw];
  // What a loop answers may depend on less where it is written out, and other operations are taken: nothing is then known of the rounding.
  if (one.grown !== three.grown) {
    tally.unjudged++;
    return complaints;
  }
  const backend: Backend = await setting.backend();
  const compiled = ({ inputs, outputs, updates }: WideInstance, on: Backend): Promise<Step | string> => compile({ inputs, outputs, updates }, on).catch((error: unknown) => String(error));
  const [expected, actual] = await Promise.all([compiled(one, interpreter()), compiled(two, backend)]);
  if (typeof expected === 'string' || typeof actual === 'string') {
    tally.uncompiled++;
    return expected === actual ? complaints : [...complaints, `compiling: ${typeof actual === 'string' ? actual : 'no error'}; by the definition: ${typeof expected === 'string' ? expected : 'none'}`];
  }
  const definition = await Definition.of(three);
  let errors = new Map<string, Float64Array>();
  for (const [k, step] of steps.entries()) {
    const wanted = await call(expected, one, step);
    const got = await call(actual, two, step);
    if (wanted.error !== got.error || got.raw) {
      complaints.push(`step ${k}, sizes ${JSON.stringify([...step.sizes])}: ${got.error ?? 'no error'}; by the definition: ${wanted.error ?? 'none'}`);
      break;
    }
    if (wanted.error !== undefined) {
      tally.refused++;
      continue;
    }
    const known = await definition.bounds(step, errors, setting.precision).catch((error: unknown) => {
      if (!(error instanceof PappusError)) throw error;
      return undefined;
    });
    if (known === undefined) {
      // Loops written out have indices of their own, which the definition refuses.
      tally.unjudged++;
      break;
    }
    const { bounds, values } = known;
    for (const [name, value] of wanted.answers) {
      const again = values.get(name);
      // The gradient through a loop may have products with 0 that the loop written out has not, or the other way: where one of them is NaN, nothing
      // is known of the rounding.
      const bound = (bounds.get(name) ?? new Float64Array(0)).map((e, i) => (again !== undefined && Number.isNaN(again[i]) !== Number.isNaN(value.data[i]) ? Infinity : e));
      const where = `${name} of step ${k}, sizes ${JSON.stringify([...step.sizes])}`;
      const complaint = apart(got.answers.get(name), value, bound, tally);
      if (complaint !== undefined) complaints.push(`${where}: ${complaint}`);
      // Loops that are written out are the same loops.
      const inDefinition = again === undefined ? 'is missing' : apart({ ...value, data: rounded(value.dtype, again) }, value, bound, { compared: 0, unsure: 0, refused: 0, uncompiled: 0, unjudged: 0 });
      if (inDefinition !== undefined) complaints.push(`${where}, by the definition with loops written out: ${inDefinition}`);
    }
    if (complaints.length > 0) break;
    errors = new Map(one.variables.map((v): [string, Float64Array] => [v.name, errorsAfter(bounds.get(`variable ${v.name}`), v, wanted.answers.get(`variable ${v.name}`))]));
    await definition.follow(wanted.answers);
  }
  return complaints.length === 0 ? [] : [...complaints.map((c) => `${float}: ${c}`), print(...Object.values(two.outputs), ...two.updates.values()), ...(complaints.some((c) => c.includes('written out')) ? ['with loops written out:', print(...Object.values(three.outputs), ...three.updates.values())] : []), `updates: ${[...two.updates].map(([v, e]) => `${v.name} <- ${e.toString()}`).join(', ')}`];
}

/** What a variable holds is rounded. */
function errorsAfter(bound: Float64Array | undefined, { dtype }: Variable, value: Answer | undefined): Float64Array {
  return (bound ?? new Float64Array(0)).map((e, i) => (e === 0 || !isFloat(dtype) ? e : ROOM * e + 2 * UNIT[dtype] * Math.abs(value?.data[i] ?? NaN)));
}

function rounded(dtype: DType, values: Float64Array): TypedArray {
  if (dtype === 'float32') return Float32Array.from(values);
  return dtype === 'float64' ? values : Int32Array.from(values);
}

/** In milliseconds. */
const SHRINKING = 20_000;

export interface SoakOptions {
  readonly runs: number;
  readonly seed: number;
  /** Of one test. */
  readonly chunk?: number;
}

/** Declares the tests: a failure prints the seed, the draws that lead to it made as few as possible, and the graph. */
export function wideGraphs(setting: Setting, { runs, seed, chunk = 250 }: SoakOptions): void {
  describe('random graphs of the wide kind', () => {
    for (let first = 0; first < runs; first += chunk) {
      const count = Math.min(chunk, runs - first);
      it(`${first} to ${first + count - 1}, from seed ${seed}`, async () => {
        const tally: Tally = { compared: 0, unsure: 0, refused: 0, uncompiled: 0, unjudged: 0 };
        let failed: number | undefined;
        await fc.assert(
          fc.asyncProperty(fc.noBias(fc.array(fc.nat(1e6), { minLength: 150, maxLength: 400 })), fc.constantFrom(...setting.floats), async (draws, float) => {
            // A failure is made smaller for so long.
            if (failed !== undefined && performance.now() - failed > SHRINKING) return;
            const wrong = await wideComplaints(draws, float, setting, tally);
            if (wrong.length === 0) return;
            failed ??= performance.now();
            throw new Error(wrong.join('\n'));
          }),
          { seed: seed + first, numRuns: count, interruptAfterTimeLimit: 1_200_000, markInterruptAsFailure: true },
        );
        if (runs > chunk) console.log(`${first + count} of ${runs} graphs: ${tally.compared} elements agree, ${tally.unsure} may be anything, ${tally.refused} calls were refused alike, ${tally.uncompiled} graphs were refused alike, ${tally.unjudged} were not judged`);
        // Most of it must be looked at.
        if (tally.uncompiled > count / 10) throw new Error(`${tally.uncompiled} of ${count} graphs did not compile`);
        if (tally.compared < 10 * count || tally.unsure > tally.compared) throw new Error(`only ${tally.compared} elements were compared, ${tally.unsure} may be anything`);
      }, 1_500_000);
    }
  });
}
