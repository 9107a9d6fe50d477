// docs/architecture.md shows what the passes make of its example, and names the files of the packages that it goes through.
import * as core from '@pappus/core';
import { Expr, Variable } from '@pappus/core';
import { type Computation, GRAPH_VERSION } from '@pappus/core/backend';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { compileProgram, type Kernel, type KernelPass } from '../src/index.js';
import { lower } from '../src/lower/lower.js';
import { formatProgram } from '../src/print/index.js';
import { reachable } from '../src/choose/realize.js';
import type { Tensor } from '../src/lower/tensor.js';

const workspace = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('docs/architecture.md', workspace), 'utf8');
const [, code = ''] = /```ts\n(.*?)```/s.exec(text) ?? [];
const [, tensors, emitted, collapsed, merged] = [...text.matchAll(/```text\n(.*?)```/gs)].map(([, listing]) => listing);

/** The example as a computation: what its code declares. */
function example(): Computation {
  const run: unknown = runInThisContext(`(pappus) => {${code.replace(/^import (\{.*?\}) from 'pappus';$/m, 'const $1 = pappus;')} return [updates, dw, db]; }`);
  if (typeof run !== 'function') throw new TypeError('the example is no program');
  const made: unknown = Reflect.apply(run, undefined, [core]);
  const list: readonly unknown[] = Array.isArray(made) ? made : [];
  const [updates, ...inputs] = list;
  const rows = updates instanceof Map ? [...updates] : [];
  return {
    graphVersion: GRAPH_VERSION,
    inputs: inputs.flatMap((expr, k) => (expr instanceof Expr ? [{ name: ['dw', 'db'][k] ?? '', expr }] : [])),
    outputs: [],
    updates: rows.flatMap(([variable, expr]: [unknown, unknown]) => (variable instanceof Variable && expr instanceof Expr ? [{ variable, expr }] : [])),
  };
}

function tensorLines(computation: Computation): string {
  const { graph, updates } = lower(computation, new Map());
  const order = reachable(updates.map(({ value }) => value));
  const word = (tensor: Tensor): string => `t${order.indexOf(tensor)}`;
  const what = ({ op }: Tensor): string => {
    switch (op.kind) {
      case 'elementwise':
        return op.op;
      case 'variable':
        return `variable ${op.variable.name}`;
      case 'input':
        return `input ${computation.inputs[op.position]?.name ?? ''}`;
      case 'host':
        return `host scalar ${graph.host.describe(op.index)}`;
      default:
        return op.kind;
    }
  };
  return order.map((t) => `${word(t)} = ${[what(t), ...t.args.map(word)].join(' ')} : ${t.dtype}[${t.shape.join(', ')}]\n`).join('');
}

/** The kernels after each pass, as text. */
function listings(computation: Computation): Readonly<Partial<Record<KernelPass, string>>> {
  const seen: Partial<Record<KernelPass, readonly Kernel[]>> = {};
  const program = compileProgram(computation, new Map(), { inspect: (pass, kernels) => (seen[pass] = kernels) });
  const format = (kernels: readonly Kernel[]): string => formatProgram({ ...program, kernels }).replace(/^.*?\n(?=k0 )/s, '');
  return Object.fromEntries(Object.entries(seen).map(([pass, kernels]) => [pass, format(kernels)]));
}

describe('docs/architecture.md', () => {
  it('shows the tensors of its example', () => {
    expect(tensors).toBe(tensorLines(example()));
  });

  it('shows the kernels after each pass', () => {
    const { emit, collapse, merge, order } = listings(example());
    expect([emitted, collapsed, merged]).toEqual([emit, collapse, merge]);
    expect(order).toBe(merge);
  });

  const sections = [...text.matchAll(/^### `(packages\/[\w-]+\/src)`\n(.*?)(?=^##|(?![^]))/gms)].map(([, directory = '', tour = '']) => ({
    directory,
    named: [...tour.matchAll(/`([\w/-]+(?:\.ts|\/))`/g)].map(([, name = '']) => name),
  }));

  it('goes through the packages on the way from expressions to bytes', () => {
    expect(sections.map(({ directory }) => directory)).toEqual(['core', 'compiler', 'backend-cpu', 'backend-webgpu'].map((name) => `packages/${name}/src`));
  });

  it.each(sections)('names files and directories of $directory that exist, and all of them', ({ directory, named }) => {
    const root = new URL(`${directory}/`, workspace);
    expect(named.filter((name) => !existsSync(new URL(name, root)))).toEqual([]);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/')).filter((file) => file.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !named.some((name) => file === name || (name.endsWith('/') && file.startsWith(name))))).toEqual([]);
  });

  it('names the passes of program.ts in their order', () => {
    const program = readFileSync(new URL('packages/compiler/src/program.ts', workspace), 'utf8');
    const calls = [...program.matchAll(/\b(checkComputation|lower|choose|schedule|emit|collapseNests|mergeElementwise|eagerly|planMemory)\(/g)].map(([, name]) => name);
    // As they are nested: the argument runs first.
    expect(calls).toEqual(['checkComputation', 'lower', 'choose', 'schedule', 'emit', 'collapseNests', 'mergeElementwise', 'eagerly', 'planMemory']);
    const tour = sections.find(({ directory }) => directory.includes('compiler'))?.named ?? [];
    const passes = ['lower/version.ts', 'lower/lower.ts', 'choose/choose.ts', 'schedule/', 'emit/emit.ts', 'rewrite/merge.ts', 'rewrite/order.ts', 'memory/memory.ts'];
    expect(tour.filter((name) => passes.includes(name))).toEqual(passes);
  });
});
