/** What goes over any rule: groups, accumulation, averages, look-ahead, SAM, cautious steps, skipped steps. */
export { cautious, type CautiousOptions } from './cautious.js';
export { accumulate, type AccumulateOptions } from './accumulate.js';
export { type AverageOptions, averagesOf, equalAverage, exponentialAverage, type ExponentialAverageOptions, polynomialAverage, type PolynomialAverageOptions } from './averages.js';
export { gradientAverage, type GradientAverageOptions } from './gradient-average.js';
export { gradientNoise, type GradientNoiseOptions } from './gradient-noise.js';
export { lookahead, type LookaheadOptions } from './lookahead.js';
export { lossScaling, type LossScalingOptions, skipNonFinite } from './non-finite.js';
export { partition, type PartitionOptions, type RuleGroup, type Selector } from './partition.js';
export { sam, type SamOptions } from './sam.js';
export type { Rule, WrapperHyperparameter, WrapperOptions, WrapperPlace } from './wrapped-rule.js';
