/**
 * Which tensors have memory, and what the code of each of them reads and computes: asked before anything is scheduled or written. What turns
 * out not to be computable in place, or too large, is given memory as well.
 */
import { BackendError } from '@pappus/core';
import { codeOf, Cuts } from './body-size.js';
import { append } from '../lists/multimap.js';
import type { Assignment, Demand } from './demand.js';
import { chooseRealized, isHosted, isLeaf, isStructural, reachable, readWhole, withoutReshapes } from './realize.js';
import { type Code, Reads } from './reads.js';
import type { Tensor } from '../lower/tensor.js';
import { absorbedTotals, partsOfTotal } from './totals.js';

/** What is to be computed: a program, or one step of a scan. */
export interface Work {
  readonly outputs: readonly Tensor[];
  readonly updates: Demand['updates'];
  /** Default: all is always needed. */
  readonly whenOf?: Demand['whenOf'];
  /** Whether outputs and updates that the host knows are left to it. */
  readonly hosts: boolean;
  /** The most code of one body, in additions. */
  readonly largestBody: number;
  /** Whether operations are computed together; if not, each has memory and a kernel of its own. */
  readonly fuse: boolean;
}

/** What has memory, and what it is read for. */
export interface Choice extends Pick<Work, 'largestBody' | 'fuse'>, Pick<Demand, 'whenOf'> {
  /** All tensors, operands first. */
  readonly order: readonly Tensor[];
  /** Positions of the outputs that a tensor is. */
  readonly outputs: ReadonlyMap<Tensor, readonly number[]>;
  /** Leaves that take the value of a tensor. */
  readonly updated: ReadonlyMap<Tensor, readonly Assignment[]>;
  readonly realized: ReadonlySet<Tensor>;
  /** Totals that are parts of others. */
  readonly absorbed: ReadonlySet<Tensor>;
  /** The code of each tensor that has memory and is computed. */
  readonly codes: ReadonlyMap<Tensor, Code>;
  /** How much code a tensor is where it is used, or at least was before more was given memory. */
  readonly sizeOf: (tensor: Tensor) => number;
}

export function choose({ outputs, updates, whenOf = () => undefined, hosts, largestBody, fuse }: Work): Choice {
  const answered = new Map<Tensor, number[]>();
  const updated = new Map<Tensor, Assignment[]>();
  for (const [position, value] of outputs.entries()) {
    const tensor = withoutReshapes(value);
    if (!hosts || !isHosted(tensor)) append(answered, tensor, position);
  }
  for (const { target, value, when } of updates) {
    const tensor = withoutReshapes(value);
    if ((hosts && isHosted(tensor) && target.shape.length === 0) || tensor === target) continue;
    append(updated, tensor, { target, when });
  }
  const roots = new Set([...answered.keys(), ...updated.keys()]);
  const order = reachable(roots);
  const absorbed = fuse ? absorbedTotals(order, roots) : new Set<Tensor>();
  const forced = new Set<Tensor>();
  for (const tensor of order) for (const read of readWhole(tensor)) forced.add(read);
  if (!fuse) for (const tensor of order) if (tensor.op.kind === 'elementwise' || tensor.op.kind === 'gather') forced.add(tensor);
  return { order, outputs: answered, updated, whenOf, absorbed, largestBody, fuse, ...giveMemory(order, roots, absorbed, forced, largestBody) };
}

/** Decides which tensors have memory, beside those of which it is known. */
function giveMemory(
  order: readonly Tensor[],
  roots: ReadonlySet<Tensor>,
  absorbed: ReadonlySet<Tensor>,
  forced: Set<Tensor>,
  largestBody: number,
): Pick<Choice, 'realized' | 'codes' | 'sizeOf'> {
  const cuts = new Cuts(order, (t) => isLeaf(t) || isStructural(t) || roots.has(t) || forced.has(t), largestBody);
  for (const tensor of cuts.chosen) forced.add(tensor);
  const cut = (computed: ReadonlyMap<Tensor, number>): Tensor | undefined => repeatedMost(computed, cuts);
  // What is given memory changes what else is worth it: until nothing is added.
  for (;;) {
    const before = forced.size;
    const realized = chooseRealized(order, roots, forced, absorbed);
    const ask = (tensor: Tensor): Code => {
      const operands = operandsOf(tensor, absorbed);
      for (;;) {
        // Twice the code of a body: what is computed at several places is counted at each, though it may be the same.
        const reads = new Reads((t) => realized.has(t), 2 * largestBody, cut);
        const answer = operands === undefined ? reads.ofDefinition(tensor) : reads.ofOperands(operands);
        if ('needs' in answer) return answer;
        const { memory } = answer;
        if (realized.has(memory)) throw new BackendError(`the compiler cannot read tensor ${memory.id}, which has memory; please report the computation`);
        forced.add(memory);
        realized.add(memory);
      }
    };
    const codes = new Map<Tensor, Code>();
    for (const tensor of order) if (realized.has(tensor) && !isLeaf(tensor)) codes.set(tensor, ask(tensor));
    if (forced.size === before) return { realized, codes, sizeOf: (tensor) => cuts.sizeOf(tensor) };
  }
}

/** The tensors that a kernel of its own kind computes or reads on its way; undefined of a tensor that is computed element by element. */
function operandsOf(tensor: Tensor, absorbed: ReadonlySet<Tensor>): readonly Tensor[] | undefined {
  if (!isStructural(tensor)) return undefined;
  switch (tensor.op.kind) {
    case 'barrier':
      return tensor.args.slice(0, 1);
    case 'total':
      return partsOfTotal(tensor, absorbed);
    default:
      return tensor.args;
  }
}

/** The tensor whose code is in a body most often, as of a slice of it and another: each of them would be computed for itself. */
function repeatedMost(computed: ReadonlyMap<Tensor, number>, cuts: Cuts): Tensor | undefined {
  let most: Tensor | undefined;
  let largest = 0;
  for (const [tensor, size] of computed) {
    if (tensor.op.kind !== 'elementwise') continue;
    const repeats = size / codeOf(tensor);
    const code = repeats > 1 ? repeats * cuts.sizeOf(tensor) : 0;
    if (code > largest) [most, largest] = [tensor, code];
  }
  return most;
}
