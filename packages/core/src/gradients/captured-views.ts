/**
 * Views are free in the body of a scan and of `remat`: what they show is captured, and not they. Where a gradient is wanted with respect to
 * a view, a body that writes the view out again would not depend on it; here it is made to capture the view itself.
 */
import { construct } from '../graph/construct.js';
import { topological } from '../graph/describe.js';
import type { Expr } from '../graph/expr.js';
import { isProjection, placeholder, rebuild, reclosed, runKey, substitute } from '../graph/scan.js';
import { isRematResult, rematBody, rematKey } from './remat.js';

/** A body with more constants, and what they stand for outside. */
interface Opened {
  readonly constants: readonly Expr[];
  readonly captured: readonly Expr[];
  /** An expression of the body, over the constants. */
  readonly inside: (expr: Expr) => Expr;
}

/** The roots, in which bodies capture those of the views that they would write out again. */
export function capturing(roots: readonly Expr[], views: readonly Expr[]): readonly Expr[] {
  const order = topological(roots);
  const built = new Map<Expr, Expr>();
  const scans = new Map<string, ReturnType<typeof openedRun>>();
  const bodies = new Map<string, ReturnType<typeof openedBody>>();
  for (const expr of order) {
    if (isProjection(expr)) {
      const key = runKey(expr);
      const run = scans.get(key) ?? openedRun(order.filter((e) => isProjection(e) && runKey(e) === key), views);
      scans.set(key, run);
      if (run !== undefined) {
        const node = { ...expr.node, scan: run.scan, of: run.opened.inside(expr.node.of) };
        built.set(expr, construct(node, [...expr.args, ...run.opened.captured].map((a) => built.get(a) ?? a), expr.shape, expr.dtype));
        continue;
      }
    } else if (isRematResult(expr)) {
      const key = rematKey(expr);
      const body = bodies.get(key) ?? openedBody(expr, views);
      bodies.set(key, body);
      if (body !== undefined) {
        built.set(expr, construct({ ...expr.node, body: body.body }, [...expr.args, ...body.opened.captured].map((a) => built.get(a) ?? a), expr.shape, expr.dtype));
        continue;
      }
    }
    built.set(expr, rebuild(expr, built));
  }
  return roots.map((root) => built.get(root) ?? root);
}

/** The roots of a body with constants in the place of those views that it has; undefined if it has none. */
function opened(roots: readonly Expr[], constants: readonly Expr[], operands: readonly Expr[], views: readonly Expr[]): Opened | undefined {
  const leaves = new Map<Expr, Expr>();
  for (const [k, operand] of operands.entries()) {
    const constant = constants[k];
    if (constant !== undefined) leaves.set(operand, constant);
  }
  const within = views.map((view) => substitute([view], leaves)[0] ?? view);
  const others = within.filter((view, k) => view !== views[k]);
  if (others.length === 0) return undefined;
  // Bodies inside of this one first: they then capture the view of this one.
  const inner = capturing(roots, others);
  const present = new Set(topological(inner));
  const replacements = new Map<Expr, Expr>();
  const captured: Expr[] = [];
  for (const [k, view] of within.entries()) {
    const outside = views[k];
    if (outside === undefined || view === outside || !present.has(view) || replacements.has(view)) continue;
    replacements.set(view, placeholder(`view ${k}`, view.shape, view.dtype));
    captured.push(outside);
  }
  if (captured.length === 0) return undefined;
  const changed = new Map(substitute(inner, replacements).map((expr, k) => [roots[k], expr] as const));
  return { constants: [...replacements.values()], captured, inside: (expr) => changed.get(expr) ?? expr };
}

function openedRun(projections: readonly Expr[], views: readonly Expr[]): { readonly scan: ReturnType<typeof reclosed>; readonly opened: Opened } | undefined {
  const [first] = projections;
  if (first === undefined || !isProjection(first)) return undefined;
  const { scan } = first.node;
  const stacked = projections.flatMap((e) => (isProjection(e) && e.node.result === 'stack' ? [e.node.of] : []));
  const start = scan.carries.length + scan.inputs.length;
  const found = opened([...scan.next, ...stacked], scan.constants, first.args.slice(start), views);
  return found === undefined ? undefined : { scan: reclosed(scan, found.constants, found.inside), opened: found };
}

function openedBody(expr: Expr, views: readonly Expr[]): { readonly body: ReturnType<typeof rematBody>; readonly opened: Opened } | undefined {
  if (!isRematResult(expr)) return undefined;
  const { body } = expr.node;
  const start = body.results.length + body.inputs.length;
  const found = opened(body.results, body.constants, expr.args.slice(start), views);
  if (found === undefined) return undefined;
  return { body: rematBody(body.inputs, [...body.constants, ...found.constants], body.results.map(found.inside), body.rules), opened: found };
}
