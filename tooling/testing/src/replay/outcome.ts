// What becomes of each recording of a file, and of each schedule: followed, off, without a rule, or an error.
import type { Backend } from 'pappus';
import { NoRuleError } from '../rules/peers/options.js';
import { replayRecorded } from '../rules/peers/replay.js';
import { keyOf } from '../rules/peers/table.js';
import type { Recorded, RecordedFile } from '../rules/recorded-file.js';
import { allowedShare, type Deviation, worstDeviation } from '../rules/share-of-change.js';
import type { FloatDType } from '@pappus/testing/rules';
import { scheduleOutcome } from './schedules.js';

/** What one recording, or one schedule, came to. */
export interface Outcome {
  readonly kind: 'trajectory' | 'schedule';
  /** Whose it is, and what. */
  readonly what: string;
  readonly options: string;
  readonly status: 'followed' | 'off' | 'no rule' | 'error';
  /** The call that was made. */
  readonly call?: string;
  /** The worst error as a share of the change, and where it is; its excess is what is shown, and compared with what is allowed. */
  readonly worst?: Deviation & { readonly compared: string };
  /** The largest excess that is allowed. */
  readonly allowed?: number;
  readonly message?: string;
}

export async function trajectoryOutcome(recording: Recorded, backend: Backend, dtype: FloatDType): Promise<Outcome> {
  const start = { kind: 'trajectory', what: whose(recording), options: JSON.stringify(recording.options) } as const;
  try {
    const { text, compared } = await replayRecorded(recording, backend, { dtype });
    const allowed = allowedShare(recording, dtype);
    const deviations = compared.map(({ what, actual, expected }) => ({ ...worstDeviation(actual, expected, recording.initial, dtype), compared: what }));
    const worst = deviations.reduce((most, one) => (one.excess > most.excess || (one.excess === most.excess && one.share > most.share) ? one : most));
    return { ...start, status: worst.excess <= allowed ? 'followed' : 'off', call: text, worst, allowed };
  } catch (error) {
    if (error instanceof NoRuleError) return { ...start, status: 'no rule', ...(error.message === keyOf(recording) ? {} : { message: error.message }) };
    return { ...start, status: 'error', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** All of a file whose name, peer or function has a text in it. */
export async function* outcomes({ trajectories, schedules }: RecordedFile, only: string, backend: Backend, dtype: FloatDType): AsyncGenerator<Outcome> {
  for (const recording of trajectories) {
    if ([recording.name, recording.peer, recording.function].some((text) => text.includes(only))) yield await trajectoryOutcome(recording, backend, dtype);
  }
  for (const [call, rates] of schedules.rates) {
    if (call.includes(only)) yield await scheduleOutcome(call, rates, schedules.baseRate);
  }
}

/** The function's name, with its peer where that is not in it. */
function whose({ peer, function: name }: Recorded): string {
  return name.startsWith(`${peer}.`) ? name : `${peer} ${name}`;
}
