/** Noise in gradients, less of it as time goes on. */
import { checkOptions, hyperparameter, normal, option, range } from '@pappus/core';
import { type Rule, wrap, type WrapperHyperparameter, type WrapperOptions } from './wrapped-rule.js';

/** Options of `gradientNoise`. */
export interface GradientNoiseOptions extends WrapperOptions {
  /** The variance in the first step, at least 0. Default 0.01, one of the paper's. */
  readonly eta?: WrapperHyperparameter;
  /** How fast the variance falls, at least 0. Default 0.55, the paper's. */
  readonly gamma?: WrapperHyperparameter;
  /** A whole number: another one gives other noise. Default 0. */
  readonly seed?: number;
}

/**
 * Normal noise of variance `eta / t^gamma` added to each gradient. Each step and each parameter has its own, the same in every run.
 *
 * Source: Neelakantan et al. (2015), "Adding gradient noise improves learning for very deep networks", arXiv:1511.06807, whose
 * `1 + t` counts from 0; Optax's `add_noise`.
 *
 * @throws {OptimizerError|InputError} for options out of their range
 * @example const updates = gradientNoise(sgd, { eta: 0.3, seed: 1 })(loss, params, { learningRate: 0.1 });
 */
export function gradientNoise<A extends readonly unknown[]>(rule: Rule<A>, options?: GradientNoiseOptions): Rule<A> {
  const { name, eta = 0.01, gamma = 0.55, seed = 0 } = checkOptions('gradientNoise', options, { name: option.text, eta: option.unchecked, gamma: option.unchecked, seed: { wanted: 'a whole number', takes: Number.isSafeInteger } });
  return wrap('gradientNoise', name, rule, (call) => {
    const { t } = call;
    const std = call.scalar(eta, 'eta', 'float64', range.nonNegative).div(t.pow(call.scalar(gamma, 'gamma', 'float64', range.nonNegative))).sqrt();
    const step = t.cast('int32');
    const noisy = call.gradients().map((g, k) => {
      const noise = normal(g.shape, { seed: seedOf(`${seed} ${call.prefix} ${k}`), step, dtype: g.dtype === 'float64' ? 'float64' : 'float32' });
      return g.add(noise.mul(hyperparameter(std, g.dtype, 'gradientNoise')));
    });
    return call.applyGradients(noisy);
  });
}

/** A seed that differs between texts (FNV-1a): two groups of `partition` do not get the same noise. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
