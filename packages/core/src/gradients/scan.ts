/**
 * The gradient of a scan: one scan in the other direction, whose carries are the cotangents of the carries. What it needs of the
 * forward run is asked of that very run as further projections, so that nothing is run twice: the carries, and what is
 * expensive to compute again; cheap expressions are computed again from those.
 */
import { scalar } from '../graph/construct.js';
import { topological } from '../graph/describe.js';
import { isFloat } from '../graph/dtype.js';
import { ELEMENTWISE_COSTS } from '../graph/elementwise-costs.js';
import type { Expr } from '../graph/expr.js';
import { closeScan, dependents, finalOf, type Scan, type ScanRun, placeholder, type Projection, rebuild, stackOf, substitute } from '../graph/scan.js';
import { broadcastTo } from '../operations/movement.js';
import { markPaths, pullBack } from './grad.js';
import { Totals } from './totals.js';

/** From so many additions on, an elementwise operation is kept for every step; cheaper ones are computed again, and so is what only moves elements. */
const EXPENSIVE = 8;

function isExpensive({ node }: Expr): boolean {
  switch (node.kind) {
    case 'elementwise':
      return ELEMENTWISE_COSTS[node.op].time >= EXPENSIVE;
    case 'matmul':
    case 'reduce':
    case 'cumsum':
    case 'customGradient':
    case 'scatter':
    case 'scan':
    case 'remat':
      return true;
    default:
      return false;
  }
}

/** The cotangent of each operand of a run, given those of its projections; null where none flows or none is wanted. */
export function scanVjp(projections: readonly Projection[], cotangents: ReadonlyMap<Expr, Expr>, onPath: ReadonlySet<Expr>): readonly (Expr | null)[] {
  const [first] = projections;
  const given = projections.flatMap((projection) => {
    const cotangent = cotangents.get(projection);
    return cotangent === undefined ? [] : [{ node: projection.node, cotangent }];
  });
  if (first === undefined || given.length === 0) return [];
  const run: ScanRun = { scan: first.node.scan, args: first.args };
  const { scan, args } = run;
  const stacks = given.filter(({ node }) => node.result === 'stack');
  const finals = new Map(given.filter(({ node }) => node.result === 'final').map(({ node, cotangent }) => [node.of, cotangent]));
  const wanted = args.map((arg) => isFloat(arg.dtype) && onPath.has(arg));
  const carried = cotangentCarries(scan, wanted, stacks.map(({ node }) => node.of), finals);

  // The body, backwards: cotangents of what a step answers in, cotangents of what it is given out.
  const results = new Map<Expr, Expr>();
  const seed = (of: Expr, cotangent: Expr): void => {
    const known = results.get(of);
    results.set(of, known === undefined ? cotangent : known.add(cotangent));
  };
  const carries = carried.map((k) => {
    const carry = scan.carries[k] ?? first;
    const incoming = placeholder(`cotangent of carry ${k}`, carry.shape, carry.dtype);
    seed(scan.next[k] ?? carry, incoming);
    return { k, carry, incoming, initial: finals.get(carry) ?? zeros(carry) };
  });
  const incoming = stacks.map(({ node: { of }, cotangent }) => {
    const slice = placeholder('cotangent', of.shape, of.dtype);
    seed(of, slice);
    return { placeholder: slice, value: cotangent };
  });
  const leaves = [...scan.carries, ...scan.inputs, ...scan.constants];
  const within = pullBack(results, leaves.filter((_, k) => (k < scan.carries.length ? carried.includes(k) : wanted[k] === true)));

  // What leaves the backward scan: the next cotangents of carries, those of inputs at every step, the sums of those of constants.
  const inputs = scan.inputs.map((input, k) => (wanted[scan.carries.length + k] === true ? within.get(input) : undefined));
  const moving = [...carries.map((c) => c.incoming), ...incoming.map((i) => i.placeholder)];
  const totals = new Totals(scan, moving);
  const constants = scan.constants.map((constant, k) => {
    const cotangent = wanted[scan.carries.length + scan.inputs.length + k] === true ? within.get(constant) : undefined;
    return cotangent === undefined ? undefined : totals.of(cotangent);
  });
  const next = carries.map(({ carry }) => within.get(carry) ?? zeros(carry));
  const outputs = [...inputs.flatMap((e) => e ?? []), ...totals.stacked];
  const forward = keep(run, [...next, ...outputs, ...totals.accumulated], moving);
  const sums = totals.accumulated.map((e) => ({ placeholder: placeholder('sum', e.shape, e.dtype), initial: zeros(e), term: forward.inside(e) }));
  const backward = closeScan(
    {
      length: scan.length,
      reverse: !scan.reverse,
      carries: [
        ...carries.map(({ incoming: at, initial }, k) => ({ placeholder: at, initial, next: forward.inside(next[k] ?? at) })),
        ...sums.map(({ placeholder: at, initial, term }) => ({ placeholder: at, initial, next: at.add(term) })),
      ],
      inputs: [...forward.kept, ...incoming],
      rules: scan.rules,
    },
    outputs.map((e) => forward.inside(e)),
  );
  const stacked = new Map(outputs.map((e, k) => [e, stackOf(backward.run, backward.wanted[k] ?? e)]));
  const result = {
    stacked: (e: Expr): Expr => stacked.get(e) ?? e,
    accumulated: (k: number): Expr => finalOf(backward.run, carries.length + k),
    outside: (e: Expr): Expr => forward.outside(e),
  };
  return [
    ...scan.carries.map((carry, k) => {
      const at = carries.findIndex((c) => c.carry === carry);
      return wanted[k] === true && at >= 0 ? finalOf(backward.run, at) : null;
    }),
    ...inputs.map((e) => (e === undefined ? null : result.stacked(e))),
    ...constants.map((total) => total?.(result) ?? null),
  ];
}

