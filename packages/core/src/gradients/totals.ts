/**
 * Sums over the steps of a scan, of what each step adds to the cotangent of a constant. The sum of matrix products is one large
 * product over all steps, that of sums one large sum: both of stacked operands, outside of the scan. Anything else is
 * accumulated step by step, and so is what `remat` computes again, since stacking it would keep it.
 */
import { construct, size } from '../graph/construct.js';
import { topological } from '../graph/describe.js';
import type { Expr } from '../graph/expr.js';
import type { ProductAxes } from '../graph/node.js';
import { dependents, type Scan } from '../graph/scan.js';
import { scatterNode } from '../operations/indexing.js';
import { broadcastTo, transpose } from '../operations/movement.js';
import { productNode } from '../operations/products.js';
import { sum } from '../operations/reductions.js';

/** What a total is made of, once the scan has run. */
export interface ScanResults {
  /** `[length, ...]`: an expression of the body at every step. */
  readonly stacked: (expr: Expr) => Expr;
  readonly accumulated: (k: number) => Expr;
  /** An expression that no step changes. */
  readonly outside: (expr: Expr) => Expr;
}

export type Total = (results: ScanResults) => Expr;

export class Totals {
  /** Expressions of the body that are wanted at every step. */
  readonly stacked: Expr[] = [];
  /** Those whose sum is a carry. */
  readonly accumulated: Expr[] = [];

  /** @param moving placeholders that are not those of the scan, and change from step to step */
  constructor(
    private readonly scan: Scan,
    private readonly moving: readonly Expr[],
  ) {}

  of(expr: Expr): Total {
    const order = topological([expr]);
    const recomputed = dependents(order, order.filter((e) => e.node.kind === 'barrier'));
    const varying = dependents(order, [...this.scan.carries, ...this.scan.inputs, ...this.moving]);
    const linear = linearIn(order, recomputed);
    // What the total is made of, from the whole to its parts; then the parts first.
    const wanted = new Set([expr]);
    for (let k = order.length - 1; k >= 0; k--) {
      const e = order[k];
      if (e !== undefined && wanted.has(e) && varying.has(e) && linear.has(e)) for (const arg of e.args) wanted.add(arg);
    }
    const rules = order.flatMap((e) => (wanted.has(e) ? [{ expr: e, rule: this.rule(e, varying, linear, recomputed) }] : []));
    return (results) => {
      const totals = new Map<Expr, Expr>();
      for (const { expr: e, rule } of rules) totals.set(e, rule(results, totals));
      return totals.get(expr) ?? expr;
    };
  }

  /** The total of an expression, given those of its operands where it is linear in them. */
  private rule(expr: Expr, varying: ReadonlySet<Expr>, linear: ReadonlySet<Expr>, recomputed: ReadonlySet<Expr>): Rule {
    const { node } = expr;
    if (!varying.has(expr)) return (r) => r.outside(expr).mul(broadcastTo(size(this.scan.length, expr.dtype), expr.shape));
    if (linear.has(expr)) return (_, totals) => construct(node, expr.args.map((arg) => totals.get(arg) ?? arg), expr.shape, expr.dtype);
    const [a, b] = expr.args;
    if (a !== undefined && isSummed(expr, recomputed)) {
      switch (node.kind) {
        case 'reduce':
          this.stacked.push(a);
          return (r) => sum(r.stacked(a), [0, ...node.axes.map((axis) => axis + 1)]);
        case 'matmul':
          if (b === undefined) break;
          return this.product(node, a, b);
        case 'scatter':
          if (b === undefined) break;
          this.stacked.push(a, b);
          return (r) => scatterNode(r.stacked(a), r.stacked(b), 0, expr.shape, node.operation);
        default:
          break;
      }
    }
    const at = this.accumulated.push(expr) - 1;
    return (r) => r.accumulated(at);
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

type Rule = (results: ScanResults, totals: ReadonlyMap<Expr, Expr>) => Expr;

/** Whether the total over all steps is one large reduction, product or scatter. */
function isSummed(expr: Expr, recomputed: ReadonlySet<Expr>): boolean {
  const { node } = expr;
  switch (node.kind) {
    case 'reduce':
      return node.op === 'sum' && !recomputed.has(expr);
    case 'matmul':
      return !recomputed.has(expr);
    case 'scatter':
      return node.axis === 0 && !recomputed.has(expr);
    default:
      return false;
  }
}

/** Sums and movements of what has a total of its own: the total of the whole is the same of the totals. */
function linearIn(order: readonly Expr[], recomputed: ReadonlySet<Expr>): ReadonlySet<Expr> {
  const linear = new Set<Expr>();
  const hasTotal = (e: Expr): boolean => linear.has(e) || isSummed(e, recomputed);
  for (const expr of order) if (isLinear(expr, hasTotal)) linear.add(expr);
  return linear;
}

function isLinear({ node, args }: Expr, hasTotal: (e: Expr) => boolean): boolean {
  switch (node.kind) {
    case 'elementwise':
      return (node.op === 'add' || node.op === 'sub' || node.op === 'neg') && args.some(hasTotal);
    case 'reshape':
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'pad':
    case 'concat':
      return args.every(hasTotal);
    default:
      return false;
  }
}
