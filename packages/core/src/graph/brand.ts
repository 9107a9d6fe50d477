/**
 * What tells the objects of this copy of core from those of another one: two copies in one application count their expressions
 * apart, so that what one made means something else to the other. Packages also differ in the version of the graph that they speak.
 */
import { GraphError } from '../errors.js';
import { VERSION } from '../version.js';
import type { Expr } from './expr.js';

/** The version of the graph: it goes up when what nodes, operations or dtypes mean changes, or the interface of backends; not for what is added. */
export const GRAPH_VERSION = 1;

/** Carried by what core makes, under one symbol in all copies. */
export const BRAND: unique symbol = Symbol.for('pappus.core');

/** What an object of core says of itself, to any copy of core. */
export interface Brand {
  /** What it is. */
  readonly kind: 'expression' | 'output' | 'dimension';
  /** The version of the copy that made it. */
  readonly version: string;
  /** The copy of core, by identity. */
  readonly copy: object;
}

const THIS_COPY = {};

export function brand(kind: Brand['kind']): Brand {
  return { kind, version: VERSION, copy: THIS_COPY };
}

/** The brand of a value, whichever copy made it. */
export function brandOf(value: unknown): Brand | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const found = BRAND in value ? value[BRAND] : undefined;
    return isBrand(found) ? found : undefined;
  } catch {
    // A proxy may throw anything, whatever it is asked: it is nothing that core has made.
    return undefined;
  }
}

/** `instanceof`, of anything: a proxy may throw whatever it is asked, and is an instance of nothing then. */
export function isInstance(Class: new (...given: never[]) => unknown, value: unknown): boolean {
  try {
    return Function.prototype[Symbol.hasInstance].call(Class, value);
  } catch {
    return false;
  }
}

function isBrand(value: unknown): value is Brand {
  return typeof value === 'object' && value !== null && 'kind' in value && 'copy' in value && 'version' in value;
}

/**
 * Whether a value is an expression of this copy of core.
 *
 * @param where the function that was called, for messages
 * @throws {GraphError} if another copy made it
 */
export function isExpr(value: unknown, where: string): value is Expr {
  requireOwn(value, where);
  return brandOf(value)?.kind === 'expression';
}

/**
 * Refuses what another copy of core has made.
 *
 * @param where the function that was called, for messages
 * @throws {GraphError} that says that two copies are installed and what to do
 */
export function requireOwn(value: unknown, where: string): void {
  const found = brandOf(value);
  if (found !== undefined && found.copy !== THIS_COPY) throw new GraphError(`${where}: ${foreign(found)}`);
}

const NAMES: Readonly<Record<Brand['kind'], string>> = { expression: 'an expression', output: 'an output', dimension: 'a dimension' };

/** What to say of something from another copy. */
export function foreign({ kind, version }: Brand): string {
  return `${NAMES[kind]} of another copy of @pappus/core is given (${version}; this one is ${VERSION}). Two copies are installed, and only one may be: 'npm ls @pappus/core' shows who brings them, 'npm dedupe' or equal versions in package.json make them one`;
}
