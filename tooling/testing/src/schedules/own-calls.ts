// Calls of our schedules as data: so that a peer's call can be put as one, written as one would write it, and made at a count.
import type { Expr } from '@pappus/core';
import { joinSchedules } from '@pappus/schedules';

/** A schedule with its options: its value at a count, and the call as a text. */
export interface OwnSchedule {
  /** The value at a count, which begins at 0 as the peers' do. */
  readonly at: (count: Expr) => Expr;
  /** The call, as in `stepDecay(t, { initial: 0.05, every: 7, factor: 0.3 })`. */
  readonly call: string;
}

/** A call of one of our schedules. */
export function own<O extends object>(schedule: (count: Expr, options: O) => Expr, options: NoInfer<O>): OwnSchedule {
  return { at: (count) => schedule(count, options), call: `${schedule.name}(t, ${written(options)})` };
}

/** Schedules one after the other. */
export function joined(parts: readonly OwnSchedule[], boundaries: readonly number[]): OwnSchedule {
  return {
    at: (count) => joinSchedules(count, { schedules: parts.map(({ at }) => at), boundaries }),
    call: `joinSchedules(t, { schedules: [${parts.map(({ call }) => `(t) => ${call}`).join(', ')}], boundaries: ${written(boundaries)} })`,
  };
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value).map(([name, entry]: [string, unknown]) => `${name}: ${written(entry)}`).join(', ')} }`;
}
