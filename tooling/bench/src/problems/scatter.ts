/** Messages along the edges of a graph put into its nodes: the last one of each, or the largest. */
import { type Expr, scatter } from 'pappus';
import { WrongResult } from '../contender.js';
import { uniform } from '../random.js';
import type { Operand, OperationProblem } from './operations.js';

const NODES = 10_000;
const EDGES = 100_000;
const WIDTH = 64;

/** All of them. */
export function scatters(): readonly OperationProblem[] {
  const nodes: Operand = { shape: [NODES, WIDTH], data: uniform(NODES * WIDTH, -1, 1, 1) };
  const messages: Operand = { shape: [EDGES, WIDTH], data: uniform(EDGES * WIDTH, -1, 1, 2) };
  // Whole numbers, as all operands are float32.
  const targets: Operand = { shape: [EDGES], data: uniform(EDGES, 0, NODES, 3).map((at) => Math.min(NODES - 1, Math.floor(at))) };
  const by = (put: (node: number, message: number) => number) => ({
    error: ([found]: readonly Float32Array[]) => (isSame(of(found), into(nodes.data, targets.data, messages.data, put)) ? 0 : Infinity),
    tolerance: 0,
  });
  const title = `${EDGES.toLocaleString('en')} messages of ${WIDTH} to ${NODES.toLocaleString('en')} nodes`;
  return [
    {
      ...by((_, message) => message),
      operation: 'scatter', title: `scatter, the last of ${title}`, operands: [nodes, targets, messages], pappus: ([x, at, u]: readonly Expr[]) => [scatter(of(x), of(at).cast('int32'), of(u))],
      torch: '[x[0].index_copy(0, x[1].long(), x[2])]',
    },
    {
      ...by(Math.max),
      operation: 'scatter', title: `scatter, the largest of ${title}`, operands: [nodes, targets, messages], pappus: ([x, at, u]: readonly Expr[]) => [scatter(of(x), of(at).cast('int32'), of(u), 0, { reduce: 'max' })],
      torch: "[x[0].index_reduce(0, x[1].long(), x[2], 'amax')]",
    },
  ];
}

function into(nodes: Float32Array, targets: Float32Array, messages: Float32Array, put: (node: number, message: number) => number): Float32Array {
  const result = nodes.slice();
  for (const [edge, node] of targets.entries()) {
    for (let k = 0; k < WIDTH; k++) result[node * WIDTH + k] = put(result[node * WIDTH + k] ?? NaN, messages[edge * WIDTH + k] ?? NaN);
  }
  return result;
}

function isSame(found: Float32Array, expected: Float32Array): boolean {
  return found.length === expected.length && found.every((value, k) => value === expected[k]);
}

function of<T>(value: T | undefined): T {
  if (value === undefined) throw new WrongResult('an operand or a result is missing');
  return value;
}
