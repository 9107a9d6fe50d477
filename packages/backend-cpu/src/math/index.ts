/**
 * Elementary functions that WebAssembly has no instruction for, as functions on vectors, without branches or tables.
 */
import { emitErf } from './erf.js';
import { emitExp, emitExpm1, emitSigmoid, emitTanh } from './exp.js';
import { Arithmetic, type EmitBinary, type EmitUnary, type Helpers, type Lanes } from './lanes.js';
import { emitReduceLargeAngle } from './large-angle.js';
import { emitLog, emitLog1p } from './log.js';
import { emitPow } from './pow.js';
import { emitCos, emitSin, emitTan } from './trigonometric.js';
import type { ModuleBuilder, WasmFunction } from '../wasm/module.js';

export type { Lanes } from './lanes.js';

export type MathFunction = 'exp' | 'expm1' | 'log' | 'log1p' | 'sin' | 'cos' | 'tan' | 'tanh' | 'sigmoid' | 'erf' | 'pow';

type Rendering = { readonly arity: 1; readonly emit: EmitUnary } | { readonly arity: 2; readonly emit: EmitBinary };

const unary = (emit: EmitUnary): Rendering => ({ arity: 1, emit });
const binary = (emit: EmitBinary): Rendering => ({ arity: 2, emit });

const RENDERINGS: Record<MathFunction, Rendering> = {
  exp: unary(emitExp),
  expm1: unary(emitExpm1),
  log: unary(emitLog),
  log1p: unary(emitLog1p),
  sin: unary(emitSin),
  cos: unary(emitCos),
  tan: unary(emitTan),
  tanh: unary(emitTanh),
  sigmoid: unary(emitSigmoid),
  erf: unary(emitErf),
  pow: binary(emitPow),
};

/** The functions of one module, each emitted when first asked for. */
export class MathLibrary implements Helpers {
  private largeAngle: WasmFunction<'v128'> | undefined;
  private readonly emitted = new Map<string, WasmFunction<'v128'>>();

  constructor(private readonly module: ModuleBuilder) {}

  /** The function on vectors: `(v128) -> v128`, and `(v128, v128) -> v128` for `pow`. */
  get(name: MathFunction, lanes: Lanes): WasmFunction<'v128'> {
    const key = `${name}:${lanes}`;
    const known = this.emitted.get(key);
    if (known !== undefined) return known;
    const emitted = this.emit(RENDERINGS[name], Arithmetic.of[lanes]);
    this.emitted.set(key, emitted);
    return emitted;
  }

  get reduceLargeAngle(): WasmFunction<'v128'> {
    this.largeAngle ??= this.module.function({ parameters: ['i64'], result: 'v128' }, (f, bits) => {
      f.return(emitReduceLargeAngle(f, bits));
    });
    return this.largeAngle;
  }

  private emit(rendering: Rendering, arithmetic: Arithmetic): WasmFunction<'v128'> {
    switch (rendering.arity) {
      case 1:
        return this.module.function({ parameters: ['v128'], result: 'v128' }, (f, x) => {
          f.return(rendering.emit(f, arithmetic, x, this));
        });
      case 2:
        return this.module.function({ parameters: ['v128', 'v128'], result: 'v128' }, (f, x, y) => {
          f.return(rendering.emit(f, arithmetic, x, y));
        });
    }
  }
}
