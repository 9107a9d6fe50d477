// A core that is newer than the compiler was made for: what it has and the compiler does not know is refused by name, whatever it is.
import type * as routines from '@pappus/core/routines';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// Modules of their own, with a core of the next minor, whose routines have a step and a term more.
vi.resetModules();
vi.doMock('../../../core/src/version.js', () => ({ VERSION: '0.1.2' }));
vi.doMock('../../../core/src/routines/walk.js', async (original) => {
  const own = await original<typeof routines>();
  type Step = Parameters<typeof own.termsOf>[0];
  const isNew = ({ kind }: { readonly kind: string }): boolean => ['swap', 'time'].includes(kind);
  return {
    ...own,
    termsOf: (step: Step) => (isNew(step) ? [] : own.termsOf(step)),
    blocksOf: (step: Step) => (isNew(step) ? [] : own.blocksOf(step)),
    withParts: (terms: Parameters<typeof own.withParts>[0]) => new Set([...terms.filter(isNew), ...own.withParts(terms.filter((term) => !isNew(term)))]),
  };
});
const core = await import('@pappus/core');
const { GRAPH_VERSION } = await import('@pappus/core/backend');
const { defineRoutine, applyRoutine } = await import('@pappus/core/routines');
const { checkComputation, compileProgram, meetCore } = await import('../../src/index.js');
vi.doUnmock('../../../core/src/version.js');
vi.doUnmock('../../../core/src/routines/walk.js');

beforeAll(meetCore);
afterAll(() => vi.resetModules());

type Expr = InstanceType<typeof core.Expr>;
const x = core.input('float32', [4], 'x');
const i = core.input('int32', [2], 'i');

let id = 1e9;

/** An expression of a newer core, whatever its node. */
function made(node: unknown, args: readonly Expr[] = [x], shape: readonly number[] = [4], dtype: unknown = 'float32'): Expr {
  const expr: unknown = Object.create(x, { id: { value: id++ }, node: { value: node }, args: { value: args }, shape: { value: shape }, dtype: { value: dtype } });
  if (!(expr instanceof core.Expr)) throw new Error('no expression');
  return expr;
}

const given = (expr: Expr): Parameters<typeof checkComputation>[0] => ({ graphVersion: GRAPH_VERSION, inputs: [{ name: 'x', expr: x }, { name: 'i', expr: i }], outputs: [{ name: 'y', expr }], updates: [] });
const transform = made({ kind: 'fourier', axis: 0 });

/** A routine whose code is that of `add`, but for what a newer core does to it. */
function routine(change: (code: { steps: object[]; arrays: object[] }) => object): Expr {
  const plain = defineRoutine({ name: 'twice', itemAxes: [1], results: ([shape]) => [shape], write: (b, [a], [out]) => b.for(0, a.size, (k) => out.set(k, a.at(k).add(a.at(k)))), vjp: (_, __, [g]) => [g] });
  const [out] = applyRoutine(plain, [x]);
  const node = out.node.kind === 'routine' ? out : out.args[0];
  if (node?.node.kind !== 'routine') throw new Error('no routine');
  const { routine: own } = node.node;
  const changed = { name: 'twice', key: 'twice', itemAxes: [1], code: (...sizes: Parameters<typeof own.code>): object => change({ steps: [...own.code(...sizes).steps], arrays: [...own.code(...sizes).arrays] }) };
  return made({ kind: 'routine', routine: changed });
}

/** A scan of a newer core, whose scans say more. */
function scanWith(more: object): Expr {
  const { carry } = core.scan((sum: Expr, part: Expr) => ({ carry: sum.add(part) }), { carry: core.scalar(0, 'float32'), inputs: x });
  if (carry.node.kind !== 'scan') throw new Error('no scan');
  return made({ ...carry.node, scan: { ...carry.node.scan, ...more } }, carry.args, []);
}

const UNKNOWN: Readonly<Record<string, readonly [Expr, string]>> = {
  'a kind of node': [transform, 'the operation fourier'],
  'an elementwise operation': [made({ kind: 'elementwise', op: 'sinc' }), 'the operation sinc'],
  'an elementwise operation of scalars': [made({ kind: 'elementwise', op: 'sinc' }, [core.scalar(1, 'float32')], []), 'the operation sinc'],
  'a reduction': [made({ kind: 'reduce', op: 'bitAnd', axes: [0] }, [x], []), 'the operation bitAnd'],
  'a dtype': [made({ kind: 'elementwise', op: 'cast' }, [x], [4], 'float16'), 'the dtype float16'],
  'a field': [made({ kind: 'reduce', op: 'sum', axes: [0], compensated: true }, [x], []), "reduce with 'compensated'"],
  'a value of a field': [made({ kind: 'gather', axis: 0, outside: 'nearest', operation: 'gather' }, [x, i], [2]), "gather with outside 'nearest'"],
  'a kind of node under others': [core.substitute([core.dropout(x.exp(), 0.5, { seed: 1, step: 2 })], new Map([[x, transform]]))[0], 'the operation fourier'],
  'a kind of node inside a scan': [
    core.scan((carry: Expr, part: Expr) => ({ carry: carry.add(made({ kind: 'fourier', axis: 0 }, [part], [])) }), { carry: core.scalar(0, 'float32'), inputs: x }).carry,
    'the operation fourier',
  ],
  'a kind of node in what a scan stacks': [
    core.scan((carry: Expr, part: Expr) => ({ carry: carry.add(part), outputs: made({ kind: 'fourier', axis: 0 }, [part], []) }), { carry: core.scalar(0, 'float32'), inputs: x }).outputs,
    'the operation fourier',
  ],
  'a field of scans': [scanWith({ unroll: 4 }), "scan with 'unroll'"],
  'a kind of node inside remat': [core.remat((a: Expr) => a.mul(transform).sum(), x), 'the operation fourier'],
};

