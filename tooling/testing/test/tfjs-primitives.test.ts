// The operations that others are composed of, against TensorFlow.js: elementwise, reductions, movement, products. TF.js has no gradient
// of comparisons, strided slices and scatters, and its gradients of prod, of cumsum along an inner axis and of broadcasts by maximum,
// minimum and matMul fail: there, values are compared only, or operands of one shape.
import * as p from '@pappus/core';
import { type Expr, literal } from '@pappus/core';
import * as tf from '@tensorflow/tfjs-core';
import { besideTfjs, type Case } from './beside-tfjs.js';

const one = (ours: (a: Expr) => Expr, theirs: (a: tf.Tensor) => tf.Tensor, differentiable = 1): Case => ({ shapes: [[4, 5]], ours, theirs, differentiable });
/** Of two operands that broadcast. */
const two = (ours: (a: Expr, b: Expr) => Expr, theirs: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, differentiable = 2): Case => ({ shapes: [[4, 5], [5]], ours, theirs, differentiable });
const alike: typeof two = (ours, theirs, differentiable) => ({ ...two(ours, theirs, differentiable), shapes: [[4, 5], [4, 5]] });
const on = (shape: readonly number[], ours: (a: Expr) => Expr, theirs: (a: tf.Tensor) => tf.Tensor, differentiable = 1): Case => ({ shapes: [shape], ours, theirs, differentiable });

const ints = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'int32');
const theirInts = (values: readonly number[]): tf.Tensor1D => tf.tensor1d([...values], 'int32');

/** Numbers above 0.5. */
const up = (a: Expr): Expr => p.abs(a).add(0.5);
const theirUp = (a: tf.Tensor): tf.Tensor => tf.add(tf.abs(a), 0.5);

const ELEMENTWISE: Readonly<Record<string, Case>> = {
  add: two(p.add, tf.add), sub: two(p.sub, tf.sub), mul: two(p.mul, tf.mul),
  div: two((a, b) => p.div(a, up(b)), (a, b) => tf.div(a, theirUp(b))),
  pow: two((a, b) => p.pow(up(a), b), (a, b) => tf.pow(theirUp(a), b)),
  mod: two((a, b) => p.mod(a, up(b)), (a, b) => tf.mod(a, theirUp(b))),
  maximum: alike(p.maximum, tf.maximum), minimum: alike(p.minimum, tf.minimum),
  neg: one(p.neg, tf.neg), abs: one(p.abs, tf.abs), reciprocal: one((a) => p.reciprocal(up(a)), (a) => tf.reciprocal(theirUp(a))),
  sign: one(p.sign, tf.sign, 0), floor: one(p.floor, tf.floor, 0), ceil: one(p.ceil, tf.ceil, 0), round: one((a) => p.round(a.mul(4)), (a) => tf.round(tf.mul(a, 4)), 0),
  exp: one(p.exp, tf.exp), expm1: one(p.expm1, tf.expm1), log: one((a) => p.log(up(a)), (a) => tf.log(theirUp(a))), log1p: one((a) => p.log1p(up(a)), (a) => tf.log1p(theirUp(a))),
  sqrt: one((a) => p.sqrt(up(a)), (a) => tf.sqrt(theirUp(a))), rsqrt: one((a) => p.rsqrt(up(a)), (a) => tf.rsqrt(theirUp(a))), square: one(p.square, tf.square),
  sin: one(p.sin, tf.sin), cos: one(p.cos, tf.cos), tan: one((a) => p.tan(a.mul(0.4)), (a) => tf.tan(tf.mul(a, 0.4))), tanh: one(p.tanh, tf.tanh),
  sigmoid: one(p.sigmoid, tf.sigmoid), relu: one(p.relu, tf.relu), erf: one(p.erf, tf.erf),
  clip: one((a) => p.clip(a, -1, 1.5), (a) => tf.clipByValue(a, -1, 1.5)),
  where: two((a, b) => p.where(literal([1, 0, 0, 1, 1], [5], 'bool'), a, b), (a, b) => tf.where(tf.tensor1d([1, 0, 0, 1, 1], 'bool'), a, tf.broadcastTo(b, [4, 5]))),
  'isNan and isFinite': one((a) => p.isNan(p.log(a)).or(p.isFinite(p.div(1, a.floor())).not()), (a) => tf.logicalOr(tf.isNaN(tf.log(a)), tf.logicalNot(tf.isFinite(tf.div(1, tf.floor(a))))), 0),
  comparisons: {
    shapes: [[4, 5], [5]], differentiable: 0,
    ours: (a, b) => p.stack([p.eq(a.round(), b.round()), p.ne(a.round(), b.round()), p.lt(a, b), p.le(a, b), p.gt(a, b), p.ge(a, b)]),
    theirs: (a, b) => {
      const [x, y] = [tf.round(a), tf.round(b)];
      return tf.stack([tf.equal(x, y), tf.notEqual(x, y), tf.less(a, b), tf.lessEqual(a, b), tf.greater(a, b), tf.greaterEqual(a, b)]);
    },
  },
  'and, or, not': two((a, b) => p.and(a.gt(0), p.not(b.gt(1))).or(b.lt(-1)), (a, b) => tf.logicalOr(tf.logicalAnd(tf.greater(a, 0), tf.logicalNot(tf.greater(b, 1))), tf.less(b, -1)), 0),
  bitwiseAnd: two((a, b) => p.bitwiseAnd(a.mul(100).cast('int32'), b.mul(100).cast('int32').broadcastTo([4, 5])), (a, b) =>
    tf.bitwiseAnd(tf.cast(tf.mul(a, 100), 'int32'), tf.broadcastTo(tf.cast(tf.mul(b, 100), 'int32'), [4, 5])), 0),
  cast: one((a) => p.cast(a, 'int32').cast('float64').add(p.cast(a.floor(), 'bool').cast('float64')), (a) => tf.add(tf.cast(tf.cast(a, 'int32'), 'float32'), tf.cast(tf.cast(tf.floor(a), 'bool'), 'float32')), 0),
};

