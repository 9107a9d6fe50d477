// The schedulers of torch.optim.lr_scheduler, each as the call of ours that it is.
import { constantSchedule, cosineDecay, cosineRestarts, cyclic, exponentialDecay, linearSchedule, multiStepDecay, oneCycle, piecewiseConstant, polynomialSchedule, stepDecay } from '@pappus/schedules';
import { Arguments, type Aliases } from './arguments.js';
import type { CallValue } from './call-text.js';
import { joined, own, type OwnSchedule } from './own-calls.js';

interface Row {
  /** The parameters in torch's order, without the optimizer. */
  readonly parameters: readonly string[];
  /** Shorter names that recorded texts have. */
  readonly aliases?: Aliases;
  /** Ours; `base` is the rate that the optimizer was made with. */
  readonly ours: (given: Arguments, base: number) => OwnSchedule;
}

/** A scheduler of no steps: torch's leave the first rate as it is then, since they look for the step at which they end behind it. */
function forGood(value: number): OwnSchedule {
  return own(constantSchedule, { value });
}

/** By the name of torch's class. */
const ROWS: Readonly<Record<string, Row>> = {
  StepLR: { parameters: ['step_size', 'gamma'], ours: (given, base) => own(stepDecay, { initial: base, every: given.number('step_size'), factor: given.number('gamma', 0.1) }) },
  MultiStepLR: {
    parameters: ['milestones', 'gamma'],
    ours: (given, base) => own(multiStepDecay, { initial: base, milestones: [...given.numbers('milestones')].sort((a, b) => a - b), factor: given.number('gamma', 0.1) }),
  },
  ConstantLR: {
    parameters: ['factor', 'total_iters'],
    ours(given, base) {
      const [first, steps] = [given.number('factor', 1 / 3) * base, given.number('total_iters', 5)];
      return steps === 0 ? forGood(first) : own(piecewiseConstant, { boundaries: [steps], values: [first, base] });
    },
  },
  LinearLR: {
    parameters: ['start_factor', 'end_factor', 'total_iters'],
    aliases: { start: 'start_factor', end: 'end_factor' },
    ours(given, base) {
      const [initial, steps] = [given.number('start_factor', 1 / 3) * base, given.number('total_iters', 5)];
      const final = given.number('end_factor', 1) * base;
      return steps === 0 ? forGood(initial) : own(linearSchedule, { initial, final, steps });
    },
  },
  ExponentialLR: { parameters: ['gamma'], ours: (given, base) => own(exponentialDecay, { initial: base, factor: given.number('gamma') }) },
  PolynomialLR: {
    parameters: ['total_iters', 'power'],
    ours(given, base) {
      const [steps, power] = [given.number('total_iters', 5), given.number('power', 1)];
      return steps === 0 ? forGood(base) : own(polynomialSchedule, { initial: base, steps, power });
    },
  },
  CosineAnnealingLR: {
    parameters: ['T_max', 'eta_min'],
    ours: (given, base) => own(cosineDecay, { initial: base, final: given.number('eta_min', 0), steps: given.number('T_max'), periodic: true }),
  },
  CosineAnnealingWarmRestarts: {
    parameters: ['T_0', 'T_mult', 'eta_min'],
    ours: (given, base) => own(cosineRestarts, { initial: base, final: given.number('eta_min', 0), steps: given.number('T_0'), growth: given.number('T_mult', 1) }),
  },
  CyclicLR: {
    parameters: ['base_lr', 'max_lr', 'step_size_up', 'step_size_down', 'mode', 'gamma', 'scale_fn', 'scale_mode', 'cycle_momentum', 'base_momentum', 'max_momentum'],
    ours(given) {
      // Without a function of its own the mode says of what the heights are, and scale_mode nothing.
      given.refuse('scale_fn');
      const up = given.number('step_size_up', 2000);
      const mode = given.word('mode', ['triangular', 'triangular2', 'exp_range'], 'triangular');
      const heights = mode === 'exp_range' ? ({ mode: 'exponential', factor: given.number('gamma', 1) } as const) : ({ mode } as const);
      return own(cyclic, { low: given.number('base_lr'), high: given.number('max_lr'), up, down: given.number('step_size_down', up), ...heights });
    },
  },
  OneCycleLR: {
    parameters: [
      'max_lr', 'total_steps', 'epochs', 'steps_per_epoch', 'pct_start', 'anneal_strategy', 'cycle_momentum', 'base_momentum', 'max_momentum', 'div_factor', 'final_div_factor', 'three_phase',
    ],
    ours(given) {
      const peak = given.number('max_lr');
      const total = given.optionalNumber('total_steps') ?? given.number('epochs') * given.number('steps_per_epoch');
      const share = given.number('pct_start', 0.3);
      const initial = peak / given.number('div_factor', 25);
      const phases = given.flag('three_phase') ? { back: 2 * share * total - 2 } : {};
      return own(oneCycle, {
        peak, steps: total - 1, warmup: share * total - 1, ...phases, initial, final: initial / given.number('final_div_factor', 1e4),
        interpolation: given.word('anneal_strategy', ['cos', 'linear'], 'cos') === 'cos' ? 'cosine' : 'linear',
      });
    },
  },
  SequentialLR: {
    parameters: ['schedulers', 'milestones'],
    ours: (given, base) => joined(given.calls('schedulers').map((call) => torchSchedule(call, base)), given.numbers('milestones')),
  },
};

/** The names of all classes that there is a row for. */
export const torchNames: readonly string[] = Object.keys(ROWS);

/**
 * Ours for a scheduler of torch's over an optimizer with a base rate.
 *
 * @throws {Error} if there is no such class, or its arguments do not fit
 */
export function torchSchedule(call: CallValue, base: number): OwnSchedule {
  const row = ROWS[call.name];
  if (row === undefined) throw new Error(`torch's ${call.name} has no schedule of ours`);
  return row.ours(new Arguments(call, row.parameters, row.aliases), base);
}
