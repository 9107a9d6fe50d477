/** First values of variables, as constant expressions of shape and dtype. */
import { literal, scalar } from '../graph/construct.js';
import { checkNumber, type DType, DTYPES } from '../graph/dtype.js';
import { GraphError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { add, mul } from '../operations/elementwise.js';
import { broadcastTo } from '../operations/movement.js';
import { normalNumbers, truncatedNormalNumbers, uniformNumbers } from '../operations/random.js';
import { type KeyWords, keyWords, wholeSeed } from '../operations/random-bits.js';
import { requireTensor } from '../operations/operand-checks.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { normals, truncatedNormals, uniforms } from './random.js';
import { formatShape, type Shape, type ShapeLike, sizeOf, toShape } from '../graph/shape.js';

/** Options of `constant`, `zeros` and `ones`. */
export interface FillOptions {
  /** Default float32. */
  readonly dtype?: DType;
}

/** Options of first values that are random. */
export interface RandomOptions {
  /** The same seed gives the same values: a whole number, of which the low 32 bits count. Default: another one each time. */
  readonly seed?: number;
  /** Default float32. */
  readonly dtype?: 'float32' | 'float64';
}

/** Of random numbers that may be those of a step, and then are no constants: a step or a seed that is an expression makes them so. */
export interface SteppedOptions extends Omit<RandomOptions, 'seed'> {
  /** Default: another one each time that the expression is made. Two operations with one seed and one step get the same numbers. */
  readonly seed?: number | Expr;
  /**
   * A whole number or an int32 scalar; the numbers of each step are others. Default: none, or 0 beside a seed that is an expression.
   * With it the numbers are noise, which is standard unless it is said how large.
   */
  readonly step?: number | Expr;
}

/** Options of `uniform`. */
export interface UniformOptions extends SteppedOptions {
  /** The least that there is. Default -0.05; 0 for noise. */
  readonly low?: number;
  /** What all are below. Default 0.05; 1 for noise. */
  readonly high?: number;
}

/** Options of `normal` and `truncatedNormal`. */
export interface NormalOptions extends SteppedOptions {
  /** Default 0. */
  readonly mean?: number;
  /** The standard deviation, of `truncatedNormal` that before the tails are cut. Default 0.05; 1 for noise. */
  readonly std?: number;
}

/** Options of `orthogonal`. */
export interface OrthogonalOptions extends RandomOptions {
  /** What the matrix is multiplied by. Default 1. */
  readonly gain?: number;
}

/**
 * One number everywhere.
 *
 * @param shape known or open sizes
 * @throws {ShapeError} if it is no shape
 * @throws {InputError|DTypeError} if the dtype does not have the value
 */
export function constant(value: number | boolean, shape: ShapeLike, options?: FillOptions): Expr {
  return filled('constant', value, shape, options);
}

/**
 * Zeros.
 * @param shape known or open sizes
 * @throws {ShapeError} if it is no shape
 */
export function zeros(shape: ShapeLike, options?: FillOptions): Expr {
  return filled('zeros', 0, shape, options);
}

/**
 * Ones.
 * @param shape known or open sizes
 * @throws {ShapeError} if it is no shape
 */
export function ones(shape: ShapeLike, options?: FillOptions): Expr {
  return filled('ones', 1, shape, options);
}

function filled(operation: string, value: number | boolean, shape: ShapeLike, options: FillOptions | undefined): Expr {
  const { dtype = 'float32' } = checkOptions(operation, options, { dtype: DTYPES });
  return broadcastTo(scalar(checkNumber(value, dtype, operation), dtype), toShape(shape, operation));
}

/** Zeros of another expression's shape and dtype. */
export function zerosLike(expr: Expr): Expr {
  requireTensor('zerosLike', expr);
  return broadcastTo(scalar(0, expr.dtype), expr.shape);
}

/** Ones of another expression's shape and dtype. */
export function onesLike(expr: Expr): Expr {
  requireTensor('onesLike', expr);
  return broadcastTo(scalar(1, expr.dtype), expr.shape);
}

/** Whether numbers are noise, other ones in each step, and not first values. */
function isNoise({ seed, step }: SteppedOptions): boolean {
  return step !== undefined || seed instanceof Expr;
}

/**
 * Uniform on [low, high). First values, constants, by default on [-0.05, 0.05). With a step or a seed that is an expression it is noise:
 * numbers that each call makes anew, over a shape that may have open dimensions, by default on [0, 1).
 *
 * @throws {InputError} if the seed or the step of such numbers is not whole
 * @throws {DTypeError} if it is an expression that is not int32
 * @throws {ShapeError} if it is no scalar
 * @example x.add(uniform(['batch', 8], { low: -0.1, high: 0.1, seed: 1, step }))
 */
export function uniform(shape: ShapeLike, options: UniformOptions = {}): Expr {
  checkOptions('uniform', options, { ...randomOptions(), step: option.unchecked, low: option.finite, high: option.finite });
  const { low = isNoise(options) ? 0 : -0.05, high = isNoise(options) ? 1 : 0.05 } = options;
  return uniformOf('uniform', shape, options, low, high);
}

/**
 * Normal. First values by default have mean 0 and standard deviation 0.05; noise, made by a step or a seed that is an expression as
 * for `uniform`, is standard by default: mean 0 and standard deviation 1.
 *
 * @throws as `uniform`
 * @example const sample = mean.add(logStd.exp().mul(normal(mean.shape, { seed: 1, step })));
 */
export function normal(shape: ShapeLike, options: NormalOptions = {}): Expr {
  checkOptions('normal', options, { ...randomOptions(), step: option.unchecked, mean: option.finite, std: option.finite });
  const { mean = 0, std = isNoise(options) ? 1 : 0.05 } = options;
  return normalOf('normal', shape, options, mean, std);
}

/**
 * Normal, but nothing further than two standard deviations from the mean, std being that before the tails are cut (it is 0.88 of that
 * after). First values by default have mean 0 and std 0.05; noise, made by a step or a seed that is an expression as for `uniform`,
 * mean 0 and std 1, so that it lies between -2 and 2.
 *
 * @throws as `uniform`
 */
export function truncatedNormal(shape: ShapeLike, options: NormalOptions = {}): Expr {
  checkOptions('truncatedNormal', options, { ...randomOptions(), step: option.unchecked, mean: option.finite, std: option.finite });
  const { mean = 0, std = isNoise(options) ? 1 : 0.05 } = options;
  return numbers('truncatedNormal', shape, options, (seed, count) => truncatedNormals(seed, count, 2).map((z) => mean + std * z), (sizes, key, dtype) =>
    add(mul(truncatedNormalNumbers(sizes, key, dtype), std), mean));
}

/**
 * Uniform on ±sqrt(6 / (fanIn + fanOut)). Glorot & Bengio (2010), equation 16.
 *
 * Fan-in and fan-out of a dense weight `[in, out]`, which stands to the right of the inputs in a product, are its first and second
 * axis; of a convolution's `[out, in, ...window]` they are `in` and `out`, the second and the first, times the size of the window.
 *
 * @throws {ShapeError} if there are fewer than two axes
 * @throws {GraphError} if a size is open
 */
export function glorotUniform(shape: ShapeLike, options?: RandomOptions): Expr {
  const given = checkOptions('glorotUniform', options, randomOptions());
  const { fanIn, fanOut } = fans('glorotUniform', shape);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return uniformOf('glorotUniform', shape, given, -limit, limit);
}

/** Normal of variance 2 / (fanIn + fanOut). Glorot & Bengio (2010), equation 12. Fans as for `glorotUniform`. */
export function glorotNormal(shape: ShapeLike, options?: RandomOptions): Expr {
  const given = checkOptions('glorotNormal', options, randomOptions());
  const { fanIn, fanOut } = fans('glorotNormal', shape);
  return normalOf('glorotNormal', shape, given, 0, Math.sqrt(2 / (fanIn + fanOut)));
}

/** Uniform on ±sqrt(6 / fanIn), for rectifiers. He et al. (2015), section 2.2. Fans as for `glorotUniform`. */
export function heUniform(shape: ShapeLike, options?: RandomOptions): Expr {
  const given = checkOptions('heUniform', options, randomOptions());
  const limit = Math.sqrt(6 / fans('heUniform', shape).fanIn);
  return uniformOf('heUniform', shape, given, -limit, limit);
}

/** Normal of variance 2 / fanIn, for rectifiers. He et al. (2015), equation 10. Fans as for `glorotUniform`. */
export function heNormal(shape: ShapeLike, options?: RandomOptions): Expr {
  const given = checkOptions('heNormal', options, randomOptions());
  return normalOf('heNormal', shape, given, 0, Math.sqrt(2 / fans('heNormal', shape).fanIn));
}

/** Uniform on ±sqrt(3 / fanIn), so of variance 1 / fanIn. LeCun et al. (1998), "Efficient BackProp", section 4.6. Fans as for `glorotUniform`. */
export function lecunUniform(shape: ShapeLike, options?: RandomOptions): Expr {
  const given = checkOptions('lecunUniform', options, randomOptions());
  const limit = Math.sqrt(3 / fans('lecunUniform', shape).fanIn);
  return uniformOf('lecunUniform', shape, given, -limit, limit);
}

/** Normal of variance 1 / fanIn. LeCun et al. (1998), "Efficient BackProp", equation 16. Fans as for `glorotUniform`. */
export function lecunNormal(shape: ShapeLike, options?: RandomOptions): Expr {
  const given = checkOptions('lecunNormal', options, randomOptions());
  return normalOf('lecunNormal', shape, given, 0, Math.sqrt(1 / fans('lecunNormal', shape).fanIn));
}

/**
 * A matrix `[rows, columns]` with orthonormal rows or columns, whichever are fewer, times the gain, evenly distributed over
 * all such matrices; of more axes, the first are the rows and the others together the columns. Saxe et al. (2013),
 * arXiv:1312.6120.
 *
 * @throws {ShapeError} if there are fewer than two axes
 */
export function orthogonal(shape: ShapeLike, options?: OrthogonalOptions): Expr {
  const { gain = 1, ...given } = checkOptions('orthogonal', options, { ...randomOptions(), gain: option.finite });
  const [rows, ...others] = knownShape('orthogonal', shape);
  if (rows === undefined || others.length === 0) {
    throw new ShapeError(`orthogonal: takes at least 2 dimensions, not ${formatShape(toShape(shape))}; use uniform or normal`);
  }
  const columns = sizeOf(others);
  const [few, many] = [Math.min(rows, columns), Math.max(rows, columns)];
  return fill('orthogonal', shape, given, (seed, count) => {
    const vectors = orthonormal(normals(seed, count), few, many);
    return Float64Array.from(vectors, (_, k) => gain * (rows <= columns ? (vectors[k] ?? NaN) : (vectors[(k % columns) * many + Math.floor(k / columns)] ?? NaN)));
  });
}

/**
 * The vectors one after the other, `count` of `length`, made orthonormal in their order (Gram & Schmidt): the QR
 * decomposition with a positive diagonal of R, which makes normal vectors evenly distributed (Mezzadri 2007). Projections
 * are taken away twice, so that rounding leaves none.
 */
function orthonormal(vectors: Float64Array, count: number, length: number): Float64Array {
  const result = vectors.slice();
  for (let k = 0; k < count; k++) {
    const vector = result.subarray(k * length, (k + 1) * length);
    for (let j = 0; j < 2 * k; j++) {
      const other = result.subarray((j % k) * length, ((j % k) + 1) * length);
      const projection = dot(vector, other);
      for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? NaN) - projection * (other[i] ?? NaN);
    }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? NaN) / norm;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}

