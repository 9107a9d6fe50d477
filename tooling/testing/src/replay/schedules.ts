// Schedules of a file: the rate before each step by ours, beside the recorded one.
import type { Outcome } from './outcome.js';

/** Ours for a peer's call. */
export interface ReplayedSchedule {
  /** The call that was made, as one writes it. */
  readonly text: string;
  /** The rate before each of the first `steps` steps. */
  readonly rates: (steps: number) => Promise<readonly number[]>;
}

/**
 * The one place where a reader of peers' calls, such as `StepLR(step_size=7, gamma=0.3)`, is joined on: it answers our schedule, or
 * undefined where there is none.
 */
const scheduleOf = (_call: string, _baseRate: number | undefined): ReplayedSchedule | undefined => undefined;

export async function scheduleOutcome(call: string, recorded: readonly number[], baseRate: number | undefined): Promise<Outcome> {
  const start = { kind: 'schedule', what: call, options: baseRate === undefined ? '' : `base rate ${baseRate}` } as const;
  try {
    const schedule = scheduleOf(call, baseRate);
    if (schedule === undefined) return { ...start, status: 'no rule' };
    const rates = await schedule.rates(recorded.length);
    const worst = worstRate(rates, recorded);
    return { ...start, status: worst.share <= ALLOWED ? 'followed' : 'off', call: schedule.text, worst: { ...worst, compared: 'rate' }, allowed: ALLOWED };
  } catch (error) {
    return { ...start, status: 'error', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Of the largest rate so that a rate that falls to 0 is not divided by nothing. */
const ALLOWED = 1e-9;

function worstRate(actual: readonly number[], expected: readonly number[]): NonNullable<Outcome['worst']> {
  const scale = Math.max(...expected.map(Math.abs));
  const shares = expected.map((value, t) => {
    const difference = Math.abs((actual[t] ?? NaN) - value);
    return Number.isNaN(difference) ? Infinity : difference === 0 ? 0 : difference / scale;
  });
  const share = Math.max(...shares);
  const step = shares.indexOf(share);
  return { share, excess: share, step: step + 1, parameter: 0, element: 0, actual: actual[step] ?? NaN, expected: expected[step] ?? NaN, compared: 'rate' };
}
