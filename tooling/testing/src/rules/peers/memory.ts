// Rules that keep rows and columns in the place of a full second moment: Adafactor, SM3, CAME.
import { adafactor, came, type Expr, sm3, type Updates, type Variable } from 'pappus';
import { type PeerEntries, type ReplayEntry, use } from './entry.js';

/** A float64 rounded to float32, by Dekker's product: a cast that goes back at once need not round. */
function toFloat32(x: Expr): Expr {
  const longer = x.mul(2 ** 29 + 1);
  return longer.sub(longer.sub(x));
}

/** Optax keeps momentum in float32 and multiplies it there: what that changes is put into the momentum and taken from the parameter. */
function momentumInFloat32(updates: Updates, params: readonly Variable[], momentum: number): void {
  for (const param of params) {
    const m = updates.slot(param, 'm');
    const rounding = toFloat32(m.mul(Math.fround(momentum))).sub(m.mul(momentum));
    updates.modify(m, (next) => toFloat32(next.add(rounding)));
    updates.modify(param, (next) => next.sub(rounding));
  }
}

/** Optax computes what stays of the means in float32, and keeps momentum in it unless it is told otherwise. */
const optaxAdafactor: ReplayEntry = {
  defaults: {
    learning_rate: null, min_dim_size_to_factor: 128, decay_rate: 0.8, decay_offset: 0, multiply_by_parameter_scale: true, clipping_threshold: 1, momentum: null,
    dtype_momentum: 'float32', weight_decay_rate: null, eps: 1e-30, factored: true, weight_decay_mask: null,
  },
  replay: (options, recording) => {
    options.must('weight_decay_mask', null);
    const [exponent, offset] = [Math.fround(options.number('decay_rate')), options.number('decay_offset')];
    const beta2 = recording.perStep('beta2', (t) => Math.fround(1 - Math.fround(Math.fround(t - offset + 1) ** -exponent)));
    const momentum = options.numberOrNone('momentum');
    const rule = use(adafactor, {
      // Without a rate nothing is multiplied by one.
      learningRate: options.numberOrNone('learning_rate') ?? 1,
      relativeStep: false,
      minLength: options.number('min_dim_size_to_factor'),
      beta2,
      parameterScale: options.boolean('multiply_by_parameter_scale'),
      clip: options.numberOrNone('clipping_threshold') ?? Infinity,
      ...(momentum === undefined ? {} : { momentum }),
      weightDecay: options.numberOrNone('weight_decay_rate') ?? 0,
      decay: 'independent',
      epsilon: options.number('eps'),
      factored: options.boolean('factored'),
    });
    const { grads, params } = recording;
    const updates: Updates = rule(grads, params);
    options.must('dtype_momentum', 'float32', 'float64');
    const rounded = momentum !== undefined && options.is('dtype_momentum', 'float32') && params.every(({ dtype }) => dtype === 'float64');
    if (rounded) momentumInFloat32(updates, params, momentum);
    return updates;
  },
};

export const memory: PeerEntries = {
  'torch.optim': {
    Adafactor: {
      defaults: { lr: 1e-2, beta2_decay: -0.8, eps: [null, 1e-3], d: 1, weight_decay: 0, maximize: false },
      replay: (options, { grads, params }) => {
        const [epsilon, leastScale] = options.numbersOrNone('eps', 2);
        const rule = use(adafactor, {
          learningRate: options.number('lr'),
          decayExponent: -options.number('beta2_decay'),
          // None is the precision of the dtype, which is float64 in the recordings.
          epsilon: epsilon ?? 2 ** -52,
          epsilonPlace: 'least',
          leastScale: leastScale ?? 0,
          clip: options.number('d'),
          weightDecay: options.number('weight_decay'),
          axes: 'lastTwo',
          maximize: options.boolean('maximize'),
        });
        return rule(grads, params);
      },
    },
  },
  optax: {
    adafactor: optaxAdafactor,
    sm3: {
      defaults: { momentum: 0.9 },
      rule: (options) => use(sm3, { learningRate: options.number('learning_rate'), momentum: options.number('momentum'), epsilon: 1e-8 }),
    },
  },
  sm3: {
    'sm3.SM3 (pytorch_optimizer)': {
      defaults: { lr: 1e-1, momentum: 0, beta: 0, eps: 1e-30, maximize: false },
      rule: (options) => {
        const [beta, momentum] = [options.number('beta'), options.number('momentum')];
        return use(sm3, {
          learningRate: options.number('lr'),
          ...(momentum === 0 ? {} : { momentum }),
          ...(beta === 0 ? {} : { beta, accumulator: 'neverLess' }),
          epsilon: options.number('eps'),
          maximize: options.boolean('maximize'),
        });
      },
    },
  },
  came: {
    'came.CAME': {
      defaults: { eps: [1e-30, 1e-16], clip_threshold: 1, betas: [0.9, 0.999, 0.9999], weight_decay: 0 },
      rule: (options) => {
        const [beta1, beta2, beta3] = options.triple('betas');
        const [epsilon, epsilon2] = options.pair('eps');
        return use(came, {
          learningRate: options.number('lr'), beta1, beta2, beta3, epsilon, epsilon2, clip: options.number('clip_threshold'), weightDecay: options.number('weight_decay'),
        });
      },
    },
  },
};
