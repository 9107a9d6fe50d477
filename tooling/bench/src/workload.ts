/** A workload is a file in workloads/ that exports one of these as `workload`; nothing else has to know of it. */
import { readdir } from 'node:fs/promises';
import type { Adapter } from './contender.js';

export interface Workload {
  readonly name: string;
  readonly title: string;
  run(options: RunOptions): Promise<Row[]>;
}

export interface RunOptions {
  readonly rounds: number;
  readonly adapters: readonly Adapter[];
}

export type Unit = 'ms' | 'bytes';

/** One line of the report. The smaller value is the better one. */
export interface Row {
  /** What was measured; rows of one case are compared with each other. */
  readonly case: string;
  readonly contender: string;
  readonly value: number;
  readonly unit: Unit;
  readonly min?: number;
  readonly p90?: number;
  readonly rounds?: number;
  readonly repetitions?: number;
  /** The value in the field's own unit, such as ns/element. */
  readonly note?: string;
  readonly target?: Target;
}

/** `times`: this contender needs at least so many times what Pappus needs. `atMost`: this contender's own value. */
export type Target = { readonly times: number } | { readonly atMost: number };

export async function loadWorkloads(): Promise<Workload[]> {
  const folder = new URL('./workloads/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.js')).toSorted();
  return Promise.all(files.map(async (file) => {
    const loaded: unknown = await import(new URL(file, folder).href);
    if (!exportsWorkload(loaded)) throw new TypeError(`workloads/${file} exports no workload.`);
    return loaded.workload;
  }));
}

function exportsWorkload(loaded: unknown): loaded is { workload: Workload } {
  return typeof loaded === 'object' && loaded !== null && 'workload' in loaded;
}
