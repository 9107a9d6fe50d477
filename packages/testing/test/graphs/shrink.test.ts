// The search for a small graph: what is left is what was looked for, and it ends in time.
import { type DType, interpreter } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { Setting } from '../../src/conformance/setting.js';
import { wideComputation } from '../../src/conformance/wide.js';
import { build } from '../../src/graphs/build.js';
import { type Graph, pruned, type Step } from '../../src/graphs/graph.js';
import { shrunk } from '../../src/graphs/shrink.js';

const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];
const setting = new Setting(() => Promise.resolve(interpreter()), { dtypes: DTYPES, tolerance: { float32: 0, float64: 0 } });

const isCallOf = (operation: string) => (step: Step): boolean => step.kind === 'call' && step.operation === operation;

/** Whether a graph can be built and has a call of an operation, not in a body, that a result depends on. */
function has(graph: Graph, operation: string): boolean {
  build(graph);
  return pruned(graph).steps.some(isCallOf(operation));
}

describe('a graph made small', () => {
  const all = Array.from({ length: 120 }, (_, seed) => pruned(wideComputation(seed, setting).graph));

  it.each(['tanh', 'sum', 'take', 'transpose', 'cast'])('is a call of %s alone, of one input, where that is what is looked for', async (operation) => {
    const graphs = all.filter((graph) => graph.steps.some(isCallOf(operation)));
    expect(graphs.length).toBeGreaterThan(2);
    for (const graph of graphs.slice(0, 3)) {
      const small = await shrunk(graph, { fails: async (candidate) => has(candidate, operation) });
      expect(small.steps.map((step) => (step.kind === 'call' ? step.operation : step.kind))).toEqual([operation]);
      expect(small.leaves.length).toBeLessThan(operation === 'take' ? 3 : 2);
      expect(small.calls).toHaveLength(1);
      expect(Object.keys(small.outputs)).toHaveLength(1);
      expect(small.updates).toEqual([]);
      for (const { data } of Object.values(small.calls[0] ?? {})) expect(data.length).toBeLessThan(operation === 'transpose' ? 3 : 2);
    }
  });

  it('is as small as it got when the time is over', async () => {
    const { graph } = wideComputation(1, setting);
    let asked = 0;
    const start = performance.now();
    const small = await shrunk(graph, {
      limit: 200,
      fails: async () => {
        asked++;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return true;
      },
    });
    expect(asked).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(small.steps.length).toBeLessThan(graph.steps.length);
  });
});
