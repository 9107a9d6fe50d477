// Schedules of a file: the rate before each step by ours, beside the recorded one.
import { compile, interpreter, variable } from 'pappus';
import { hasSchedule, type OwnSchedule, parseCall, scheduleOf } from '../schedules.js';
import type { Outcome } from './outcome.js';

/** The values of our schedule at the counts 0, 1, 2 and so on, on the interpreter. */
async function ratesOf({ at }: OwnSchedule, steps: number): Promise<readonly number[]> {
  const count = variable(0, { name: 'count', dtype: 'int32' });
  const step = await compile({ outputs: { rate: at(count) }, updates: new Map([[count, count.add(1)]]) }, interpreter());
  const rates: number[] = [];
  for (let k = 0; k < steps; k++) rates.push(await (await step()).rate.item());
  return rates;
}

export async function scheduleOutcome(call: string, recorded: readonly number[], baseRate: number | undefined): Promise<Outcome> {
  const start = { kind: 'schedule', what: call, options: baseRate === undefined ? '' : `base rate ${baseRate}` } as const;
  try {
    if (!hasSchedule(parseCall(call).name)) return { ...start, status: 'no rule' };
    const schedule = scheduleOf(call, baseRate);
    const rates = await ratesOf(schedule, recorded.length);
    const worst = worstRate(rates, recorded);
    return { ...start, status: worst.share <= ALLOWED ? 'followed' : 'off', call: schedule.call, worst: { ...worst, compared: 'rate' }, allowed: ALLOWED };
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
