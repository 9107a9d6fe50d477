/** What is given as a backend, checked before anything is asked of it. */
import type { Backend } from './backend.js';
import { GRAPH_VERSION } from '../graph/brand.js';
import { VERSION } from '../version.js';
import { BackendError } from '../errors.js';
import { reading } from '../arguments/fields.js';
import { show } from '../arguments/show.js';
import { isThenable } from '../values/values.js';

/**
 * Checks what is given as a backend.
 *
 * @param where the function that was called, for messages
 * @throws {BackendError} if it is no backend, or speaks another version of the graph than this core
 */
export function requireBackend(value: unknown, where: string): asserts value is Backend {
  reading(where, BackendError, () => {
    if (value === undefined) throw new BackendError(`${where}: no backend is given; give one, as in await cpu()`);
    if (isThenable(value)) throw new BackendError(`${where}: the backend is a promise; await it, as in await cpu()`);
    if (typeof value === 'function') throw new BackendError(`${where}: the backend is a function; call it and await what it answers, as in await cpu()`);
    if (!isBackend(value)) throw new BackendError(`${where}: ${show(value)} is no backend; give one, as in await cpu()`);
    requireVersion(value, where);
  });
}

function isBackend(value: unknown): value is Backend {
  return typeof value === 'object' && value !== null && ['store', 'prepare'].every((name) => typeof Reflect.get(value, name) === 'function');
}

function requireVersion(backend: Backend, where: string): void {
  const spoken: unknown = backend.graphVersion;
  if (spoken === GRAPH_VERSION) return;
  const { name, version } = backend;
  const theirs = `the backend ${name}${version === undefined ? '' : ` (${version})`}`;
  const core = `@pappus/core ${VERSION}`;
  if (typeof spoken !== 'number') {
    throw new BackendError(`${where}: ${theirs} does not say which version of the graph it speaks; update its package, or, if it is yours, give it graphVersion (${core} has version ${GRAPH_VERSION})`);
  }
  const older = spoken < GRAPH_VERSION ? `the package of the backend ${name}` : '@pappus/core';
  throw new BackendError(`${where}: ${theirs} speaks version ${spoken} of the graph, and ${core} version ${GRAPH_VERSION}; update ${older}, so that both speak one`);
}
