// A printed program computes what its graph does.
import { type DType, interpreter } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { execute } from '../../src/conformance/differential.js';
import { drawsOf, randomComputation } from '../../src/conformance/random-computation.js';
import { Setting } from '../../src/conformance/setting.js';
import { wideComputation } from '../../src/conformance/wide.js';
import { subjectOf } from '../../src/graphs/build.js';
import { type Graph, pruned, type Step } from '../../src/graphs/graph.js';
import { printGraph } from '../../src/graphs/print.js';
import { printedBy } from './programs.js';

const SEEDS = Array.from({ length: 50 }, (_, k) => k + 1);
const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];
const setting = new Setting(() => Promise.resolve(interpreter()), { dtypes: DTYPES, tolerance: { float32: 0, float64: 0 } });

/** All results by the definition, or the error, as a program prints them. */
async function resultsOf(graph: Graph): Promise<readonly string[]> {
  try {
    const results = await execute(subjectOf(graph), interpreter());
    const shown = results.filter(({ name }) => graph.updates.length > 0 || !name.startsWith('variable'));
    return shown.map(({ name, value }) => `${name.split(' ')[name.startsWith('variable') ? 1 : 0] ?? ''}: ${value.data.join(', ')}`);
  } catch (error) {
    return [String(error)];
  }
}

const interpreted = (lines: readonly string[]): readonly string[] => lines.flatMap((line) => (line.startsWith('interpreter  ') ? [line.slice('interpreter  '.length)] : []));

const kindsOf = (steps: readonly Step[]): readonly string[] => steps.flatMap((step) => [step.kind === 'call' ? step.operation : step.kind, ...('body' in step ? kindsOf(step.body.steps) : [])]);

describe('the programs of the first 50 seeds print what their graphs compute', () => {
  it('of well-conditioned graphs', async () => {
    const graphs = SEEDS.map((seed) => randomComputation({ float: seed % 2 === 0 ? 'float32' : 'float64', draws: drawsOf(seed), size: [6, 20, 60][seed % 3] ?? 6 }).graph).map(pruned);
    const printed = await printedBy(graphs.map((graph) => printGraph(graph)));
    for (const [k, graph] of graphs.entries()) expect(interpreted(printed[k] ?? []), `seed ${k + 1}`).toEqual(await resultsOf(graph));
  });

  it('of graphs of the wide kind, with open sizes, scans, gradients and bodies that are computed again', async () => {
    const graphs = SEEDS.map((seed) => pruned(wideComputation(seed, setting).graph));
    const printed = await printedBy(graphs.map((graph) => printGraph(graph)));
    for (const [k, graph] of graphs.entries()) expect(interpreted(printed[k] ?? []), `seed ${k + 1}`).toEqual(await resultsOf(graph));
    expect(printed.filter((lines) => lines.some((line) => /^backend {6}y\d:/.test(line))).length).toBeGreaterThan(40);
    const kinds = new Set(graphs.flatMap((graph) => kindsOf(graph.steps)));
    for (const kind of ['scan', 'remat', 'grad', 'take', 'scatterAdd', 'matmul', 'tensordot', 'window', 'concat', 'where']) expect(kinds).toContain(kind);
    expect(graphs.some(({ leaves }) => leaves.some((leaf) => leaf.kind === 'input' && leaf.shape.includes('n')))).toBe(true);
  });
});
