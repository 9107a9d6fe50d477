// Programs for the tests: a computation as a user writes it, compiled for given sizes, and described.
import { type Expr, type KernelDescription, sub, type Variable, variable, zerosLike } from '@pappus/core';
import { type Computation, GRAPH_VERSION } from '@pappus/core/backend';
import { checkPass, checkProgram } from '../src/check/index.js';
import { compileProgram, describeKernel, type Program } from '../src/index.js';
import { lower, type LoweredComputation } from '../src/lower/lower.js';

export interface Spec {
  readonly inputs?: readonly Expr[];
  readonly outputs?: readonly Expr[];
  readonly updates?: ReadonlyMap<Variable, Expr>;
}

export function computationOf({ inputs = [], outputs = [], updates = new Map<Variable, Expr>() }: Spec): Computation {
  const named = (kind: string, exprs: readonly Expr[]): { name: string; expr: Expr }[] => exprs.map((expr, k) => ({ name: `${kind} ${k}`, expr }));
  return {
    graphVersion: GRAPH_VERSION,
    inputs: named('input', inputs),
    outputs: named('output', outputs),
    updates: [...updates].map(([target, expr]) => ({ variable: target, expr })),
  };
}

/** Compiled, and checked after every pass. */
export function programOf(spec: Spec, sizes: Readonly<Record<string, number>> = {}): Program {
  const program = compileProgram(computationOf(spec), new Map(Object.entries(sizes)), { inspect: checkPass });
  checkProgram(program);
  return program;
}

export function kernelsOf(spec: Spec, sizes: Readonly<Record<string, number>> = {}): KernelDescription[] {
  return programOf(spec, sizes).kernels.map(describeKernel);
}

/** `matmul+add+relu`: the operations of every kernel. */
export function operationsOf(spec: Spec, sizes: Readonly<Record<string, number>> = {}): string[] {
  return kernelsOf(spec, sizes).map((kernel) => kernel.operations.join('+'));
}

/** Adam, written out: a rule with state, a step count and scalars that depend on no tensor. */
export function adaptive(params: readonly Variable[], grads: readonly Expr[], learningRate: Expr): Map<Variable, Expr> {
  const t = variable(0, { name: 't', dtype: 'int32' });
  const step = t.add(1).cast('float32');
  const power = (beta: number): Expr => sub(1, step.mul(Math.log(beta)).exp());
  const rate = learningRate.mul(power(0.999).sqrt()).div(power(0.9));
  const updates = new Map<Variable, Expr>();
  for (const [k, param] of params.entries()) {
    const grad = grads[k] ?? param;
    const m = variable(zerosLike(param), { name: `m/${param.name}` });
    const v = variable(zerosLike(param), { name: `v/${param.name}` });
    const [mNext, vNext] = [m.mul(0.9).add(grad.mul(0.1)), v.mul(0.999).add(grad.square().mul(0.001))];
    updates.set(param, param.sub(rate.mul(mNext).div(vNext.sqrt().add(1e-8)))).set(m, mNext).set(v, vNext);
  }
  return updates.set(t, t.add(1));
}

/** As `programOf` takes it, for the first pass. */
export function loweredOf({ inputs = [], outputs = [], updates = new Map<Variable, Expr>() }: Spec, sizes: Readonly<Record<string, number>> = {}): LoweredComputation {
  const named = (exprs: readonly Expr[]): { name: string; expr: Expr }[] => exprs.map((expr, k) => ({ name: `${k}`, expr }));
  return lower(
    { graphVersion: GRAPH_VERSION, inputs: named(inputs), outputs: named(outputs), updates: [...updates].map(([target, expr]) => ({ variable: target, expr })) },
    new Map(Object.entries(sizes)),
  );
}
