/** From expressions with open dimensions to the compiler's graph of known sizes. */
import { BackendError, type DType, type Expr, Variable } from '@pappus/core';
import {
  bindDimension,
  bindPosition,
  type Computation,
  held,
  isProjection,
  outsideValue,
  projectionsByRun,
  runKey,
  sizeOf,
  topological,
  valueName,
} from '@pappus/core/backend';
import { lowerCumsum } from './cumsum.js';
import { Graph, scalarUnder } from './graph.js';
import { lowerRun } from './lower-scan.js';
import { tableOf } from './tables.js';
import { append } from '../lists/multimap.js';
import { withoutReshapes } from '../choose/realize.js';
import type { Tensor } from './tensor.js';
import { lost } from '../required.js';
import { unknown } from './version.js';

export interface LoweredComputation {
  readonly graph: Graph;
  readonly outputs: readonly Tensor[];
  /** `target` is the leaf of the variable. */
  readonly updates: readonly { readonly variable: Variable; readonly target: Tensor; readonly value: Tensor }[];
  /** The tensor of each expression. */
  readonly tensors: ReadonlyMap<Expr, Tensor>;
  /** Every variable that is read or written, in the order in which the graph names them. */
  readonly variables: readonly Variable[];
}

/** @param narrow whether the device has no float64, so that single numbers that the host cannot have are float32 */
export function lower(computation: Computation, sizes: ReadonlyMap<string, number>, narrow = false): LoweredComputation {
  const graph = new Graph(computation.inputs.map(({ name }) => name));
  const roots = [...computation.outputs, ...computation.updates].map((root) => root.expr);
  const order = topological(roots);
  const hosted = hostedScalars(order, computation);
  const positions = new Map(computation.inputs.map(({ expr }, k) => [expr, k]));
  const tensors = lowerAll({ graph, positions, hosted, sizes, narrow }, order, new Map());
  const rootOf = (expr: Expr, dtype = expr.dtype): Tensor => as(graph, lookUp(tensors, expr), dtype);
  const variables = new Set(order.filter((e) => e instanceof Variable));
  for (const { variable } of computation.updates) variables.add(variable);
  return {
    graph,
    outputs: computation.outputs.map(({ expr }) => rootOf(expr)),
    updates: computation.updates.map(({ variable, expr }) => {
      const dtype = narrow && isNarrowed(variable, hosted) && !hosted.has(expr) ? narrowOf(variable.dtype) : variable.dtype;
      return { variable, target: graph.make({ kind: 'variable', variable }, [], variable.shape, dtype), value: rootOf(expr, dtype) };
    }),
    tensors,
    variables: [...variables],
  };
}

interface Context {
  readonly graph: Graph;
  readonly positions: ReadonlyMap<Expr, number>;
  readonly hosted: ReadonlySet<Expr>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly narrow: boolean;
}

/** The tensors of expressions, operands first, given those of leaves that are known already. */
function lowerAll(context: Context, order: readonly Expr[], leaves: ReadonlyMap<Expr, Tensor>): ReadonlyMap<Expr, Tensor> {
  const { graph, positions, hosted, sizes, narrow } = context;
  const tensors = new Map(leaves);
  const runs = projectionsByRun(order);
  for (const expr of order) {
    if (tensors.has(expr)) continue;
    const narrowed = narrow && isNarrowed(expr, hosted);
    const args = expr.args.map((a) => as(graph, lookUp(tensors, a), narrowed ? narrowOf(a.dtype) : a.dtype));
    if (isProjection(expr)) {
      const lowerBody = (roots: readonly Expr[], given: ReadonlyMap<Expr, Tensor>): readonly Tensor[] => {
        const body = lowerAll(context, topological(roots), given);
        return roots.map((root) => lookUp(body, root));
      };
      const results = lowerRun(graph, runs.get(runKey(expr)) ?? [expr], args, bindDimension(expr.node.scan.length, sizes), lowerBody);
      for (const [projection, tensor] of results) tensors.set(projection, tensor);
    } else {
      tensors.set(expr, lowerNode(graph, expr, narrowed ? narrowOf(expr.dtype) : expr.dtype, args, positions, hosted, sizes));
    }
    nameTensor(graph, expr, tensors.get(expr));
  }
  return tensors;
}

