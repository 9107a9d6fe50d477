// Random graphs have every operation in them.
import { type DType, type Expr, interpreter } from '@pappus/core';
import { ELEMENTWISE_OPS, type ReduceOp, topological } from '@pappus/core/backend';
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

/** Every reduction, and every kind of node that generators make, which routines are not, whose errors have bounds of their own; a type error names a new one. */
const NODES: Readonly<Record<ReduceOp | Exclude<Expr['node']['kind'], 'elementwise' | 'reduce' | 'data' | 'placeholder' | 'unroundedCast' | 'routine'>, true>> = {
  sum: true, prod: true, max: true, min: true, all: true, any: true, constant: true, size: true, input: true, variable: true, iota: true, cumsum: true, reshape: true, broadcast: true,
  transpose: true, slice: true, pad: true, concat: true, gather: true, scatter: true, matmul: true, window: true, scan: true, remat: true, barrier: true, stopGradient: true, customGradient: true,
};

it('some hundred random graphs have every elementwise operation, reduction and node', () => {
  const missing = new Set([...ELEMENTWISE_OPS, ...Object.keys(NODES)]);
  for (let seed = 0; seed < 1000 && missing.size > 0; seed++) {
    const { graph } = seed % 2 === 0 ? randomComputation({ float: 'float32', draws: drawsOf(seed), size: 60 }) : wideComputation(seed, setting);
    for (const operation of operationsOf(graph)) missing.delete(operation);
  }
  expect([...missing]).toEqual([]);
});
