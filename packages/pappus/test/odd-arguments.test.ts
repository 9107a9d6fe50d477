// Every function and method that users call, with anything that JavaScript can hand in: an expression comes out, or an error that
// names what was called. A new function without a row here is a failure.
import { describe, expect, it } from 'vitest';
import { Expr, input, literal, variable } from '@pappus/core';
import { ruleNames, transformNames, wrapperNames, wrappers } from '@pappus/rule-table';
import { type Called, complaint, isCalled, variations } from '@pappus/test-support/odd-arguments';
import * as pappus from '../src/index.js';

const x = input('float32', [2, 3], 'x');
const b = input('bool', [2, 3], 'b');
const i = input('int32', [2, 3], 'i');
const v = input('float32', [3], 'v');
const image = input('float32', [1, 2, 8, 8], 'image');
const signal = input('float32', [1, 2, 8], 'signal');
const volume = input('float32', [1, 2, 4, 4, 4], 'volume');
const w = variable([1, 2, 3], { name: 'w' });
const m = variable([[1, 2], [3, 4]], { name: 'm' });
const t = input('int32', [], 't');
const key = { seed: 1, step: 0 };
/** Valid arguments of every function that users call while they build a graph. */
const CALLS: Readonly<Record<string, readonly unknown[]>> = {
  ...Object.fromEntries(['add', 'sub', 'mul', 'div', 'pow', 'mod', 'maximum', 'minimum', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'].map((name) => [name, [x, v]])),
  ...Object.fromEntries(['and', 'or', 'xor'].map((name) => [name, [b, b]])),
  ...Object.fromEntries(['bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'shiftLeft', 'shiftRightLogical'].map((name) => [name, [i, 3]])),
  ...Object.fromEntries(
    ['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'sqrt', 'sin', 'cos', 'tan', 'tanh', 'sigmoid', 'erf', 'relu', 'isNan', 'isFinite', 'square', 'reciprocal', 'rsqrt', 'silu', 'softplus', 'logSigmoid', 'erfInv', 'stopGradient', 'zerosLike', 'onesLike'].map((name) => [name, [x]]),
  ),
  ...Object.fromEntries(['asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh', 'cbrt', 'exp2', 'trunc'].map((name) => [name, [x]])),
  ...Object.fromEntries(['atan2', 'hypot', 'logAddExp', 'fmax', 'fmin'].map((name) => [name, [x, v]])),
  lerp: [x, v, 0.5],
  not: [b],
  clip: [x, 0, v],
  where: [b, x, 0],
  cast: [x, 'int32'],
  leakyRelu: [x, 0.1],
  elu: [x, v],
  gelu: [x, { approximate: 'tanh' }],
  ...Object.fromEntries(['sum', 'prod', 'mean', 'max', 'min', 'logSumExp'].map((name) => [name, [x, [0, -1], { keepdims: true }]])),
  ...Object.fromEntries(['all', 'any'].map((name) => [name, [b, 0, { keepdims: true }]])),
  ...Object.fromEntries(['argMax', 'argMin'].map((name) => [name, [x, 1, { keepdims: true }]])),
  variance: [x, 1, { correction: 1, keepdims: true }],
  std: [x, 1, { correction: 1, keepdims: true }],
  norm: [x, [1], { order: 1, keepdims: false }],
  cumsum: [x, 1, { reverse: true, exclusive: true }],
  ...Object.fromEntries(['sort', 'argSort'].map((name) => [name, [x, 1, { descending: true }]])),
  ...Object.fromEntries(['cummax', 'cummin'].map((name) => [name, [x, 1, { reverse: true }]])),
  cumprod: [x, 1, { reverse: true, exclusive: true }],
  topK: [x, 2, 1, { largest: false, sorted: true }],
  searchSorted: [v, x, { side: 'right' }],
  median: [x, [1], { keepdims: true }],
  quantile: [x, [0.1, 0.5], [1], { method: 'lower', keepdims: true }],
  softmax: [x, 0],
  logSoftmax: [x, -1],
  reshape: [x, [3, -1]],
  transpose: [x, [1, 0]],
  broadcastTo: [v, [2, 3]],
  expandDims: [x, 0],
  squeeze: [image, [0]],
  slice: [x, 0, [null, 2, 1]],
  concat: [[x, x], 1],
  stack: [[x, x], 1],
  split: [x, [1, 2], 1],
  flip: [x, [0]],
  tile: [x, [2, 1]],
  pad: [x, [1, [0, 1]], { value: 2, mode: 'constant' }],
  diagonal: [x, { offset: 1, axis1: 0, axis2: 1 }],
  diag: [v, { offset: -1 }],
  trace: [x, { offset: 1, axis1: 0, axis2: 1 }],
  linspace: [0, 1, 3, { endpoint: false, dtype: 'float64' }],
  meshgrid: [[v, v], { indexing: 'ij' }],
  roll: [x, [1, 2], [0, 1]],
  repeat: [x, 2, 1],
  diff: [x, { n: 2, axis: 0 }],
  take: [x, literal([0], [1], 'int32'), 1],
  gather: [x, i, 1],
  scatterAdd: [v, literal([0, 1], [2], 'int32'), input('float32', [2]), 0],
  scatter: [v, literal([0, 1], [2], 'int32'), input('float32', [2]), 0, { reduce: 'max', mode: 'clamp', fromEnd: true }],
  window: [x, 1, 2, { stride: 1, dilation: 1 }],
  matmul: [x, v],
  outer: [v, v],
  tensordot: [x, v, 1],
  einsum: ['ij,j->i', x, v],
  ...Object.fromEntries(['cholesky', 'determinant', 'inverse', 'slogdet'].map((name) => [name, [m]])),
  ...Object.fromEntries(['solve', 'leastSquares'].map((name) => [name, [m, [1, 2]]])),
  triangularSolve: [m, m, { lower: true, transpose: true, unitDiagonal: false }],
  matrixPower: [m, -2],
  conditionNumber: [m, { order: 'fro' }],
  matrixNorm: [x, { order: 1, keepdims: true }],
  ...Object.fromEntries(['eigh', 'qr', 'svd'].map((name) => [name, [m]])),
  inverseRoot: [m, 4, { epsilon: 1e-6 }],
  conv1d: [signal, input('float32', [4, 2, 3]), { stride: 1, padding: 'same', dilation: 1, groups: 1 }],
  conv2d: [image, input('float32', [4, 2, 3, 3]), { stride: [1, 2], padding: [1, [0, 1]], dilation: 1, groups: 1 }],
  convTranspose1d: [signal, input('float32', [2, 2, 3]), { stride: 2, padding: 1, outputPadding: 1 }],
  convTranspose2d: [image, input('float32', [2, 2, 3, 3]), { stride: 2, padding: 'valid', outputPadding: 1 }],
  ...Object.fromEntries(['maxPool1d', 'avgPool1d'].map((name) => [name, [signal, 2, { stride: 1, padding: 1 }]])),
  ...Object.fromEntries(['maxPool2d', 'avgPool2d'].map((name) => [name, [image, [2, 3], { stride: 1, padding: 'same' }]])),
  conv3d: [volume, input('float32', [4, 2, 3, 3, 3]), { stride: [1, 2, 1], padding: 1, dilation: 1, groups: 1 }],
  convTranspose3d: [volume, input('float32', [2, 2, 3, 3, 3]), { stride: 2, padding: 'same', outputPadding: 1 }],
  maxPool3d: [volume, [2, 3, 1], { stride: 1, padding: 0, dilation: 1, ceilMode: true }],
  avgPool3d: [volume, 2, { stride: 1, padding: 1, dilation: 1, ceilMode: true, countIncludePad: true }],
  maxPool1dWithIndices: [signal, 2, { stride: 1, ceilMode: true }],
  maxPool2dWithIndices: [image, 2, { padding: 1, dilation: 2 }],
  maxPool3dWithIndices: [volume, 2, { padding: 1 }],
  ...Object.fromEntries(['adaptiveAvgPool1d', 'adaptiveMaxPool1d'].map((name) => [name, [signal, 3]])),
  ...Object.fromEntries(['adaptiveAvgPool2d', 'adaptiveMaxPool2d'].map((name) => [name, [image, [3, 2]]])),
  ...Object.fromEntries(['adaptiveAvgPool3d', 'adaptiveMaxPool3d'].map((name) => [name, [volume, 2]])),
  resize: [image, [3, 5], { method: 'linear', alignCorners: true }],
  ...Object.fromEntries(['pixelShuffle', 'depthToSpace'].map((name) => [name, [input('float32', [8, 2, 2]), 2]])),
  ...Object.fromEntries(['pixelUnshuffle', 'spaceToDepth'].map((name) => [name, [image, 2]])),
  ...Object.fromEntries(['selu', 'relu6', 'hardSigmoid', 'hardSwish', 'mish'].map((name) => [name, [x]])),
  prelu: [x, v, 1],
  localResponseNorm: [image, 3, { alpha: 0.1, beta: 0.5, k: 2, axis: 1 }],
  ctcLoss: [input('float32', [2, 5, 4]), i, { reduction: 'sum', inputLengths: input('int32', [2]), labelLengths: input('int32', [2]), blank: 3, zeroInfinity: true }],
  tripletMargin: [x, x, x, { reduction: 'none', margin: 2, p: 1, epsilon: 0, swap: true }],
  contrastive: [x, x, input('bool', [2]), { reduction: 'sum', margin: 2 }],
  ...Object.fromEntries(['ntXent', 'infoNce'].map((name) => [name, [x, x, { reduction: 'none', temperature: 0.2 }]])),
  scaledDotProductAttention: [x, x, x, { mask: input('bool', [2, 2]), causal: true, scale: 2 }],
  crossEntropy: [x, input('int32', [2]), { reduction: 'sum', labelSmoothing: 0.1, classWeights: [1, 2, 3], ignoreLabel: -1 }],
  ...Object.fromEntries(['squaredError', 'absoluteError', 'hinge', 'klDivergence'].map((name) => [name, [x, x, { reduction: 'none' }]])),
  binaryCrossEntropy: [x, x, { reduction: 'none', posWeight: v }],
  huber: [x, x, { reduction: 'none', delta: 2 }],
  cosineSimilarity: [x, x, { reduction: 'none', axis: 0, epsilon: 1e-3 }],
  layerNorm: [x, { scale: v, bias: v, axes: [1], epsilon: 1e-3 }],
  rmsNorm: [x, { scale: v, axes: 1, epsilon: 1e-3 }],
  groupNorm: [image, { groups: 2, scale: input('float32', [2]), bias: input('float32', [2]), axis: 1, epsilon: 1e-3 }],
  batchNorm: [x, { axis: 1, mean: v, variance: v, scale: v, bias: v, epsilon: 1e-3 }],
  batchStatistics: [x, 1],
  arange: [0, 5, 2, { dtype: 'float32' }],
  eye: [3, 'n', { dtype: 'int32' }],
  tri: [3, 'n', 1],
  tril: [x, 1],
  triu: [x, -1],
  oneHot: [i, 4, { dtype: 'bool', axis: 0 }],
  iota: [['n', 2], 0],
  scalar: [1, 'float32'],
  literal: [[1, 2], [2], 'float32'],
  input: ['float32', ['n', 2], 'name'],
  constant: [1, [2], { dtype: 'int32' }],
  zeros: [[2], { dtype: 'int32' }],
  ones: [[2], { dtype: 'bool' }],
  uniform: [[2], { low: 0, high: 1, seed: 1, step: 2, dtype: 'float64' }],
  normal: [[2], { mean: 0, std: 1, seed: 1 }],
  truncatedNormal: [[2], { mean: 0, std: 1, seed: 1 }],
  ...Object.fromEntries(['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunUniform', 'lecunNormal'].map((name) => [name, [[2, 3], { seed: 1, dtype: 'float32' }]])),
  orthogonal: [[2, 3], { seed: 1, gain: 2 }],
  bernoulli: [[2], { p: 0.5, dtype: 'float32', ...key }],
  categorical: [x, { axis: 1, ...key }],
  dropout: [x, 0.5, key],
  randint: [[2], { low: 1, high: 5, ...key }],
  multinomial: [x, 4, key],
  choice: [x, [2], { replace: false, p: [0.25, 0.75], axis: 0, ...key }],
  permutation: [x, { axis: 1, ...key }],
  exponential: [[2], { scale: 2, dtype: 'float64', ...key }],
  gamma: [[2], { alpha: 2, scale: 2, dtype: 'float32', ...key }],
  beta: [[2], { alpha: 2, beta: 0.5, dtype: 'float32', ...key }],
  splitSeed: [1, 3],
  foldIn: [1, 3],
  grad: [x.sum(), [x]],
  customGradient: [x, [x], (g: Expr) => [g]],
  remat: [(a: unknown) => a, x], substitute: [[x], new Map()], addScaled: [x, x.sum(), x], averageLength: [0.9, x], biasCorrection: [0.9, x],
  scan: [(c: unknown) => ({ carry: c }), { carry: v, inputs: x, length: 2, reverse: true }],
  vmap: [(a: unknown) => a, { inAxes: [0], outAxes: 0 }],
  jvp: [[x.square()], [x], [v]], vjp: [x.square(), x, v], hessianVectorProduct: [x.square().sum(), [x], [v]], jacobian: [x.square(), [x], { mode: 'forward' }], hessian: [x.square().sum(), [x]],
  describe: [x],
  print: [x, v],
  gradients: [w.sum(), [w]],
  mergeUpdates: [new Map([[w, w]]), new Map()],
  ...Object.fromEntries(['clipByValue', 'clipByNorm', 'clipByGlobalNorm', 'totalNormConstraint'].map((name) => [name, [[x, v], 1, { epsilon: 1e-3 }]])),
  clipByValue: [[x, v], 1],
  totalNormConstraint: [[x, v], 1, { epsilon: 1e-3, returnNorm: true }],
  adaptiveClip: [[x], [x], { clipping: 0.1, epsilon: 1e-3 }],
  centralize: [[x, v], {}],
  clipByBlockRms: [[x, v], 1],
  l1Penalty: [[x], [x], 0.1],
  l2Penalty: [[x], [x], 0.1],
  newtonSchulz: [x, { steps: 2 }],
  normConstraint: [x, 1, { normAxes: [0], epsilon: 0 }],
  unitNorm: [x, { normAxes: [0], epsilon: 0 }],
  nonNegative: [x],
  box: [x, -1, v],
  simplex: [x, { axis: 0, total: 2 }],
  constantSchedule: [t, { value: 0.1 }],
  linearSchedule: [t, { initial: 0.1, final: 0.01, steps: 10, begin: 2 }],
  polynomialSchedule: [t, { initial: 0.1, final: 0.01, steps: 10, begin: 2, power: 2 }],
  exponentialDecay: [t, { initial: 0.1, factor: 0.5, every: 10, begin: 2, staircase: true, final: 0.01 }],
  stepDecay: [t, { initial: 0.1, every: 10, factor: 0.5 }],
  multiStepDecay: [t, { initial: 0.1, milestones: [3, 5], factor: 0.5 }],
  inverseTimeDecay: [t, { initial: 0.1, rate: 0.5, every: 10, staircase: true }],
  inverseSquareRoot: [t, { peak: 0.1, warmup: 10, initial: 0.01 }],
  cosineDecay: [t, { initial: 0.1, final: 0.01, steps: 10, begin: 2, exponent: 2, periodic: true }],
  cosineRestarts: [t, { initial: 0.1, final: 0.01, steps: 10, growth: 2, factor: 0.5 }],
  warmupCosineCycles: [t, { cycles: [{ peak: 0.1, warmup: 2, steps: 10 }, { peak: 0.1, warmup: 2, steps: 10 }] }],
  oneCycle: [t, { peak: 0.1, steps: 10, warmup: 3, initial: 0.01, final: 0.001, back: 6, interpolation: 'linear' }],
  cyclic: [t, { low: 0.1, high: 0.2, up: 3, down: 4, mode: 'exponential', factor: 0.5 }],
  piecewiseConstant: [t, { boundaries: [3, 5], values: [1, 2, 3] }],
  piecewiseInterpolated: [t, { boundaries: [3, 5], values: [1, 2, 3], interpolation: 'cosine' }],
  tabulated: [t, { values: [1, 2, 3] }],
  warmupConstant: [t, { peak: 0.1, warmup: 5, initial: 0.01 }],
  warmupLinear: [t, { peak: 0.1, warmup: 5, initial: 0.01, steps: 10, final: 0.01 }],
  warmupPolynomial: [t, { peak: 0.1, warmup: 5, initial: 0.01, steps: 10, final: 0.01, power: 2 }],
  warmupCosine: [t, { peak: 0.1, warmup: 5, initial: 0.01, steps: 10, final: 0.01, exponent: 2 }],
  warmupExponential: [t, { peak: 0.1, warmup: 5, initial: 0.01, factor: 0.5, every: 3, hold: 1, staircase: true, final: 0.01 }],
  warmupStableDecay: [t, { peak: 0.1, warmup: 5, initial: 0.01, steps: 10, decay: 3, final: 0.01, shape: 'cosine' }],
  joinSchedules: [t, { schedules: [() => 1, (count: Expr) => count], boundaries: [5] }],
  multiplySchedules: [t, { schedules: [() => 1, (count: Expr) => count] }],
  reduceOnPlateau: [
    x.sum(), { initial: 0.1, mode: 'max', factor: 0.5, patience: 2, threshold: 0.1, thresholdMode: 'absolute', cooldown: 1, minRate: 0.01, epsilon: 0, name: 'plateau' },
  ],
  ...Object.fromEntries(
    // A matrix, which rules for matrices take, too.
    ruleNames.map((name) => [name, [m.square().sum(), [m], { learningRate: 0.1, clearNan: true, name: 'rule' }]]),
  ),
  evaluationParameters: [pappus.scheduleFreeSgd(w.square().sum(), [w])],
  averagesOf: [pappus.exponentialAverage(pappus.sgd)(w.square().sum(), [w])],
  partition: [{ all: { params: [w], rule: pappus.sgd, options: { learningRate: 0.1 } } }, {}],
  ...Object.fromEntries(wrapperNames.filter((name) => name !== 'partition').map((name) => [name, [pappus.sgd, { ...wrappers[name].wrapper, name: 'wrapper' }]])),
  ...Object.fromEntries(transformNames.map((name) => [name, [new Map([[w, w.mul(2)]]), [w], { momentum: 0.5, name: 'rule' }]])),
};

/** For those who write rules, or made elsewhere: not called with what a user writes. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...['formatShape', 'isFloat', 'normalizeAxis', 'normalizeAxes', 'show'],
  ...['checkOptions', 'requireFloat', 'requireUpdates', 'requireTensor', 'requireTensors', 'requireNumbers', 'liftBeside', 'hyperparameter', 'defineOptimizer', 'defineTransform'],
  ...['compile', 'cpu', 'evaluate', 'findDifference', 'interpreter', 'printProgram', 'scheduleSvg', 'variable'],
]);

const functions = new Map(Object.entries(pappus).flatMap(([name, value]): [string, Called][] => (isCalled(value) ? [[name, value]] : [])));

describe('every function', () => {
  it('has a row of valid arguments', () => {
    expect([...functions.keys()].filter((name) => !(name in CALLS) && !ELSEWHERE.has(name))).toEqual([]);
    expect(Object.keys(CALLS).filter((name) => !functions.has(name))).toEqual([]);
  });

  it.each([...functions.keys()].filter((name) => name in CALLS))('%s answers, or names itself in a typed error', (name) => {
    const call = functions.get(name);
    const given = CALLS[name] ?? [];
    expect(complaint(name, () => call?.(...given), 'as it should be')).toEqual([]);
    expect(() => call?.(...given)).not.toThrow();
    expect([...variations(given)].flatMap(([odd, spread]) => complaint(name, () => call?.(...odd), spread))).toEqual([]);
  });

  it.each([...functions.keys()].filter((name) => name in CALLS && (CALLS[name] ?? []).some((value) => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)))(
    '%s refuses options that it does not have',
    (name) => {
      const given = (CALLS[name] ?? []).map((value) => (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype ? { ...value, misspelt: 1 } : value));
      expect(() => functions.get(name)?.(...given)).toThrow(/there is no option 'misspelt'/);
    },
  );
});

describe('every method of expressions', () => {
  const methods = Object.getOwnPropertyNames(Expr.prototype).filter((name) => !['constructor', 'rank', 'toString', 'toJSON'].includes(name));
  /** The first argument of these is not the expression. */
  const OTHER_WAY_ROUND: Readonly<Record<string, readonly [Expr, ...unknown[]]>> = {};

  it('has a function of its name', () => {
    expect(methods.filter((name) => !functions.has(name))).toEqual([]);
  });

  it.each(methods)('%s answers, or names itself in a typed error', (name) => {
    const [self, ...given] = OTHER_WAY_ROUND[name] ?? CALLS[name] ?? [];
    const call = (odd: readonly unknown[]): unknown => {
      const method: unknown = Reflect.get(self as Expr, name);
      return isCalled(method) ? Reflect.apply(method, self, odd) : undefined;
    };
    expect(call(given)).toBeInstanceOf(Expr);
    expect([...variations(given)].flatMap(([odd, spread]) => complaint(name, () => call(odd), spread))).toEqual([]);
  });
});
