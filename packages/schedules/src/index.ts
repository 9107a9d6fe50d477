/** Schedules: functions of the step count that the host evaluates; a rate that falls when the loss no longer does; drawings of them. */
export type { Count, Schedule } from './arguments.js';
export type { Interpolation } from './curves.js';
export { type JoinOptions, joinSchedules, type MultiplyOptions, multiplySchedules } from './combine.js';
export {
  cosineDecay,
  type CosineOptions,
  cosineRestarts,
  type CosineRestartsOptions,
  type WarmupCosineCycle,
  warmupCosineCycles,
  type WarmupCosineCyclesOptions,
} from './cosine.js';
export { cyclic, type CyclicOptions, oneCycle, type OneCycleOptions } from './cycles.js';
export {
  exponentialDecay,
  type ExponentialOptions,
  inverseSquareRoot,
  type InverseSquareRootOptions,
  inverseTimeDecay,
  type InverseTimeOptions,
  multiStepDecay,
  type MultiStepOptions,
  stepDecay,
  type StepOptions,
} from './exponential.js';
export { piecewiseConstant, type PiecewiseConstantOptions, piecewiseInterpolated, type PiecewiseInterpolatedOptions, tabulated, type TabulatedOptions } from './piecewise.js';
export { type ConstantOptions, constantSchedule, type LinearOptions, linearSchedule, type PolynomialOptions, polynomialSchedule } from './polynomial.js';
export { type Plateau, type PlateauOptions, reduceOnPlateau } from './reduce-on-plateau.js';
export { scheduleSvg, type ScheduleSvgOptions } from './svg.js';
export {
  warmupConstant,
  type WarmupConstantOptions,
  warmupCosine,
  type WarmupCosineOptions,
  warmupExponential,
  type WarmupExponentialOptions,
  warmupLinear,
  type WarmupLinearOptions,
  type WarmupOptions,
  warmupPolynomial,
  type WarmupPolynomialOptions,
} from './warmup.js';
export { warmupStableDecay, type WarmupStableDecayOptions } from './warmup-stable-decay.js';
