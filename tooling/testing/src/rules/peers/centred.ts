// Centred gradients: those of rank 2 and more, less the mean over all axes but the first.
import type { Expr } from 'pappus';
import { named } from './call.js';

export function centred(grads: readonly Expr[]): readonly Expr[] {
  const exprs = grads.map((g) => (g.rank < 2 ? g : g.sub(g.mean(g.shape.map((_, axis) => axis).slice(1), { keepdims: true }))));
  return named(exprs, 'grads.map((g) => (g.rank < 2 ? g : g.sub(g.mean(allAxesButTheFirst, { keepdims: true }))))');
}
