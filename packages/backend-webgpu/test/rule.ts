// A rule with state whose rates are computed on the host, as Adam's are.
import { defineOptimizer, type Expr, scalar, type Variable, variable, zerosLike } from '@pappus/core';

export const adaptive = defineOptimizer({
  name: 'adaptive',
  defaults: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  state: (param: Variable) => ({ m: zerosLike(param), v: zerosLike(param) }),
  update({ param, grad, m, v, t, learningRate, beta1, beta2, epsilon }) {
    const one = scalar(1, param.dtype);
    const rate = learningRate.mul(one.sub(beta2.pow(t)).sqrt()).div(one.sub(beta1.pow(t)));
    const mNext = m.mul(beta1).add(grad.mul(one.sub(beta1)));
    const vNext = v.mul(beta2).add(grad.square().mul(one.sub(beta2)));
    return { param: param.sub(rate.mul(mNext).div(vNext.sqrt().add(epsilon))), m: mNext, v: vNext };
  },
});

/** Parameters and gradients that rest on the backend as variables: what an update alone costs. */
export function atRest(sizes: readonly number[]): { readonly params: readonly Variable[]; readonly grads: readonly Variable[] } {
  const make = (name: string, shift: number): Variable[] =>
    sizes.map((size, k) => variable({ data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + 7 * k + shift)), shape: [size] }, { name: `${name}${k}` }));
  return { params: make('p', 0), grads: make('g', 3) };
}

/** A loss of many parameters that are told apart. */
export function squares(params: readonly Variable[]): Expr {
  return params.map((p, k) => p.sub(k).square().sum()).reduce((a, b) => a.add(b));
}