const REDUCTIONS: Readonly<Record<string, Case>> = {
  sum: on([3, 4, 2], (a) => p.sum(a, [0, 2]), (a) => tf.sum(a, [0, 2])), 'sum of all': on([3, 4], (a) => p.sum(a), (a) => tf.sum(a)),
  mean: on([3, 4, 2], (a) => p.mean(a, 1, { keepdims: true }), (a) => tf.mean(a, 1, true)),
  max: on([3, 4, 2], (a) => p.max(a, [1, 2]), (a) => tf.max(a, [1, 2])), min: on([3, 4, 2], (a) => p.min(a, 0), (a) => tf.min(a, 0)),
  prod: on([3, 4], (a) => p.prod(a, 1), (a) => tf.prod(a, 1), 0),
  'all and any': on([3, 4], (a) => p.stack([p.all(a.gt(-2), 1), p.any(a.gt(2), 1)]), (a) => tf.stack([tf.all(tf.greater(a, -2), 1), tf.any(tf.greater(a, 2), 1)]), 0),
  cumsum: on([3, 40], (a) => p.cumsum(a, 1), (a) => tf.cumsum(a, 1)),
  'cumsum, from the end, without the element itself': on([3, 5, 2], (a) => p.cumsum(a, 1, { reverse: true, exclusive: true }), (a) => tf.cumsum(a, 1, true, true), 0),
  softmax: on([3, 5], (a) => p.softmax(a), (a) => tf.softmax(a)),
};

const MOVEMENT: Readonly<Record<string, Case>> = {
  reshape: on([3, 4], (a) => p.reshape(a, [2, -1]), (a) => tf.reshape(a, [2, 6])),
  transpose: on([3, 4, 2], (a) => p.transpose(a, [2, 0, 1]), (a) => tf.transpose(a, [2, 0, 1])),
  'expandDims and squeeze': on([3, 1, 4], (a) => p.expandDims(p.squeeze(a), 1), (a) => tf.expandDims(tf.squeeze(a), 1)),
  slice: on([5, 6], (a) => p.slice(a, [1, 4], [2, 5]), (a) => tf.slice(a, [1, 2], [3, 3])),
  'slice with steps': on([7, 9], (a) => p.slice(a, [1, 7, 2], [7, 0, -3]), (a) => tf.stridedSlice(a, [1, 7], [7, 0], [2, -3]), 0),
  take: on([4, 3], (a) => p.take(a, ints([2, 0, 2, 3])), (a) => tf.gather(a, theirInts([2, 0, 2, 3]))),
  'take along the second axis': on([3, 4], (a) => p.take(a, ints([3, 3, 1]), 1), (a) => tf.gather(a, theirInts([3, 3, 1]), 1)),
  gather: on([3, 4], (a) => p.gather(a, ints([0, 3, 3, 1, 2, 2], [3, 2]), 1), (a) => tf.sum(tf.mul(tf.oneHot(tf.tensor2d([0, 3, 3, 1, 2, 2], [3, 2], 'int32'), 4), tf.expandDims(a, 1)), 2)),
  scatterAdd: {
    shapes: [[4, 2]], differentiable: 0,
    ours: (a) => p.scatterAdd(p.zeros([5, 2], { dtype: 'float64' }), ints([1, 4, 1, 0]), a),
    theirs: (a) => tf.scatterND(tf.tensor2d([1, 4, 1, 0], [4, 1], 'int32'), a, [5, 2]),
  },
  concat: { shapes: [[2, 3], [2, 2], [2, 1]], ours: (a, b, c) => p.concat([a, b, c], 1), theirs: (a, b, c) => tf.concat([a, b, c], 1) },
  broadcastTo: on([3, 1], (a) => p.broadcastTo(a, [2, 3, 4]), (a) => tf.broadcastTo(a, [2, 3, 4])),
  tril: on([4, 5], (a) => p.tril(a, 1), (a) => tf.linalg.bandPart(a, -1, 1), 0), triu: on([5, 4], (a) => p.triu(a), (a) => tf.linalg.bandPart(a, 0, -1), 0),
  arange: on([1], (a) => p.arange(1, 9, 2).cast('float64').mul(a), (a) => tf.mul(tf.range(1, 9, 2), a)),
};

const PRODUCTS: Readonly<Record<string, Case>> = {
  matmul: { shapes: [[3, 4], [4, 5]], ours: p.matmul, theirs: (a, b) => tf.matMul(a, b) },
  'matmul, both sides transposed': { shapes: [[4, 3], [5, 4]], ours: (a, b) => p.matmul(a.transpose(), b.transpose()), theirs: (a, b) => tf.matMul(a, b, true, true) },
  'matmul of batches that broadcast': { shapes: [[2, 3, 4], [1, 4, 5]], differentiable: 1, ours: p.matmul, theirs: (a, b) => tf.matMul(a, b) },
  klDivergence: {
    shapes: [[3, 4], [3, 4]],
    ours: (a, b) => p.klDivergence(a, b.softmax()),
    theirs: (a, b) => tf.mean(tf.sum(tf.mul(tf.softmax(b), tf.sub(tf.logSoftmax(b), tf.logSoftmax(a))), 1)),
  },
};

besideTfjs('primitives beside TensorFlow.js', { ...ELEMENTWISE, ...REDUCTIONS, ...MOVEMENT, ...PRODUCTS });
