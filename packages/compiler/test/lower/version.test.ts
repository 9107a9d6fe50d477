// The compiler refuses graphs of another version than it speaks, and a core older than its own, by name, and never tries.
import { BackendError, Expr, scalar, type Variable, variable } from '@pappus/core';
import { type Computation, GRAPH_VERSION } from '@pappus/core/backend';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkComputation, compileProgram, meetCore, SPOKEN_GRAPH_VERSION } from '../../src/index.js';
import { CORE_VERSION, VERSION } from '../../src/version.js';

const one = scalar(1, 'float32');
const computation = (graphVersion: number): Computation => ({ graphVersion, inputs: [], outputs: [{ name: 'one', expr: one }], updates: [] });

afterEach(() => vi.resetModules());

it('speaks the version of the core that it is developed with', () => {
  expect(SPOKEN_GRAPH_VERSION).toBe(GRAPH_VERSION);
  expect(compileProgram(computation(GRAPH_VERSION), new Map()).outputs).toHaveLength(1);
});

it('refuses graphs of a newer and of an older core, and of one that does not say', () => {
  expect(() => compileProgram(computation(SPOKEN_GRAPH_VERSION + 1), new Map())).toThrow(
    new BackendError(
      `@pappus/core ${CORE_VERSION} makes graphs of version ${SPOKEN_GRAPH_VERSION + 1}, and @pappus/compiler ${VERSION} speaks version ${SPOKEN_GRAPH_VERSION}; update the package of the backend, and @pappus/compiler with it, so that both speak one version`,
    ),
  );
  expect(() => compileProgram(computation(SPOKEN_GRAPH_VERSION - 1), new Map())).toThrow(/of version 0, and @pappus\/compiler \S+ speaks version 1; update @pappus\/core, so/);
  const { inputs, outputs, updates } = computation(0);
  const unsaid: unknown = { inputs, outputs, updates };
  expect((): unknown => Reflect.apply(compileProgram, undefined, [unsaid, new Map()])).toThrow(/an unknown version/);
});

it('names an operation that it does not know, though nobody has asked which core there is', () => {
  const expr: unknown = Object.create(one, { node: { value: { kind: 'fromTheFuture' } }, args: { value: [one] }, shape: { value: [2] } });
  const strange: unknown = { ...computation(GRAPH_VERSION), outputs: [{ name: 'y', expr }] };
  expect((): unknown => Reflect.apply(compileProgram, undefined, [strange, new Map()])).toThrow(
    new BackendError(`@pappus/core ${CORE_VERSION} makes graphs with the operation fromTheFuture, which @pappus/compiler ${VERSION} does not know; update the package of the backend, and @pappus/compiler with it`),
  );
});

describe('an expression of another copy of core', () => {
  /** What it looks like from here: an expression, and no instance of ours. */
  async function foreign(): Promise<Expr & Variable> {
    vi.resetModules();
    const other = await import('@pappus/core');
    const v: unknown = other.variable(0, { name: 'theirs' });
    const isTheirs = (value: unknown): value is Expr & Variable => value instanceof other.Variable;
    if (!isTheirs(v)) throw new Error('no variable');
    return v;
  }

  it.each(['inputs', 'outputs', 'updates', 'variables'] as const)('is refused among %s, and the error says what to do', async (where) => {
    const theirs = await foreign();
    expect(theirs).not.toBeInstanceOf(Expr);
    const ours = variable(0, { name: 'ours' });
    const places: Readonly<Record<typeof where, Partial<Computation>>> = {
      inputs: { inputs: [{ name: 'x', expr: theirs }] },
      outputs: { outputs: [{ name: 'y', expr: theirs }] },
      updates: { updates: [{ variable: ours, expr: theirs }] },
      variables: { updates: [{ variable: theirs, expr: one }] },
    };
    expect(() => checkComputation({ ...computation(GRAPH_VERSION), ...places[where] })).toThrow(
      new BackendError(
        `${theirs.toString()} is of another copy of @pappus/core (${CORE_VERSION}) than the backend's (${CORE_VERSION}): two copies are installed, and only one may be. 'npm ls @pappus/core' shows who brings them, 'npm dedupe' or equal versions in package.json make them one`,
      ),
    );
  });
});

/** A compiler that was made for another core than the one that it meets. */
async function madeFor(version: string): Promise<typeof meetCore> {
  vi.resetModules();
  vi.doMock('../../src/version.js', () => ({ VERSION: '1.2.3', CORE_VERSION: version }));
  const { meetCore: meet } = await import('../../src/index.js');
  vi.doUnmock('../../src/version.js');
  return meet;
}

it('takes the core that it was made for, corrected or not', async () => {
  await expect(meetCore()).resolves.toBeUndefined();
  const [major, minor] = CORE_VERSION.split('.');
  await expect((await madeFor(`${major}.${minor}.9`))()).resolves.toBeUndefined();
});

it('loads what it knows of graphs only where core is newer', async () => {
  const load = vi.fn(() => ({ checkVocabulary: () => undefined }));
  vi.doMock('../../src/lower/vocabulary.js', load);
  try {
    await (await madeFor(CORE_VERSION))();
    expect(load).not.toHaveBeenCalled();
  } finally {
    vi.doUnmock('../../src/lower/vocabulary.js');
  }
});

it.each(['0.1.0', '1.0.0', '10.0.0-next.1'])('refuses the core of today where it was made for that of %s', async (version) => {
  const meet = await madeFor(version);
  await expect(meet()).rejects.toThrow(`@pappus/compiler 1.2.3 was made for @pappus/core ${version}, and ${CORE_VERSION} is installed; update @pappus/core`);
});
