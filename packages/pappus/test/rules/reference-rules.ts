// Our rules under the names that the reference data has for them, and what each recorded trajectory does with them.
import type { ReferenceRule, ReferenceTransform } from '@pappus/rule-table';
import type { Trajectory } from '@pappus/test-support';
import type { ReplayedRule } from '@pappus/testing/rules';
import {
  adadelta, adagrad, adam, adamax, amsgrad, applyMomentum, applyNesterovMomentum, Expr, type Hyperparameter, momentum,
  nesterovMomentum, type Optimizer, rmsprop, sgd, totalNormConstraint,
} from '../../src/index.js';

/** Options as the data has them, where a learning rate is required. */
function withRate(options: object = {}): { readonly learningRate: Hyperparameter } {
  if (!('learningRate' in options)) throw new Error('no learning rate is given');
  const { learningRate } = options;
  if (typeof learningRate !== 'number' && !(learningRate instanceof Expr)) throw new Error('the learning rate is no number');
  return { ...options, learningRate };
}

export const rules: Readonly<Record<ReferenceRule, Optimizer>> = {
  sgd,
  momentum: (grads, params, options) => momentum(grads, params, withRate(options)),
  nesterov_momentum: (grads, params, options) => nesterovMomentum(grads, params, withRate(options)),
  adagrad,
  rmsprop,
  adadelta,
  adam,
  adamax,
  amsgrad,
};

const transforms = { apply_momentum: applyMomentum, apply_nesterov_momentum: applyNesterovMomentum } as const satisfies Record<ReferenceTransform, unknown>;

/** What a trajectory does, with our rules or with others in their place. */
export function replayed(trajectory: Trajectory, table: Readonly<Record<ReferenceRule, Optimizer>> = rules): ReplayedRule {
  switch (trajectory.function) {
    case 'apply_momentum':
    case 'apply_nesterov_momentum': {
      const { base, baseOptions, momentum: factor, params: chosen } = trajectory.options;
      const transform = transforms[trajectory.function];
      return (grads, params) => {
        const updates = table[base](grads, params, baseOptions);
        const covered = chosen === 'keys' ? [...updates.keys()] : chosen === undefined ? undefined : params.filter((_, p) => chosen.includes(p));
        return transform(updates, covered, { momentum: factor });
      };
    }
    case 'total_norm_constraint': {
      const { maxNorm, then, thenOptions } = trajectory.options;
      return (grads, params) => table[then](totalNormConstraint(grads, maxNorm), params, thenOptions);
    }
    default: {
      const rule = table[trajectory.function];
      return (grads, params, rate) => rule(grads, params, rate === undefined ? trajectory.options : { ...trajectory.options, learningRate: rate });
    }
  }
}