/** What has an operand or a value of float64 that may be float32 in its place: a single number that the host does not have. */
function isNarrowed(expr: Expr, hosted: ReadonlySet<Expr>): boolean {
  return expr.rank === 0 && !hosted.has(expr) && NARROWED.has(expr.node.kind);
}

const NARROWED: ReadonlySet<Expr['node']['kind']> = new Set(['elementwise', 'unroundedCast', 'variable', 'customGradient', 'stopGradient', 'barrier']);

function narrowOf(dtype: DType): DType {
  return dtype === 'float64' ? 'float32' : dtype;
}

/** A tensor that was narrowed, or may be, as one of a dtype; a number of the host is not rounded. */
function as(graph: Graph, tensor: Tensor, dtype: DType): Tensor {
  return tensor.dtype === dtype ? tensor : graph.unroundedCast(tensor, dtype);
}

/** Gives a tensor the name of the value that it is, if that has one and the tensor is no leaf, which has its own. */
function nameTensor(graph: Graph, expr: Expr, tensor: Tensor | undefined): void {
  const name = valueName(expr);
  if (name === undefined || tensor === undefined) return;
  const plain = withoutReshapes(tensor);
  if (plain.args.length > 0) graph.name(plain, name);
}

function lookUp(tensors: ReadonlyMap<Expr, Tensor>, expr: Expr): Tensor {
  const tensor = tensors.get(expr);
  if (tensor === undefined) throw new BackendError(`the compiler met ${expr.toString()} before its operands`);
  return tensor;
}

/**
 * Single numbers that the host can evaluate: those of constants, elements of tables, scalar inputs and scalar variables. A variable whose
 * own update needs a tensor stays with the tensors, and so does all that reads it.
 */
function hostedScalars(order: readonly Expr[], computation: Computation): ReadonlySet<Expr> {
  const updates = computation.updates;
  const hosted = new Set<Expr>();
  const users = new Map<Expr, Expr[]>();
  for (const expr of order) {
    if (!expr.shape.every((d) => d === 1)) continue;
    const needs = hostOperands(expr);
    if (needs?.every((a) => hosted.has(a)) !== true) continue;
    hosted.add(expr);
    for (const arg of needs) append(users, arg, expr);
  }
  const updating = new Map<Expr, Variable[]>();
  for (const { variable, expr } of updates) append(updating, expr, variable);
  // A variable that leaves takes along what reads it, and the variables that are updated by that.
  const leaving: Expr[] = updates.flatMap(({ variable, expr }) => (hosted.has(expr) ? [] : [variable]));
  for (let expr = leaving.pop(); expr !== undefined; expr = leaving.pop()) {
    if (!hosted.delete(expr)) continue;
    for (const user of users.get(expr) ?? []) leaving.push(user);
    for (const variable of updating.get(expr) ?? []) leaving.push(variable);
  }
  return hosted;
}

/** The operands that the host must have to have an expression of one element; undefined if it cannot. */
function hostOperands(expr: Expr): readonly Expr[] | undefined {
  const { args, node, rank } = expr;
  switch (node.kind) {
    case 'input':
    case 'variable':
      return rank === 0 ? [] : undefined;
    case 'constant':
    case 'size':
    case 'elementwise':
    case 'unroundedCast':
    case 'stopGradient':
    case 'customGradient':
    case 'broadcast':
      return args;
    case 'data':
    case 'slice':
      return tableOf(expr) === undefined ? undefined : [];
    case 'reshape':
      return tableOf(expr) === undefined ? args : [];
    case 'gather': {
      const [table, index] = args;
      return table?.rank === 1 && index !== undefined && tableOf(table) !== undefined ? [index] : undefined;
    }
    default:
      return undefined;
  }
}

