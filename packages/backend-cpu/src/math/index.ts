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
import { emitErf } from './erf.js';
import { emitExp, emitExpm1, emitSigmoid, emitTanh } from './exp.js';
import { Arithmetic, type EmitBinary, type EmitUnary, type Helpers, type Lanes, type Vector, type VectorLocal } from './lanes.js';
import { emitReduceLargeAngle } from './large-angle.js';
import { emitLog, emitLog10, emitLog1p, emitLog2 } from './log.js';
import { emitMod, emitRemainder } from './mod.js';
import { emitPow } from './pow.js';
import { emitCos, emitSin, emitTan } from './trigonometric.js';
import type { FunctionBuilder, ModuleBuilder, WasmFunction } from '../wasm/module.js';

export type { Lanes } from './lanes.js';

/** `pow` and `mod` take two arguments, the others one. `mod` is the remainder with the sign of the divisor; a zero has that of the dividend. */
export type MathFunction = 'exp' | 'expm1' | 'log' | 'log1p' | 'log2' | 'log10' | 'sin' | 'cos' | 'tan' | 'tanh' | 'sigmoid' | 'erf' | 'pow' | 'mod';

type Rendering = { readonly arity: 1; readonly emit: EmitUnary } | { readonly arity: 2; readonly emit: EmitBinary };

const unary = (emit: EmitUnary): Rendering => ({ arity: 1, emit });
const binary = (emit: EmitBinary): Rendering => ({ arity: 2, emit });

const RENDERINGS: Record<MathFunction, Rendering> = {
  exp: unary(emitExp),
  expm1: unary(emitExpm1),
  log: unary(emitLog),
  log1p: unary(emitLog1p),
  log2: unary(emitLog2),
  log10: unary(emitLog10),
  sin: unary(emitSin),
  cos: unary(emitCos),
  tan: unary(emitTan),
  tanh: unary(emitTanh),
  sigmoid: unary(emitSigmoid),
  erf: unary(emitErf),
  pow: binary(emitPow),
  mod: binary(emitMod),
};

/** The functions of one module, each emitted when first asked for. */
export class MathLibrary implements Helpers {
  private largeAngle: WasmFunction<'v128'> | undefined;
  private largeQuotient: WasmFunction<'v128'> | undefined;
  private readonly emitted = new Map<string, WasmFunction<'v128'>>();

  constructor(private readonly module: ModuleBuilder) {}

  /** The function on vectors: `(v128) -> v128`, and `(v128, v128) -> v128` for those of two arguments. */
  get(name: MathFunction, lanes: Lanes): WasmFunction<'v128'> {
    const key = `${name}:${lanes}`;
    const known = this.emitted.get(key);
    if (known !== undefined) return known;
    const rendering = RENDERINGS[name];
    const arithmetic = Arithmetic.of[lanes];
    const emitted =
      rendering.arity === 1
        ? this.module.function({ name: `${name} ${lanes}`, parameters: ['v128'], result: 'v128' }, (f, x) => {
            f.return(rendering.emit(f, arithmetic, x, this));
          })
        : this.module.function({ name: `${name} ${lanes}`, parameters: ['v128', 'v128'], result: 'v128' }, (f, x, y) => {
            f.return(rendering.emit(f, arithmetic, x, y, this));
          });
    this.emitted.set(key, emitted);
    return emitted;
  }

  /**
   * The same computation written into the caller. In a loop it takes about half the time of a call for the short functions, exp, tanh
   * and sigmoid: the engine makes their constants once, before the loop. `y` is the second argument, of `pow` and `mod`.
   */
  inline(f: FunctionBuilder, name: MathFunction, lanes: Lanes, x: VectorLocal, y?: VectorLocal): Vector {
    const rendering = RENDERINGS[name];
    const arithmetic = Arithmetic.of[lanes];
    if (rendering.arity === 1) return rendering.emit(f, arithmetic, x, this);
    if (y === undefined) throw new TypeError(`${name} takes two arguments`);
    return rendering.emit(f, arithmetic, x, y, this);
  }

  get reduceLargeAngle(): WasmFunction<'v128'> {
    this.largeAngle ??= this.module.function({ name: 'reduce large angle', parameters: ['i64'], result: 'v128' }, (f, bits) => {
      f.return(emitReduceLargeAngle(f, bits));
    });
    return this.largeAngle;
  }

  get remainder(): WasmFunction<'v128'> {
    this.largeQuotient ??= this.module.function({ name: 'remainder f64x2', parameters: ['v128', 'v128'], result: 'v128' }, (f, a, b) => {
      f.return(emitRemainder(f, a, b));
    });
    return this.largeQuotient;
  }
}
