/**
 * Which tensors have memory, and what the code of each of them reads and computes: asked before anything is scheduled, by writing it for trial. What
 * turns out not to be computable in place, or too large, is given memory as well.
 */
import { BackendError } from '@pappus/core';
import { type Affine, linear, sameOver } from './affine.js';
import { BodyBuilder, identityIndices, MustRealize } from './body.js';
import { codeOf, Cuts, LOAD } from './body-size.js';
import { chooseRealized, isLeaf, isStructural, readWhole } from './realize.js';
import type { Tensor } from './tensor.js';
import { partsOfTotal } from './totals.js';

export interface Dependency {
  readonly tensor: Tensor;
  /** Whether the element read is the one that is computed. */
  readonly identity: boolean;
}

/** The code of a tensor with memory. */
export interface Code {
  /** The tensors with memory that it reads. */
  readonly needs: readonly Dependency[];
  /** How much code it has for each tensor, those that it reads included. */
  readonly sizes: ReadonlyMap<Tensor, number>;
}

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
  // What is given memory changes what else is worth it: until nothing is added.
  for (;;) {
    const before = forced.size;
    const realized = chooseRealized(order, roots, forced, absorbed);
    const codes = new Map<Tensor, Code>();
    for (const tensor of order) {
      if (!realized.has(tensor) || isLeaf(tensor)) continue;
      const code = codeWith(tensor, operandsOf(tensor, absorbed), realized, cuts, largestBody, (more) => {
        if (realized.has(more)) throw new BackendError(`the compiler cannot read tensor ${more.id}, which it has written; please report the computation`);
        forced.add(more);
        realized.add(more);
      });
      codes.set(tensor, code);
    }
    if (forced.size === before) return { realized, codes, sizeOf: (tensor) => cuts.sizeOf(tensor) };
  }
}

/** A body that is too large, and the tensor in it to give memory to. */
class TooLarge extends Error {
  constructor(readonly tensor: Tensor) {
    super(`tensor ${tensor.id} is too much for one kernel`);
  }
}

/** The code of a tensor; `force` is told what must have memory for that. */
function codeWith(tensor: Tensor, operands: readonly Tensor[] | undefined, realized: ReadonlySet<Tensor>, cuts: Cuts, largestBody: number, force: (tensor: Tensor) => void): Code {
  for (;;) {
    try {
      return codeIn(tensor, operands, realized, cuts, largestBody);
    } catch (error) {
      if (!(error instanceof MustRealize || error instanceof TooLarge)) throw error;
      force(error.tensor);
    }
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

/** Writes the code for trial: that of the tensor, or of every operand of a kernel of its own kind. */
function codeIn(tensor: Tensor, operands: readonly Tensor[] | undefined, realized: ReadonlySet<Tensor>, cuts: Cuts, largestBody: number): Code {
  const found = new Map<Tensor, boolean>();
  const sizes = new Map<Tensor, number>();
  const write = (root: Tensor, define: boolean): void => {
    const { shape } = root;
    const own = linear(identityIndices(shape, shape), shape, shape.length);
    let size = 0;
    const builder = new BodyBuilder(shape, (used: Tensor, position: () => Affine) => {
      if (!isLeaf(used) && !realized.has(used)) return undefined;
      found.set(used, (found.get(used) ?? true) && sameOver(position(), own, shape));
      sizes.set(used, LOAD);
      return { kind: 'result', index: used.id, dtype: used.dtype };
    }, (computed) => {
      const code = codeOf(computed);
      size += code;
      sizes.set(computed, (sizes.get(computed) ?? 0) + code);
      if (size > 2 * largestBody) {
        const cut = repeatedMost(sizes, (t) => t !== root && !found.has(t), cuts);
        if (cut !== undefined) throw new TooLarge(cut);
      }
    });
    const indices = identityIndices(shape, shape);
    if (define) builder.define(root, indices);
    else builder.value(root, indices);
  };
  if (operands === undefined) write(tensor, true);
  else for (const operand of operands) write(operand, false);
  return { needs: Array.from(found, ([used, identity]) => ({ tensor: used, identity })), sizes };
}

/** The tensor whose code is in a body most often, as of a slice of it and another: each of them would be computed for itself. */
function repeatedMost(sizes: ReadonlyMap<Tensor, number>, isComputed: (tensor: Tensor) => boolean, cuts: Cuts): Tensor | undefined {
  let most: Tensor | undefined;
  let largest = 0;
  for (const [tensor, size] of sizes) {
    if (tensor.op.kind !== 'elementwise' || !isComputed(tensor)) continue;
    const repeats = size / codeOf(tensor);
    const code = repeats > 1 ? repeats * cuts.sizeOf(tensor) : 0;
    if (code > largest) [most, largest] = [tensor, code];
  }
  return most;
}
