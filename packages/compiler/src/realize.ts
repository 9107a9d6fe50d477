/**
 * Which tensors get memory of their own. Reductions, products and roots do; an elementwise tensor does where several
 * kernels would compute it again, or a broadcast would repeat it, and it is worth the memory. What reads no memory, such as
 * the mask of a dropout, is computed again in each kernel that needs it: to keep it would take a kernel of its own, while a
 * random number takes about as long as four reads from memory.
 */
import { type ElementwiseOp, sizeOf } from '@pappus/core';
import type { Tensor } from './tensor.js';

/** Rough cost of an operation, in additions. */
const EXPENSIVE: Partial<Readonly<Record<ElementwiseOp, number>>> = {
  div: 4, sqrt: 4, mod: 8, exp: 8, expm1: 12, log: 10, log1p: 14, sigmoid: 10, tanh: 12, erf: 20, sin: 14, cos: 14, tan: 18, pow: 30,
};

/** Elementwise tensors cheaper than this are computed again in each kernel that needs them. */
const WORTH_MEMORY = 4;

export function isLeaf(tensor: Tensor): boolean {
  const { kind } = tensor.op;
  return kind === 'input' || kind === 'variable' || kind === 'data' || kind === 'placeholder';
}

/** Whether a tensor is computed by kernels of its own kind rather than element by element. */
export function isStructural(tensor: Tensor): boolean {
  const { kind } = tensor.op;
  return kind === 'reduce' || kind === 'matmul' || kind === 'pad' || kind === 'concat' || kind === 'total' || kind === 'scatter' || kind === 'scan' || kind === 'barrier';
}

/** Tensors under the roots, operands first. Ids count up as tensors are made, so they are an order. */
export function reachable(roots: Iterable<Tensor>): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...roots];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    stack.push(...next.args);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

export function chooseRealized(order: readonly Tensor[], roots: ReadonlySet<Tensor>, forcedBefore: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const forced = new Set([...forcedBefore, ...order.flatMap(readWhole)]);
  const realized = new Set<Tensor>();
  const groups = new Map<Tensor, Set<string>>();
  const reading = readers(order);
  const cost = costs(order, (t) => isStructural(t) || roots.has(t) || forced.has(t));
  const note = (tensor: Tensor, group: Iterable<string>): void => {
    const own = groups.get(tensor) ?? new Set<string>();
    for (const g of group) own.add(g);
    groups.set(tensor, own);
  };
  for (const tensor of [...order].reverse()) {
    const used = groups.get(tensor) ?? new Set<string>();
    const worth = (cost.get(tensor) ?? 0) >= WORTH_MEMORY && (reading.has(tensor) || [...used].some(isRepeated));
    const shared = tensor.op.kind === 'elementwise' && ((used.size > 1 && worth) || [...used].some(isWindowed));
    if (isStructural(tensor) || roots.has(tensor) || forced.has(tensor) || shared) realized.add(tensor);
    const passed = realized.has(tensor) ? [groupOf(tensor)] : used;
    // What only has to come first is not read.
    for (const arg of tensor.op.kind === 'barrier' ? tensor.args.slice(0, 1) : tensor.args) {
      note(arg, passed);
      // Repeated along an axis: computed once for each element of the broadcast if it stays virtual.
      if (tensor.op.kind === 'broadcast' && arg.shape.length > 0) note(arg, [`broadcast ${tensor.id}`, `${REPEATED}${tensor.id}`]);
      // In every window that an element is in, which are more than a pass over memory costs.
      if (tensor.op.kind === 'window') note(arg, [`${WINDOWED}${tensor.id}`]);
    }
  }
  return realized;
}

/** What a loop takes parts of, or reads in every step, and what is read behind a barrier. */
function readWhole({ op, args }: Tensor): readonly Tensor[] {
  const read = op.kind === 'scan' ? args.slice(op.loop.carries.length) : op.kind === 'barrier' ? args.slice(0, 1) : [];
  return read.map(withoutReshapes).filter((a) => !isLeaf(a));
}

/** The tensor whose elements a root has, in the same order. */
export function withoutReshapes(tensor: Tensor): Tensor {
  const [source] = tensor.args;
  if (source === undefined || (tensor.op.kind !== 'reshape' && tensor.op.kind !== 'broadcast')) return tensor;
  return sizeOf(source.shape) === sizeOf(tensor.shape) ? withoutReshapes(source) : tensor;
}

const WINDOWED = 'windowed ';
const REPEATED = 'repeated ';

function isWindowed(group: string): boolean {
  return group.startsWith(WINDOWED);
}

function isRepeated(group: string): boolean {
  return group.startsWith(REPEATED);
}

/** The tensors that depend on memory; the others are made of indices and host scalars. */
function readers(order: readonly Tensor[]): ReadonlySet<Tensor> {
  const reading = new Set<Tensor>();
  for (const tensor of order) if (isLeaf(tensor) || isStructural(tensor) || tensor.args.some((a) => reading.has(a))) reading.add(tensor);
  return reading;
}

/** Tensors of one group are likely to be computed by one kernel. */
function groupOf(tensor: Tensor): string {
  const long = (shape: readonly number[]): string => shape.filter((d) => d !== 1).join();
  switch (tensor.op.kind) {
    case 'reduce':
      return `reduce ${tensor.args[0]?.shape.join() ?? ''} over ${tensor.op.axes.join()}`;
    case 'matmul':
    case 'pad':
    case 'concat':
    case 'total':
    case 'scatter':
    case 'barrier':
      return `${tensor.op.kind} ${tensor.id}`;
    case 'scan':
      return `scan ${tensor.op.loop.id}`;
    default:
      return `map ${long(tensor.shape)}`;
  }
}

function costs(order: readonly Tensor[], realized: (tensor: Tensor) => boolean): ReadonlyMap<Tensor, number> {
  const cost = new Map<Tensor, number>();
  for (const tensor of order) {
    const { op } = tensor;
    const operands = tensor.args.reduce((sum, a) => sum + (isLeaf(a) || realized(a) ? 1 : (cost.get(a) ?? 0)), 0);
    cost.set(tensor, op.kind === 'elementwise' ? operands + (EXPENSIVE[op.op] ?? 1) : operands);
  }
  return cost;
}
