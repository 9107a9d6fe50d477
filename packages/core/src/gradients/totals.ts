/**
 * Sums over the steps of a loop, of what each step adds to the cotangent of a constant. The sum of matrix products is one large
 * product over all steps, that of sums one large sum: both of stacked operands, outside of the loop. Anything else is
 * accumulated step by step, and so is what `remat` computes again, since stacking it would keep it.
 */
import { construct, size } from '../construct.js';
import { topological } from '../describe.js';
import type { Expr, ProductAxes } from '../expr.js';
import { dependents, type Loop } from '../loop.js';
import { scatterNode } from '../operations/indexing.js';
import { broadcastTo, transpose } from '../operations/movement.js';
import { productNode } from '../operations/products.js';
import { sum } from '../operations/reductions.js';

/** What a total is made of, once the loop has run. */
export interface LoopResults {
  /** `[length, ...]`: an expression of the body at every step. */
  readonly stacked: (expr: Expr) => Expr;
  readonly accumulated: (k: number) => Expr;
  /** An expression that no step changes. */
  readonly outside: (expr: Expr) => Expr;
}

export type Total = (results: LoopResults) => Expr;

export class Totals {
  /** Expressions of the body that are wanted at every step. */
  readonly stacked: Expr[] = [];
  /** Those whose sum is a carry. */
  readonly accumulated: Expr[] = [];
  /** What stands behind a barrier. */
  private recomputed: ReadonlySet<Expr> = new Set();

  /** @param moving placeholders that are not those of the loop, and change from step to step */
  constructor(
    private readonly loop: Loop,
    private readonly moving: readonly Expr[],
  ) {}

  of(expr: Expr): Total {
    const order = topological([expr]);
    this.recomputed = dependents(order, order.filter((e) => e.node.kind === 'barrier'));
    const varying = dependents(order, [...this.loop.carries, ...this.loop.inputs, ...this.moving]);
    return this.total(expr, varying);
  }

  private total(expr: Expr, varying: ReadonlySet<Expr>): Total {
    const { node } = expr;
    if (!varying.has(expr)) {
      return (r) => r.outside(expr).mul(broadcastTo(size(this.loop.length, expr.dtype), expr.shape));
    }
    const [a, b] = expr.args;
    if (a !== undefined && this.isLinear(expr)) {
      const parts = expr.args.map((arg) => this.total(arg, varying));
      return (r) => construct(node, parts.map((part) => part(r)), expr.shape, expr.dtype);
    }
    switch (node.kind) {
      case 'reduce':
        if (a === undefined || !this.hasTotal(expr)) break;
        this.stacked.push(a);
        return (r) => sum(r.stacked(a), [0, ...node.axes.map((axis) => axis + 1)]);
      case 'matmul':
        if (a === undefined || b === undefined || !this.hasTotal(expr)) break;
        return this.product(node, a, b);
      case 'scatter':
        if (a === undefined || b === undefined || !this.hasTotal(expr)) break;
        this.stacked.push(a, b);
        return (r) => scatterNode(r.stacked(a), r.stacked(b), 0, expr.shape, node.operation);
      default:
        break;
    }
    const at = this.accumulated.push(expr) - 1;
    return (r) => r.accumulated(at);
  }

  /** Sums and movements of what has a total of its own: the total of the whole is the same of the totals. */
  private isLinear({ node, args }: Expr): boolean {
    switch (node.kind) {
      case 'elementwise':
        return (node.op === 'add' || node.op === 'sub' || node.op === 'neg') && args.some((a) => this.hasTotal(a));
      case 'reshape':
      case 'transpose':
      case 'broadcast':
      case 'slice':
      case 'pad':
      case 'concat':
        return args.every((a) => this.hasTotal(a));
      default:
        return false;
    }
  }

  private hasTotal(expr: Expr): boolean {
    const { node } = expr;
    switch (node.kind) {
      case 'reduce':
        return node.op === 'sum' && !this.recomputed.has(expr);
      case 'matmul':
        return !this.recomputed.has(expr);
      case 'scatter':
        return node.axis === 0 && !this.recomputed.has(expr);
      default:
        return this.isLinear(expr);
    }
  }

  /** Over all steps: the time is one more axis of the depth. */
  private product({ rows, columns, depth }: ProductAxes, a: Expr, b: Expr): Total {
    // A transposed left operand is stacked as it was before, so that it lies in memory as the large product reads it.
    const [before] = a.args;
    const turned = a.node.kind === 'transpose' && before !== undefined ? { before, permutation: a.node.permutation } : undefined;
    this.stacked.push(turned?.before ?? a, b);
    const batch = a.rank - rows - depth;
    return (r) => {
      const left = turned === undefined ? r.stacked(a) : transpose(r.stacked(turned.before), [0, ...turned.permutation.map((axis) => axis + 1)]);
      const axes = { rows, columns, depth: depth + 1 };
      return productNode(timeBehind(left, batch + rows), timeBehind(r.stacked(b), batch), axes);
    };
  }
}

/** The first axis moved behind the `count` axes that follow it. */
function timeBehind(stacked: Expr, count: number): Expr {
  const axes = stacked.shape.map((_, k) => k);
  return transpose(stacked, [...axes.slice(1, count + 1), 0, ...axes.slice(count + 1)]);
}
