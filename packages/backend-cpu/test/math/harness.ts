/** Runs the functions of the library over arrays, and measures results in units in the last place. */
import { loadMath, MathLibrary, type Lanes, type MathFunction } from '../../src/math/index.js';
import type { Vector, VectorLocal } from '../../src/math/lanes.js';
import { i32, v128 } from '../../src/wasm/instructions.js';
import { call } from '../../src/wasm/call.js';
import { type FunctionBuilder, ModuleBuilder } from '../../src/wasm/module.js';

export type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
type Loop = (x: number, y: number, result: number, end: number) => void;

/** Loaded once, whichever test asks. */
const RENDERINGS = await loadMath();

const FLOATS = { f32x4: Float32Array, f64x2: Float64Array } as const;

/** The function on arrays whose length is a multiple of 4, called or inlined; `y` is the second argument, of `pow` and `mod`. */
export function compile(name: MathFunction, lanes: Lanes, how: 'call' | 'inline' = 'call'): (x: Floats, y?: Floats) => Floats {
  const builder = new ModuleBuilder({ initialPages: 1 });
  const library = new MathLibrary(builder, RENDERINGS);
  const apply = (f: FunctionBuilder, x: VectorLocal, y: VectorLocal): Vector => {
    if (how === 'inline') return library.inline(f, name, lanes, x, y);
    const callee = library.get(name, lanes);
    return callee.parameters.length === 2 ? call(callee, x, y) : call(callee, x);
  };
  const loop = builder.function({ name: 'run', parameters: ['i32', 'i32', 'i32', 'i32'] }, (f, x, y, result, end) => {
    f.whileLess(result, end, 16, () => {
      f.emit(v128.store(result, apply(f, f.let(v128.load(x)), f.let(v128.load(y)))));
      f.set(x, i32.add(x, i32.const(16)));
      f.set(y, i32.add(y, i32.const(16)));
    });
  });
  builder.export('run', loop);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.encode()), { env: { memory } });
  const run = instance.exports['run'];
  if (!isLoop(run)) throw new TypeError('the module exports no loop');
  return (x, y = x) => {
    const bytes = x.byteLength;
    const missing = 3 * bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    const View = FLOATS[lanes];
    new View(memory.buffer, 0, x.length).set(x);
    new View(memory.buffer, bytes, y.length).set(y);
    run(0, bytes, 2 * bytes, 3 * bytes);
    return new View(memory.buffer, 2 * bytes, x.length).slice();
  };
}

function isLoop(value: unknown): value is Loop {
  return typeof value === 'function';
}

interface Format {
  readonly fractionBits: number;
  readonly smallestExponent: number;
  readonly largest: number;
}

const FORMATS: Record<Lanes, Format> = {
  f32x4: { fractionBits: 23, smallestExponent: -126, largest: (2 - 2 ** -23) * 2 ** 127 },
  f64x2: { fractionBits: 52, smallestExponent: -1022, largest: Number.MAX_VALUE },
};

const highWord = new Float64Array(1);
const words = new Uint32Array(highWord.buffer);

/** The exponent of a finite number: 2^e <= |x| < 2^(e + 1), and -1023 of a float64 subnormal. */
function exponentOf(x: number): number {
  highWord[0] = x;
  return (((words[1] ?? 0) >>> 20) & 0x7ff) - 1023;
}

/**
 * How many units in the last place of `wanted` the result is away from it; 0 for two NaN, Infinity if only one is NaN.
 * A result that overflows where `wanted` does not, counts as the next number after the largest; and -0 is not 0.
 */
export function ulps(lanes: Lanes, actual: number, wanted: number): number {
  if (Object.is(actual, wanted)) return 0;
  if (Number.isNaN(actual) || Number.isNaN(wanted)) return Infinity;
  if (actual === 0 && wanted === 0) return Infinity;
  const { fractionBits, smallestExponent, largest } = FORMATS[lanes];
  if (Math.abs(wanted) > largest) {
    if (Math.sign(actual) !== Math.sign(wanted)) return Infinity;
    return Number.isFinite(actual) ? ulps(lanes, actual, Math.sign(wanted) * largest) : 0;
  }
  if (!Number.isFinite(actual)) {
    if (Math.sign(actual) !== Math.sign(wanted)) return Infinity;
    return 1 + ulps(lanes, Math.sign(wanted) * largest, wanted);
  }
  const unit = 2 ** (Math.max(exponentOf(wanted), smallestExponent) - fractionBits);
  return Math.abs(actual - wanted) / unit;
}

/** Numbers in [0, 2^32), the same in every run (Marsaglia, Xorshift RNGs, 2003). */
export function randomWords(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** As many numbers of random bits: every exponent, subnormals, infinities and NaN. */
export function randomBits(lanes: Lanes, count: number, seed: number): Floats {
  const next = randomWords(seed);
  const values = new FLOATS[lanes](count);
  const patterns = new Uint32Array(values.buffer);
  for (let k = 0; k < patterns.length; k++) patterns[k] = next();
  return values;
}

/** Numbers spread evenly over the intervals, as many in each. */
export function spread(lanes: Lanes, count: number, seed: number, intervals: readonly (readonly [number, number])[]): Floats {
  const next = randomWords(seed);
  const values = new FLOATS[lanes](count);
  for (let k = 0; k < count; k++) {
    const [from, to] = intervals[k % intervals.length] ?? [0, 1];
    const fraction = (next() + next() * 2 ** -32) * 2 ** -32;
    values[k] = from + (to - from) * fraction;
  }
  return values;
}

export interface Worst {
  readonly ulps: number;
  readonly at: string;
}

/** The result furthest from the oracle. */
export function worst(lanes: Lanes, actual: Floats, wanted: (k: number) => number, describe: (k: number) => string): Worst {
  let most = -1;
  let index = 0;
  for (let k = 0; k < actual.length; k++) {
    const error = ulps(lanes, actual[k] ?? NaN, wanted(k));
    if (error > most) {
      most = error;
      index = k;
    }
  }
  return { ulps: most, at: `${describe(index)}: ${String(actual[index])}, not ${String(wanted(index))}` };
}
