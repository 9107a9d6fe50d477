// The compiler refuses graphs of another version than it speaks, by name, and never tries.
import { BackendError, scalar } from '@pappus/core';
import { type Computation, GRAPH_VERSION } from '@pappus/core/backend';
import { expect, it } from 'vitest';
import { compileProgram, SPOKEN_GRAPH_VERSION } from '../../src/index.js';

const one = scalar(1, 'float32');
const computation = (graphVersion: number): Computation => ({ graphVersion, inputs: [], outputs: [{ name: 'one', expr: one }], updates: [] });

it('speaks the version of the core that it is developed with', () => {
  expect(SPOKEN_GRAPH_VERSION).toBe(GRAPH_VERSION);
  expect(compileProgram(computation(GRAPH_VERSION), new Map()).outputs).toHaveLength(1);
});

it('refuses graphs of a newer and of an older core, and of one that does not say', () => {
  expect(() => compileProgram(computation(SPOKEN_GRAPH_VERSION + 1), new Map())).toThrow(
    new BackendError(
      `@pappus/core makes graphs of version ${SPOKEN_GRAPH_VERSION + 1}, and @pappus/compiler speaks version ${SPOKEN_GRAPH_VERSION}; update the package of the backend, with @pappus/compiler in it, so that both speak one version`,
    ),
  );
  expect(() => compileProgram(computation(SPOKEN_GRAPH_VERSION - 1), new Map())).toThrow(/version 0, and @pappus\/compiler speaks version 1; update @pappus\/core/);
  const { inputs, outputs, updates } = computation(0);
  const unsaid: unknown = { inputs, outputs, updates };
  expect((): unknown => Reflect.apply(compileProgram, undefined, [unsaid, new Map()])).toThrow(/an unknown version/);
});

it('names an operation that it does not know', () => {
  const expr: unknown = Object.create(one, { node: { value: { kind: 'fromTheFuture' } }, args: { value: [one] }, shape: { value: [2] } });
  const strange: unknown = { ...computation(GRAPH_VERSION), outputs: [{ name: 'y', expr }] };
  expect((): unknown => Reflect.apply(compileProgram, undefined, [strange, new Map()])).toThrow(
    new BackendError('the compiler does not know the operation fromTheFuture; versions of @pappus/core and @pappus/compiler that belong together do'),
  );
});
