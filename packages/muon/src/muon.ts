import { addScaled, biasCorrection, defineOptimizer, type Expr, formatShape, OptimizerError, range, setting, sub, type Variable, zerosLike } from '@pappus/core';
import { areCoefficients, type Coefficients, COEFFICIENTS_WANTED, newtonSchulz } from './newton-schulz.js';

/** Makes `[..., n, m]` matrices orthogonal, or nearly so, as `newtonSchulz` does. */
export type Orthogonalize = (matrices: Expr) => Expr;

/**
 * Muon: momentum whose matrices are made nearly orthogonal, so that a step moves all directions alike.
 *
 * ```text
 * m <- momentum m + (1 - momentum) g        nesterov: u = momentum m + (1 - momentum) g, else u = m
 * param <- (1 - learningRate weightDecay) param - learningRate scale newtonSchulz(u)
 * scale = sqrt(max(1, outputs / inputs)),  'rms': rms sqrt(max(outputs, inputs))
 * ```
 *
 * Options, with the author's defaults: `learningRate` 0.02, `momentum` 0.95, `nesterov` true, `weightDecay` 0, five `steps` with
 * `coefficients` `[3.4445, -4.775, 2.0315]`, `epsilon` 1e-7. A layer's outputs are the columns of its matrix, as in `x.matmul(w)` and in
 * Optax; the author and PyTorch have them in rows, which is `outputs: 'rows'`. A tensor of higher rank is one matrix, `[filters, rest]`, as
 * weights of convolutions are, whose rows are its outputs; with `higherRank: 'batch'` it is a batch of matrices over its last two axes.
 *
 * PyTorch's `adjust_lr_fn='match_rms_adamw'` and Optax's `consistent_rms` are `scale: 'rms'`, with which a rate of AdamW can be kept. Optax
 * divides momentum and gradient by what a mean has of a whole one, `correctBias: true`. What is computed is not rounded to bfloat16, as it
 * is in the author's code and PyTorch's, which changes some percent of a step.
 *
 * Only weights of hidden layers belong here. Vectors, embeddings and the last layer take another rule, such as adamw, by `partition`.
 *
 * Source: Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks", kellerjordan.github.io/posts/muon; for
 * `'rms'` Liu et al. (2025), "Muon is scalable for LLM training", arXiv:2502.16982.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit; a parameter that is no matrix is one
 * @example const updates = partition({ hidden: { params: /^hidden.*weight$/, rule: muon }, rest: { rule: adamw } })(loss, params);
 */
