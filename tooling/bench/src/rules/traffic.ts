/** What the compiled kernels of a rule do with each element: counted in the program itself. */
import { compileProgram, readAccesses } from '@pappus/compiler';
import { GRAPH_VERSION } from '@pappus/core/backend';
import type { RuleStep } from '../problems/rules.js';

export interface Traffic {
  readonly loads: number;
  readonly stores: number;
  readonly divisions: number;
  readonly roots: number;
  /** Powers, logarithms and the like, of which the loop has none. */
  readonly functions: number;
  /** Kernels that run in every step. */
  readonly kernels: number;
}

const FUNCTIONS: ReadonlySet<string> = new Set(['pow', 'exp', 'log', 'log1p', 'log2', 'log10', 'expm1', 'sin', 'cos', 'tan', 'tanh', 'atan']);

/** Of a rule all of whose kernels go over elements; undefined of another. */
export function trafficOf({ updates }: Pick<RuleStep, 'updates'>): Traffic | undefined {
  const { kernels } = compileProgram(
    { graphVersion: GRAPH_VERSION, inputs: [], outputs: [], updates: [...updates].map(([target, expr]) => ({ variable: target, expr })) },
    new Map(),
  );
  const always = kernels.filter(({ when }) => when === undefined);
  const counts = { loads: 0, stores: 0, divisions: 0, roots: 0, functions: 0 };
  for (const kernel of always) {
    if (kernel.kind !== 'elementwise') return undefined;
    const { body } = kernel;
    const count = (wanted: (op: string) => boolean): number => body.instructions.filter((i) => i.kind === 'apply' && wanted(i.op)).length;
    counts.loads += new Set(readAccesses(body).map(({ buffer }) => buffer)).size;
    counts.stores += body.stores.length;
    counts.divisions += count((op) => op === 'div');
    counts.roots += count((op) => op === 'sqrt');
    counts.functions += count((op) => FUNCTIONS.has(op));
  }
  return { ...counts, kernels: always.length };
}
