/**
 * Which tensors have memory, and what the code of each of them reads and computes: asked before anything is scheduled or written. What turns
 * out not to be computable in place, or too large, is given memory as well.
 */
import { BackendError } from '@pappus/core';
import { codeOf, Cuts } from './body-size.js';
import { type Code, Reads } from './reads.js';
import { chooseRealized, isLeaf, isStructural, readWhole } from './realize.js';
import type { Tensor } from './tensor.js';
import { partsOfTotal } from './totals.js';

export interface Choice {
  readonly realized: ReadonlySet<Tensor>;
  /** The code of each tensor that has memory and is computed. */
  readonly codes: ReadonlyMap<Tensor, Code>;
  /** How much code a tensor is where it is used, or at least was before more was given memory. */
  readonly sizeOf: (tensor: Tensor) => number;
}

/**
 * @param order tensors, operands first
 * @param absorbed totals that are parts of others
 */
export function choose(order: readonly Tensor[], roots: ReadonlySet<Tensor>, absorbed: ReadonlySet<Tensor>, largestBody: number): Choice {
  const forced = new Set<Tensor>();
  for (const tensor of order) for (const read of readWhole(tensor)) forced.add(read);
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