function uniformOf(operation: string, shape: ShapeLike, options: SteppedOptions, low: number, high: number): Expr {
  return numbers(operation, shape, options, (seed, count) => uniforms(seed, count).map((u) => low + (high - low) * u), (sizes, key, dtype) =>
    uniformNumbers(sizes, key, dtype, low, high));
}

function normalOf(operation: string, shape: ShapeLike, options: SteppedOptions, mean: number, std: number): Expr {
  return numbers(operation, shape, options, (seed, count) => normals(seed, count).map((z) => mean + std * z), (sizes, key, dtype) =>
    add(mul(normalNumbers(sizes, key, dtype), std), mean));
}

/** Constants made on the host, or an expression of the key. */
function numbers(
  operation: string,
  shape: ShapeLike,
  options: SteppedOptions,
  constants: (seed: number, count: number) => Float64Array,
  stepped: (shape: Shape, key: KeyWords, dtype: 'float32' | 'float64') => Expr,
): Expr {
  const { seed = anySeed(), step, dtype = 'float32' } = options;
  if (!isNoise(options) && !(seed instanceof Expr)) return fill(operation, shape, { seed, dtype }, constants);
  return stepped(toShape(shape, operation), keyWords(operation, { seed, step: step ?? 0 }), dtype);
}

function anySeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

