/** Matrices that were repeated to go with others: what is worked out of them alone is worked out once. */
import type { Expr } from '../../graph/expr.js';
import { identicalShape } from '../../graph/shape.js';
import { broadcastTo } from '../movement.js';

/** Matrices as they were before they were repeated along leading axes, and how to repeat what is made of each. */
export function repeated(a: Expr): { readonly source: Expr; readonly repeat: (result: Expr) => Expr } {
  const [inner] = a.args;
  const isRepeated = a.node.kind === 'broadcast' && inner !== undefined && inner.rank >= 2 && identicalShape(inner.shape.slice(-2), a.shape.slice(-2));
  if (!isRepeated) return { source: a, repeat: (result) => result };
  const batch = a.shape.slice(0, -2);
  return { source: inner, repeat: (result) => broadcastTo(result, [...batch, ...result.shape.slice(inner.rank - 2)]) };
}
