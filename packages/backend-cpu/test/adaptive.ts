// A step of Adam on a small perceptron, written out, for tests that may not know the rules' packages.
import { type Expr, glorotUniform, grad, input, scalar, sub, variable, type Variable, zeros, zerosLike } from '@pappus/core';

export interface AdaptiveStep {
  /** float32 `[batch, 5]` */
  readonly x: Expr;
  readonly loss: Expr;
  readonly params: readonly Variable[];
  readonly updates: Map<Variable, Expr>;
}

export function adaptiveStep(): AdaptiveStep {
  const x = input('float32', ['batch', 5], 'x');
  const params = [
    variable(glorotUniform([5, 9], { seed: 1 }), { name: 'w1' }), variable(zeros([9]), { name: 'b1' }),
    variable(glorotUniform([9, 3], { seed: 2 }), { name: 'w2' }), variable(zeros([3]), { name: 'b2' }),
  ] as const;
  const [w1, b1, w2, b2] = params;
  const loss = x.matmul(w1).add(b1).relu().matmul(w2).add(b2).tanh().sub(0.5).square().mean();
  const grads = grad(loss, params);
  const t = variable(0, { name: 't', dtype: 'int32' });
  const step = t.add(1).cast('float32');
  const power = (beta: number): Expr => sub(1, scalar(beta, 'float32').pow(step));
  const rate = power(0.999).sqrt().div(power(0.9)).mul(0.01);
  const updates = new Map<Variable, Expr>();
  for (const [k, param] of params.entries()) {
    const g = grads[k] ?? param;
    const [m, v] = [variable(zerosLike(param), { name: `m/${param.name}` }), variable(zerosLike(param), { name: `v/${param.name}` })];
    const [mNext, vNext] = [m.mul(0.9).add(g.mul(0.1)), v.mul(0.999).add(g.square().mul(0.001))];
    updates.set(param, param.sub(rate.mul(mNext).div(vNext.sqrt().add(1e-8)))).set(m, mNext).set(v, vNext);
  }
  updates.set(t, t.add(1));
  return { x, loss, params, updates };
}