const zero = { kind: 'constant', type: 'int', value: 0 };

const ROUTINES: Readonly<Record<string, readonly [Expr, string]>> = {
  'a step of routines': [routine(({ steps, arrays }) => ({ arrays, steps: [...steps, { kind: 'swap', array: 1 }] })), 'the step of routines swap'],
  'a step within another': [
    routine(({ steps, arrays }) => ({ arrays, steps: [...steps, { kind: 'for', index: { kind: 'local', type: 'int', id: 9 }, from: zero, to: zero, order: 'up', body: [{ kind: 'swap', array: 1 }] }] })),
    'the step of routines swap',
  ],
  'a reduction of routines': [
    routine(({ steps, arrays }) => ({ arrays, steps: [...steps, { kind: 'reduce', index: { kind: 'local', type: 'int', id: 9 }, from: zero, to: zero, reductions: [{ op: 'xor', value: zero, into: { kind: 'local', type: 'int', id: 10 } }] }] })),
    'the operation xor',
  ],
  'a term of routines': [routine(({ steps, arrays }) => ({ arrays, steps: [...steps, { kind: 'set', local: { kind: 'local', type: 'float', id: 9 }, value: { kind: 'time', type: 'float' } }] })), 'the term of routines time'],
  'an operation of routines': [
    routine(({ steps, arrays }) => ({ arrays, steps: [...steps, { kind: 'set', local: { kind: 'local', type: 'int', id: 9 }, value: { kind: 'unary', type: 'int', op: 'popcount', a: { kind: 'constant', type: 'int', value: 1 } } }] })),
    'the operation popcount',
  ],
  'an array of routines': [routine(({ steps, arrays }) => ({ steps, arrays: [...arrays, { name: 'more', dtype: 'float32', size: 1, role: 'shared' }] })), "arrays of routines with role 'shared'"],
  'a field of the code of routines': [routine((code) => ({ ...code, workgroups: 2 })), "routines with 'workgroups'"],
};

const text = (what: string): string => `@pappus/core 0.1.2 makes graphs with ${what}, which @pappus/compiler 0.0.0 does not know; update the package of the backend, and @pappus/compiler with it`;

describe('a newer core that has', () => {
  it.each(Object.entries(UNKNOWN))('%s is refused, and the error names both versions', (_, [expr, what]) => {
    expect(() => checkComputation(given(expr))).toThrow(new core.BackendError(text(what)));
    expect(() => compileProgram(given(expr), new Map())).toThrow(new core.BackendError(text(what)));
  });

  it.each(Object.entries(ROUTINES))('%s is refused when sizes are known', (_, [expr, what]) => {
    expect(() => compileProgram(given(expr), new Map())).toThrow(new core.BackendError(text(what)));
  });

  it('a field of computations is refused', () => {
    expect(() => checkComputation({ ...given(x), ...{ checkpoints: [] } })).toThrow(new core.BackendError(text("computations with 'checkpoints'")));
  });

  it.each(['what a variable becomes', 'a variable', 'an input'])('%s that is unknown is refused, wherever it stands', (where) => {
    const computation = given(x);
    const v = core.variable(0, { name: 'v' });
    const strange = made({ kind: 'variable', id: 7, name: 'v', sharded: true }, [], []);
    const isVariable = (expr: unknown): expr is typeof v => expr instanceof core.Expr;
    if (!isVariable(strange)) throw new Error('no variable');
    const refused: Readonly<Record<string, readonly [Parameters<typeof checkComputation>[0], string]>> = {
      'what a variable becomes': [{ ...computation, updates: [{ variable: v, expr: transform }] }, 'the operation fourier'],
      'a variable': [{ ...computation, updates: [{ variable: strange, expr: core.scalar(1, 'float32') }] }, "variable with 'sharded'"],
      'an input': [{ ...computation, inputs: [{ name: 'z', expr: transform }] }, 'the operation fourier'],
    };
    const [strangeComputation, what] = refused[where] ?? [computation, ''];
    expect(() => checkComputation(strangeComputation)).toThrow(new core.BackendError(text(what)));
  });

  it('a field without a value is taken', () => {
    expect(() => checkComputation(given(made({ kind: 'reduce', op: 'sum', axes: [0], compensated: undefined }, [x], [])))).not.toThrow();
  });

  it('nothing that a graph uses compiles as before', () => {
    const known = core.scan((carry: Expr, part: Expr) => ({ carry: carry.add(part) }), { carry: core.scalar(0, 'float32'), inputs: core.sort(x) }).carry;
    expect(compileProgram(given(known.add(core.cumsum(x, 0).sum())), new Map()).outputs).toHaveLength(1);
  });
});
