// What goes before or over a rule: clipping, averages, look-ahead, Ranger, SAM, accumulation. Numbers in a function's name are options, too.
import {
  accumulate, adam, adaptiveClip, averagesOf, centralize, clipByBlockRms, clipByGlobalNorm, clipByValue, div, equalAverage, type Expr, exponentialAverage, grad,
  gradientAverage, lookahead, type Optimizer, polynomialAverage, radam, sam, sgd, sqrt, substitute, sum, type Updates, type Variable,
} from 'pappus';
import { call, named, textOf } from './call.js';
import { type Answer, type PeerEntries, use } from './entry.js';
import type { Base, Given } from './given.js';
import { decayOf, PeerOptionError } from './options.js';

/** Axes in Optax's layouts: dense weights [in, out], convolutions [height, width, in, out]. */
const adaptiveAxes = named(
  ({ rank, shape }: Expr): readonly number[] => {
    const all = shape.map((_, axis) => axis);
    if (shape.filter((size) => size !== 1).length <= 1) return all;
    return rank < 4 ? [0] : all.slice(0, 3);
  },
  'axesOfOptax',
);

/** Gradients whose mean over each cycle is that of Optax, whose running mean is kept in float32 but for the last of a cycle, which is used as it is computed. */
function inFloat32(given: Given, steps: number): readonly Expr[] {
  const { gradients = [] } = given.recording;
  const means = (t: number, p: number): readonly number[] => {
    if (t % steps === 0) return [];
    const before = t - 1;
    return advanced(means(before, p), gradients[before]?.[p] ?? [], before % steps);
  };
  const advanced = (mean: readonly number[], g: readonly number[], n: number): readonly number[] =>
    g.map((value, i) => {
      const next = (mean[i] ?? 0) + (value - (mean[i] ?? 0)) / (n + 1);
      return n === steps - 1 ? next : Math.fround(next);
    });
  return named(
    given.tensorsPerStep('g', (t, p) => {
      const g = gradients[t]?.[p] ?? [];
      const n = t % steps;
      const before = means(t, p);
      return advanced(before, g, n).map((mean, i) => (n + 1) * mean - n * (before[i] ?? 0));
    }),
    'grads',
  );
}

/** A wrapper over a rule, which is written as it is called. */
function over<O extends object>(wrapper: (rule: Optimizer, options: O) => Optimizer, rule: Optimizer, options: O): Optimizer {
  // What a wrapper makes of gradients or a loss is written as these.
  const inner: Optimizer = (made, params) => rule('shape' in made ? named(made, 'loss') : named([...made], 'grads'), params);
  return named(wrapper(inner, options), `${textOf(wrapper)}(${textOf(rule)}, ${textOf(options)})`);
}

/** The recording's base. */
function baseOf({ base }: Given): Base {
  if (base === undefined) throw new PeerOptionError('the recording names no base, which a wrapper goes over');
  return base;
}

/** An average beside the recording's base. */
function averaged(given: Given, wrap: (base: Optimizer) => Optimizer): Answer {
  const updates: Updates = call(wrap(baseOf(given).rule), given.grads, given.params);
  const averages = averagesOf(updates);
  return { updates, average: given.params.map((param) => averages.get(param) ?? param) };
}

/**
 * Gradients less their means over all axes but the first, as Optax and pytorch_optimizer have it for matrices, too.
 *
 * @param leastRank of which on they are: 2, or 4 for those of convolutions alone
 */
export function centralized(grads: readonly Expr[], leastRank: 2 | 4 = 2): readonly Expr[] {
  const axes = named(
    ({ rank, shape }: Expr): readonly number[] => (rank >= leastRank ? shape.map((_, axis) => axis).slice(1) : []),
    `({ rank, shape }) => (rank >= ${leastRank} ? shape.map((_, axis) => axis).slice(1) : [])`,
  );
  return call(centralize, grads, { axes });
}

/** Of how many gradients RAdam's second moment is, after `t` steps. */
function momentLength(beta2: number, t: number): number {
  return 2 / (1 - beta2) - 1 - (2 * t * beta2 ** t) / (1 - beta2 ** t);
}

/** SAM that goes uphill along the centralised gradient, by the norm of the gradient as it is. */
function centralizedSam(loss: Expr, params: readonly Variable[], { rho, adaptive, epsilon }: { readonly rho: number; readonly adaptive: boolean; readonly epsilon: number }): readonly Expr[] {
  const here = named(grad(loss, params), 'grad(loss, params)');
  const squares = here.map((g, k): Expr => sum((adaptive ? g.mul(params[k]?.abs() ?? 1) : g).square()));
  const scale = div(rho, sqrt(squares.reduce((a, b) => a.add(b))).add(epsilon));
  const uphill = centralized(here).map((g, k) => (adaptive ? g.mul(params[k]?.square() ?? 1) : g).mul(scale));
  const there = substitute(here, new Map(params.map((param, k) => [param, param.add(uphill[k] ?? 0)])));
  const [direction, size] = adaptive ? ['params^2 centralize(grads)', 'norm(params grads)'] : ['centralize(grads)', 'norm(grads)'];
  return named(there, `grads at params + ${rho} ${direction} / (${size} + ${epsilon})`);
}

