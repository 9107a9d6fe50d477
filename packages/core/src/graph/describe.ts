/** How an expression is named in messages, and how a graph is printed. */
import type { DType } from './dtype.js';
import { brandOf, GRAPH_VERSION, isExpr } from './brand.js';
import { GraphError } from '../errors.js';
import type { Expr } from './expr.js';
import { reading } from '../arguments/fields.js';
import type { Scan } from './scan.js';
import { formatShape } from './shape.js';
import { show } from '../arguments/show.js';

/** A short name with dtype and shape: `variable w float32[784, 10]`. */
export function describe(expr: Expr): string {
  if (brandOf(expr)?.kind !== 'expression') throw new GraphError(`describe: takes an expression, not ${show(expr)}`);
  return `${title(expr)} ${expr.dtype}${formatShape(expr.shape)}`;
}

function title(expr: Expr): string {
  const { node } = expr;
  switch (node.kind) {
    case 'constant':
      return `the number ${formatNumber(node.value, expr.dtype)}`;
    case 'variable':
      return `variable ${node.name}`;
    case 'input':
      return node.name === undefined ? 'an input' : `input ${node.name}`;
    case 'placeholder':
      return `the ${node.name} of a scan`;
    case 'routine':
      return `${node.routine.name}(${leafNames(expr).join(', ')})`;
    case 'elementwise':
    case 'reduce':
      return `${node.op}(${leafNames(expr).join(', ')})`;
    case 'size':
      return `the size ${node.dimension.toString()}`;
    case 'data':
      return 'a constant';
    default:
      return `${node.kind}(${leafNames(expr).join(', ')})`;
  }
}

/** The names of the variables and inputs under an expression, at most four. */
function leafNames(expr: Expr): string[] {
  const found = new Set<string>();
  const seen = new Set<Expr>();
  const stack = [expr];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.node.kind === 'variable') found.add(next.node.name);
    if (next.node.kind === 'input') found.add(next.node.name ?? 'input');
    if (next.node.kind === 'placeholder') found.add(next.node.name);
    if (found.size > 4) return [...[...found].slice(0, 4), '...'];
    for (let k = next.args.length - 1; k >= 0; k--) {
      const arg = next.args[k];
      if (arg !== undefined && !seen.has(arg)) stack.push(arg);
    }
  }
  return [...found];
}

/** Expressions of a graph, operands before users, each once. */
export function topological(roots: readonly Expr[]): Expr[] {
  requireExprs(roots, 'topological');
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const stack: { expr: Expr; entered: boolean }[] = [...roots].reverse().map((expr) => ({ expr, entered: false }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.entered) {
      order.push(top.expr);
    } else if (!seen.has(top.expr)) {
      seen.add(top.expr);
      stack.push({ expr: top.expr, entered: true });
      for (let k = top.expr.args.length - 1; k >= 0; k--) {
        const arg = top.expr.args[k];
        if (arg !== undefined && !seen.has(arg)) stack.push({ expr: arg, entered: false });
      }
    }
  }
  return order;
}

/** @throws {GraphError} unless it is an expression of this copy of core */
export function requireExpr(value: unknown, where: string): void {
  if (isExpr(value, where)) return;
  throw new GraphError(`${where}: takes expressions, not ${show(value)}`);
}

/** @throws {GraphError} unless it is a list of expressions of this copy of core */
export function requireExprs(values: unknown, where: string): void {
  reading(where, GraphError, () => {
    if (!isList(values)) throw new GraphError(`${where}: takes a list of expressions, not ${show(values)}`);
    for (const value of values) requireExpr(value, where);
  });
}

function isList(values: unknown): values is readonly unknown[] {
  return Array.isArray(values);
}

/** A graph as text, one line an expression: `%3 = add %1 %2 : float32[batch, 10]`; the bodies of scans follow. */
export function print(...roots: readonly Expr[]): string {
  for (const root of roots) requireExpr(root, 'print');
  return printGraph(roots).lines.join('\n');
}

