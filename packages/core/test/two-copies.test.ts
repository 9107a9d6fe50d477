// Two copies of core in one application: each refuses what the other has made, wherever it comes in.
import { describe, expect, it, vi } from 'vitest';
import { allocate, sizeOf, VERSION } from '../src/backend.js';
import * as core from '../src/index.js';
import { callWith } from './transforms/node-cases.js';

vi.resetModules();
const other = await import('../src/index.js');

const { input, interpreter, variable } = core;
const x = input('float32', [2, 2], 'x');
const w = variable([[1, 2], [3, 4]], { name: 'w' });
const k = variable([0, 1], { name: 'k', dtype: 'int32' });
const indices = variable([[0, 1], [1, 0]], { name: 'indices', dtype: 'int32' });
const count = variable(1, { name: 'count', dtype: 'int32' });
const flags = x.gt(0);
const signal = variable({ data: new Float32Array(2 * 2 * 4), shape: [2, 2, 4] }, { name: 'signal' });
const image = variable({ data: new Float32Array(2 * 2 * 4 * 4), shape: [2, 2, 4, 4] }, { name: 'image' });
const volume = variable({ data: new Float32Array(2 * 2 * 8), shape: [2, 2, 2, 2, 2] }, { name: 'volume' });
const blocks = variable({ data: new Float32Array(4 * 4), shape: [4, 2, 2] }, { name: 'blocks' });

/** The same expression as `expr` by the other copy. */
function twin(expr: unknown): unknown {
  if (!(expr instanceof core.Expr)) return expr;
  if (expr instanceof core.Variable) {
    return other.variable({ data: allocate(expr.dtype, sizeOf(expr.shape)), shape: expr.shape }, { name: expr.name });
  }
  return other.input(expr.dtype, expr.shape.map(Number));
}

const key = { seed: 1, step: 2 };
const scalarOf = w.sum();