function fill(operation: string, shape: ShapeLike, options: RandomOptions, values: (seed: number, count: number) => Float64Array): Expr {
  const sizes = knownShape(operation, shape);
  const seed = wholeSeed(operation, 'seed', options.seed ?? anySeed());
  const count = sizeOf(sizes);
  if (count >= 2 ** 32) throw new ShapeError(`${operation}: ${formatShape(sizes)} has ${count} elements, more than a typed array holds`);
  return literal(values(seed, count), sizes, options.dtype ?? 'float32');
}

function randomOptions(): OptionTable<RandomOptions> {
  return { seed: option.unchecked, dtype: ['float32', 'float64'] };
}

function knownShape(operation: string, shape: ShapeLike): number[] {
  return toShape(shape, operation).map((d) => {
    if (typeof d === 'number') return d;
    throw new GraphError(`${operation}: first values need known sizes, and ${d.toString()} is open; with a step or a seed that is an expression, uniform and normal take open ones`);
  });
}

/** Of a dense weight `[in, out]`, or of a convolution's `[out, in, ...window]`. */
function fans(operation: string, shape: ShapeLike): { fanIn: number; fanOut: number } {
  const [first, second, ...window] = knownShape(operation, shape);
  if (first === undefined || second === undefined) {
    throw new ShapeError(`${operation}: fans are those of a weight of at least 2 dimensions, not ${formatShape(toShape(shape))}; use uniform or normal`);
  }
  const area = sizeOf(window);
  return window.length === 0 ? { fanIn: first, fanOut: second } : { fanIn: second * area, fanOut: first * area };
}
