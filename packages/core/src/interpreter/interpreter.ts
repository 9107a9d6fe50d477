/**
 * The float64 interpreter: the definition of every operation. It is plain and slow on purpose; backends, rewrites and
 * fused programs are tested against it. Floats are computed in float64 whatever their dtype; what float32 variables, inputs,
 * constants and casts hold is rounded to float32, and what lies between them is not: a scan's carries and remat's results lie between.
 * Hyperparameters of rules are the one exception: they are not rounded. int32 wraps; bool is 0 or 1.
 */
import { bindDimension, bindPosition, type Dimension } from '../graph/dimension.js';
import { held } from '../graph/dtype.js';
import { describe, topological, unknownNode } from '../graph/describe.js';
import { castNumber, meaning } from '../graph/elementwise-table.js';
import { GraphError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import type { ProductAxes, ReduceOp } from '../graph/node.js';
import { isProjection, projectionsByRun, runKey } from '../graph/scan.js';
import { sizeOf, stridesOf } from '../graph/shape.js';
import { cumsum } from './cumsum.js';
import { gather, outsideValue, scatter } from './indexing.js';
import { broadcastStrides, type Dense, dense, gatherView, walk } from './tensor.js';

/** Values of the inputs and variables under the roots. */
export type Feed = (leaf: Expr) => Dense | undefined;

/** What is taken for the value of an expression, or where a user is given for the operand of that one: to see what rounding would change. */
export type Noise = (value: Dense, expr: Expr, user?: Expr) => Dense;

/** The values of the roots, given those of their leaves and the sizes of their open dimensions. */
export function interpret(roots: readonly Expr[], feed: Feed, sizes: ReadonlyMap<string, number>, noise?: Noise): Dense[] {
  const values = new Map<Expr, Dense>();
  const valueOf = (expr: Expr): Dense => {
    const value = values.get(expr);
    if (value === undefined) throw new GraphError(`the interpreter has no value for ${expr.toString()}`);
    return value;
  };
  const order = topological(roots);
  const runs = projectionsByRun(order);
  for (const expr of order) {
    if (values.has(expr)) continue;
    if (isProjection(expr)) {
      const run = runs.get(runKey(expr)) ?? [expr];
      for (const [projection, value] of expr.node.scan.rules.interpret(expr.node.scan, run, expr.args.map(valueOf), sizes, noise)) values.set(projection, value);
      continue;
    }
    const shape = expr.shape.map((d) => bindDimension(d, sizes));
    const args = expr.args.map((arg) => (noise === undefined ? valueOf(arg) : noise(valueOf(arg), arg, expr)));
    const value = evaluateNode(expr, shape, args, feed, sizes);
    values.set(expr, noise === undefined ? value : noise(value, expr));
  }
  return roots.map(valueOf);
}

function evaluateNode(
  expr: Expr,
  shape: readonly number[],
  args: readonly Dense[],
  feed: Feed,
  sizes: ReadonlyMap<string, number>,
): Dense {
  const { node } = expr;
  const [a, b] = args;
  switch (node.kind) {
    case 'constant':
      return { data: Float64Array.of(node.value), shape };
    case 'size':
      return { data: Float64Array.of(held(bindDimension(node.dimension, sizes), expr.dtype)), shape };
    case 'data':
      return { data: Float64Array.from(node.data), shape };
    case 'input':
    case 'variable':
    case 'placeholder': {
      const value = feed(expr);
      if (value === undefined) throw new GraphError(`no value is given for ${describe(expr)}`);
      return value;
    }
    case 'iota': {
      const strides = shape.map((_, k) => (k === node.axis ? 1 : 0));
      const out = dense(shape);
      walk(shape, strides, 0, (offset, flat) => (out.data[flat] = offset));
      return out;
    }
    default:
      break;
  }
  if (a === undefined) throw new GraphError(`${expr.toString()} has no operand`);
  switch (node.kind) {
    case 'elementwise': {
      const operand = expr.args.at(-1)?.dtype ?? expr.dtype;
      const f = meaning(node.op, operand, expr.dtype);
      const c = args[2];
      const out = dense(shape);
      for (let i = 0; i < out.data.length; i++) {
        out.data[i] = f(a.data[i] ?? NaN, b?.data[i] ?? NaN, c?.data[i] ?? NaN);
      }
      return out;
    }
    case 'reduce':
      return reduce(node.op, node.axes, a, shape, expr.dtype === 'int32');
    case 'cumsum':
      return cumsum(a, node, expr.dtype === 'int32');
    case 'reshape':
    case 'barrier':
    case 'unroundedCast':
    case 'stopGradient':
    case 'customGradient':
      return { data: a.data, shape };
    case 'broadcast':
      return gatherView(a, shape, broadcastStrides(a.shape, shape), 0);
    case 'transpose': {
      const strides = stridesOf(a.shape);
      return gatherView(a, shape, node.permutation.map((axis) => strides[axis] ?? 0), 0);
    }
    case 'slice': {
      const { strides, start } = sliceView(node, a.shape, sizes);
      return gatherView(a, shape, strides, start);
    }
    case 'pad': {
      const { strides, start } = sliceView(node, shape, sizes);
      const out = dense(shape);
      walk(a.shape, strides, start, (offset, flat) => (out.data[offset] = a.data[flat] ?? NaN));
      return out;
    }
    case 'concat':
      return concat(args, node.axis, shape);
    case 'gather':
    case 'scatter':
      if (b === undefined) throw new GraphError(`${node.kind} has one operand`);
      return node.kind === 'gather' ? gather(a, b, node.axis, shape, outsideValue(node.outside, expr.dtype)) : scatter(a, b, node.axis, shape, expr.dtype === 'int32');
    case 'routine':
      return node.routine.interpret(args, expr.args.map((arg) => arg.dtype), shape);
    case 'remat':
      return args[node.index] ?? a;
    case 'scan':
      throw new GraphError('a projection of a scan is evaluated with its run');
    case 'matmul':
      if (b === undefined) throw new GraphError('matmul has one operand');
      return matmul(a, b, node, shape, expr.dtype === 'int32');
    case 'window': {
      const strides = stridesOf(a.shape);
      const along = strides[node.axis] ?? 1;
      const both = [along * node.stride, along * node.dilation];
      return gatherView(a, shape, [...strides.slice(0, node.axis), ...both, ...strides.slice(node.axis + 1)], 0);
    }
    default:
      return unknownNode(node);
  }
}

function sliceView(
  node: { readonly starts: readonly Dimension[]; readonly steps: readonly number[] },
  whole: readonly number[],
  sizes: ReadonlyMap<string, number>,
): { strides: number[]; start: number } {
  const strides = stridesOf(whole);
  const starts = node.starts.map((s) => bindPosition(s, sizes));
  return {
    strides: strides.map((stride, k) => stride * (node.steps[k] ?? 1)),
    start: strides.reduce((sum, stride, k) => sum + stride * (starts[k] ?? 0), 0),
  };
}

const NEUTRAL: Readonly<Record<ReduceOp, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity, all: 1, any: 0 };

