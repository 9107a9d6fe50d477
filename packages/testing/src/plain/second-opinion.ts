/**
 * A second opinion on every kernel: what a backend computes beside what the plain one does, kernel by kernel, of the same contents of the
 * buffers. All that a kernel may touch is compared, what it must leave alone included.
 */
import { type DType, isFloat } from '@pappus/core';
import type { Executable } from '@pappus/core/backend';
import { difference, drawsOf, execute, randomComputation, type Subject, subjectOf } from '../conformance.js';
import { describe, expect, it } from 'vitest';
import { describeKernel, type MemoryLayout, type Program } from '@pappus/compiler';
import { PlainBackend } from './backend.js';
import { failureBy } from '../graphs/failure.js';
import type { Graph } from '../graphs/graph.js';
import { seedsFrom } from '../thorough.js';
import { corpus } from './corpus.js';
import { copied, roomOf, runKernel } from './kernels.js';
import { type Moment, momentOf, programOfKernel } from './one-kernel.js';

/** A backend that runs compiled programs. */
export interface Runner {
  /** Makes a program ready to run. */
  load(program: Program): Promise<Executable>;
}

/** What `secondOpinion` is told of a backend. */
export interface OpinionOptions {
  /** The dtypes that it has. */
  readonly dtypes: readonly DType[];
  /** How memory is laid out, as `compileProgram` is told. */
  readonly layout?: MemoryLayout;
  /** Random graphs. */
  readonly graphs: number;
  /** What is smaller may be 0. Default 0. */
  readonly tiny?: number;
}

/** Operations tried in a random graph. */
const SIZES = [6, 20, 40] as const;

/** Every kernel that a subject runs, with what there was before it. */
export async function momentsOf(subject: Subject, layout: MemoryLayout = {}): Promise<Moment[]> {
  const moments: Moment[] = [];
  await execute(subject, new PlainBackend({ layout, before: (kernel, run) => void moments.push(momentOf(kernel, run)) }));
  return moments;
}

/**
 * Where a backend and the plain one part, in words.
 *
 * @param roundings how many units of rounding, of 1, a result may be off; 0 where all arithmetic is exact
 * @param tiny what is smaller may be 0
 */
export async function opinions(moment: Moment, backend: Runner, roundings: number, tiny = 0): Promise<string[]> {
  const memory = copied(moment.run.memory);
  runKernel(moment.kernel, { ...moment.run, memory });
  const { program, variables } = programOfKernel(moment);
  const executable = await backend.load(program);
  await executable.ready?.([]);
  executable.run([]);
  const complaints: string[] = [];
  const room = roomOf(moment.kernel);
  for (const [buffer, expected] of memory) {
    // What a kernel works in is nobody's when it has ended.
    if (room.has(buffer)) continue;
    const data = await variables.get(buffer)?.read();
    const [shape, { dtype, name }] = [[buffer.size], buffer];
    const relative = roundings === 0 || !isFloat(dtype) ? 0 : 1;
    const closeness = { relative: { float32: relative * 2 ** -23, float64: relative * 2 ** -52 }, scale: roundings, tiny: roundings === 0 ? 0 : tiny };
    const complaint = data === undefined ? 'is missing' : difference({ dtype, shape, data }, { dtype, shape, data: expected }, closeness);
    if (complaint !== undefined) complaints.push(`${describeKernel(moment.kernel).name}: ${name}: ${complaint}`);
  }
  executable.release?.();
  for (const held of variables.values()) held.dispose();
  return complaints;
}

/** Declares the comparison of a backend with the plain one. */
export function secondOpinion(name: string, makeBackend: () => Promise<Runner>, options: OpinionOptions): void {
  let made: Promise<Runner> | undefined;
  const backend = (): Promise<Runner> => (made ??= makeBackend());
  const judge = async (subject: Subject, roundings: () => number): Promise<string[]> => {
    const found: string[] = [];
    for (const moment of await momentsOf(subject, options.layout)) found.push(...(await opinions(moment, await backend(), roundings(), options.tiny)));
    return found;
  };

  describe(`kernels of ${name} and of the plain backend`, () => {
    for (const float of ['float32', 'float64'] as const) {
      if (!options.dtypes.includes(float)) continue;
      for (const { name: what, roundings, subject } of corpus(float)) {
        it(`${what}, ${float}`, async () => {
          expect(await judge(subject, () => roundings)).toEqual([]);
        });
      }

      // A graph says how far rounding may take its worst tensor from exact numbers; two backends may be twice that apart.
      it(`of ${options.graphs} random graphs, ${float}`, async () => {
        for (const seed of seedsFrom(20261126, options.graphs)) {
          const { graph, worst } = randomComputation({ float, draws: drawsOf(seed), size: SIZES[seed % SIZES.length] ?? 6 });
          const judged = (candidate: Graph): Promise<string[]> => judge(subjectOf(candidate), () => 2 * worst);
          const wrong = await judged(graph);
          if (wrong.length > 0) throw new Error(await failureBy(async (candidate) => (await judged(candidate)).map((text) => ({ kind: 'values', text })), graph, wrong, { seed }));
        }
      });
    }
  });
}
