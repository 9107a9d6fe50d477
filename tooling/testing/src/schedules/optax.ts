// Optax's schedules, each as the call of ours that it is.
import { constantSchedule, cosineDecay, exponentialDecay, linearSchedule, oneCycle, piecewiseConstant, piecewiseInterpolated, polynomialSchedule, warmupConstant, warmupCosine, warmupCosineCycles, warmupExponential } from '@pappus/schedules';
import { Arguments, type Aliases } from './arguments.js';
import type { CallValue } from './call-text.js';
import { joined, own, type OwnSchedule } from './own-calls.js';

interface Row {
  /** The parameters in Optax's order. */
  readonly parameters: readonly string[];
  readonly ours: (given: Arguments) => OwnSchedule;
}

const CYCLE = ['init_value', 'peak_value', 'warmup_steps', 'decay_steps', 'end_value', 'exponent'] as const;

/** By the name of Optax's function. */
const ROWS: Readonly<Record<string, Row>> = {
  constant_schedule: { parameters: ['value'], ours: (given) => own(constantSchedule, { value: given.number('value') }) },
  linear_schedule: {
    parameters: ['init_value', 'end_value', 'transition_steps', 'transition_begin'],
    ours: (given) => line(given, 1),
  },
  polynomial_schedule: {
    parameters: ['init_value', 'end_value', 'power', 'transition_steps', 'transition_begin'],
    ours: (given) => line(given, given.number('power')),
  },
  exponential_decay: {
    parameters: ['init_value', 'transition_steps', 'decay_rate', 'transition_begin', 'staircase', 'end_value'],
    ours(given) {
      const [initial, every, factor] = [given.number('init_value'), given.number('transition_steps'), given.number('decay_rate')];
      // Optax holds the value then, with a warning.
      if (every <= 0 || factor === 0) return own(constantSchedule, { value: initial });
      return own(exponentialDecay, { initial, factor, every, begin: Math.max(0, given.number('transition_begin', 0)), staircase: given.flag('staircase'), ...finalOf(given) });
    },
  },
  cosine_decay_schedule: {
    parameters: ['init_value', 'decay_steps', 'alpha', 'exponent'],
    ours(given) {
      const initial = given.number('init_value');
      return own(cosineDecay, { initial, steps: given.number('decay_steps'), final: given.number('alpha', 0) * initial, exponent: given.number('exponent', 1) });
    },
  },
  warmup_constant_schedule: {
    parameters: ['init_value', 'peak_value', 'warmup_steps'],
    ours: (given) => own(warmupConstant, { initial: given.number('init_value'), peak: given.number('peak_value'), warmup: given.number('warmup_steps') }),
  },
  warmup_cosine_decay_schedule: { parameters: CYCLE, ours: (given) => own(warmupCosine, cycleOf(given)) },
  warmup_exponential_decay_schedule: {
    parameters: ['init_value', 'peak_value', 'warmup_steps', 'transition_steps', 'decay_rate', 'transition_begin', 'staircase', 'end_value'],
    ours: (given) =>
      own(warmupExponential, {
        initial: given.number('init_value'), peak: given.number('peak_value'), warmup: given.number('warmup_steps'), factor: given.number('decay_rate'), every: given.number('transition_steps'),
        hold: Math.max(0, given.number('transition_begin', 0)), staircase: given.flag('staircase'), ...finalOf(given),
      }),
  },
  piecewise_constant_schedule: {
    parameters: ['init_value', 'boundaries_and_scales'],
    ours: (given) => own(piecewiseConstant, scaled(given.number('init_value'), given.pairs('boundaries_and_scales'))),
  },
  piecewise_interpolate_schedule: {
    parameters: ['interpolate_type', 'init_value', 'boundaries_and_scales'],
    ours: (given) =>
      own(piecewiseInterpolated, { ...scaled(given.number('init_value'), given.pairs('boundaries_and_scales')), interpolation: given.word('interpolate_type', ['linear', 'cosine']) }),
  },
  cosine_onecycle_schedule: {
    parameters: ['transition_steps', 'peak_value', 'pct_start', 'div_factor', 'final_div_factor'],
    ours(given) {
      const { steps, peak, initial, warmup } = cycleUp(given);
      return own(oneCycle, { peak, steps, warmup, initial, final: initial / given.number('final_div_factor', 1e4), interpolation: 'cosine' });
    },
  },
  linear_onecycle_schedule: {
    parameters: ['transition_steps', 'peak_value', 'pct_start', 'pct_final', 'div_factor', 'final_div_factor'],
    ours(given) {
      const { steps, peak, initial, warmup } = cycleUp(given);
      const back = Math.trunc(given.number('pct_final', 0.85) * steps);
      return own(oneCycle, { peak, steps, warmup, back, initial, final: initial / given.number('final_div_factor', 1e4), interpolation: 'linear' });
    },
  },
  sgdr_schedule: {
    parameters: ['cosine_kwargs'],
    ours: (given) => own(warmupCosineCycles, { cycles: given.dictionaries('cosine_kwargs').map((cycle) => cycleOf(new Arguments(cycle, CYCLE))) }),
  },
  join_schedules: { parameters: ['schedules', 'boundaries'], ours: (given) => joined(given.calls('schedules').map(optaxSchedule), given.numbers('boundaries')) },
};

