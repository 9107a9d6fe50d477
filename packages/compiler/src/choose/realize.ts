/**
 * Which tensors get memory of their own. Reductions, products and roots do; an elementwise tensor does where several
 * kernels would compute it again, or a broadcast would repeat it, and it is worth the memory. What reads no memory, such as
 * the mask of a dropout, is computed again in each kernel that needs it: to keep it would take a kernel of its own, while a
 * random number takes about as long as four reads from memory.
 */
import { ELEMENTWISE_COSTS, sizeOf } from '@pappus/core/backend';
import type { Tensor } from '../lower/tensor.js';
import { lost } from '../required.js';

/** Elementwise tensors that take less than so many additions are computed again in each kernel that needs them. */
const WORTH_MEMORY = 4;

export function isLeaf(tensor: Tensor): boolean {
  const { kind } = tensor.op;
  return kind === 'input' || kind === 'variable' || kind === 'data' || kind === 'placeholder';
}

/** Whether a tensor is one number that the host has. */
export function isHosted(tensor: Tensor): boolean {
  return tensor.shape.length === 0 && (tensor.op.kind === 'host' || tensor.op.kind === 'constant');
}

/** Which kinds are computed by kernels of their own; the others are read element by element, or are in memory from the start. */
const STRUCTURAL: Readonly<Record<Tensor['op']['kind'], boolean>> = {
  constant: false,
  host: false,
  input: false,
  variable: false,
  data: false,
  placeholder: false,
  iota: false,
  elementwise: false,
  reshape: false,
  broadcast: false,
  transpose: false,
  slice: false,
  window: false,
  gather: false,
  reduce: true,
  matmul: true,
  pad: true,
  concat: true,
  total: true,
  scatter: true,
  scan: true,
  barrier: true,
  routine: true,
};

/** Whether a tensor is computed by kernels of its own kind rather than element by element. */
export function isStructural(tensor: Tensor): boolean {
  return STRUCTURAL[tensor.op.kind];
}

/** Tensors under the roots, operands first. Ids count up as tensors are made, so they are an order. */
export function reachable(roots: Iterable<Tensor>): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...roots];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const arg of next.args) if (!seen.has(arg)) stack.push(arg);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Who reads a tensor that may stay virtual: by which kernels, as far as that can be foreseen. */
interface Use {
  /** Up to two groups: what counts is whether there are several. */
  readonly groups: Set<string>;
  /** Whether a broadcast would compute it again and again. */
  repeated: boolean;
  /** Whether windows would. */
  windowed: boolean;
}

/**
 * @param forced tensors that have memory whatever is foreseen for them
 * @param absorbed totals that have none, being parts of others
 */
export function chooseRealized(order: readonly Tensor[], roots: ReadonlySet<Tensor>, forced: ReadonlySet<Tensor>, absorbed: ReadonlySet<Tensor>): Set<Tensor> {
  const realized = new Set<Tensor>();
  const uses = new Map<Tensor, Use>();
  const reading = readers(order);
  const cost = costs(order, (t) => isStructural(t) || roots.has(t) || forced.has(t));
  const useOf = (tensor: Tensor): Use => {
    const use = uses.get(tensor) ?? { groups: new Set<string>(), repeated: false, windowed: false };
    uses.set(tensor, use);
    return use;
  };
  const note = ({ groups }: Use, group: string): void => {
    if (groups.size < 2) groups.add(group);
  };
  for (let k = order.length - 1; k >= 0; k--) {
    const tensor = order[k];
    if (tensor === undefined) continue;
    const used = useOf(tensor);
    const worth = (cost.get(tensor) ?? lost(`the cost of tensor ${tensor.id}`)) >= WORTH_MEMORY && (reading.has(tensor) || used.repeated);
    const shared = tensor.op.kind === 'elementwise' && ((used.groups.size > 1 && worth) || used.windowed);
    const kept = (isStructural(tensor) && !absorbed.has(tensor)) || roots.has(tensor) || forced.has(tensor) || shared;
    if (kept) realized.add(tensor);
    const own = kept ? groupOf(tensor) : undefined;
    // What only has to come first is not read.
    for (const arg of tensor.op.kind === 'barrier' ? tensor.args.slice(0, 1) : tensor.args) {
      const use = useOf(arg);
      if (own !== undefined) {
        note(use, own);
      } else {
        for (const group of used.groups) note(use, group);
        use.repeated ||= used.repeated;
        use.windowed ||= used.windowed;
      }
      // Repeated along an axis: computed once for each element of the broadcast if it stays virtual.
      if (tensor.op.kind === 'broadcast' && arg.shape.length > 0) {
        note(use, `broadcast ${tensor.id}`);
        note(use, `repeated ${tensor.id}`);
        use.repeated = true;
      }
      // In every window that an element is in, which are more than a pass over memory costs.
      if (tensor.op.kind === 'window') {
        note(use, `windowed ${tensor.id}`);
        use.windowed = true;
      }
    }
  }
  return realized;
}

/** What a scan takes parts of, or reads in every step, what is read behind a barrier, and what a routine reads at any place. */
export function readWhole({ op, args }: Tensor): readonly Tensor[] {
  const read = op.kind === 'scan' ? args.slice(op.scan.carries.length) : op.kind === 'barrier' ? args.slice(0, 1) : op.kind === 'routine' ? args : [];
  return read.map(withoutReshapes).filter((a) => !isLeaf(a));
}

/** The tensor whose elements a root has, in the same order. */
export function withoutReshapes(tensor: Tensor): Tensor {
  let plain = tensor;
  for (let under = reshaped(plain); under !== undefined; under = reshaped(plain)) plain = under;
  return plain;
}

/** What a tensor is another shape of, its elements in the same order; undefined if it is none. */
export function reshaped({ op, shape, args }: Tensor): Tensor | undefined {
  const [source] = args;
  return source !== undefined && (op.kind === 'reshape' || op.kind === 'broadcast') && sizeOf(source.shape) === sizeOf(shape) ? source : undefined;
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
    case 'routine':
      return `${tensor.op.kind} ${tensor.id}`;
    case 'scan':
      return `scan ${tensor.op.scan.id}`;
    default:
      return `map ${long(tensor.shape)}`;
  }
}

function costs(order: readonly Tensor[], realized: (tensor: Tensor) => boolean): ReadonlyMap<Tensor, number> {
  const cost = new Map<Tensor, number>();
  for (const tensor of order) {
    const { op } = tensor;
    const operands = tensor.args.reduce((sum, a) => sum + (isLeaf(a) || realized(a) ? 1 : (cost.get(a) ?? lost(`the cost of tensor ${a.id}`))), 0);
    cost.set(tensor, op.kind === 'elementwise' ? operands + ELEMENTWISE_COSTS[op.op].time : operands);
  }
  return cost;
}
