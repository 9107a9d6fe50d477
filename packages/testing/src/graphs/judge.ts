// What a backend makes of a graph beside what the definition says: no further apart than rounding can take them.
import { type Backend, compile, type CompiledFunction, type DType, type Expr, interpreter, isFloat, PappusError, type TypedArray, type Variable } from '@pappus/core';
import { topological } from '@pappus/core/backend';
import type { Precision } from '../conformance/elementwise-error.js';
import { roundingBounds } from '../conformance/rounding-bounds.js';
import { build, type BuiltGraph } from './build.js';
import { type Call, type Graph, type GivenTensor, sizesOf } from './graph.js';

/** What a call led to: its outputs and the variables after it, or an error. */
interface Outcome {
  readonly error: string | undefined;
  /** An error that is none of ours. */
  readonly raw: boolean;
  readonly answers: ReadonlyMap<string, GivenTensor>;
}

type Compiled = CompiledFunction<Readonly<Record<string, Expr>>, Readonly<Record<string, Expr>>>;

/** How many elements were compared, and how many could be anything. */
export interface Tally {
  compared: number;
  unsure: number;
  refused: number;
  /** Graphs that nobody compiled. */
  uncompiled: number;
  /** Graphs of whose rounding nothing is known. */
  unjudged: number;
}

export function emptyTally(): Tally {
  return { compared: 0, unsure: 0, refused: 0, uncompiled: 0, unjudged: 0 };
}

/** Where a backend and the definition part: values, errors; or the definition with itself, once its scans are written out. */
export interface Disagreement {
  readonly kind: 'values' | 'errors' | 'definition';
  readonly text: string;
  /** The output, or the variable as `variable v0`; undefined where it is all of the call. */
  readonly result: string | undefined;
  readonly call: number;
}

async function called(f: Compiled, { variables }: BuiltGraph, given: Call): Promise<Outcome> {
  const answers = new Map<string, GivenTensor>();
  let error: string | undefined;
  let raw = false;
  try {
    for (const [name, output] of Object.entries(await f(given))) answers.set(name, { dtype: output.dtype, shape: output.shape, data: await output.read() });
  } catch (thrown) {
    raw = !(thrown instanceof PappusError);
    error = thrown instanceof Error ? `${thrown.constructor.name}: ${thrown.message}` : String(thrown);
  }
  for (const held of variables) answers.set(`variable ${held.name}`, { dtype: held.dtype, shape: held.shape.map(Number), data: await held.read() });
  return { error, raw, answers };
}

/** Every expression of a graph, evaluated by the definition. */
class Definition {
  private constructor(
    private readonly built: BuiltGraph,
    private readonly order: readonly Expr[],
    private readonly f: Compiled,
  ) {}

  static async of(built: BuiltGraph): Promise<Definition> {
    const order = topological([...Object.values(built.outputs), ...built.updates.values(), ...built.variables]);
    // As float64: what lies between is not rounded.
    const outputs = Object.fromEntries(order.map((e, k) => [`e${k}`, e.cast('float64')]));
    return new Definition(built, order, await compile({ inputs: built.inputs, outputs }, interpreter()));
  }

  /** The bounds of the outputs and the variables after a call, given those of the variables before it. */
  async bounds(given: Call, sizes: ReadonlyMap<string, number>, errors: ReadonlyMap<string, Float64Array>, precision: Precision): Promise<{ readonly bounds: ReadonlyMap<string, Float64Array>; readonly values: ReadonlyMap<string, Float64Array> }> {
    const found = new Map<Expr, { readonly values: Float64Array; readonly shape: readonly number[] }>();
    const answers = await this.f(given);
    for (const [k, e] of this.order.entries()) {
      const output = answers[`e${k}`];
      if (output !== undefined) found.set(e, { values: Float64Array.from(await output.read()), shape: output.shape });
    }
    const { built } = this;
    const leaves = new Map<Expr, Float64Array>(built.variables.flatMap((v) => [[v, errors.get(v.name) ?? new Float64Array(0)] as const]).filter(([, e]) => e.length > 0));
    const known = roundingBounds({
      order: this.order, leaves, sizes, precision,
      valueOf: (e) => {
        const value = found.get(e);
        if (value === undefined) throw new Error(`the definition has no value for ${e.toString()}`);
        return value;
      },
    });
    const named = [...Object.entries(built.outputs), ...built.variables.map((v) => [`variable ${v.name}`, built.updates.get(v) ?? v] as const)];
    return {
      bounds: new Map(named.map(([name, e]) => [name, known.get(e)?.errors ?? new Float64Array(0)])),
      values: new Map(named.map(([name, e]) => [name, known.get(e)?.values ?? new Float64Array(0)])),
    };
  }

  async follow(variables: ReadonlyMap<string, GivenTensor>): Promise<void> {
    for (const v of this.built.variables) {
      const value = variables.get(`variable ${v.name}`);
      if (value !== undefined) await v.set({ data: value.data, shape: value.shape });
    }
  }
}

