// Random graphs have every operation in them.
import { type DType, interpreter } from '@pappus/core';
import { ELEMENTWISE_OPS, topological } from '@pappus/core/backend';
import { expect, it } from 'vitest';
import { drawsOf, randomComputation } from '../../src/conformance/random-computation.js';
import { Setting } from '../../src/conformance/setting.js';
import { wideComputation } from '../../src/conformance/wide.js';
import { build } from '../../src/graphs/build.js';
import type { Graph } from '../../src/graphs/graph.js';

const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];
const setting = new Setting(() => Promise.resolve(interpreter()), { dtypes: DTYPES, tolerance: { float32: 0, float64: 0 } });

/** The operations that the results of a graph depend on. */
function operationsOf(graph: Graph): readonly string[] {
  const { outputs, updates } = build(graph);
  return topological([...Object.values(outputs), ...updates.values()]).map(({ node }) => (node.kind === 'elementwise' || node.kind === 'reduce' ? node.op : node.kind));
}

const NODES = [
  'sum', 'prod', 'max', 'min', 'all', 'any', 'constant', 'size', 'input', 'variable', 'iota', 'cumsum', 'reshape', 'broadcast', 'transpose', 'slice', 'pad', 'concat', 'gather', 'scatter', 'matmul', 'window',
  'scan', 'remat', 'barrier', 'stopGradient', 'customGradient',
];

it('some hundred random graphs have every elementwise operation, reduction and node', () => {
  const missing = new Set([...ELEMENTWISE_OPS, ...NODES]);
  for (let seed = 0; seed < 1000 && missing.size > 0; seed++) {
    const { graph } = seed % 2 === 0 ? randomComputation({ float: 'float32', draws: drawsOf(seed), size: 60 }) : wideComputation(seed, setting);
    for (const operation of operationsOf(graph)) missing.delete(operation);
  }
  expect([...missing]).toEqual([]);
});