/** Shorter names of functions in recorded texts. */
const SHORT: Aliases = { linear: 'linear_schedule', constant: 'constant_schedule', cosine: 'cosine_decay_schedule', polynomial: 'polynomial_schedule', exponential: 'exponential_decay' };

/** The names of all functions that there is a row for. */
export const optaxNames: readonly string[] = Object.keys(ROWS);

/**
 * Ours for a call of Optax's.
 *
 * @throws {Error} if there is no such function, or its arguments do not fit
 */
export function optaxSchedule(call: CallValue): OwnSchedule {
  const row = ROWS[call.name] ?? ROWS[SHORT[call.name] ?? ''];
  if (row === undefined) throw new Error(`Optax's ${call.name} has no schedule of ours`);
  return row.ours(new Arguments(call, row.parameters));
}

function line(given: Arguments, power: number): OwnSchedule {
  const [initial, final, steps] = [given.number('init_value'), given.number('end_value'), given.number('transition_steps')];
  // Optax holds the value then, with a warning.
  if (steps <= 0) return own(constantSchedule, { value: initial });
  const options = { initial, final, steps, begin: Math.max(0, given.number('transition_begin', 0)) };
  return power === 1 ? own(linearSchedule, options) : own(polynomialSchedule, { ...options, power });
}

function cycleOf(given: Arguments): { initial: number; peak: number; warmup: number; steps: number; final: number; exponent: number } {
  return {
    initial: given.number('init_value'), peak: given.number('peak_value'), warmup: given.number('warmup_steps'), steps: given.number('decay_steps'),
    final: given.number('end_value', 0), exponent: given.number('exponent', 1),
  };
}

function cycleUp(given: Arguments): { steps: number; peak: number; initial: number; warmup: number } {
  const [steps, peak] = [Math.trunc(given.number('transition_steps')), given.number('peak_value')];
  return { steps, peak, initial: peak / given.number('div_factor', 25), warmup: Math.trunc(given.number('pct_start', 0.3) * steps) };
}

/** Each value is the one before it times its scale. */
function scaled(initial: number, pairs: readonly (readonly [number, number])[]): { boundaries: readonly number[]; values: readonly number[] } {
  let value = initial;
  return { boundaries: pairs.map(([boundary]) => boundary), values: [initial, ...pairs.map(([, scale]) => (value *= scale))] };
}

function finalOf(given: Arguments): { final?: number } {
  const final = given.optionalNumber('end_value');
  return final === undefined ? {} : { final };
}