function lowerNode(
  graph: Graph,
  expr: Expr,
  dtype: DType,
  args: readonly Tensor[],
  positions: ReadonlyMap<Expr, number>,
  hosted: ReadonlySet<Expr>,
  sizes: ReadonlyMap<string, number>,
): Tensor {
  const { node } = expr;
  const shape = expr.shape.map((d) => bindDimension(d, sizes));
  const [a] = args;
  if (hosted.has(expr)) {
    const index = hostElement(graph, expr, args);
    if (index !== undefined) return graph.broadcast(graph.hostScalar(index, dtype), shape);
  }
  switch (node.kind) {
    case 'constant':
      return graph.constant(node.value, dtype);
    case 'size':
      return graph.constant(held(bindDimension(node.dimension, sizes), dtype), dtype);
    case 'data':
      return graph.make({ kind: 'data', id: node.id, data: node.data }, [], shape, dtype);
    case 'input': {
      const position = positions.get(expr) ?? lost(`the position of ${expr.toString()}`);
      return hosted.has(expr) ? graph.hostScalar(graph.host.input(position), dtype) : graph.make({ kind: 'input', position }, [], shape, dtype);
    }
    case 'variable': {
      if (!(expr instanceof Variable)) throw new BackendError('a variable of another copy of @pappus/core; install one copy only');
      return hosted.has(expr) ? graph.hostScalar(graph.host.variable(expr), dtype) : graph.make({ kind: 'variable', variable: expr }, [], shape, dtype);
    }
    case 'placeholder':
      throw new BackendError(`the compiler met the ${node.name} of a scan outside of its scan`);
    case 'iota':
      return graph.make({ kind: 'iota', axis: node.axis }, [], shape, dtype);
    case 'elementwise':
      return graph.elementwise(node.op, args, dtype);
    default:
      break;
  }
  if (a === undefined) throw new BackendError(`${expr.toString()} has no operand`);
  switch (node.kind) {
    case 'reduce':
      return graph.reduce(node.op, node.axes, a);
    case 'cumsum':
      return lowerCumsum(graph, a, node);
    case 'reshape':
      return graph.reshape(a, shape);
    case 'broadcast':
      return graph.broadcast(a, shape);
    case 'transpose':
      return graph.transpose(a, node.permutation);
    case 'slice':
    case 'pad': {
      const starts = node.starts.map((s) => bindPosition(s, sizes));
      return node.kind === 'slice' ? graph.slice(a, starts, node.steps, shape) : graph.pad(a, starts, node.steps, shape);
    }
    case 'concat':
      return graph.make({ kind: 'concat', axis: node.axis }, args, shape, dtype);
    case 'gather':
      // Where there is nothing to read.
      if (sizeOf(a.shape) === 0) return graph.broadcast(graph.constant(outsideValue(node.outside, dtype), dtype), shape);
      return graph.make({ kind: 'gather', axis: node.axis, outside: outsideValue(node.outside, dtype) }, args, shape, dtype);
    case 'scatter':
      // Where there is nothing to add, or no place for it.
      if (sizeOf(shape) === 0 || args.some((arg) => sizeOf(arg.shape) === 0)) return graph.broadcast(graph.constant(0, dtype), shape);
      return graph.make({ kind: 'scatter', axis: node.axis }, args, shape, dtype);
    case 'matmul':
    case 'window':
      return graph.make(node, args, shape, dtype);
    case 'routine':
      // Where there is no item, or nothing in its results.
      if (sizeOf(shape) === 0) return graph.broadcast(graph.constant(0, dtype), shape);
      return graph.make(node, args, shape, dtype);
    case 'unroundedCast':
      return graph.unroundedCast(a, dtype);
    case 'customGradient':
    case 'stopGradient':
      return a;
    case 'remat':
      return args[node.index] ?? a;
    case 'barrier':
      return graph.barrier(a, args.slice(1));
    case 'scan':
      throw new BackendError('a projection of a scan is lowered with its run');
    default:
      return unknownNode(node);
  }
}

/** Of a number that the host has from a table: the instruction that takes it from there. */
function hostElement({ host }: Graph, expr: Expr, args: readonly Tensor[]): number | undefined {
  const { node, dtype } = expr;
  if (node.kind === 'gather') {
    const [table] = expr.args;
    const index = args[1] === undefined ? undefined : scalarUnder(args[1]);
    const at = index?.op.kind === 'host' ? index.op.index : index?.op.kind === 'constant' ? host.constant(index.op.value) : undefined;
    const found = table === undefined ? undefined : tableOf(table);
    return found === undefined || at === undefined ? undefined : host.lookUp(found, at, outsideValue(node.outside, dtype));
  }
  const table = node.kind === 'data' || node.kind === 'slice' || node.kind === 'reshape' ? tableOf(expr) : undefined;
  return table === undefined ? undefined : host.lookUp(table, host.constant(0), NaN);
}

/** The node of a core that knows more than this compiler. */
function unknownNode(node: never): never {
  const { kind }: { readonly kind: unknown } = node;
  throw unknown(`the operation ${String(kind)}`);
}
