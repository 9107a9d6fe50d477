// What a rehearsal found, for a person: tables, then every failure in full.
import Table from 'cli-table3';
import type { Outcome } from './checks.js';

export interface Row {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
}

/** A table of rows by checks; what a row has no check for is empty. */
export function table(title: string, rows: readonly Row[]): string {
  const checks = [...new Set(rows.flatMap(({ outcomes }) => outcomes.map(({ check }) => check)))];
  const drawn = new Table({ head: [title, ...checks], style: { head: [], border: [], compact: true } });
  for (const { name, outcomes } of rows) {
    const cells = checks.map((check) => {
      const outcome = outcomes.find((candidate) => candidate.check === check);
      return outcome === undefined ? '' : `${outcome.failures.length === 0 ? 'ok' : 'FAILED'} ${outcome.seconds.toFixed(0)} s`;
    });
    drawn.push([name, ...cells]);
  }
  return drawn.toString();
}

/** Every failure with where it is. */
export const failuresOf = (rows: readonly Row[]): readonly string[] =>
  rows.flatMap(({ name, outcomes }) => outcomes.flatMap(({ check, failures }) => failures.map((failure) => `${name}, ${check}: ${failure}`)));