/** Calls of exported functions: every expression among their arguments is tried as one of the other copy. */
const CALLS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  absoluteError: [[x, w]], squaredError: [[x, w]], huber: [[x, w]], hinge: [[x, w]], binaryCrossEntropy: [[x, w], [x, w, { posWeight: scalarOf }]], klDivergence: [[x, w]],
  cosineSimilarity: [[x, w]], crossEntropy: [[x, k], [x, w]],
  add: [[x, w], [1, x]], sub: [[x, w]], mul: [[x, w]], div: [[x, w]], pow: [[x, w]], mod: [[x, w]], maximum: [[x, w]], minimum: [[x, w]],
  eq: [[x, w]], ne: [[x, w]], lt: [[x, w]], le: [[x, w]], gt: [[x, w]], ge: [[x, w]], and: [[flags, w.gt(1)]], or: [[flags, w.gt(1)]], xor: [[flags, w.gt(1)]],
  bitwiseAnd: [[k, count]], bitwiseOr: [[k, count]], bitwiseXor: [[k, count]], shiftLeft: [[k, count]], shiftRightLogical: [[k, count]],
  neg: [[x]], abs: [[x]], sign: [[x]], floor: [[x]], ceil: [[x]], round: [[x]], exp: [[x]], expm1: [[x]], log: [[x]], log1p: [[x]], log2: [[x]], log10: [[x]], sqrt: [[x]], sin: [[x]], cos: [[x]],
  tan: [[x]], tanh: [[x]], sigmoid: [[x]], erf: [[x]], erfInv: [[x]], relu: [[x]], isNan: [[x]], isFinite: [[x]], not: [[flags]], square: [[x]], reciprocal: [[x]], rsqrt: [[x]],
  clip: [[x, scalarOf, w]], where: [[flags, x, w]], cast: [[x, 'int32']],
  elu: [[x, scalarOf]], gelu: [[x]], leakyRelu: [[x, scalarOf]], logSigmoid: [[x]], silu: [[x]], softplus: [[x]],
  flip: [[x, 0]], pad: [[x, [[1, 0], [0, 0]]]], split: [[x, 2]], stack: [[[x, w]]], tile: [[x, [2, 1]]], concat: [[[x, w]]], broadcastTo: [[x, [3, 2, 2]]], expandDims: [[x, 0]],
  reshape: [[x, [4]]], slice: [[x, 0]], squeeze: [[w.slice([0, 1])]], stopGradient: [[x]], transpose: [[x]], tril: [[x]], triu: [[x]],
  scaledDotProductAttention: [[signal, signal.mul(2), signal.add(1)]], einsum: [['ij,jk->ik', x, w]], outer: [[k, k.add(1)]], tensordot: [[x, w, 1]], matmul: [[x, w]],
  cholesky: [[w]], conditionNumber: [[w]], determinant: [[w]], inverse: [[w]], leastSquares: [[w, x]], matrixNorm: [[w]], matrixPower: [[w, 2]], slogdet: [[w]], solve: [[w, x]], triangularSolve: [[w, x]],
  eigh: [[w]], inverseRoot: [[w, 2], [w, 2, { epsilon: scalarOf }]], qr: [[w]], svd: [[w]],
  conv1d: [[signal, signal]], conv2d: [[image, image]], convTranspose1d: [[signal, signal]], convTranspose2d: [[image, image]], window: [[x, 0, 1]],
  avgPool1d: [[signal, 2]], avgPool2d: [[image, 2]], maxPool1d: [[signal, 2]], maxPool2d: [[image, 2]],
  cumsum: [[x, 0]], sum: [[x]], prod: [[x]], mean: [[x]], max: [[x]], min: [[x]], all: [[flags]], any: [[flags]], logSumExp: [[x]], argMax: [[x]], argMin: [[x]], norm: [[x]], variance: [[x]], std: [[x]],
  asin: [[x]], acos: [[x]], atan: [[x]], atan2: [[x, w]], sinh: [[x]], cosh: [[x]], asinh: [[x]], acosh: [[x]], atanh: [[x]], cbrt: [[x]], exp2: [[x]], hypot: [[x, w]], logAddExp: [[x, w]],
  trunc: [[x]], fmax: [[x, w]], fmin: [[x, w]], lerp: [[x, w, scalarOf]],
  conv3d: [[volume, volume]], convTranspose3d: [[volume, volume]], avgPool3d: [[volume, 1]], maxPool3d: [[volume, 1]], maxPool1dWithIndices: [[signal, 2]], maxPool2dWithIndices: [[image, 2]],
  maxPool3dWithIndices: [[volume, 1]], adaptiveAvgPool1d: [[signal, 3]], adaptiveAvgPool2d: [[image, 3]], adaptiveAvgPool3d: [[volume, 1]], adaptiveMaxPool1d: [[signal, 3]], adaptiveMaxPool2d: [[image, 3]],
  adaptiveMaxPool3d: [[volume, 1]], resize: [[image, 3]], pixelShuffle: [[blocks, 2]], depthToSpace: [[blocks, 2]], pixelUnshuffle: [[image, 2]], spaceToDepth: [[image, 2]],
  selu: [[x]], relu6: [[x]], hardSigmoid: [[x]], hardSwish: [[x]], mish: [[x]], prelu: [[x, w.slice(0)]], localResponseNorm: [[signal, 3]], ntXent: [[x, w]], infoNce: [[x, w]],
  tripletMargin: [[x, w, w.add(1)]], contrastive: [[x, w, k]],
  randint: [[[2], { low: count, high: count.add(3), seed: count, step: 1 }]], multinomial: [[x, 3, key]], choice: [[x, [2], { p: scalarOf.broadcastTo([2]), ...key }]], permutation: [[x, key]],
  exponential: [[[2], { scale: scalarOf, ...key }]], gamma: [[[2], { alpha: scalarOf, scale: scalarOf, ...key }]], beta: [[[2], { alpha: scalarOf, beta: scalarOf, ...key }]],
  ctcLoss: [[signal, indices, { inputLengths: k, labelLengths: k }]], foldIn: [[count, 1], [1, count]], splitSeed: [[count]],
  diagonal: [[x]], diag: [[x]], trace: [[x]], linspace: [[scalarOf, 1, 3], [0, scalarOf, 3]], meshgrid: [[[w.slice(0)]]], roll: [[x, 1]], repeat: [[x, 2]], diff: [[x]],
  softmax: [[x]], zerosLike: [[x]], onesLike: [[x]], logSoftmax: [[x]], layerNorm: [[x]], rmsNorm: [[x]], groupNorm: [[signal, { groups: 1 }]], batchStatistics: [[signal]], batchNorm: [[signal], [signal, { mean: w.slice(0), variance: w.slice(1) }]],
  argSort: [[x]], cummax: [[x]], cummin: [[x]], cumprod: [[x]], median: [[x]], quantile: [[x, scalarOf]], searchSorted: [[w.slice(0), x]], sort: [[x]], topK: [[x, 1]],
  gather: [[x, indices]], take: [[x, k]], scatterAdd: [[x, k, w]], scatter: [[x, k, w]], oneHot: [[k, 3]],
  bernoulli: [[[2, 2], { p: scalarOf, ...key }], [[2], { seed: count, step: 1 }]], categorical: [[x, key], [x, { seed: 1, step: count }]], dropout: [[x, scalarOf, key], [x, 0.5, { seed: count, step: 1 }]],
  uniform: [[[2], { seed: count, step: 1 }], [[2], { step: count }]], normal: [[[2], { seed: 1, step: count }]], truncatedNormal: [[[2], { step: count }]],
  substitute: [[[w], new Map([[w, w.mul(2)]])]], addScaled: [[x, scalarOf, w]], averageLength: [[scalarOf, count.cast('float32')]], biasCorrection: [[scalarOf, count.cast('float32')]],
  variable: [[x]], print: [[x, w]], grad: [[w.sum(), w], [w.sum(), [w]]], gradients: [[w.sum(), [w]], [[x], [w]]],
  hyperparameter: [[scalarOf, 'float32', 'adam: learningRate', core.range.finite]], customGradient: [[x, [w], () => [null]]], remat: [[(a: core.Expr) => a.mul(2), x]],
  jvp: [[w.square(), w, x], [[w.square()], [w], [x]]], vjp: [[w.square(), w, x], [[w.square()], [w], [x]]], hessianVectorProduct: [[w.square().sum(), w, x], [w.square().sum(), [w], [x]]],
  jacobian: [[w.square(), w], [w.square(), [w]]], hessian: [[w.square().sum(), w], [w.square().sum(), [w]]],
  scan: [[(c: core.Expr, e: core.Expr) => ({ carry: c.add(e) }), { carry: k.slice(0), inputs: k }]],
};

