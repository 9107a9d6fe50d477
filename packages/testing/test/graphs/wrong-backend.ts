// Backends with a fault in them, which a test of the suite must find.
import { type Backend, Expr, interpreter, isFloat } from '@pappus/core';
import { type Node, topological } from '@pappus/core/backend';

/** What an expression is taken for, if it is computed wrongly. `reduced`: whether a reduction depends on it. */
type Fault = (expr: Expr, reduced: boolean) => Node | undefined;

function withFault(roots: readonly Expr[], fault: Fault): readonly Expr[] {
  const order = topological(roots);
  const reduced = new Set<Expr>();
  for (const expr of [...order].reverse()) if (expr.node.kind === 'reduce' || reduced.has(expr)) for (const arg of expr.args) reduced.add(arg);
  const built = new Map<Expr, Expr>();
  for (const expr of order) {
    const args = expr.args.map((arg) => built.get(arg) ?? arg);
    const wrong = fault(expr, reduced.has(expr));
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
  return wrong((expr, reduced) => (reduced && isSub(expr) ? { kind: 'elementwise', op: 'add' } : undefined));
}

/** Runs all scans from the first step to the last. */
export function wrongInLoops(): Promise<Backend> {
  return wrong(({ node }) => (node.kind === 'scan' && node.scan.reverse ? { ...node, scan: { ...node.scan, reverse: false } } : undefined));
}
