/** How long the kernels of a step take: what a backend measures, and what users are told of it. */

/** What a backend measured of one kernel. */
export interface KernelTime {
  /** Its name within the program, such as `k3 update`. */
  readonly label: string;
  /** Of a step, in all its calls: the median of the last steps, or the mean of all. */
  readonly milliseconds: number;
  /** How often it runs in a step: 1, or the steps of the scan that it is in; of one that runs in some steps alone, the mean of all. */
  readonly calls: number;
  /** Bytes of the tensors that it reads and writes in one run, each once. */
  readonly bytes: number;
  /** Operations of one run: one for each applied at an element, two for each multiply-add of a product. */
  readonly flop: number;
}

/** What a backend measured of a program. */
export interface KernelTimes {
  /** Steps that were measured. */
  readonly steps: number;
  /** In the order in which they run. */
  readonly kernels: readonly KernelTime[];
}

/** A kernel of a traced step. */
export interface KernelTrace {
  /** Its name within the program, such as `k3 update`; `printProgram` shows what it does. */
  readonly label: string;
  /** How often it runs in a step: 1, or the steps of the scan that it is in; of one that runs in some steps alone, the mean of all. */
  readonly calls: number;
  /** Milliseconds of a step that it takes, in all its calls: the median of the last 101 steps, or the mean of all where the clock is too coarse. */
  readonly milliseconds: number;
  /** What part of the time of all kernels that is, from 0 to 1. */
  readonly share: number;
  /** Bytes of the tensors that it reads and writes in a step, each once in a call. Over the time: the bandwidth, of which a machine has a most. */
  readonly bytes: number;
  /**
   * Operations in a step: one for each that is applied at an element, of whatever kind, one for each element that is reduced, and two for each
   * multiply-add of a product.
   */
  readonly flop: number;
}

/** The kernels of a step with their times. */
export interface Trace {
  /** How many steps were measured. */
  readonly steps: number;
  /** Milliseconds of all kernels of a step, added up. */
  readonly milliseconds: number;
  /** In the order in which they run. */
  readonly kernels: readonly KernelTrace[];
  /** A table of it, the slowest kernel first. */
  toString(): string;
}

/** What was measured, with shares. */
export function traceOf({ steps, kernels }: KernelTimes): Trace {
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const traced = kernels.map(({ label, milliseconds, calls, bytes, flop }): KernelTrace => ({
    label,
    calls,
    milliseconds,
    share: total === 0 ? 0 : milliseconds / total,
    bytes: bytes * calls,
    flop: flop * calls,
  }));
  const trace = { steps, milliseconds: total, kernels: traced };
  return { ...trace, toString: () => tableOf(trace) };
}

function tableOf({ steps, milliseconds, kernels }: Omit<Trace, 'toString'>): string {
  const columns = ['kernel', 'calls', 'ms', 'share', 'GB/s', 'GFLOP/s'];
  const rate = (amount: number, ms: number): string => (ms > 0 ? (amount / ms / 1e6).toFixed(1) : '-');
  const rows = [...kernels]
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .map((k) => [k.label, String(Math.round(100 * k.calls) / 100), k.milliseconds.toFixed(4), `${(100 * k.share).toFixed(1)} %`, rate(k.bytes, k.milliseconds), rate(k.flop, k.milliseconds)]);
  const widths = columns.map((column, c) => Math.max(...[columns, ...rows].map((row) => (row[c] ?? column).length)));
  const line = (row: readonly string[]): string => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0))).join('  ').trimEnd();
  return [line(columns), ...rows.map(line), `${milliseconds.toFixed(4)} ms in all kernels of a step, after ${steps} steps`].join('\n');
}
