/**
 * What the code of a tensor would read and how much it would be, asked before any is written: a walk over the elements that an element is
 * computed of, down to what has memory. The answer may be that something on the way must have memory first.
 */
import { type Affine, linear, sameOver } from '../kernels/affine.js';
import { codeOf, LOAD } from './body-size.js';
import { scalarUnder } from '../lower/graph.js';
import { isLeaf } from './realize.js';
import type { Tensor } from '../lower/tensor.js';
import { gatheredFrom, identityIndices, operandOf, reshapedFrom, type View, type Viewed, Views } from './views.js';

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

/** The code; or a tensor without which there can be none, since an element of it is no affine function of the indices, or there would be too much. */
export type Answer = Code | { readonly memory: Tensor };

/** An element on the way, and what asked for it. */
interface Step extends Viewed {
  readonly user: Step | undefined;
}

export class Reads {
  private readonly found = new Map<Tensor, boolean>();
  private readonly sizes = new Map<Tensor, number>();
  private size = 0;

  /**
   * @param hasMemory whether a tensor is read rather than computed
   * @param largest the most code that there may be
   * @param cut which tensor to give memory to if there is more, of those that are computed, with so much code each; undefined if none can be
   */
  constructor(
    private readonly hasMemory: (tensor: Tensor) => boolean,
    private readonly largest: number,
    private readonly cut: (computed: ReadonlyMap<Tensor, number>) => Tensor | undefined,
  ) {}

  /** Asks for the code that computes a tensor, over its own shape. */
  ofDefinition(tensor: Tensor): Answer {
    return this.walk(tensor, true) ?? this.code();
  }

  /** Asks for the code of every operand of a kernel of its own kind, each over its own shape. */
  ofOperands(operands: readonly Tensor[]): Answer {
    for (const operand of operands) {
      const missing = this.walk(operand, false);
      if (missing !== undefined) return missing;
    }
    return this.code();
  }

  private code(): Code {
    return { needs: Array.from(this.found, ([tensor, identity]) => ({ tensor, identity })), sizes: this.sizes };
  }

  private reads(tensor: Tensor): boolean {
    return isLeaf(tensor) || this.hasMemory(tensor);
  }

  /** Follows an element of the root to all that it is computed of; answers what must have memory first, if anything. */
  private walk(root: Tensor, define: boolean): { readonly memory: Tensor } | undefined {
    const { shape } = root;
    const views = new Views(shape);
    const own = linear(identityIndices(shape, shape), shape, shape.length);
    const seen = new Map<View, Set<Tensor>>();
    const read = (tensor: Tensor, position: Affine): void => {
      this.found.set(tensor, this.found.get(tensor) !== false && sameOver(position, own, shape));
      this.sizes.set(tensor, LOAD);
    };
    // What is still to be followed waits on a stack of its own: chains may be as deep as memory allows.
    const stack: Step[] = [{ tensor: root, view: views.of({ indices: identityIndices(shape, shape) }), user: undefined }];
    for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
      const { tensor, view } = step;
      const known = seen.get(view) ?? new Set();
      seen.set(view, known);
      if (known.has(tensor)) continue;
      known.add(tensor);
      if (this.reads(tensor) && !(define && step.user === undefined)) {
        read(tensor, views.position(tensor, view));
        continue;
      }
      const tooLarge = this.computes(tensor, root);
      if (tooLarge !== undefined) return { memory: tooLarge };
      const operands = views.operands(tensor, view);
      if (operands === undefined) return { memory: withIndices(step) };
      for (let k = operands.length - 1; k >= 0; k--) {
        const operand = operands[k];
        if (operand !== undefined) stack.push({ ...operand, user: step });
      }
      if (tensor.op.kind !== 'gather') continue;
      const a = operandOf(tensor, 0);
      const repeated = scalarUnder(a);
      const indices = views.indices(tensor, view);
      if (repeated !== undefined) {
        stack.push({ tensor: repeated, view: views.of({ indices: [] }), user: step });
      } else if (indices !== undefined) {
        // A reshaped tensor is read where it was, at the same positions.
        const whole = [a, reshapedFrom(a)].find((t) => this.reads(t));
        if (whole === undefined) return { memory: reshapedFrom(a) };
        read(whole, gatheredFrom(tensor, tensor.op.axis, indices, shape.length));
      }
    }
    return undefined;
  }

  /** Notes that a tensor is computed once more; answers what to give memory to if that is too much. */
  private computes(tensor: Tensor, root: Tensor): Tensor | undefined {
    const code = codeOf(tensor);
    this.size += code;
    this.sizes.set(tensor, (this.sizes.get(tensor) ?? 0) + code);
    if (this.size <= this.largest) return undefined;
    return this.cut(new Map([...this.sizes].filter(([t]) => t !== root && !this.found.has(t))));
  }
}

/**
 * What to give memory to where a tensor needs its indices and has only a position: the tensor that was reshaped, and not what it is computed of,
 * so that the computation stays one.
 */
function withIndices({ tensor, view, user }: Step): Tensor {
  let below: Viewed = { tensor, view };
  for (let above = user; above !== undefined; above = above.user) {
    if (above.tensor.op.kind === 'reshape' && below.view === view && below.tensor.op.kind === 'elementwise') return below.tensor;
    below = above;
  }
  return tensor;
}
