// Backends with a fault in them, which a test of the suite must find.
import { type Backend, Expr, interpreter, isFloat } from '@pappus/core';
import { type Node, topological } from '@pappus/core/backend';

/** What an expression is taken for, if it is computed wrongly. */
type Fault = (expr: Expr, users: ReadonlySet<Expr>) => Node | undefined;

function withFault(roots: readonly Expr[], fault: Fault): readonly Expr[] {
  const order = topological(roots);
  // All that depend on an expression, in however many steps.
  const users = new Map<Expr, Set<Expr>>(order.map((expr) => [expr, new Set()]));
  for (const expr of [...order].reverse()) for (const arg of expr.args) for (const user of [expr, ...(users.get(expr) ?? [])]) users.get(arg)?.add(user);
  const built = new Map<Expr, Expr>();
  for (const expr of order) {
    const args = expr.args.map((arg) => built.get(arg) ?? arg);
    const wrong = fault(expr, users.get(expr) ?? new Set());
    const same = wrong === undefined && args.every((arg, k) => arg === expr.args[k]);
    built.set(expr, same ? expr : new Expr(wrong ?? expr.node, args, expr.shape, expr.dtype));
  }
  return roots.map((root) => built.get(root) ?? root);
}

function wrong(fault: Fault): Promise<Backend> {
  const backend = interpreter();
  const prepare = backend.prepare.bind(backend);
  backend.prepare = (computation, sizes) => {
    const { outputs, updates } = computation;
    const roots = withFault([...outputs, ...updates].map((root) => root.expr), fault);
    const at = <T extends { readonly expr: Expr }>(root: T, k: number): T => ({ ...root, expr: roots[k] ?? root.expr });
    return prepare({ ...computation, outputs: outputs.map(at), updates: updates.map((update, k) => at(update, outputs.length + k)) }, sizes);
  };
  return Promise.resolve(backend);
}

const isSub = ({ node, dtype }: Expr): boolean => node.kind === 'elementwise' && node.op === 'sub' && isFloat(dtype);

/** Adds where it should subtract, if a sum, a product, or the largest or smallest element of what depends on the difference is taken. */
export function wrongInReductions(): Promise<Backend> {
  return wrong((expr, users) => (isSub(expr) && [...users].some(({ node }) => node.kind === 'reduce') ? { kind: 'elementwise', op: 'add' } : undefined));
}

/** Runs all loops from the first step to the last. */
export function wrongInLoops(): Promise<Backend> {
  return wrong(({ node }) => (node.kind === 'scan' && node.scan.reverse ? { ...node, scan: { ...node.scan, reverse: false } } : undefined));
}