function zeros(like: Expr): Expr {
  return broadcastTo(scalar(0, like.dtype), like.shape);
}

/** The carries, by position, whose cotangents go from step to step: those that results depend on and wanted operands reach. */
function cotangentCarries(scan: Scan, wanted: readonly boolean[], stacked: readonly Expr[], finals: ReadonlyMap<Expr, Expr>): number[] {
  const leaves = [...scan.carries, ...scan.inputs, ...scan.constants];
  const order = topological([...scan.next, ...stacked]);
  const reached = new Set(leaves.filter((_, k) => wanted[k] === true));
  const live = new Set(scan.carries.filter((carry) => finals.has(carry)));
  grow(() => {
    const onPath = markPaths(order, reached);
    return scan.carries.filter((carry, k) => isFloat(carry.dtype) && onPath.has(scan.next[k] ?? carry));
  }, reached);
  grow(() => {
    const roots = [...stacked, ...scan.next.filter((_, k) => [...live].some((carry) => carry === scan.carries[k]))];
    return topological(roots).filter((e) => scan.carries.includes(e));
  }, live);
  return [...scan.carries.keys()].filter((k) => {
    const carry = scan.carries[k];
    return carry !== undefined && reached.has(carry) && live.has(carry);
  });
}

/** Adds what `more` finds until it finds nothing new. */
function grow(more: () => readonly Expr[], found: Set<Expr>): void {
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const expr of more()) found.add(expr);
  }
}

interface Kept {
  /** Inputs of the backward scan: what of the forward run it reads at the same step. */
  readonly kept: readonly { readonly placeholder: Expr; readonly value: Expr }[];
  /** An expression of the open backward body over those. */
  readonly inside: (expr: Expr) => Expr;
  /** An expression that no step changes, outside of both scans. */
  readonly outside: (expr: Expr) => Expr;
}

/** What the backward body needs of the forward one: inputs and carries, and expensive results in the place of what computes them. */
function keep(run: ScanRun, roots: readonly Expr[], moving: readonly Expr[]): Kept {
  const { scan, args } = run;
  const order = topological(roots);
  const backward = dependents(order, moving);
  const forward = dependents(order, [...scan.carries, ...scan.inputs]);
  const constants = new Map(scan.constants.map((constant, k) => [constant, args[scan.carries.length + scan.inputs.length + k] ?? constant]));
  const needed = new Set(roots);
  const isKept = (e: Expr): boolean => !backward.has(e) && forward.has(e) && (e.args.length === 0 || isExpensive(e));
  for (const expr of [...order].reverse()) if (needed.has(expr) && !isKept(expr)) for (const arg of expr.args) needed.add(arg);
  const built = new Map<Expr, Expr>(constants);
  const kept: { placeholder: Expr; value: Expr }[] = [];
  for (const expr of order) {
    if (!needed.has(expr) || built.has(expr)) continue;
    if (isKept(expr)) {
      const at = placeholder('kept result', expr.shape, expr.dtype);
      kept.push({ placeholder: at, value: stackOf(run, expr) });
      built.set(expr, at);
    } else {
      built.set(expr, rebuild(expr, built));
    }
  }
  const inside = (expr: Expr): Expr => built.get(expr) ?? expr;
  return { kept, inside, outside: (expr) => substitute([expr], constants)[0] ?? expr };
}