export const wrappers: PeerEntries = {
  optax: {
    'clip(d) then sgd(#)': {
      replay: (options, { grads, params }) =>
        call(sgd, call(clipByValue, grads, options.number('d')), params, { learningRate: options.literal(0) }),
    },
    'clip_by_global_norm(d) then sgd(#)': {
      replay: (options, { grads, params }) =>
        call(sgd, call(clipByGlobalNorm, grads, options.number('d'), { epsilon: 0 }), params, { learningRate: options.literal(0) }),
    },
    'clip_by_block_rms(d) then sgd(#)': {
      replay: (options, { grads, params }) =>
        call(sgd, call(clipByBlockRms, grads, options.number('d')), params, { learningRate: options.literal(0) }),
    },
    'adaptive_grad_clip(d) then sgd(#)': {
      replay: (options, { grads, params }) =>
        call(sgd, call(adaptiveClip, grads, params, { clipping: options.number('d'), axes: adaptiveAxes }), params, { learningRate: options.literal(0) }),
    },
    'centralize then sgd(#)': {
      replay: (options, { grads, params }) => call(sgd, centralized(grads), params, { learningRate: options.literal(0) }),
    },
    'ema(#) then sgd(#)': {
      replay: (options, { grads, params }) => call<Optimizer>(over(gradientAverage, use(sgd, { learningRate: options.literal(1) }), { decay: options.literal(0) }), grads, params),
    },
    'MultiSteps(adam(#), #)': {
      replay: (options, given) => {
        const [learningRate, steps] = [options.literal(0), options.literal(1)];
        return call<Optimizer>(over(accumulate, use(adam, { learningRate, epsilonPlace: 'corrected' }), { steps }), inFloat32(given, steps), given.params);
      },
    },
  },
  pytorch_optimizer: {
    'pytorch_optimizer.Lookahead': {
      defaults: { k: 5, alpha: 0.5, pullback_momentum: 'none' },
      replay: (options, given) => {
        options.must('pullback_momentum', 'none', 'reset');
        const steps = { steps: options.number('k'), alpha: options.number('alpha') };
        const { name, options: itsOptions, rule } = baseOf(given);
        // Its reset looks for momentum_buffer, which of torch's rules over which it goes here SGD and RMSprop read.
        const resets = options.is('pullback_momentum', 'reset') && (name === 'SGD' || name === 'RMSprop') && (itsOptions['momentum'] ?? 0) !== 0;
        const wrapped = over(lookahead, rule, resets ? { ...steps, reset: ['velocity'] } : steps);
        return call(wrapped, given.grads, given.params);
      },
    },
    'pytorch_optimizer.Ranger': {
      defaults: {
        lr: 1e-3, betas: [0.95, 0.999], alpha: 0.5, k: 6, n_sma_threshold: 5, degenerated_to_sgd: false, weight_decay: 0, weight_decouple: true, fixed_decay: false,
        use_gc: true, gc_conv_only: false, eps: 1e-5, maximize: false, adanorm: false, adam_debias: false,
      },
      replay: (options, given) => {
        const [beta1, beta2] = options.pair('betas');
        const [rate, weightDecay, threshold] = [options.number('lr'), options.number('weight_decay'), options.number('n_sma_threshold')];
        // Variants of its Adam that no rule of ours has.
        options.must('adanorm', false);
        options.must('adam_debias', false);
        const decay = decayOf(options);
        // While its second moment is of few gradients the class goes uphill along their mean, and a decoupled decay is times the rate, too.
        const uphill = !options.boolean('degenerated_to_sgd');
        const signed = (name: string, value: number): Expr => given.perStep(name, (step) => (uphill && momentLength(beta2, step + 1) < threshold ? -value : value));
        const rule = use(radam, {
          learningRate: uphill ? signed('rate', rate) : rate, beta1, beta2, epsilon: options.number('eps'), threshold, decay,
          weightDecay: uphill && decay === 'decoupled' ? signed('decay', weightDecay) : weightDecay, maximize: options.boolean('maximize'),
        });
        const grads = options.boolean('use_gc') ? centralized(given.grads, options.boolean('gc_conv_only') ? 4 : 2) : given.grads;
        return call<Optimizer>(over(lookahead, rule, { steps: options.number('k'), alpha: options.number('alpha') }), grads, given.params);
      },
    },
    'pytorch_optimizer.SAM': {
      defaults: { rho: 0.05, adaptive: false, use_gc: false, perturb_eps: 1e-12 },
      replay: (options, given) => {
        const uphill = { rho: options.number('rho'), adaptive: options.boolean('adaptive'), epsilon: options.number('perturb_eps') };
        const { rule } = baseOf(given);
        if (options.boolean('use_gc')) return rule(centralizedSam(given.loss, given.params, uphill), given.params);
        return call<Optimizer>(over(sam, rule, uphill), given.loss, given.params);
      },
    },
  },
  torch: {
    'torch.optim.swa_utils.AveragedModel (EMA)': {
      replay: (options, given) => {
        const decay = options.number('decay');
        return averaged(given, (base) => over(exponentialAverage, base, { decay }));
      },
    },
    'torch.optim.swa_utils.AveragedModel (SWA)': {
      replay: (_, given) => averaged(given, (base) => over(equalAverage, base, {})),
    },
  },
  dog: {
    'dog.PolynomialDecayAverager': {
      defaults: { gamma: 8 },
      replay: (options, given) => {
        const gamma = options.number('gamma');
        return averaged(given, (base) => over(polynomialAverage, base, { gamma }));
      },
    },
  },
};
