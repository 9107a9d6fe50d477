// Versions of the graph: core refuses a backend that speaks another one, or does not say.
import { describe, expect, it } from 'vitest';
import type { Backend } from '../src/run/backend.js';
import { GRAPH_VERSION } from '../src/graph/brand.js';
import { compile } from '../src/run/compile.js';
import { BackendError } from '../src/errors.js';
import { interpreter } from '../src/interpreter/backend.js';
import { variable } from '../src/values/variable.js';
import { VERSION } from '../src/version.js';

/** A backend of somebody else, which leaves the work to the interpreter. */
function theirs(graphVersion: unknown): Backend {
  const inner = interpreter();
  const backend: unknown = { name: 'theirs', graphVersion, store: inner.store.bind(inner), prepare: inner.prepare.bind(inner) };
  const isBackend = (value: unknown): value is Backend => value !== undefined;
  if (!isBackend(backend)) throw new Error('no backend');
  return backend;
}

describe('a backend of another version of the graph', () => {
  it.each([
    [GRAPH_VERSION + 1, `the backend theirs speaks version ${GRAPH_VERSION + 1} of the graph, and @pappus/core ${VERSION} version ${GRAPH_VERSION}; update @pappus/core, so that both speak one`],
    [GRAPH_VERSION - 1, `the backend theirs speaks version ${GRAPH_VERSION - 1} of the graph, and @pappus/core ${VERSION} version ${GRAPH_VERSION}; update the package of the backend theirs, so that both speak one`],
    [undefined, `the backend theirs does not say which version of the graph it speaks; update its package, or, if it is yours, give it graphVersion (@pappus/core ${VERSION} has version ${GRAPH_VERSION})`],
  ])('%s is refused, to compile and to move to', async (version, text) => {
    const w = variable([1], { name: 'w' });
    await expect(compile({ updates: new Map([[w, w.add(1)]]) }, theirs(version))).rejects.toThrow(new BackendError(`compile: ${text}`));
    await expect(w.to(theirs(version))).rejects.toThrow(new BackendError(`variable w: to: ${text}`));
    expect(w.backend).toBeUndefined();
  });

  it('is named with its package, where it says which that is', async () => {
    const old = Object.assign(theirs(GRAPH_VERSION - 1), { version: '@someone/backend 1.0.3' });
    await expect(compile({}, old)).rejects.toThrow(`the backend theirs (@someone/backend 1.0.3) speaks version ${GRAPH_VERSION - 1} of the graph, and @pappus/core ${VERSION} version`);
  });

  it('of the same one is taken, whoever made it', async () => {
    const f = await compile({ outputs: { one: variable(1).add(1) } }, theirs(GRAPH_VERSION));
    expect(await (await f()).one.item()).toBe(2);
  });
});
