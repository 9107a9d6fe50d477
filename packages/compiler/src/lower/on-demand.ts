/** How nodes that few computations have are lowered, loaded by those that do. */
import type { Expr } from '@pappus/core';
import { type Computation, type Node, topological } from '@pappus/core/backend';
import type { lowerCumsum } from './cumsum.js';
import type { lowerRun } from './lower-scan.js';

/** What lowers nodes of such kinds, as far as a computation has any: for `compileProgram`. */
export interface Lowerings {
  /** @internal */
  readonly cumsum: typeof lowerCumsum | undefined;
  /** @internal */
  readonly scan: typeof lowerRun | undefined;
}

/** Loads how the nodes of a computation are lowered, as far as few have them; all that there is, without a computation. */
export async function loadLowerings(computation?: Computation): Promise<Lowerings> {
  const needs = computation === undefined ? (): boolean => true : kindsOf(computation);
  return {
    cumsum: needs('cumsum') ? (await import('./cumsum.js')).lowerCumsum : undefined,
    scan: needs('scan') ? (await import('./lower-scan.js')).lowerRun : undefined,
  };
}

/** Tells whether nodes of a kind are in a computation, bodies of scans included. */
function kindsOf({ outputs, updates }: Computation): (kind: Node['kind']) => boolean {
  const kinds = new Set<Node['kind']>();
  const seen = new Set<Expr>();
  const visit = (roots: readonly Expr[]): void => {
    for (const expr of topological(roots)) {
      if (seen.has(expr)) continue;
      seen.add(expr);
      kinds.add(expr.node.kind);
      if (expr.node.kind === 'scan') visit([...expr.node.scan.next, expr.node.of]);
    }
  };
  visit([...outputs, ...updates].map(({ expr }) => expr));
  return (kind) => kinds.has(kind);
}
