// What goes before or over a rule: clipping, averages, look-ahead, SAM, accumulation. Numbers in a function's name are options, too.
import {
  accumulate, adam, adaptiveClip, averagesOf, biasCorrection, centralize, clipByBlockRms, clipByGlobalNorm, clipByValue, equalAverage, type Expr, exponentialAverage, gradientAverage, lookahead, type Optimizer, polynomialAverage, sam, sgd,
  type Updates,
} from 'pappus';
import { call, named, textOf } from './call.js';
import { type Answer, type PeerEntries, use } from './entry.js';
import type { Given } from './given.js';
import { AwaitedError, type PeerOptions } from './options.js';

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
  const inner: Optimizer = (made, params) => rule(named(made, 'shape' in made ? 'loss' : 'grads'), params);
  return named(wrapper(inner, options), `${textOf(wrapper)}(${textOf(rule)}, ${textOf(options)})`);
}

/** An average beside the recording's base. */
function averaged(given: Given, wrap: (base: Optimizer) => Optimizer): Answer {
  const updates: Updates = call(wrap(given.base), given.grads, given.params);
  const averages = averagesOf(updates);
  return { updates, average: given.params.map((param) => averages.get(param) ?? param) };
}

/** Options of the base, which the text of the recording's base has. */
function ofTheBase(options: PeerOptions): void {
  options.ignore('lr', 'momentum', 'dampening', 'weight_decay', 'nesterov', 'maximize', 'betas', 'eps', 'amsgrad', 'decoupled_weight_decay');
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
      replay: (options, { grads, params }) => {
        const centred = call(centralize, grads, { axes: (g) => (g.rank > 1 ? g.shape.map((_, axis) => axis).slice(1) : []) });
        return call(sgd, centred, params, { learningRate: options.literal(0) });
      },
    },
    'ema(#) then sgd(#)': {
      replay: (options, { grads, params }) => call<Optimizer>(over(gradientAverage, use(sgd, { learningRate: options.literal(1) }), { decay: options.literal(0) }), grads, params),
    },
    'MultiSteps(adam(#), #)': {
      replay: (options, given) => {
        const [learningRate, steps] = [options.literal(0), options.literal(1)];
        // Optax adds epsilon to the corrected root.
        const epsilon = named(({ t }: { readonly t: Expr }) => biasCorrection(0.999, t).sqrt().mul(1e-8), '({ t }) => biasCorrection(0.999, t).sqrt().mul(1e-8)');
        return call<Optimizer>(over(accumulate, use(adam, { learningRate, epsilon }), { steps }), inFloat32(given, steps), given.params);
      },
    },
  },
  pytorch_optimizer: {
    'pytorch_optimizer.Lookahead': {
      defaults: { k: 5, alpha: 0.5, pullback_momentum: 'none' },
      replay: (options, given) => {
        ofTheBase(options);
        options.must('pullback_momentum', 'none', 'reset');
        const steps = { steps: options.number('k'), alpha: options.number('alpha') };
        // Its reset looks for momentum_buffer, which of torch's rules SGD has.
        const resets = options.is('pullback_momentum', 'reset') && given.recording.base?.startsWith('torch SGD') === true;
        const wrapped = over(lookahead, given.base, resets ? { ...steps, reset: ['velocity'] } : steps);
        return call(wrapped, given.grads, given.params);
      },
    },
    'pytorch_optimizer.SAM': {
      defaults: { rho: 0.05, adaptive: false, use_gc: false, perturb_eps: 1e-12 },
      replay: (options, given) => {
        ofTheBase(options);
        if (options.boolean('use_gc')) throw new AwaitedError('SAM with use_gc');
        const uphill = { rho: options.number('rho'), adaptive: options.boolean('adaptive'), epsilon: options.number('perturb_eps') };
        return call<Optimizer>(over(sam, given.base, uphill), given.loss, given.params);
      },
    },
  },
  torch: {
    'torch.optim.swa_utils.AveragedModel (EMA)': {
      replay: (options, given) => {
        ofTheBase(options);
        const decay = options.number('decay');
        return averaged(given, (base) => over(exponentialAverage, base, { decay }));
      },
    },
    'torch.optim.swa_utils.AveragedModel (SWA)': {
      replay: (options, given) => {
        ofTheBase(options);
        return averaged(given, (base) => over(equalAverage, base, {}));
      },
    },
  },
  dog: {
    'dog.PolynomialDecayAverager': {
      defaults: { gamma: 8 },
      replay: (options, given) => {
        ofTheBase(options);
        const gamma = options.number('gamma');
        return averaged(given, (base) => over(polynomialAverage, base, { gamma }));
      },
    },
  },
};