/** Functions that take no expression, whose cases stand below, or that users do not call. */
const NO_ROW: ReadonlySet<string> = new Set([
  ...['arange', 'constant', 'eye', 'iota', 'literal', 'ones', 'orthogonal', 'scalar', 'tri', 'zeros', 'input', 'interpreter', 'isFloat', 'show'],
  ...['glorotNormal', 'glorotUniform', 'heNormal', 'heUniform', 'lecunNormal', 'lecunUniform', 'formatShape', 'requireUpdates', 'normalizeAxes', 'normalizeAxis'],
  ...['checkOptions', 'defineOptimizer', 'defineTransform', 'mergeUpdates', 'compile', 'evaluate', 'printProgram', 'describe'],
  ...['liftBeside', 'requireFloat', 'requireNumbers', 'requireTensor', 'requireTensors', 'vmap'],
]);

/** The arguments with one of the expressions in them by the other copy, for every one of them; objects and lists are looked into. */
function* foreignly(value: unknown): Generator {
  if (value instanceof core.Expr) yield twin(value);
  else if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    for (const [at, item] of list.entries()) for (const changed of foreignly(item)) yield list.map((same, j) => (j === at ? changed : same));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) for (const changed of foreignly(item)) yield { ...value, [name]: changed };
  }
}

const anotherCopy = /another copy of @pappus\/core/;

function refuses(call: () => unknown): void {
  expect(call).toThrow(anotherCopy);
  expect(call).toThrow(core.PappusError);
}