/** Room for what an analysis of the first order leaves out, and for other orders of the same sums. */
const ROOM = 2;
const UNIT = { float32: 2 ** -24, float64: 2 ** -53 };

function apart(actual: GivenTensor | undefined, expected: GivenTensor, bounds: Float64Array, tally: Tally): string | undefined {
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

/** Scans written out may be refused where scans are not: an index that a step does not reach is a constant there. */
function writtenOut(graph: Graph): BuiltGraph | undefined {
  try {
    return build(graph, { writtenOut: true });
  } catch (error) {
    if (!(error instanceof PappusError)) throw error;
    return undefined;
  }
}

/**
 * Where a backend and the definition differ on a graph; nothing if they agree, be it in an error.
 *
 * @throws what building the graph throws
 */
export async function disagreements(graph: Graph, backend: Backend, precision: Precision, tally = emptyTally()): Promise<readonly Disagreement[]> {
  const [one, two, three] = [build(graph), build(graph), writtenOut(graph)];
  const compiled = ({ inputs, outputs, updates }: BuiltGraph, on: Backend): Promise<Compiled | string> => compile({ inputs, outputs, updates }, on).catch((error: unknown) => String(error));
  const [expected, actual] = await Promise.all([compiled(one, interpreter()), compiled(two, backend)]);
  if (typeof expected === 'string' || typeof actual === 'string') {
    tally.uncompiled++;
    if (expected === actual) return [];
    return [{ kind: 'errors', call: 0, result: undefined, text: `compiling: ${typeof actual === 'string' ? actual : 'no error'}; by the definition: ${typeof expected === 'string' ? expected : 'none'}` }];
  }
  const definition = three === undefined ? undefined : await Definition.of(three).catch(unlessOurs);
  if (definition === undefined) {
    tally.unjudged++;
    return [];
  }
  let errors = new Map<string, Float64Array>();
  for (const [k, call] of graph.calls.entries()) {
    const sizes = sizesOf(graph, call);
    const place = `call ${k}${sizes.size === 0 ? '' : `, sizes ${JSON.stringify([...sizes])}`}`;
    const wanted = await called(expected, one, call);
    const got = await called(actual, two, call);
    if (wanted.error !== got.error || got.raw) return [{ kind: 'errors', call: k, result: undefined, text: `${place}: ${got.error ?? 'no error'}; by the definition: ${wanted.error ?? 'none'}` }];
    if (wanted.error !== undefined) {
      tally.refused++;
      continue;
    }
    // Scans written out have indices of their own, which the definition refuses.
    const known = await definition.bounds(call, sizes, errors, precision).catch(unlessOurs);
    if (known === undefined) {
      tally.unjudged++;
      return [];
    }
    const found: Disagreement[] = [];
    const { bounds, values } = known;
    for (const [name, value] of wanted.answers) {
      const again = values.get(name);
      // The gradient through a scan may have products with 0 that the scan written out has not, or the other way: where one of them is NaN, nothing
      // is known of the rounding.
      const bound = (bounds.get(name) ?? new Float64Array(0)).map((e, i) => (again !== undefined && Number.isNaN(again[i]) !== Number.isNaN(value.data[i]) ? Infinity : e));
      const where = `${name} of ${place}`;
      const complaint = apart(got.answers.get(name), value, bound, tally);
      if (complaint !== undefined) found.push({ kind: 'values', call: k, result: name, text: `${where}: ${complaint}` });
      // Scans that are written out are the same scans.
      const inDefinition = again === undefined ? 'is missing' : apart({ ...value, data: rounded(value.dtype, again) }, value, bound, emptyTally());
      if (inDefinition !== undefined) found.push({ kind: 'definition', call: k, result: name, text: `${where}, by the definition with scans written out: ${inDefinition}` });
    }
    if (found.length > 0) return found;
    errors = new Map(one.variables.map((v): [string, Float64Array] => [v.name, errorsAfter(bounds.get(`variable ${v.name}`), v, wanted.answers.get(`variable ${v.name}`))]));
    await definition.follow(wanted.answers);
  }
  return [];
}

function unlessOurs(error: unknown): undefined {
  if (!(error instanceof PappusError)) throw error;
  return undefined;
}

/** What a variable holds is rounded. */
function errorsAfter(bound: Float64Array | undefined, { dtype }: Variable, value: GivenTensor | undefined): Float64Array {
  return (bound ?? new Float64Array(0)).map((e, i) => (e === 0 || !isFloat(dtype) ? e : ROOM * e + 2 * UNIT[dtype] * Math.abs(value?.data[i] ?? NaN)));
}

function rounded(dtype: DType, values: Float64Array): TypedArray {
  if (dtype === 'float32') return Float32Array.from(values);
  return dtype === 'float64' ? values : Int32Array.from(values);
}
