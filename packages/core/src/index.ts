/** Symbolic tensors, gradients, the Optimizer interface, compile() and the float64 interpreter. */
export type { Backend, DeviceTensor, KernelDescription, PrintOptions, ProgramDescription } from './run/backend.js';
export type { InputValue } from './run/bind-inputs.js';
export type { KernelTrace, Trace } from './run/trace.js';
export { compile, type CompiledFunction, type CompileOptions, type ComputationSpec } from './run/compile.js';
export { iota, literal, scalar } from './graph/construct.js';
export { describe, print } from './graph/describe.js';
export { type Dimension, type DimensionLike } from './graph/dimension.js';
export { type DType, DTYPES, isFloat, type TypedArray } from './graph/dtype.js';
export {
  BackendError,
  DisposedError,
  DTypeError,
  GraphError,
  InputError,
  OptimizerError,
  PappusError,
  ShapeError,
  StaleOutputError,
} from './errors.js';
export { evaluate } from './run/evaluate.js';
export { printProgram } from './run/print-program.js';
export { type Axes, Expr, type Operand } from './graph/expr.js';
export type { CustomVjp, Outside } from './graph/node.js';
export { customGradient } from './gradients/custom.js';
export { grad } from './gradients/grad.js';
export { type Hyperparameter, hyperparameter, type HyperparameterOption, type HyperparameterPlace, type Range, range } from './optimizer/hyperparameter.js';
export {
  constant,
  type FillOptions,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  normal,
  type NormalOptions,
  ones,
  onesLike,
  orthogonal,
  type OrthogonalOptions,
  type RandomOptions,
  type SteppedOptions,
  truncatedNormal,
  uniform,
  type UniformOptions,
  zeros,
  zerosLike,
} from './values/initializers.js';
export { input } from './graph/input.js';
export { liftBeside, requireFloat, requireNumbers, requireTensor, requireTensors } from './operations/operand-checks.js';
export { interpreter } from './interpreter/backend.js';
export { elu, gelu, type GeluOptions, hardSigmoid, hardSwish, leakyRelu, logSigmoid, mish, prelu, relu6, selu, silu, softplus } from './operations/activations.js';
export { flip, pad, type PadOptions, split, stack, tile } from './operations/arrange.js';
export { diag, diagonal, type DiagonalOptions, type DiagOptions, trace } from './operations/diagonals.js';
export { linspace, type LinspaceOptions, meshgrid, type MeshgridOptions } from './operations/grids.js';
export { diff, type DiffOptions, repeat, roll } from './operations/rearrange.js';
export { type AttentionOptions, scaledDotProductAttention } from './operations/attention.js';
export { einsum, outer, tensordot } from './operations/contractions.js';
export {
  conv1d,
  conv2d,
  conv3d,
  type ConvolutionOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type TransposedConvolutionOptions,
} from './operations/convolution.js';
export { cumsum, type CumsumOptions } from './operations/cumulative.js';
export { crossEntropy, type CrossEntropyOptions } from './operations/cross-entropy.js';
export * from './operations/elementwise.js';
export * from './operations/linear-algebra/index.js';
export * from './operations/order/index.js';
export {
  absoluteError,
  binaryCrossEntropy,
  type BinaryCrossEntropyOptions,
  cosineSimilarity,
  type CosineSimilarityOptions,
  hinge,
  huber,
  type HuberOptions,
  klDivergence,
  type LossOptions,
  squaredError,
} from './operations/losses.js';
export { ctcLoss, type CtcLossOptions } from './operations/ctc-loss.js';
export { contrastive, type ContrastiveOptions, infoNce, ntXent, type TemperatureOptions, tripletMargin, type TripletMarginOptions } from './operations/contrastive-losses.js';
export { arange, type ArangeOptions, type DTypeOptions, eye, oneHot, type OneHotOptions, tri, tril, triu } from './operations/masks.js';
export {
  broadcastTo,
  concat,
  expandDims,
  type Range as SliceRange,
  reshape,
  slice,
  squeeze,
  stopGradient,
  transpose,
} from './operations/movement.js';
export { erfInv } from './operations/erf-inv.js';
export { acos, asin, atan, atan2 } from './operations/inverse-trigonometric.js';
export { acosh, asinh, atanh, cosh, sinh } from './operations/hyperbolic.js';
export { cbrt, exp2, hypot, logAddExp } from './operations/powers.js';
export { fmax, fmin, lerp, trunc } from './operations/choices.js';
export { logSoftmax, softmax } from './operations/networks.js';
export {
  batchNorm,
  type BatchNormOptions,
  type BatchStatistics,
  batchStatistics,
  groupNorm,
  type GroupNormOptions,
  layerNorm,
  type LayerNormOptions,
  localResponseNorm,
  type LocalResponseNormOptions,
  rmsNorm,
  type RmsNormOptions,
} from './operations/normalization.js';
export type { IndexOptions } from './operations/index-range.js';
export { gather, scatterAdd, take } from './operations/indexing.js';
export { scatter, type ScatterOptions } from './operations/scatter/scatter.js';
export {
  type AveragePoolingOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  type MaxPoolResult,
} from './operations/pooling.js';
export type { PoolingOptions } from './operations/pooling-windows.js';
export { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d, adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d } from './operations/adaptive-pooling.js';
export { resize, type ResizeOptions } from './operations/resize.js';
export { depthToSpace, pixelShuffle, pixelUnshuffle, spaceToDepth } from './operations/depth-to-space.js';
export { matmul } from './operations/products.js';
export { window, type WindowOptions } from './operations/windows.js';
export type { Padding, PerAxis } from './operations/spatial.js';
export { bernoulli, type BernoulliOptions, categorical, type CategoricalOptions, dropout } from './operations/random.js';
export type { RandomKey } from './operations/random-bits.js';
export { choice, type ChoiceOptions, multinomial, permutation, type PermutationOptions, randint, type RandintOptions } from './operations/random-draws.js';
export { beta, exponential, gamma, type RandomBetaOptions, type RandomExponentialOptions, type RandomGammaOptions } from './operations/random-gamma.js';
export { foldIn, splitSeed } from './operations/seeds.js';
export { all, any, logSumExp, max, mean, min, prod, type ReduceOptions, sum } from './operations/reductions.js';
export type { ExprTree, SameTree } from './operations/expr-tree.js';
export { remat } from './operations/remat.js';
export { substitute } from './operations/substitute.js';
export { scan, type ScanOptions, type ScanResult, type ScanStep } from './operations/scan.js';
export { argMax, argMin, norm, type NormOptions, std, variance, type VarianceOptions } from './operations/statistics.js';
export type { Defaults, FirstValues, Names, NamesOf, OwnOptions, Ranges, RuleAnswer, SeenOptions, Slots } from './optimizer/definition.js';
export {
  type AllAnswer,
  type AllContext,
  type CommonOptions,
  defineOptimizer,
  gradients,
  type Optimizer,
  type OptionsOf,
  type RuleContext,
  type RuleDefinition,
  type SharedOptions,
} from './optimizer/optimizer.js';
export { type LossSetting, type PerParameterSetting, type PlainSetting, setting, type Setting, type SettingOption, type Settings, type SettingSeen } from './optimizer/settings.js';
export { StepCount } from './optimizer/step-count.js';
export { addScaled, averageLength, biasCorrection } from './optimizer/formulas.js';
export { checkOptions, option, type OptionKind, type OptionTable, type OptionTest } from './arguments/options.js';
export type { Output } from './run/output.js';
export { show } from './arguments/show.js';
export { formatShape, normalizeAxes, normalizeAxis, type Shape, type ShapeLike } from './graph/shape.js';
export { defineTransform, type Transform, type TransformContext, type TransformDefinition, type TransformOptions } from './optimizer/transform.js';
export { mergeUpdates, requireUpdates, type StateRole, Updates } from './optimizer/updates.js';
export { hessian, jacobian, type JacobianOptions } from './transforms/jacobian.js';
export { hessianVectorProduct, jvp, vjp } from './transforms/products.js';
export { type BatchAnswer, type ExampleAnswer, vmap, type VmapOptions } from './transforms/vmap.js';
export { type NestedArray, type TensorData } from './values/values.js';
export { Variable, variable, type VariableOptions, type VariableValue } from './values/variable.js';
