// Gradients against central finite differences of the float64 interpreter.
import fc from 'fast-check';
import { literal } from '../../src/graph/construct.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { interpret } from '../../src/interpreter/interpreter.js';
import type { Dense } from '../../src/interpreter/tensor.js';
import { sizeOf } from '../../src/graph/shape.js';

/** The step of the difference: values must keep twice that from a kink. */
const STEP = 1e-3;
/**
 * The five-point difference is off by h^4 |f'''''| / 30, at most 3e-10 while the fifth derivative is below 1e4 (as for every
 * case here, on its domain), and by 1.5 eps |f| / h = 3e-11 for losses below 100 from rounding. A wrong formula is off by
 * far more than 1e-8.
 */
const TOLERANCE = 1e-8;

/** Every property runs on the same cases each time. */
export const CASES = { seed: 20240607, numRuns: 30 } as const;

/** Shapes of up to three axes of sizes 0 to 3. */
export const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
/** The same with at least one element and one axis. */
export const filledShapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });

/** Numbers of [low, high] at the odd multiples of a 64th of it: on [-2, 2], no integer and no half. */
export function tensorOf(shape: readonly number[], [low, high]: readonly [number, number]): fc.Arbitrary<Dense> {
  const size = sizeOf(shape);
  return fc
    .array(fc.integer({ min: 0, max: 31 }), { minLength: size, maxLength: size })
    .map((ticks) => ({ data: Float64Array.from(ticks, (k) => low + ((high - low) * (2 * k + 1)) / 64), shape }));
}

/** The same, all different. */
export function distinctTensorOf(shape: readonly number[], [low, high]: readonly [number, number]): fc.Arbitrary<Dense> {
  const size = sizeOf(shape);
  return fc
    .uniqueArray(fc.integer({ min: 0, max: 63 }), { minLength: size, maxLength: size })
    .map((ticks) => ({ data: Float64Array.from(ticks, (k) => low + ((high - low) * (2 * k + 1)) / 128), shape }));
}

export const tensor = (shape: readonly number[], values: readonly number[]): Dense => ({ data: Float64Array.from(values), shape });

/** A scalar with a different weight on each element, so that a gradient's elements cannot be mixed up. */
export function weigh(expr: Expr, phase = 0): Expr {
  const sizes = expr.shape.map(Number);
  const weights = Float64Array.from({ length: sizeOf(sizes) }, (_, i) => Math.cos(1.7 * i + phase + 0.3));
  return expr.mul(literal(weights, sizes, 'float64')).sum();
}

/** The value of a scalar, float64 inputs given. */
export function valueOf(expr: Expr, feeds: ReadonlyMap<Expr, Dense>): Dense {
  const [value] = interpret([expr], (leaf) => feeds.get(leaf), new Map());
  if (value === undefined) throw new Error('no value');
  return value;
}

/** Throws unless the gradients of the weighed `f` are its finite differences. */
export function checkGradient(f: (...args: Expr[]) => Expr, values: readonly Dense[]): void {
  const inputs = values.map(({ shape }) => input('float64', shape));
  const loss = weigh(f(...inputs));
  const gradients = grad(loss, inputs);
  for (const [k, x] of inputs.entries()) {
    const gradient = gradients[k];
    const at = values[k];
    if (gradient === undefined || at === undefined) throw new Error('no gradient');
    if (gradient.shape.join() !== x.shape.join()) throw new Error(`the gradient of ${x.toString()} is ${gradient.toString()}`);
    const feeds = new Map(inputs.flatMap((e, j) => (values[j] === undefined ? [] : [[e, values[j]]])));
    const analytic = valueOf(gradient, feeds).data;
    for (const [i, center] of at.data.entries()) {
      const lossAt = (offset: number): number => {
        const data = at.data.slice();
        data[i] = center + offset * STEP;
        return valueOf(loss, new Map([...feeds, [x, { data, shape: at.shape }]])).data[0] ?? NaN;
      };
      const numeric = (8 * (lossAt(1) - lossAt(-1)) - (lossAt(2) - lossAt(-2))) / (12 * STEP);
      const found = analytic[i] ?? NaN;
      if (!(Math.abs(found - numeric) <= TOLERANCE * Math.max(1, Math.abs(numeric)))) {
        throw new Error(`operand ${k}, element ${i} at ${center}: the gradient is ${found}, the difference ${numeric}`);
      }
    }
  }
}

/** The same for the gradient of the gradient: all the second derivatives, weighed. */
export function checkSecondDerivatives(f: (...args: Expr[]) => Expr, values: readonly Dense[]): void {
  const first = (...inputs: Expr[]): Expr =>
    grad(weigh(f(...inputs)), inputs)
      .map((g, k) => weigh(g, k + 1))
      .reduce((a, b) => a.add(b));
  checkGradient(first, values);
}

export interface DerivativesOptions {
  /** What the numbers are drawn from, those of each tensor all different. Default -2 to 2. */
  readonly range?: readonly [number, number];
  /** Whether the second derivatives exist, and are not 0 everywhere. Default true. */
  readonly smooth?: boolean;
}

/** Throws unless the derivatives of `f` are its finite differences on tensors of these shapes. */
export function checkDerivatives(f: (...args: Expr[]) => Expr, shapesOf: readonly (readonly number[])[], { range = [-2, 2], smooth = true }: DerivativesOptions = {}): void {
  const drawn = fc.tuple(...shapesOf.map((shape) => distinctTensorOf(shape, range)));
  fc.assert(
    fc.property(drawn, (values) => {
      checkGradient(f, values);
      if (smooth) checkSecondDerivatives(f, values);
    }),
    { ...CASES, numRuns: 8 },
  );
}