const COMBINE: Readonly<Record<ReduceOp, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
  all: (a, b) => a & b,
  any: (a, b) => a | b,
};

function reduce(op: ReduceOp, axes: readonly number[], a: Dense, shape: readonly number[], integer: boolean): Dense {
  const keptStrides = stridesOf(shape);
  let kept = 0;
  const strides = a.shape.map((_, k) => (axes.includes(k) ? 0 : (keptStrides[kept++] ?? 0)));
  const out = dense(shape);
  out.data.fill(NEUTRAL[op]);
  // Neumaier's compensation keeps sums exact to the last places, so that the definition has no order of its own.
  const lost = op === 'sum' ? new Float64Array(out.data.length) : undefined;
  walk(a.shape, strides, 0, (offset, flat) => {
    const before = out.data[offset] ?? NaN;
    const value = a.data[flat] ?? NaN;
    if (integer) {
      out.data[offset] = op === 'prod' ? Math.imul(before, value) : castNumber(COMBINE[op](before, value), 'float64') | 0;
      return;
    }
    const after = COMBINE[op](before, value);
    out.data[offset] = after;
    if (lost !== undefined && Number.isFinite(after)) {
      lost[offset] = (lost[offset] ?? 0) + (Math.abs(before) >= Math.abs(value) ? before - after + value : value - after + before);
    }
  });
  if (lost !== undefined) for (let i = 0; i < lost.length; i++) out.data[i] = (out.data[i] ?? NaN) + (lost[i] ?? 0);
  return out;
}

function concat(parts: readonly Dense[], axis: number, shape: readonly number[]): Dense {
  const out = dense(shape);
  const strides = stridesOf(shape);
  let start = 0;
  for (const part of parts) {
    walk(part.shape, strides, start, (offset, flat) => (out.data[offset] = part.data[flat] ?? NaN));
    start += (part.shape[axis] ?? 0) * (strides[axis] ?? 0);
  }
  return out;
}

function matmul(a: Dense, b: Dense, { rows, columns, depth }: ProductAxes, shape: readonly number[], integer: boolean): Dense {
  const out = dense(shape);
  const batch = shape.length - rows - columns;
  const m = sizeOf(shape.slice(batch, batch + rows));
  const n = sizeOf(shape.slice(batch + rows));
  const k = sizeOf(a.shape.slice(a.shape.length - depth));
  const batches = m * n === 0 ? 0 : out.data.length / (m * n);
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let t = 0; t < k; t++) {
          const x = a.data[(batch * m + i) * k + t] ?? NaN;
          const y = b.data[(batch * k + t) * n + j] ?? NaN;
          sum = integer ? (sum + Math.imul(x, y)) | 0 : sum + x * y;
        }
        out.data[(batch * m + i) * n + j] = sum;
      }
    }
  }
  return out;
}
