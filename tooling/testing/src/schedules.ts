// Schedules of torch.optim and Optax as calls of ours, from the texts of their calls; and the recorded values of some.
import { readFileSync } from 'node:fs';
import { parseCall } from './schedules/call-text.js';
import { optaxNames, optaxSchedule } from './schedules/optax.js';
import type { OwnSchedule } from './schedules/own-calls.js';
import { torchNames, torchSchedule } from './schedules/torch.js';

export { parseCall } from './schedules/call-text.js';
export type { CallValue, Value } from './schedules/call-text.js';
export { optaxNames } from './schedules/optax.js';
export type { OwnSchedule } from './schedules/own-calls.js';
export { torchNames } from './schedules/torch.js';

/** A recorded text that leaves out its arguments, found from its values: warm-ups of 2 and 3 steps in cycles of 8 and 12. */
const WITHOUT_ARGUMENTS: Readonly<Record<string, string>> = {
  sgdr_schedule:
    'sgdr_schedule([dict(init_value=0, peak_value=1, warmup_steps=2, decay_steps=8, end_value=0.1), dict(init_value=0.1, peak_value=0.5, warmup_steps=3, decay_steps=12, end_value=0.01)])',
};

/**
 * Our schedule for the text of a call of a peer's, such as `StepLR(step_size=7, gamma=1/3)` or `join_schedules([linear(0,1,5), exponential_decay(1,4,0.7)],[5])`.
 * Modules in front of names are left out. It counts from 0, as the peers do.
 *
 * @param baseRate the rate of the optimizer that a scheduler of torch is over; those of Optax have none
 * @throws {Error} if the text is no call, there is no schedule of ours for it, its arguments do not fit, or a scheduler of torch has no base rate
 */
export function scheduleOf(text: string, baseRate?: number): OwnSchedule {
  const call = parseCall(WITHOUT_ARGUMENTS[text.trim()] ?? text);
  if (!torchNames.includes(call.name)) return optaxSchedule(call);
  if (baseRate === undefined) throw new Error(`${call.name}: a scheduler of torch needs the base rate of its optimizer`);
  return torchSchedule(call, baseRate);
}

/** Whether there is a schedule of ours for a function, by the peer's name of it. */
export function hasSchedule(name: string): boolean {
  return torchNames.includes(name) || optaxNames.includes(name);
}

/** A peer's schedule: the call, and its values at the counts 0, 1, 2 and so on. */
export interface RecordedSchedule {
  readonly text: string;
  readonly baseRate?: number;
  readonly values: readonly number[];
}

interface TorchRecordings {
  readonly base_lr: number;
  readonly rate_before_each_step: Readonly<Record<string, readonly number[]>>;
}

interface FurtherRecordings extends TorchRecordings {
  readonly plateaus: readonly RecordedPlateau[];
}

interface Recordings {
  readonly torch: TorchRecordings;
  readonly optax: Readonly<Record<string, readonly number[]>>;
}

/** A run of torch's ReduceLROnPlateau from a rate of 0.05. */
export interface RecordedPlateau {
  readonly options: {
    readonly mode?: 'min' | 'max';
    readonly factor?: number;
    readonly patience?: number;
    readonly threshold?: number;
    readonly threshold_mode?: 'rel' | 'abs';
    readonly cooldown?: number;
    readonly min_lr?: number;
    readonly eps?: number;
  };
  readonly losses: readonly number[];
  readonly rate_after_each_loss: readonly number[];
}

/** What data/schedules.json and data/torch-schedules.json hold. */
export function recordedSchedules(): readonly RecordedSchedule[] {
  const { torch, optax } = read('schedules') as Recordings;
  const further = read('torch-schedules') as TorchRecordings;
  const ofTorch = ({ base_lr: baseRate, rate_before_each_step: rates }: TorchRecordings): readonly RecordedSchedule[] => Object.entries(rates).map(([text, values]) => ({ text, baseRate, values }));
  return [...ofTorch(torch), ...ofTorch(further), ...Object.entries(optax).map(([text, values]) => ({ text, values }))];
}

/** The runs of ReduceLROnPlateau in data/torch-schedules.json, and their first rate. */
export function recordedPlateaus(): { readonly baseRate: number; readonly plateaus: readonly RecordedPlateau[] } {
  const { base_lr: baseRate, plateaus } = read('torch-schedules') as FurtherRecordings;
  return { baseRate, plateaus };
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../data/${file}.json`, import.meta.url), 'utf8'));
}
