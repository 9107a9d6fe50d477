/** erf: x + x p(x^2) below 1, and 1 - e^(-x^2) g(1 / (x + 2)) above, where g is the scaled complement e^(x^2) erfc x. */
import { v128 } from '../wasm/instructions.js';
import { expNormal } from './exp.js';
import type { EmitUnary } from './lanes.js';

export const emitErf: EmitUnary = (f, a, x) => {
  const { float } = a;
  const { small, join, complement, center, saturation } = a.functions.erf;
  const one = f.let(float.const(1));
  const size = f.let(float.pmin(float.abs(x), float.const(saturation)));
  const square = f.let(float.mul(size, size));
  const below = float.add(size, float.mul(size, a.polynomial(square, small)));
  const t = f.let(float.div(one, float.add(size, float.const(center))));
  const rest = float.mul(expNormal(f, a, f.let(float.neg(square))), a.polynomial(t, complement));
  const magnitude = v128.bitselect(below, float.sub(one, rest), float.lt(size, float.const(join)));
  return a.withSignOf(magnitude, x);
};
