/** The report: a table for the terminal, and the same as JSON. */
import { cpus, loadavg, totalmem } from 'node:os';
import type { Row, Unit } from './workload.js';

export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Report {
  readonly machine: string;
  readonly node: string;
  readonly date: string;
  readonly load: number;
  readonly workloads: readonly (Omit<Measured, 'rows'> & { readonly rows: readonly JudgedRow[] })[];
}

export type JudgedRow = Row & { readonly ratio?: number; readonly verdict?: 'pass' | 'miss' };

export function machine(): Pick<Report, 'machine' | 'node' | 'date' | 'load'> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return {
    machine: `${model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    node: process.version,
    date: new Date().toISOString(),
    load: loadavg()[0] ?? NaN,
  };
}

/** Adds to every row its ratio to Pappus in the same case, and whether it meets its target. */
export function judge(rows: readonly Row[]): JudgedRow[] {
  return rows.map((row) => {
    const ours = rows.find((other) => other.case === row.case && other.contender === 'Pappus')?.value;
    const ratio = ours === undefined || ours <= 0 || row.value < 0 ? undefined : row.value / ours;
    const met = isMet(row, ratio);
    return { ...row, ...(ratio !== undefined && { ratio }), ...(met !== undefined && { verdict: met ? 'pass' : 'miss' }) };
  });
}

function isMet({ target, value }: Row, ratio: number | undefined): boolean | undefined {
  if (target === undefined) return undefined;
  if ('atMost' in target) return value <= target.atMost;
  return ratio === undefined ? undefined : ratio >= target.times;
}

const header = ['', 'contender', 'median', 'min', 'p90', '', 'to Pappus', 'target', ''];

export function table({ title, rows }: Omit<Measured, 'rows'> & { readonly rows: readonly JudgedRow[] }): string {
  const cells = rows.map((row, i) => [
    row.case === rows[i - 1]?.case ? '' : row.case,
    row.contender,
    quantity(row.value, row.unit),
    row.min === undefined ? '' : quantity(row.min, row.unit),
    row.p90 === undefined ? '' : quantity(row.p90, row.unit),
    row.note ?? '',
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}x`,
    targetText(row),
    row.verdict ?? '',
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...cells].map((line) => (line[column] ?? '').length)));
  const leftAligned = new Set([0, 1, 5, 7, 8]);
  const format = (line: readonly string[]): string => line
    .map((cell, column) => (leftAligned.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
    .join('  ')
    .trimEnd();
  return [title, format(header), ...cells.map(format)].join('\n');
}

function targetText({ target, unit }: Row): string {
  if (target === undefined) return '';
  return 'times' in target ? `>= ${target.times}x` : `<= ${quantity(target.atMost, unit)}`;
}

/** Three or four significant digits, in the unit that reads best. */
function quantity(value: number, unit: Unit): string {
  const steps: readonly (readonly [number, string])[] = unit === 'ms'
    ? [[1000, 's'], [1, 'ms'], [1e-3, 'us'], [1e-6, 'ns']]
    : [[1e6, 'MB'], [1e3, 'kB'], [1, 'B']];
  const [scale, symbol] = steps.find(([size]) => Math.abs(value) >= size) ?? steps.at(-1) ?? [1, unit];
  const scaled = value / scale;
  return `${scaled.toFixed(Number.isInteger(scaled) || Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2)} ${symbol}`;
}