function printGraph(roots: readonly Expr[]): { readonly lines: string[]; readonly numbers: ReadonlyMap<Expr, string> } {
  const numbers = new Map<Expr, string>();
  const lines: string[] = [];
  const order = topological(roots);
  for (const expr of order) {
    const name = `%${numbers.size}`;
    numbers.set(expr, name);
    const operands = expr.args.map((a) => ` ${numbers.get(a) ?? '?'}`).join('');
    lines.push(`${name} = ${operation(expr)}${operands} : ${expr.dtype}${formatShape(expr.shape)}`);
  }
  const scans = new Map<Scan, Expr[]>();
  for (const { node } of order) {
    if (node.kind !== 'scan') continue;
    const stacked = scans.get(node.scan) ?? [];
    if (node.result === 'stack') stacked.push(node.of);
    scans.set(node.scan, stacked);
  }
  for (const [scan, stacked] of scans) {
    const body = printGraph([...scan.carries, ...scan.inputs, ...scan.constants, ...scan.next, ...stacked]);
    const name = (expr: Expr): string => body.numbers.get(expr) ?? '?';
    lines.push(`scan ${scan.id}, ${String(scan.length)} steps${scan.reverse ? ', from the last' : ''}:`);
    for (const line of body.lines) lines.push(`  ${line}`);
    lines.push(`  next ${scan.next.map(name).join(' ')}`.trimEnd(), ...(stacked.length === 0 ? [] : [`  stacked ${stacked.map(name).join(' ')}`]));
  }
  return { lines, numbers };
}

function operation({ node, dtype }: Expr): string {
  switch (node.kind) {
    case 'constant':
      return `constant ${formatNumber(node.value, dtype)}`;
    case 'variable':
      return `variable ${node.name}`;
    case 'input':
      return node.name === undefined ? 'input' : `input ${node.name}`;
    case 'elementwise':
      return node.op;
    case 'reduce':
      return `${node.op} axes=[${node.axes.join(', ')}]`;
    case 'iota':
    case 'concat':
    case 'gather':
    case 'scatter':
      return `${node.kind} axis=${node.axis}`;
    case 'cumsum':
      return `cumsum axis=${node.axis}${node.reverse ? ' reverse' : ''}${node.exclusive ? ' exclusive' : ''}`;
    case 'transpose':
      return `transpose [${node.permutation.join(', ')}]`;
    case 'slice':
    case 'pad':
      return `${node.kind} starts=[${node.starts.join(', ')}] steps=[${node.steps.join(', ')}]`;
    case 'size':
      return `size ${node.dimension.toString()}`;
    case 'matmul':
      return node.rows * node.columns * node.depth === 1 ? 'matmul' : `matmul rows=${node.rows} columns=${node.columns} depth=${node.depth}`;
    case 'window':
      return `window axis=${node.axis} stride=${node.stride} dilation=${node.dilation}`;
    case 'placeholder':
      return node.name;
    case 'routine':
      return node.routine.name;
    case 'scan':
      return `scan ${node.result} ${operation(node.of)} of scan ${node.scan.id}`;
    case 'remat':
      return `remat ${node.body.id} result ${node.index}`;
    case 'unroundedCast':
    case 'data':
    case 'barrier':
    case 'reshape':
    case 'broadcast':
    case 'customGradient':
    case 'stopGradient':
      return node.kind;
    default:
      return unknownNode(node);
  }
}

/** A number in as few digits as name it in its dtype: of float32, 0.1 and not 0.10000000149011612. */
export function formatNumber(value: number, dtype: DType): string {
  if (Object.is(value, -0)) return '-0';
  if (dtype !== 'float32' || Math.fround(value) !== value) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** A node that this version of the graph does not have. */
export function unknownNode(node: never): never {
  const { kind }: { readonly kind: unknown } = node;
  throw new GraphError(`version ${GRAPH_VERSION} of the graph, which this @pappus/core speaks, has no operation ${String(kind)}; install one version of @pappus/core`);
}
