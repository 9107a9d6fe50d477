// Newton and Schulz' iteration rounded to bfloat16, as PyTorch computes it on the CPU.
import { type Expr, maximum, norm, pow, scalar, where } from 'pappus';

/** To bfloat16, half to even: 8 significant bits, from float32 as PyTorch does. Numbers that bfloat16 has not as normal ones do not occur. */
export function toBfloat16(value: Expr): Expr {
  const x = toFloat32(value);
  const size = where(x.eq(0), 1, x.abs());
  // The power of two below, whatever the rounding of logarithm and power: what is off by some last bits loses them in a sum.
  const rough = pow(2, size.log().div(Math.LN2).floor());
  const longer = rough.mul(x.dtype === 'float64' ? 2 ** 30 : 2 ** 12);
  const near = rough.add(longer).sub(longer);
  const power = where(near.gt(size), near.mul(0.5), where(near.mul(2).le(size), near.mul(2), near));
  // A sum in which 8 bits of x are left: those of the significand but 7.
  const large = power.mul(1.5 * 2 ** ((x.dtype === 'float64' ? 52 : 23) - 7));
  return x.add(large).sub(large);
}

/** To float32, in which PyTorch sums the products of bfloat16 and multiplies by numbers. */
function toFloat32(x: Expr): Expr {
  return x.dtype === 'float64' ? x.cast('float32').cast('float64') : x;
}

/** How a peer's class writes an iteration. */
export interface BfloatOptions {
  readonly steps: number;
  readonly coefficients: readonly [number, number, number];
  readonly epsilon: number;
  /** Whether epsilon is added to the norm, or the least that it is. */
  readonly epsilonPlace: 'added' | 'least';
  /** Whether a product and a sum are one operation, which is rounded to bfloat16 once. */
  readonly fused: boolean;
}

/** The matrix made nearly orthogonal, each operation rounded. */
export function bfloat16NewtonSchulz(x: Expr, { steps, coefficients, epsilon, epsilonPlace, fused }: BfloatOptions): Expr {
  const [a = NaN, b = NaN, c = NaN] = coefficients.map(Math.fround);
  const [rows = 0, columns = 0] = x.shape.slice(-2).map(Number);
  const r = toBfloat16;
  const size = r(norm(r(x), [-2, -1], { keepdims: true }));
  const divisor = r(epsilonPlace === 'added' ? size.add(epsilon) : maximum(size, r(scalar(epsilon, x.dtype))));
  let y = r((rows > columns ? transposed(r(x)) : r(x)).div(divisor));
  for (let k = 0; k < steps; k++) {
    const gram = r(y.matmul(transposed(y)));
    if (fused) {
      // A multiply-add of float32, which rounds once, is the last step of each.
      const update = r(gram.mul(b).add(toFloat32(toFloat32(gram.matmul(gram)).mul(c))));
      y = r(y.mul(a).add(toFloat32(update.matmul(y))));
    } else {
      const update = r(r(gram.mul(b)).add(r(r(gram.mul(c)).matmul(gram))));
      y = r(r(y.mul(a)).add(r(update.matmul(y))));
    }
  }
  return rows > columns ? transposed(y) : y;
}

function transposed(x: Expr): Expr {
  return x.transpose([...Array.from({ length: x.rank - 2 }, (_, axis) => axis), x.rank - 1, x.rank - 2]);
}