export const muon = defineOptimizer({
  name: 'muon',
  defaults: {
    /** The size of a step: the singular values of what is taken off are about this, times the scale; at least 0. Default 0.02, the author's. */
    learningRate: 0.02,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.95, the author's. */
    momentum: 0.95,
    /** The part of the parameter that decays in a step, times the rate, at least 0. Default 0, the author's; PyTorch's is 0.1. */
    weightDecay: 0,
    /** Keeps zeros from being divided by 0, at least 0. Default 1e-7, the author's; Optax's is 1e-8. */
    epsilon: 1e-7,
    /** The root of the mean square of a step's elements where `scale` is `'rms'` and the rate is 1, at least 0. Default 0.2, that of AdamW. */
    rms: 0.2,
  },
  ranges: { learningRate: range.nonNegative, momentum: range.decayRate, weightDecay: range.nonNegative, epsilon: range.nonNegative, rms: range.nonNegative },
  settings: {
    /** Look ahead along the momentum. Default true, the author's. */
    nesterov: setting.flag(true),
    /** The steps of Newton and Schulz. Default 5, the author's. */
    steps: setting.wholeNumber(5, { max: 100 }),
    /** `[a, b, c]` of a step of Newton and Schulz, or a list of those of each, of which the last are those of all further steps. Default the author's. */
    coefficients: {
      kind: 'plain' as const,
      fallback: [3.4445, -4.775, 2.0315] as Coefficients | readonly Coefficients[],
      wanted: COEFFICIENTS_WANTED,
      takes: areCoefficients,
    },
    /** Whether epsilon is added to the norm, or the least that it is. Default `'added'`, the author's; PyTorch's is `'least'`. */
    epsilonPlace: setting.oneOf('added', 'least'),
    /** What divides at first, as in `newtonSchulz`. Default `'frobenius'`, the author's. */
    normalization: setting.oneOf('frobenius', 'schatten', 'aol'),
    /** What makes matrices orthogonal in the place of `newtonSchulz` with the options above. Default: that. */
    orthogonalize: {
      kind: 'plain' as const,
      fallback: undefined as Orthogonalize | undefined,
      wanted: 'a function of matrices, such as (x) => newtonSchulz(x, { steps: 8 })',
      takes: (value: unknown): value is Orthogonalize => typeof value === 'function',
    },
    /** What multiplies the rate: `sqrt(max(1, outputs / inputs))`, the author's, `rms sqrt(max(outputs, inputs))`, or nothing. Default `'spectral'`. */
    scale: setting.oneOf('spectral', 'rms', 'none'),
    /** Whether the outputs of a layer are the columns of its matrix, or the rows. Default `'columns'`. */
    outputs: setting.oneOf('columns', 'rows'),
    /** What a tensor of more than two axes is: filters, one matrix, or a batch of matrices. Default `'filters'`. */
    higherRank: setting.oneOf('filters', 'batch'),
    /** Whether decay is taken off the parameter, or added to the gradient. Default `'decoupled'`. */
    decay: setting.oneOf('decoupled', 'coupled'),
    /** Whether the mean is divided by what it has of a whole one, and with nesterov by what it will have. Default false; Optax does. */
    correctBias: setting.flag(false),
    /** Multiply the step by its inner product with the momentum, that of each matrix by itself, Optax's `adaptive`: steepest descent in the spectral norm. Default false. */
    dualNorm: setting.flag(false),
  },
  state: (param) => {
    if (param.rank < 2) {
      throw new OptimizerError(`muon: the parameter ${param.name} has the shape ${formatShape(param.shape)} and is no matrix; give it another rule, such as adamw, by partition`);
    }
    return { m: zerosLike(param) };
  },
  update(context) {
    const { param, m, learningRate, momentum, weightDecay, nesterov, decay, dualNorm } = context;
    const grad = decay === 'coupled' ? addScaled(context.grad, weightDecay, param) : context.grad;
    const mNext = momentum.mul(m).add(sub(1, momentum).mul(grad));
    const direction = context.correctBias ? corrected(mNext, grad, context) : nesterov ? momentum.mul(mNext).add(sub(1, momentum).mul(grad)) : mNext;
    const matrices = param.rank > 2 && context.higherRank === 'filters' ? direction.reshape(filtersOf(param)) : direction;
    const { steps, coefficients, epsilon, epsilonPlace, normalization } = context;
    const orthogonal = context.orthogonalize?.(matrices) ?? newtonSchulz(matrices, { steps, coefficients, epsilon, epsilonPlace, normalization });
    const step = (dualNorm ? orthogonal.mul(matrices.mul(orthogonal).sum([-2, -1], { keepdims: true })) : orthogonal).reshape(param.shape);
    const decayed = decay === 'decoupled' ? addScaled(param, learningRate.mul(weightDecay).neg(), param) : param;
    return { param: decayed.sub(learningRate.mul(scaleOf(param, context)).mul(step)), m: mNext };
  },
});

/** What is made orthogonal where biases are corrected: as Optax has it, whose mean is corrected for the step to come. */
function corrected(m: Expr, grad: Expr, { momentum, t, nesterov }: { readonly momentum: Expr; readonly t: Expr; readonly nesterov: boolean }): Expr {
  if (!nesterov) return m.div(biasCorrection(momentum, t));
  const ahead = m.div(biasCorrection(momentum, t.add(1)));
  return momentum.mul(ahead).add(sub(1, momentum).mul(grad.div(biasCorrection(momentum, t))));
}

interface ScaleOptions {
  readonly scale: 'spectral' | 'rms' | 'none';
  readonly outputs: 'columns' | 'rows';
  readonly higherRank: 'filters' | 'batch';
  readonly rms: Expr;
}

/** The shape of a tensor as one matrix, a filter in each row. */
function filtersOf({ shape: [filters = 1, ...window] }: Pick<Variable, 'shape'>): readonly [rows: number, columns: number] {
  return [filters, window.reduce((size, length) => size * length, 1)];
}

/** What multiplies the rate of a parameter. */
function scaleOf({ shape }: Variable, { scale, outputs, higherRank, rms }: ScaleOptions): Expr | number {
  const filters = shape.length > 2 && higherRank === 'filters';
  const [rows = 1, columns = 1] = filters ? filtersOf({ shape }) : shape.slice(-2);
  const ratio = filters || outputs === 'rows' ? rows / columns : columns / rows;
  switch (scale) {
    case 'spectral':
      return Math.sqrt(Math.max(1, ratio));
    case 'rms':
      return rms.mul(Math.sqrt(Math.max(rows, columns)));
    case 'none':
      return 1;
  }
}
