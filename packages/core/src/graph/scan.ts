/**
 * Scans: a body over placeholders, run for every step of a time axis. What a scan answers are projections of one
 * run: each asks for an expression of the body at every step, stacked, or for the last value of a carry. Projections of the same
 * scan with the same operands are computed together, so more of them cost no second run.
 */
import { construct } from './construct.js';
import { topological } from './describe.js';
import type { Dimension } from './dimension.js';
import type { DType } from './dtype.js';
import type { Expr } from './expr.js';
import type { Node } from './node.js';
import type { Noise } from '../interpreter/interpreter.js';
import type { Dense } from '../interpreter/tensor.js';
import { broadcastTo } from '../operations/movement.js';
import type { Shape } from './shape.js';

/** What gradients ask of a body, be it that of a scan or of `remat`. */
export interface BodyRules {
  /** The roots, in which bodies capture those of the views that they would write out again. */
  capturing(roots: readonly Expr[], views: readonly Expr[]): readonly Expr[];
}

/**
 * What is done with scans by code that knows of no scans. A scan brings it along, rather than that code imports it, so that programs
 * without scans are bundled without it.
 */
export interface ScanRules extends BodyRules {
  /** The cotangent of each operand of a run, given those of its projections; null where none flows or none is wanted. */
  vjp(projections: readonly Projection[], cotangents: ReadonlyMap<Expr, Expr>, onPath: ReadonlySet<Expr>): readonly (Expr | null)[];
  /** The values of projections of one run, given those of its operands. */
  interpret(scan: Scan, projections: readonly Projection[], args: readonly Dense[], sizes: ReadonlyMap<string, number>, noise?: Noise): ReadonlyMap<Expr, Dense>;
}

/** The body of a scan: placeholders, and what becomes of them in one step. */
export interface Scan {
  /** Tells scans apart. */
  readonly id: number;
  /** The number of steps. */
  readonly length: Dimension;
  /** Whether the last step comes first; step t reads and writes at t in either direction. */
  readonly reverse: boolean;
  /** Placeholders of the values that go from step to step. */
  readonly carries: readonly Expr[];
  /** Placeholders of the slices of the inputs at this step. */
  readonly inputs: readonly Expr[];
  /** Placeholders of what is the same in all steps. */
  readonly constants: readonly Expr[];
  /** What each carry is for the next step. */
  readonly next: readonly Expr[];
  /** What gradients and the interpreter do with a scan. */
  readonly rules: ScanRules;
}

/** A scan with operands: initial carries, inputs `[length, ...]`, constants. */
export interface ScanRun {
  /** The body. */
  readonly scan: Scan;
  /** Initial carries, then inputs, then constants, in the order of the scan's placeholders. */
  readonly args: readonly Expr[];
}

/** A node that asks for one result of a scan's run. */
export type ScanNode = Extract<Node, { kind: 'scan' }>;

/** An expression that asks for one result of a scan's run. */
export type Projection = Expr & {
  /** Which result of which scan. */
  readonly node: ScanNode;
};

/** Whether an expression is a result of a scan. */
export function isProjection(expr: Expr): expr is Projection {
  return expr.node.kind === 'scan';
}

let nextPlaceholder = 0;
let nextScan = 0;

/** A value that only the body of a scan has. */
export function placeholder(name: string, shape: Shape, dtype: DType): Expr {
  return construct({ kind: 'placeholder', id: nextPlaceholder++, name }, [], shape, dtype);
}

/** A scan whose body may still use anything around it. */
export interface OpenScan {
  readonly length: Dimension;
  readonly reverse: boolean;
  readonly carries: readonly { readonly placeholder: Expr; readonly initial: Expr; readonly next: Expr }[];
  readonly inputs: readonly { readonly placeholder: Expr; readonly value: Expr }[];
  readonly rules: ScanRules;
}

/** Views are free in a body: what they show is captured, not they. */
const VIEWS: ReadonlySet<Node['kind']> = new Set(['reshape', 'broadcast', 'transpose', 'slice']);

/** Whether an expression is one that bodies write out again rather than capture. */
export function isView(expr: Expr): boolean {
  return VIEWS.has(expr.node.kind);
}

/** A scan that captures more, in the place of what `inside` makes of its expressions. */
export function reclosed(scan: Scan, constants: readonly Expr[], inside: (expr: Expr) => Expr): Scan {
  return { ...scan, id: nextScan++, constants: [...scan.constants, ...constants], next: scan.next.map(inside) };
}

/**
 * The scan whose body depends on its placeholders only: the largest expressions that do not depend on them become constants,
 * computed once. Answers `wanted`, expressions over the open body, as they are in the closed one.
 */
