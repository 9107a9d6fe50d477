// What an entry of the table from peers to our calls is.
import type { Expr, Optimizer, Updates, Variable } from 'pappus';
import type { PeerRecord } from '../recorded-file.js';
import { call, named, textOf } from './call.js';
import type { Given } from './given.js';
import type { PeerOptions } from './options.js';

/** One of our rules with its options, ready for gradients and parameters. */
export type AppliedRule = Optimizer;

type AnyRule = (...given: never[]) => Updates;
type OptionsOfRule<F extends AnyRule> = Extract<Parameters<F>[2], object>;

/** What a rule takes behind the parameters, for wrappers that are generic in it: `call(cautious<OptionsAfter<typeof lion>>, lion, {})`. */
export type OptionsAfter<F extends AnyRule> = F extends (lossOrGrads: never, params: never, ...options: infer A) => unknown ? A : never;

/**
 * A rule with options: `use(adamw, { learningRate: 0.003, weightDecay: 0.01 })`. The text of the call is made of these options.
 *
 * @param rule what the umbrella exports, or what a `call` of a wrapper answers
 */
export function use<F extends AnyRule>(rule: F, options: OptionsOfRule<F>): AppliedRule;
export function use(rule: (...given: readonly unknown[]) => Updates, options: object): AppliedRule {
  const applied: AppliedRule = (lossOrGrads, params) => call(rule, lossOrGrads, params, options);
  return named(applied, `(grads, params) => ${textOf(rule)}(grads, params, ${textOf(options)})`);
}

/** What a recording is replayed with. */
export interface Answer {
  readonly updates: Updates;
  /** What is compared with `expectedEval` after each step: expressions over the variables, one for each parameter. */
  readonly evaluated?: readonly Expr[];
  /** What is compared with `expectedAverage` after each step. */
  readonly average?: readonly Expr[];
  /** What is compared with `expected` in place of the parameters. */
  readonly params?: readonly (Expr | Variable)[];
}

interface EntryBase {
  /** The peer's documented defaults, under its names. Those of a file come before them. */
  readonly defaults?: PeerRecord;
  /** Why float32 comes less close than the tolerance of all others says, and how close: a part of the way. */
  readonly float32?: { readonly ofTheWay: number; readonly why: string };
  /** Why another epsilon is not seen in float32, where it is not. */
  readonly epsilonUnseen?: string;
}

/** A rule by itself. It can be the base of a wrapper. */
export interface RuleEntry extends EntryBase {
  readonly rule: (options: PeerOptions) => AppliedRule;
}

/** Anything else: gradients that are changed first, wrappers, what is evaluated apart, a peer's rounding emulated. */
export interface ReplayEntry extends EntryBase {
  readonly replay: (options: PeerOptions, given: Given) => Updates | Answer;
}

/** How the recordings of one function of a peer are replayed. */
export type Entry = RuleEntry | ReplayEntry;

/** Entries by the peer, and its function: a name as in the files, with # in the place of each number, as in `MultiSteps(adam(#), #)`. */
export type PeerEntries = Readonly<Record<string, Readonly<Record<string, Entry>>>>;
