/**
 * Elementary functions that WebAssembly has no instruction for, as functions on vectors: no tables in memory, and no branches but
 * those for large angles and large quotients. Special values, subnormals and signs of zero are those of JavaScript's Math, and for
 * mod those of its `%`. Coefficients, and limits of arguments, are the compiler's, in elementary-functions.ts.
 *
 * Largest error found, in units in the last place, over a million points or more of the whole range; float32 against float64,
 * float64 against V8's Math (itself off by up to one unit), stdlib's erf and, for exp, log, sin, tanh and pow, 60 digits:
 *
 *     function   f32x4   f64x2   against 60 digits
 *     exp         0.98       1   0.88
 *     expm1       1.65       2
 *     log         0.80       1   0.73
 *     log1p       0.81       1
 *     log2        1.75       2   1.54
 *     log10       1.95       2   1.48
 *     sin         1.49       2   0.70
 *     cos         1.49       3
 *     tan         2.94       4
 *     tanh        2.27       3   1.99
 *     sigmoid     2.09       2
 *     erf         1.34       2
 *     pow         0.50       1   0.93
 *     mod            0       0
 *
 * Every machine gives the same bits: no relaxed instruction is used.
 */
import { emitExp, emitExpm1, emitSigmoid, emitTanh } from './exp.js';
import { Arithmetic, type EmitBinary, type EmitUnary, type Helpers, type Lanes, type Vector, type VectorLocal } from './lanes.js';
import { emitLog, emitLog10, emitLog1p, emitLog2 } from './log.js';
import { lost } from '@pappus/compiler';
import type { FunctionBuilder, ModuleBuilder, WasmFunction } from '../wasm/module.js';

export type { Lanes } from './lanes.js';

/** What a library function is written by. `pow` and `mod` take two arguments, the others one. */
export type Rendering = { readonly arity: 1; readonly emit: EmitUnary } | { readonly arity: 2; readonly emit: EmitBinary };

const unary = (emit: EmitUnary): Rendering => ({ arity: 1, emit });
const binary = (emit: EmitBinary): Rendering => ({ arity: 2, emit });

/** Each function, at hand where losses and activations have it, else where it is loaded from. `mod` has the sign of the divisor; a zero that of the dividend. */
const FUNCTIONS = {
  exp: unary(emitExp),
  expm1: unary(emitExpm1),
  log: unary(emitLog),
  log1p: unary(emitLog1p),
  log2: unary(emitLog2),
  log10: unary(emitLog10),
  tanh: unary(emitTanh),
  sigmoid: unary(emitSigmoid),
  sin: async () => unary((await import('./trigonometric.js')).emitSin),
  cos: async () => unary((await import('./trigonometric.js')).emitCos),
  tan: async () => unary((await import('./trigonometric.js')).emitTan),
  erf: async () => unary((await import('./erf.js')).emitErf),
  pow: async () => binary((await import('./pow.js')).emitPow),
  mod: async () => binary((await import('./mod.js')).emitMod),
} as const satisfies Readonly<Record<string, Rendering | (() => Promise<Rendering>)>>;

export type MathFunction = keyof typeof FUNCTIONS;

/** The functions that a module may have. */
export type Renderings = Readonly<Partial<Record<string, Rendering>>>;

/** Those among `names` that are in the library; all of them without names. */
export async function loadMath(names: Iterable<string> = Object.keys(FUNCTIONS)): Promise<Renderings> {
  const wanted = new Set(names);
  const found = Object.entries<Rendering | (() => Promise<Rendering>)>(FUNCTIONS).filter(([name]) => wanted.has(name));
  return Object.fromEntries(await Promise.all(found.map(async ([name, rendering]) => [name, typeof rendering === 'function' ? await rendering() : rendering] as const)));
}

/** The functions of one module, each emitted when first asked for. */
export class MathLibrary implements Helpers {
  private readonly emitted = new Map<string, WasmFunction<'v128'>>();

  /** @param renderings what `loadMath` answers for the functions that the module will have */
  constructor(private readonly module: ModuleBuilder, private readonly renderings: Renderings) {}

  /** The function on vectors: `(v128) -> v128`, and `(v128, v128) -> v128` for those of two arguments. */
  get(name: MathFunction, lanes: Lanes): WasmFunction<'v128'> {
    const rendering = this.renderingOf(name);
    const arithmetic = Arithmetic.of[lanes];
    return this.shared(`${name} ${lanes}`, (module, title) =>
      rendering.arity === 1
        ? module.function({ name: title, parameters: ['v128'], result: 'v128' }, (f, x) => {
            f.return(rendering.emit(f, arithmetic, x, this));
          })
        : module.function({ name: title, parameters: ['v128', 'v128'], result: 'v128' }, (f, x, y) => {
            f.return(rendering.emit(f, arithmetic, x, y, this));
          }),
    );
  }

  /**
   * The same computation written into the caller. In a loop it takes about half the time of a call for the short functions, exp, tanh
   * and sigmoid: the engine makes their constants once, before the loop. `y` is the second argument, of `pow` and `mod`.
   */
  inline(f: FunctionBuilder, name: MathFunction, lanes: Lanes, x: VectorLocal, y?: VectorLocal): Vector {
    const rendering = this.renderingOf(name);
    const arithmetic = Arithmetic.of[lanes];
    if (rendering.arity === 1) return rendering.emit(f, arithmetic, x, this);
    if (y === undefined) throw new TypeError(`${name} takes two arguments`);
    return rendering.emit(f, arithmetic, x, y, this);
  }

  shared(name: string, write: (module: ModuleBuilder, name: string) => WasmFunction<'v128'>): WasmFunction<'v128'> {
    const known = this.emitted.get(name);
    if (known !== undefined) return known;
    const emitted = write(this.module, name);
    this.emitted.set(name, emitted);
    return emitted;
  }

  private renderingOf(name: MathFunction): Rendering {
    return this.renderings[name] ?? lost(`the code of ${name}`);
  }
}
