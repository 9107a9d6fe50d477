// Random views of views, of numbers that each say where they come from: what is read where, whatever the compiler makes of the indices.
import type { Expr } from '@pappus/core';
import { describe, it } from 'vitest';
import { subjectOf } from '../graphs/build.js';
import { failure } from '../graphs/failure.js';
import type { Graph } from '../graphs/graph.js';
import { Recorder } from '../graphs/recorder.js';
import { seedsFrom } from '../thorough.js';
import { disagreementsOf } from './differential.js';
import { drawsOf } from './random-computation.js';
import type { Setting } from './setting.js';
import { counting } from './values.js';
import { WideGraph } from './wide-graph.js';

const SHAPES: readonly (readonly number[])[] = [[6], [12], [2, 3], [3, 4], [4, 4], [1, 6], [2, 3, 2], [3, 1, 4], [2, 2, 2, 3]];
const LEAVES = 3;
const VIEWS = 12;

/** All views are outputs, so that each is computed by itself; views of them are computed beside them. */
function randomViews(seed: number, mixed: boolean): Graph {
  const draws = drawsOf(seed);
  let next = 0;
  const choose = (count: number): number => (draws[next++ % draws.length] ?? 0) % count;
  const recorder = new Recorder();
  const values = Array.from({ length: LEAVES }, () => counting('int32', SHAPES[choose(SHAPES.length)] ?? []));
  const leaves = values.map(({ dtype, shape }, k) => recorder.input(`x${k}`, dtype, shape));
  const graph = new WideGraph(leaves, choose, { float: 'float32', sizes: [new Map()], mixed }, recorder);
  for (let k = 0; k < VIEWS; k++) graph.growViews();
  if (graph.raw.length > 0) throw new Error(graph.raw.join('\n'));
  const views: readonly Expr[] = graph.pool.slice(LEAVES);
  const outputs = Object.fromEntries(views.map((view, k) => [`y${k}`, view]));
  return recorder.graph({ outputs, updates: new Map() }, [Object.fromEntries(values.map((value, k) => [`x${k}`, value]))]);
}

/**
 * Runs the random views of a seed on the backend.
 *
 * @throws {Error} if the backend and the interpreter differ; the message has the graph as a program, made small
 */
export async function runRandomViews(seed: number, setting: Setting): Promise<void> {
  const graph = randomViews(seed, setting.floats.length > 1);
  const backend = await setting.backend();
  const found = await disagreementsOf(subjectOf(graph), backend, setting.closeness()).catch((error: unknown) => [String(error)]);
  if (found.length > 0) throw new Error(await failure(graph, found, backend, { seed, precision: setting.precision, program: setting.program }));
}

/** Declares a test of random views. */
export function randomViewsOfViews(setting: Setting): void {
  if (!setting.dtypes.includes('int32')) return;
  describe('random views of views', () => {
    it('read what the definition does', async () => {
      for (const seed of seedsFrom(20261126, setting.runs(600))) await runRandomViews(seed, setting);
    }, 300_000);
  });
}
