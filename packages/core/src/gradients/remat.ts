/**
 * Gradients that compute the inside of a body again, from its inputs, instead of keeping it: the second time behind barriers, so
 * that it is another computation, which begins when the cotangents of the results are there.
 */
import { construct } from '../graph/construct.js';
import { isFloat } from '../graph/dtype.js';
import type { Expr } from '../graph/expr.js';
import type { Node } from '../graph/node.js';
import { type BodyRules, placeholder, substitute } from '../graph/scan.js';
import { pullBack } from './grad.js';

/** What `remat` brings along with its body, as a scan does. */
export interface RematRules extends BodyRules {
  /** The cotangents of the operands of results of one body, given those of the results; null where none flows. */
  vjp(results: readonly RematResult[], cotangents: ReadonlyMap<Expr, Expr>, onPath: ReadonlySet<Expr>): readonly (Expr | null)[];
}

/** Results over placeholders: of the inputs, which are kept for the gradient, and of what is used from outside. */
export interface RematBody {
  /** Tells bodies apart. */
  readonly id: number;
  /** Placeholders of the inputs. */
  readonly inputs: readonly Expr[];
  /** Placeholders of what is used from outside. */
  readonly constants: readonly Expr[];
  /** What the body computes of its placeholders. */
  readonly results: readonly Expr[];
  /** What gradients do with the body. */
  readonly rules: RematRules;
}

let nextBody = 0;

export function rematBody(inputs: readonly Expr[], constants: readonly Expr[], results: readonly Expr[], rules: RematRules): RematBody {
  return { id: nextBody++, inputs, constants, results, rules };
}

/** An expression that asks for one result of a body. */
export type RematResult = Expr & {
  /** Which result of which body. */
  readonly node: Extract<Node, { kind: 'remat' }>;
};

export function isRematResult(expr: Expr): expr is RematResult {
  return expr.node.kind === 'remat';
}

export function rematKey({ node, args }: RematResult): string {
  return `remat ${node.body.id}(${args.map((a) => a.id).join()})`;
}

/** The cotangents of the operands of results of one body, given those of the results; null where none flows. */
export function rematVjp(results: readonly RematResult[], cotangents: ReadonlyMap<Expr, Expr>, onPath: ReadonlySet<Expr>): readonly (Expr | null)[] {
  const [first] = results;
  if (first === undefined) return [];
  const { body } = first.node;
  const operands = first.args.slice(body.results.length);
  const leaves = [...body.inputs, ...body.constants];
  const seeds = new Map<Expr, Expr>();
  const outside = new Map<Expr, Expr>();
  for (const result of results) {
    const cotangent = cotangents.get(result);
    const value = body.results[result.node.index];
    if (cotangent === undefined || value === undefined) continue;
    const seed = placeholder('cotangent', value.shape, value.dtype);
    outside.set(seed, cotangent);
    const known = seeds.get(value);
    seeds.set(value, known === undefined ? seed : known.add(seed));
  }
  if (seeds.size === 0) return [];
  const wanted = leaves.filter((_, k) => isFloatOnPath(operands[k], onPath));
  const within = pullBack(seeds, wanted);
  const given = [...outside.values()];
  for (const [k, leaf] of leaves.entries()) {
    const operand = operands[k] ?? leaf;
    outside.set(leaf, k < body.inputs.length ? construct({ kind: 'barrier' }, [operand, ...given], operand.shape, operand.dtype) : operand);
  }
  const flowing = wanted.flatMap((leaf) => within.get(leaf) ?? []);
  const built = new Map(substitute(flowing, outside).map((g, k) => [flowing[k], g]));
  return [...body.results.map(() => null), ...leaves.map((leaf) => (wanted.includes(leaf) ? (built.get(within.get(leaf)) ?? null) : null))];
}

function isFloatOnPath(operand: Expr | undefined, onPath: ReadonlySet<Expr>): boolean {
  return operand !== undefined && isFloat(operand.dtype) && onPath.has(operand);
}
