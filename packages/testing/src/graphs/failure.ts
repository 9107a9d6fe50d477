// What is said of a random graph on which a backend is wrong: its seed, and a small graph that shows it, as a program.
import type { Backend } from '@pappus/core';
import type { Precision } from '../conformance/elementwise-error.js';
import { countSteps, type Graph, pruned } from './graph.js';
import { type Disagreement, disagreements } from './judge.js';
import { type BackendInPrograms, printGraph } from './print.js';
import { shrunk } from './shrink.js';

export interface FailureOptions {
  readonly seed: number;
  /** How a program gets the backend. Default `await cpu()` of pappus. */
  readonly program?: BackendInPrograms;
  /** How long it may take to make the graph small, in milliseconds. Default 20,000. */
  readonly limit?: number;
}

/** Something that is wrong with a graph; what is of one kind counts as the same fault. */
export type Complaint = Pick<Disagreement, 'kind' | 'text'>;

/**
 * The message of a failure: what was found, the seed and how to run it again, and the graph as a program, made as small as it got while the
 * backend and the interpreter still differ on it in the same way.
 *
 * @param found what is wrong with the whole graph, a line each
 */
export function failure(graph: Graph, found: readonly string[], backend: Backend, { precision, ...options }: FailureOptions & { readonly precision: Precision }): Promise<string> {
  return failureBy((candidate) => disagreements(candidate, backend, precision), graph, found, options);
}

/** The same, where something else than the analysis of rounding says what is wrong with a graph. */
export async function failureBy(judge: (graph: Graph) => Promise<readonly Complaint[]>, graph: Graph, found: readonly string[], { seed, program, limit }: FailureOptions): Promise<string> {
  const head = [`random graph of seed ${seed}; PAPPUS_SEED=${seed} runs this graph alone`, ...found.map((line) => `  ${line}`)];
  const [first] = await judge(graph).catch(() => []);
  if (first === undefined) return [...head, '', 'As a program, not made smaller, since nothing but this test says that it is wrong:', '', printGraph(pruned(graph), program)].join('\n');
  const alike = (complaints: readonly Complaint[]): readonly Complaint[] => complaints.filter(({ kind }) => kind === first.kind);
  const small = await shrunk(graph, { fails: async (candidate) => alike(await judge(candidate)).length > 0, ...(limit === undefined ? {} : { limit }) });
  return [
    ...head,
    '',
    `Made small, from ${countSteps(graph.steps)} operations to ${countSteps(small.steps)}, it differs in:`,
    ...alike(await judge(small)).map(({ text }) => `  ${text}`),
    '',
    'As a program:',
    '',
    printGraph(small, program),
  ].join('\n');
}
