// Lasagne and Dandelion, whose recordings have options under our names already.
import {
  adadelta, adagrad, adam, adamax, amsgrad, applyMomentum, applyNesterovMomentum, type Expr, type Hyperparameter, momentum, nesterovMomentum,
  rmsprop, sgd, totalNormConstraint, type Updates, type Variable,
} from 'pappus';
import type { PeerRecord } from '../recorded-file.js';
import { call, named } from './call.js';
import { type AppliedRule, type Entry, type PeerEntries, type ReplayEntry, use } from './entry.js';
import type { Given } from './given.js';
import { PeerOptionError, PeerOptions } from './options.js';

type LasagneRule = (grads: readonly Expr[], params: readonly Variable[], options: { readonly learningRate: Hyperparameter }) => Updates;

const RULES: Readonly<Record<string, LasagneRule>> = {
  sgd, momentum, nesterov_momentum: nesterovMomentum, adagrad, rmsprop, adadelta, adam, adamax, amsgrad,
};

/** The rates that Dandelion documents; of other options that are not given the defaults are ours, which are the same. */
const RATES: Readonly<Record<string, number>> = { sgd: 1e-4, adagrad: 1, rmsprop: 1, adadelta: 1, adam: 1e-3, adamax: 2e-3, amsgrad: 1e-3 };

/** Our options that a recording may have, beside the rate. */
const NUMBERS = ['momentum', 'rho', 'beta1', 'beta2', 'epsilon'] as const;

function applied(rule: LasagneRule, options: PeerOptions, given: Given): AppliedRule {
  const { learningRatePerStep } = given.recording;
  const numbers = Object.fromEntries(NUMBERS.filter((name) => options.has(name)).map((name) => [name, options.number(name)]));
  const clearNan = options.has('clearNan') ? { clearNan: options.boolean('clearNan') } : {};
  const learningRate = learningRatePerStep === undefined ? options.number('learningRate') : given.perStep('rate', (t) => learningRatePerStep[t] ?? NaN);
  return use(rule, { learningRate, ...numbers, ...clearNan });
}

function defaultsOf(name: string): PeerRecord {
  const learningRate = RATES[name];
  return learningRate === undefined ? {} : { learningRate };
}

const byItself = (rule: LasagneRule): ReplayEntry => ({ replay: (options, given) => applied(rule, options, given)(given.grads, given.params) });

/** Another rule, with its options, which the options of this one name. */
function inner(options: PeerOptions, name: string, its: string, given: Given): AppliedRule {
  const what = options.text(name);
  const rule = RULES[what];
  if (rule === undefined) throw new PeerOptionError(`there is no rule ${what}`);
  const own = new PeerOptions(what, options.record(its), defaultsOf(what));
  const made = applied(rule, own, given);
  own.checkRead();
  return made;
}

const overARule = (transform: typeof applyMomentum): ReplayEntry => ({
  replay: (options, given) => {
    const { grads, params } = given;
    const updates = inner(options, 'base', 'baseOptions', given)(grads, params);
    return call(transform, updates, coveredBy(options, updates, params), { momentum: options.number('momentum') });
  },
});

function coveredBy(options: PeerOptions, updates: Updates, params: Given['params']): Given['params'] | undefined {
  if (!options.has('params')) return undefined;
  if (options.is('params', 'keys')) return named([...updates.keys()], '[...updates.keys()]');
  const chosen = options.numbers('params');
  return named(params.filter((_, p) => chosen.includes(p)), `[${chosen.map((p) => `params[${p}]`).join(', ')}]`);
}

const entries: Readonly<Record<string, Entry>> = {
  ...Object.fromEntries(Object.entries(RULES).map(([name, rule]) => [name, { ...byItself(rule), defaults: defaultsOf(name) }])),
  apply_momentum: overARule(applyMomentum),
  apply_nesterov_momentum: overARule(applyNesterovMomentum),
  total_norm_constraint: {
    replay: (options, given) => {
      const clipped = call(totalNormConstraint, given.grads, options.number('maxNorm'));
      return inner(options, 'then', 'thenOptions', given)(clipped, given.params);
    },
  },
};

export const lasagne: PeerEntries = { Lasagne: entries, Dandelion: entries };