describe('an expression of another copy of core', () => {
  it('is refused by an error that names both versions', () => {
    expect((): unknown => Reflect.apply(x.add, x, [twin(w)])).toThrow(`an expression of another copy of @pappus/core is given (${VERSION}; this one is ${VERSION}). Two copies are installed, and only one may be`);
  });

  it('is handed to every function that takes one', () => {
    const functions = Object.entries(core).flatMap(([name, value]) => (typeof value === 'function' && /^[a-z]/.test(name) ? [name] : []));
    expect(functions.filter((name) => !(name in CALLS) && !NO_ROW.has(name))).toEqual([]);
  });

  for (const [name, calls] of Object.entries(CALLS)) {
    it(`is refused by ${name}`, () => {
      const f: unknown = Reflect.get(core, name);
      if (typeof f !== 'function') throw new Error(`there is no ${name}`);
      for (const args of calls) {
        Reflect.apply(f, undefined, args.map((arg) => (name === 'variable' ? 1 : arg)));
        for (const changed of foreignly(args)) refuses(() => Reflect.apply(f, undefined, Array.isArray(changed) ? changed : []));
      }
    });
  }

  it('is refused by what vmap answers, and as what its function answers', () => {
    const many = core.vmap((row: core.Expr) => row.mul(2));
    refuses(() => Reflect.apply(many, undefined, [twin(x)]));
    refuses(() => callWith(callWith(core.vmap, () => twin(x)), x));
  });

  it('is an operand of fluent methods neither', () => {
    refuses(() => Reflect.apply(w.add, w, [twin(x)]));
    refuses(() => Reflect.apply(w.matmul, w, [twin(w)]));
    refuses(() => Reflect.apply(w.clip, w, [0, twin(x)]));
  });

  it('is no example of vmap, and no result', () => {
    refuses(() => Reflect.apply(core.vmap((a: core.Expr) => a.mul(2)), undefined, [twin(w)]));
    const foreign: unknown = Reflect.apply(core.vmap, undefined, [() => twin(w)]);
    if (typeof foreign !== 'function') throw new Error('vmap answers no function');
    refuses(() => Reflect.apply(foreign, undefined, [w]));
  });

  it('is no part of a computation, no value of a call, and no key or value of updates', async () => {
    const backend = interpreter();
    const compile = (spec: unknown): unknown => Reflect.apply(core.compile, undefined, [spec, backend]);
    for (const spec of [
      { inputs: { x: twin(x) } },
      { outputs: { y: twin(w) } },
      { updates: new Map([[twin(w), w]]) },
      { updates: new Map([[w, twin(w)]]) },
      { updates: [new Map([[w, w]]), new Map([[twin(w), w]])] },
    ]) {
      await expect(compile(spec)).rejects.toThrow(anotherCopy);
    }
    const f = await core.compile({ inputs: { x }, outputs: { x } }, backend);
    const g = await other.compile({ outputs: { y: other.zeros([2, 2]) } }, other.interpreter());
    const { y } = await g();
    await expect(Reflect.apply(f, undefined, [{ x: twin(x) }])).rejects.toThrow(anotherCopy);
    await expect(Reflect.apply(f, undefined, [{ x: y }])).rejects.toThrow(anotherCopy);
    await expect(Reflect.apply(w.set, w, [twin(w)])).rejects.toThrow(anotherCopy);
    await expect(Reflect.apply(core.evaluate, undefined, [twin(x)])).rejects.toThrow(anotherCopy);
    await expect(Reflect.apply(core.evaluate, undefined, [x, [[twin(x), [[1, 2], [3, 4]]]]])).rejects.toThrow(anotherCopy);
    await expect(Reflect.apply(core.evaluate, undefined, [x, [[x, y]]])).rejects.toThrow(anotherCopy);
    expect(await w.read()).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it('is no parameter and no gradient of a rule, and none of its hyperparameters', () => {
    const sgd = core.defineOptimizer({ name: 'sgd', defaults: { rate: 1 }, update: ({ param, grad, rate }) => ({ param: param.sub(grad.mul(rate)) }) });
    const apply = (...args: readonly unknown[]) => (): unknown => Reflect.apply(sgd, undefined, args);
    refuses(apply(w.sum(), [twin(w)]));
    refuses(apply(twin(scalarOf), [w]));
    refuses(apply([twin(x)], [w]));
    refuses(apply([x], [w], { rate: twin(scalarOf) }));
    const updates = sgd([x], [w]);
    refuses(() => Reflect.apply(updates.modify, updates, [twin(w), () => w]));
  });

  it('does not bring its open sizes along', () => {
    const foreign: unknown = other.input('float32', ['batch', 2]).shape[0];
    refuses(() => Reflect.apply(input, undefined, ['float32', [foreign]]));
    refuses(() => Reflect.apply(core.zeros, undefined, [[foreign, 2]]));
  });
});

it('a backend of another copy of core takes no computation and no variable', async () => {
  const backend = other.interpreter();
  const compile = (spec: unknown): unknown => Reflect.apply(core.compile, undefined, [spec, backend]);
  const v = variable([1], { name: 'v' });
  await expect(compile({ outputs: { v } })).rejects.toThrow(anotherCopy);
  await expect(compile({ updates: new Map([[v, v.add(1)]]) })).rejects.toThrow(anotherCopy);
  await expect(Reflect.apply(v.to, v, [backend])).rejects.toThrow(anotherCopy);
  expect([v.backend, await v.item()]).toEqual([undefined, 1]);
});
