/**
 * erf: x + x p(x^2) below 1, and 1 - e^(-x^2) g(1 / (x + 2)) above, where g is the scaled complement e^(x^2) erfc x.
 * (The variable 1 / (x + c) as in Abramowitz & Stegun, 7.1.25 to 7.1.28, which has x c + 1.)
 * p and g are minimax by Remez, g weighted by e^(-x^2), from test/math/minimax.py.
 */
import { v128 } from '../wasm/instructions.js';
import { expNormal } from './exp.js';
import type { EmitUnary, Lanes } from './lanes.js';

interface Constants {
  /** erf(x) / x - 1 in x^2 */
  readonly p: readonly number[];
  /** e^(x^2) erfc x in 1 / (x + 2) */
  readonly g: readonly number[];
  /** From here on erf x is 1 when rounded. */
  readonly saturation: number;
}

const CONSTANTS: Record<Lanes, Constants> = {
  f32x4: {
    p: [
      0.12837916612625122, -0.3761262893676758, 0.11283618211746216, -0.026855122298002243, 0.005190716590732336,
      -0.0008030509343370795, 7.91918791946955e-5,
    ],
    g: [0.0018214063020423055, 0.5194200873374939, 1.5870764255523682, -0.5152254700660706, 10.186081886291504, -7.3850998878479],
    saturation: 4,
  },
  f64x2: {
    p: [
      0.12837916709551256, -0.3761263890318334, 0.11283791670936531, -0.026866170641866693, 0.005223977595805053,
      -0.0008548325433648463, 0.00012055278798131942, -1.4924430504264075e-5, 1.644369244815567e-6, -1.618033455159823e-7,
      1.3600386535405238e-8, -7.576660451347451e-10,
    ],
    g: [
      2.8658717406840465e-5, 0.5629402431434285, 1.1529469971480262, 1.6881639027109427, 5.006489072049642, -8.615405849566157,
      38.93629716620872, -92.48172511825484, 73.7566236607649, 39.68034115213324, -102.64313054951394, 49.829700922653714,
    ],
    saturation: 6,
  },
};

export const emitErf: EmitUnary = (f, a, x) => {
  const { float } = a;
  const { p, g, saturation } = CONSTANTS[a.lanes];
  const one = f.let(float.const(1));
  const size = f.let(float.pmin(float.abs(x), float.const(saturation)));
  const square = f.let(float.mul(size, size));
  const small = float.add(size, float.mul(size, a.polynomial(square, p)));
  const t = f.let(float.div(one, float.add(size, float.const(2))));
  const complement = float.mul(expNormal(f, a, f.let(float.neg(square))), a.polynomial(t, g));
  const magnitude = v128.bitselect(small, float.sub(one, complement), float.lt(size, one));
  return a.withSignOf(magnitude, x);
};
