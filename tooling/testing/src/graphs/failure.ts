// What is said of a random graph on which a backend is wrong: its seed, and a small graph that shows it, as a program.
import type { Backend } from '@pappus/core';
import type { Precision } from '../conformance/elementwise-error.js';
import { countSteps, type Graph } from './graph.js';
import { type Disagreement, disagreements } from './judge.js';
import { type BackendInPrograms, printGraph } from './print.js';
import { shrunk } from './shrink.js';

export interface FailureOptions {
  readonly seed: number;
  readonly precision: Precision;
  /** How a program gets the backend. Default `await cpu()` of pappus. */
  readonly program?: BackendInPrograms;
  /** How long it may take to make the graph small, in milliseconds. Default 20,000. */
  readonly limit?: number;
}

/**
 * The message of a failure: what was found, the seed and how to run it again, and the graph as a program, made as small as it got while the
 * backend and the interpreter still differ on it in the same way.
 *
 * @param found what is wrong with the whole graph, a line each
 */
export async function failure(graph: Graph, found: readonly string[], backend: Backend, { seed, precision, program, limit }: FailureOptions): Promise<string> {
  const head = [`random graph of seed ${seed}; PAPPUS_SEED=${seed} runs this graph alone`, ...found.map((line) => `  ${line}`)];
  const judged = (candidate: Graph): Promise<readonly Disagreement[]> => disagreements(candidate, backend, precision);
  const [first] = await judged(graph).catch(() => []);
  if (first === undefined) return [...head, '', 'The graph as a program, not made smaller: by the analysis of rounding nothing is wrong with it.', '', printGraph(graph, program)].join('\n');
  const alike = (differences: readonly Disagreement[]): readonly Disagreement[] => differences.filter(({ kind }) => kind === first.kind);
  const small = await shrunk(graph, { fails: async (candidate) => alike(await judged(candidate)).length > 0, ...(limit === undefined ? {} : { limit }) });
  const remaining = alike(await judged(small));
  return [
    ...head,
    '',
    `Made small, from ${countSteps(graph.steps)} operations to ${countSteps(small.steps)}, it differs in:`,
    ...remaining.map(({ text }) => `  ${text}`),
    '',
    'As a program:',
    '',
    printGraph(small, program),
  ].join('\n');
}
