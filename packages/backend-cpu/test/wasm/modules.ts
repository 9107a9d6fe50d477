/** Programs of every kind of kernel, and the modules that are emitted for them. */
import { compileProgram, type Program } from '@pappus/compiler';
import { type Expr, grad, input, scan, variable, type Variable, zeros } from '@pappus/core';
import { type Computation, GRAPH_VERSION } from '@pappus/core/backend';
import { layOutBlock } from '../../src/codegen/block.js';
import { emitModule } from '../../src/codegen/module.js';
import { layOutScratch } from '../../src/codegen/scratch.js';
import { Checks } from '../../src/debug/checks.js';
import type { OnDemand } from '../../src/codegen/on-demand.js';
import { loadMath } from '../../src/math/index.js';
import { emitRoutine } from '../../src/codegen/routine/index.js';
import { emitNarrowKernel } from '../../src/codegen/narrow.js';
import { emitScatter } from '../../src/codegen/scatter.js';

export interface Spec {
  readonly inputs?: Readonly<Record<string, Expr>>;
  readonly outputs?: Readonly<Record<string, Expr>>;
  readonly updates?: readonly (readonly [Variable, Expr])[];
}

export function programOf({ inputs = {}, outputs = {}, updates = [] }: Spec): Program {
  const named = (exprs: Readonly<Record<string, Expr>>): { name: string; expr: Expr }[] => Object.entries(exprs).map(([name, expr]) => ({ name, expr }));
  const computation: Computation = { graphVersion: GRAPH_VERSION, inputs: named(inputs), outputs: named(outputs), updates: updates.map(([target, expr]) => ({ variable: target, expr })) };
  return compileProgram(computation, new Map());
}

/** Loaded beforehand, whatever a program has. */
export const ON_DEMAND: OnDemand = { routine: emitRoutine, scatter: emitScatter, narrow: emitNarrowKernel, math: await loadMath() };

/** @param relaxed uses the multiply-add of relaxed SIMD */
export function moduleOf(program: Program, { debug = false, relaxed = false }: { readonly debug?: boolean; readonly relaxed?: boolean } = {}): Uint8Array<ArrayBuffer> {
  const scratch = layOutScratch(program.kernels, relaxed);
  return emitModule(program, layOutBlock(program, debug), scratch, { relaxed, onDemand: ON_DEMAND, makeChecks: debug ? (module) => new Checks(module) : undefined });
}

const a = input('float32', [6, 10], 'a');
const wide = input('float64', [6, 10], 'wide');
const b = input('float32', [10, 7], 'b');
const x = input('float32', [30, 40], 'x');
const y = input('float32', [40, 25], 'y');
const rows = input('int32', [4], 'rows');
const w = variable(zeros([10, 7]), { name: 'w' });
const bias = variable(zeros([7]), { name: 'bias' });
const loss = a.matmul(w).add(bias).tanh().square().sum();
const [dw, dbias] = grad(loss, [w, bias]);

export const SPECS: Readonly<Record<string, Spec>> = {
  'element by element': { inputs: { a }, outputs: { y: a.mul(2).add(1).exp(), z: a.transpose().gt(0).where(a.transpose(), -Infinity) } },
  'elementary functions in float64': { inputs: { wide }, outputs: { y: wide.sin().add(wide.pow(3.5)).add(wide.mod(0.3)).log() } },
  reductions: { inputs: { a, wide }, outputs: { rows: a.sum(1), columns: a.max(0), all: wide.mean(), best: a.argMax(1) } },
  'products and an update': { inputs: { a }, outputs: { loss }, updates: [[w, w.sub(dw.mul(0.1))], [bias, bias.sub(dbias.mul(0.1))]] },
  'large products': { inputs: { x, y }, outputs: { z: x.matmul(y).relu() } },
  'a gather and a scatter': { inputs: { a, rows }, outputs: { taken: a.take(rows), added: zeros([6, 10]).scatterAdd(rows, a.slice([0, 4])) } },
  'a scan': { inputs: { a, b }, outputs: { y: scan((h: Expr, x: Expr) => ({ carry: h.add(x.matmul(b)).tanh() }), { carry: zeros([7]), inputs: a }).carry } },
};