export function closeScan(open: OpenScan, wanted: readonly Expr[]): { readonly run: ScanRun; readonly wanted: readonly Expr[] } {
  const { length, reverse, carries, inputs, rules } = open;
  const { constants, captured, inside } = capture([...carries.map((c) => c.next), ...wanted], [...carries, ...inputs].map((p) => p.placeholder));
  const scan: Scan = {
    id: nextScan++,
    length,
    reverse,
    carries: carries.map((c) => c.placeholder),
    inputs: inputs.map((i) => i.placeholder),
    constants,
    next: carries.map((c) => inside(c.next)),
    rules,
  };
  return { run: { scan, args: [...carries.map((c) => c.initial), ...inputs.map((i) => i.value), ...captured] }, wanted: wanted.map(inside) };
}

export interface Capture {
  /** Placeholders, and what they stand for. */
  readonly constants: readonly Expr[];
  readonly captured: readonly Expr[];
  /** A root, over placeholders only. */
  readonly inside: (expr: Expr) => Expr;
}

/** The largest expressions under the roots that depend on none of the placeholders, and the roots with constants in their place. */
export function capture(roots: readonly Expr[], placeholders: readonly Expr[]): Capture {
  const order = topological(roots);
  const varying = dependents(order, placeholders);
  const given = dependents(order, order.filter(({ node: { kind } }) => kind === 'input' || kind === 'variable' || kind === 'data' || kind === 'placeholder'));
  const used = new Set<Expr>(roots);
  const staysInside = (e: Expr): boolean => varying.has(e) || !given.has(e) || VIEWS.has(e.node.kind);
  for (const expr of [...order].reverse()) if (used.has(expr) && staysInside(expr)) for (const arg of expr.args) used.add(arg);
  const closed = new Map<Expr, Expr>();
  const constants: Expr[] = [];
  const captured: Expr[] = [];
  for (const expr of order) {
    if (!used.has(expr)) continue;
    if (staysInside(expr)) {
      closed.set(expr, rebuild(expr, closed));
    } else {
      const constant = placeholder(`constant ${constants.length}`, expr.shape, expr.dtype);
      closed.set(expr, constant);
      constants.push(constant);
      captured.push(expr);
    }
  }
  return { constants, captured, inside: (expr) => closed.get(expr) ?? expr };
}

/** `[length, ...]`: an expression of the body at every step. */
export function stackOf({ scan, args }: ScanRun, of: Expr): Expr {
  const input = scan.inputs.indexOf(of);
  const value = args[scan.carries.length + input];
  if (input >= 0 && value !== undefined) return value;
  const shape = [scan.length, ...of.shape];
  const order = topological([of]);
  if (dependents(order, [...scan.carries, ...scan.inputs]).has(of)) return construct({ kind: 'scan', scan, result: 'stack', of }, args, shape, of.dtype);
  const outside = new Map<Expr, Expr>();
  for (const [k, constant] of scan.constants.entries()) outside.set(constant, args[scan.carries.length + scan.inputs.length + k] ?? constant);
  return broadcastTo(substitute([of], outside)[0] ?? of, shape);
}

/** What a carry is after the last step; its initial value where there is no step. */
export function finalOf({ scan, args }: ScanRun, carry: number): Expr {
  const of = scan.carries[carry];
  if (of === undefined) throw new TypeError(`a scan has no carry ${carry}`);
  return construct({ kind: 'scan', scan, result: 'final', of }, args, of.shape, of.dtype);
}

/** The projections among expressions, those of one run together, by the key of the run. */
export function projectionsByRun(order: readonly Expr[]): ReadonlyMap<string, readonly Projection[]> {
  const runs = new Map<string, Projection[]>();
  for (const expr of order) {
    if (!isProjection(expr)) continue;
    const key = runKey(expr);
    const run = runs.get(key);
    if (run === undefined) runs.set(key, [expr]);
    else run.push(expr);
  }
  return runs;
}

/** Equal for results of one run: of the same scan over the same operands. */
export function runKey({ node, args }: Projection): string {
  return `${node.scan.id}(${args.map((a) => a.id).join()})`;
}

/** The expressions of `order` that depend on one of the leaves, those included. */
export function dependents(order: readonly Expr[], leaves: Iterable<Expr>): ReadonlySet<Expr> {
  const found = new Set(leaves);
  for (const expr of order) if (expr.args.some((a) => found.has(a))) found.add(expr);
  return found;
}

/** The roots with other expressions of the same shape and dtype in the place of some. */
export function substitute(roots: readonly Expr[], replacements: ReadonlyMap<Expr, Expr>): Expr[] {
  const built = new Map(replacements);
  for (const expr of topological(roots)) if (!built.has(expr)) built.set(expr, rebuild(expr, built));
  return roots.map((root) => built.get(root) ?? root);
}

/** The expression over operands that are built already. */
export function rebuild(expr: Expr, built: ReadonlyMap<Expr, Expr>): Expr {
  const args = expr.args.map((a) => built.get(a) ?? a);
  return args.every((a, k) => a === expr.args[k]) ? expr : construct(expr.node, args, expr.shape, expr.dtype);
}
