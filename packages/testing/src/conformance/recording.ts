// What the computations that a backend was given held: operations, nodes, and what gradients in them went through.
import type { Backend, Expr } from '@pappus/core';
import * as core from '@pappus/core';
import { type Computation, topological } from '@pappus/core/backend';

/** What was differentiated for an expression. */
const differentiated = new WeakMap<Expr, ReadonlySet<string>>();

/** core's gradient, which remembers the operations that it went through: a recording of a computation with the gradient has them. */
export function grad(loss: Expr, wrt: Expr): Expr;
export function grad<const T extends readonly Expr[]>(loss: Expr, wrt: T): { [K in keyof T]: Expr };
export function grad(loss: Expr, wrt: Expr | readonly Expr[]): Expr | readonly Expr[] {
  const targets = wrt instanceof core.Expr ? [wrt] : wrt;
  const gradients = core.grad(loss, targets);
  const order = topological([loss]);
  for (const [k, target] of targets.entries()) {
    const gradient = gradients[k];
    if (gradient !== undefined) differentiated.set(gradient, between(order, target));
  }
  return wrt instanceof core.Expr ? (gradients[0] ?? loss) : gradients;
}

/** The operations by which a loss depends on a float. Through what is no float no gradient flows. */
function between(order: readonly Expr[], target: Expr): ReadonlySet<string> {
  const onPath = new Set([target]);
  const names = new Set<string>();
  for (const expr of order) {
    if (expr.node.kind === 'stopGradient' || !core.isFloat(expr.dtype) || !expr.args.some((arg) => core.isFloat(arg.dtype) && onPath.has(arg))) continue;
    onPath.add(expr);
    for (const name of namesOf(expr)) names.add(gradientOf(name));
  }
  return names;
}

export function gradientOf(name: string): string {
  return `the gradient of ${name}`;
}

/** How a recording calls an elementwise operation on operands of a dtype. */
export function elementwiseName(op: string, dtype: string): string {
  return `${op} of ${dtype}`;
}

function namesOf({ node, args }: Expr): string[] {
  switch (node.kind) {
    case 'elementwise':
      // The last operand: the first one of `where` is a condition.
      return [node.kind, elementwiseName(node.op, args.at(-1)?.dtype ?? 'nothing')];
    case 'reduce':
      return [node.kind, node.op];
    default:
      return [node.kind];
  }
}

/** Numbers may be computed by the host of a backend, in float64: what was computed of them alone says nothing of its kernels. */
function isHostNumber({ node, rank }: Expr): boolean {
  return node.kind === 'elementwise' && rank === 0;
}

/** The expressions inside of a scan, or of what a gradient computes again. */
function inside({ node }: Expr): readonly Expr[] {
  switch (node.kind) {
    case 'scan':
      return [...node.scan.next, node.of];
    case 'remat':
      return node.body.results;
    default:
      return [];
  }
}

/** The names of all that the computations held which were prepared on some backends. */
export class Recording {
  readonly names = new Set<string>();
  /** What has been walked: computations share expressions, and each is walked once. */
  private readonly seen = new WeakSet<Expr>();

  /** The backend, which records from now on what it is given. */
  on(backend: Backend): Backend {
    const prepare = backend.prepare.bind(backend);
    backend.prepare = (computation, ...rest) => {
      this.add(computation);
      return prepare(computation, ...rest);
    };
    return backend;
  }

  private add({ inputs, outputs, updates }: Computation): void {
    const waiting = [...inputs, ...outputs, ...updates].map(({ expr }) => expr);
    for (let expr = waiting.pop(); expr !== undefined; expr = waiting.pop()) {
      if (this.seen.has(expr)) continue;
      this.seen.add(expr);
      if (!isHostNumber(expr)) for (const name of [...namesOf(expr), ...(differentiated.get(expr) ?? [])]) this.names.add(name);
      for (const next of [...expr.args, ...inside(expr)]) if (!this.seen.has(next)) waiting.push(next);
    }
  }
}
