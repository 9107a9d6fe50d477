// What became of recordings, in words.
import type { Outcome } from './outcome.js';

const MARKS = { followed: 'ok     ', off: 'OFF    ', 'no rule': 'no rule', error: 'ERROR  ' } as const satisfies Readonly<Record<Outcome['status'], string>>;

/** Lines for one of them. */
export function describeOutcome({ kind, what, options, status, call, worst, allowed, message }: Outcome): string {
  const [mark, head] = [MARKS[status], kind === 'schedule' ? `schedule ${what}` : what];
  if (status === 'no rule') return `no rule: ${head}${message === undefined ? '' : ` (${message})`}`;
  if (status === 'error') return `${mark} ${head} ${options}\n        ${message ?? ''}`;
  const line = `${mark} ${exponent(worst?.excess)} ${head}: ${call ?? ''}`;
  if (status === 'followed' || worst === undefined) return line;
  const { compared, step, parameter, element, actual, expected } = worst;
  return `${line}\n        ${compared}, step ${step}, parameter ${parameter}, element ${element}: ${actual}, and ${expected} was recorded; allowed is ${exponent(allowed)} of the change; ${options}`;
}

/** How many came to what, and what has no rule. */
export function summary(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome['status']): number => outcomes.filter((one) => one.status === status).length;
  const without = [...new Set(outcomes.filter(({ status }) => status === 'no rule').map(({ kind, what }) => (kind === 'schedule' ? `schedule ${what}` : what)))];
  const followed = outcomes.filter(({ status }) => status === 'followed');
  const most = Math.max(0, ...followed.map(({ worst }) => worst?.excess ?? NaN));
  return [
    `${outcomes.length} recorded: ${followed.length} followed (the worst to ${exponent(most)}), ${count('off')} off, ${count('error')} with errors, ${count('no rule')} without a rule`,
    ...(without.length === 0 ? [] : [`no rule: ${without.join(', ')}`]),
  ].join('\n');
}

function exponent(value: number | undefined): string {
  return value === undefined ? '' : value === 0 ? '0      ' : value.toExponential(1).padEnd(7);
}
