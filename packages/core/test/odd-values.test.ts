// Every entry point through which values come, with every odd value of JavaScript: what leaves is a PappusError, and nothing has changed.
import { oddValues } from '@pappus/test-support/odd-values';
import { beforeEach, describe, expect, it } from 'vitest';
import { topological } from '../src/backend.js';
import * as core from '../src/index.js';
import { compile, evaluate, input, interpreter, PappusError, Updates, variable } from '../src/index.js';

const backend = interpreter();
const x = input('float32', [2], 'x');
const open = input('float32', ['n'], 'open');
const whole = input('int32', [2], 'whole');
const flag = input('bool', [2], 'flag');
const v = variable([1, 2], { name: 'v' });
const n = variable(3, { name: 'n', dtype: 'int32' });
const step = await compile({ inputs: { x }, outputs: { y: x.mul(v) }, updates: new Map([[v, v.add(x)], [n, n.add(1)]]) }, backend);
const lengths = await compile({ inputs: { open }, outputs: { size: open.sum() }, updates: new Map([[n, n.add(1)]]) }, backend);
const wholes = await compile({ inputs: { whole }, outputs: { y: whole.add(n) } }, backend);
const flags = await compile({ inputs: { flag }, outputs: { y: flag.not() } }, backend);
const spec = { outputs: { y: v.add(1) } };

const call = (f: unknown, ...args: readonly unknown[]): unknown => {
  if (typeof f !== 'function') throw new Error('no function');
  return Reflect.apply(f, undefined, args);
};
const method = (object: object, name: string, ...args: readonly unknown[]): unknown => {
  const f: unknown = Reflect.get(object, name);
  if (typeof f !== 'function') throw new Error(`no method ${name}`);
  return Reflect.apply(f, object, args);
};

/** What a vector of two float32 may be given as; of the values that are odd. */
const VECTORS = ['an array of two', 'an array of another realm', 'a Float32Array of two', 'a Float32Array over shared memory', 'a Float32Array of another realm', 'a subclass of Float32Array'];
const NUMBERS = ['NaN', 'Infinity', '-0', 'a fraction', 'a large number', 'true', 'false'];
const EMPTY_OBJECTS = ['undefined', 'an object', 'an object without a prototype', 'an iterable'];

interface EntryPoint {
  readonly give: (value: unknown) => unknown;
  /** Values that are let in; all others are refused. */
  readonly takes: readonly string[];
}

const ENTRY_POINTS: Readonly<Record<string, EntryPoint>> = {
  'the value of a variable': { give: (value) => call(variable, value), takes: [...NUMBERS, 'an empty array', 'an array of two', 'an array of another realm', 'rows of Float64Arrays'] },
  'a number of a variable': { give: (value) => call(variable, [0, value]), takes: NUMBERS },
  'a number of an int32 variable': { give: (value) => call(variable, [0, value], { dtype: 'int32' }), takes: ['-0', 'true', 'false'] },
  'the data of a variable': {
    give: (value) => call(variable, { data: value, shape: [2] }),
    takes: ['a Float32Array of two', 'a Float32Array over shared memory', 'a Float32Array of another realm', 'a subclass of Float32Array', 'a Buffer', 'a Float64Array', 'an Int32Array', 'a Uint8Array'],
  },
  'the shape of a variable': { give: (value) => call(variable, { data: new Float32Array(0), shape: value }), takes: [] },
  'options of a variable': { give: (value) => call(variable, 1, value), takes: EMPTY_OBJECTS },
  'the name of a variable': { give: (value) => call(variable, 1, { name: value }), takes: ['undefined', 'a text', 'a number as a text'] },
  'the dtype of a variable': { give: (value) => call(variable, 1, { dtype: value }), takes: ['undefined'] },
  'what a variable is set to': { give: (value) => method(v, 'set', value), takes: VECTORS },
  'what a scalar is set to': { give: (value) => method(n, 'set', value), takes: ['-0', 'true', 'false'] },
  'the data that a variable is set to': { give: (value) => method(v, 'set', { data: value, shape: [2] }), takes: VECTORS.slice(2) },
  'the backend that a variable moves to': { give: (value) => method(v, 'to', value), takes: [] },
  'the inputs of a call': {
    give: (value) => call(step, value),
    takes: ['an object of its own class', 'an object of another realm'],
  },
  'an input of a call': { give: (value) => call(step, { x: value }), takes: VECTORS },
  'a number of an input': { give: (value) => call(step, { x: [0, value] }), takes: NUMBERS },
  'a row of an input': { give: (value) => call(lengths, { open: [value] }), takes: NUMBERS },
  'an input of open size': { give: (value) => call(lengths, { open: value }), takes: [...VECTORS, 'an empty array', 'an empty Float32Array', 'a Float32Array of three'] },
  'an input of int32': { give: (value) => call(wholes, { whole: value }), takes: ['an array of two', 'an array of another realm', 'an Int32Array'] },
  'a number of an int32 input': { give: (value) => call(wholes, { whole: [1, value] }), takes: ['-0', 'true', 'false'] },
  'an input of bool': { give: (value) => call(flags, { flag: value }), takes: ['a Uint8Array', 'a Buffer'] },
  'a flag of an input': { give: (value) => call(flags, { flag: [true, value] }), takes: ['-0', 'true', 'false'] },
  'the data of an input': { give: (value) => call(step, { x: { data: value, shape: [2] } }), takes: VECTORS.slice(2) },
  'the shape of an input': { give: (value) => call(step, { x: { data: Float32Array.of(1, 2), shape: value } }), takes: [] },
  'a second argument of a call': { give: (value) => call(step, { x: [1, 2] }, value), takes: [] },
  'an input that there is not': { give: (value) => call(step, { x: [1, 2], z: value }), takes: [] },
  'a spec': { give: (value) => call(compile, value, backend), takes: EMPTY_OBJECTS.slice(1) },
  'a part of a spec': { give: (value) => call(compile, { ...spec, input: value }, backend), takes: ['undefined'] },
  'the inputs of a spec': { give: (value) => call(compile, { inputs: value }, backend), takes: EMPTY_OBJECTS },
  'an input of a spec': { give: (value) => call(compile, { inputs: { a: value } }, backend), takes: ['undefined'] },
  'the outputs of a spec': { give: (value) => call(compile, { outputs: value }, backend), takes: EMPTY_OBJECTS },
  'an output of a spec': { give: (value) => call(compile, { outputs: { a: value } }, backend), takes: ['undefined'] },
  'the updates of a spec': { give: (value) => call(compile, { updates: value }, backend), takes: ['undefined', 'an empty array'] },
  'one of the updates of a spec': { give: (value) => call(compile, { updates: [value] }, backend), takes: [] },
  'a variable of updates': { give: (value) => call(compile, { updates: new Map([[value, v]]) }, backend), takes: [] },
  'what a variable becomes': { give: (value) => call(compile, { updates: new Map([[v, value]]) }, backend), takes: [] },
  'updates as pairs': { give: (value) => call(compile, { updates: [[v, value]] }, backend), takes: [] },
  'a backend': { give: (value) => call(compile, spec, value), takes: [] },
  'the options of compile': { give: (value) => call(compile, spec, backend, value), takes: EMPTY_OBJECTS },
  'the option sizes': { give: (value) => call(compile, spec, backend, { sizes: value }), takes: EMPTY_OBJECTS },
  'a size': { give: (value) => call(compile, { inputs: { open }, outputs: { y: open.sum() } }, backend, { sizes: { n: value } }), takes: ['undefined', '-0'] },
  'updates that are merged': { give: (value) => call(core.mergeUpdates, value), takes: [] },
  'a variable whose update is modified': { give: (value) => method(new Updates([[v, v]]), 'modify', value, () => v), takes: [] },
  'what is evaluated': { give: (value) => call(evaluate, value), takes: [] },
  'the values of an evaluation': { give: (value) => call(evaluate, v, value), takes: ['undefined', 'an empty array', 'an empty Float32Array'] },
  'a pair of an evaluation': { give: (value) => call(evaluate, x, [value]), takes: [] },
  'an input of an evaluation': { give: (value) => call(evaluate, x, [[value, [1, 2]]]), takes: [] },
  'the value of an input of an evaluation': { give: (value) => call(evaluate, x, [[x, value]]), takes: VECTORS },
  'what is printed': { give: (value) => call(core.print, value), takes: [] },
  'what is described': { give: (value) => call(core.describe, value), takes: [] },
  'roots of a graph': { give: (value) => call(topological, value), takes: ['an empty array'] },
  'a loss': { give: (value) => call(core.grad, value, v), takes: [] },
  'the expressions of a gradient': { give: (value) => call(core.grad, v.sum(), value), takes: ['an empty array'] },
  'options of the interpreter': { give: (value) => call(interpreter, value), takes: EMPTY_OBJECTS },
};

const read = async (): Promise<unknown> => [await v.read(), await n.read(), v.backend, n.backend];

async function attempt(entryPoint: EntryPoint, value: unknown): Promise<unknown> {
  try {
    await entryPoint.give(value);
    return undefined;
  } catch (error) {
    return error;
  }
}

beforeEach(async () => {
  await v.set([1, 2]);
  await n.set(3);
});

describe.each(Object.entries(ENTRY_POINTS))('%s', (_, entryPoint) => {
  it('is refused by a PappusError that changes nothing, unless it is one', { timeout: 60_000 }, async () => {
    const taken: string[] = [];
    for (const [name, value] of Object.entries(oddValues())) {
      await v.set([1, 2]);
      await n.set(3);
      const before = await read();
      const error = await attempt(entryPoint, value);
      if (error === undefined) {
        taken.push(name);
        continue;
      }
      const text = error instanceof Error ? error.message : typeof error;
      expect(error, `${name}: ${text}`).toBeInstanceOf(PappusError);
      expect(text, name).not.toMatch(/\[object |is not a function|of undefined|of null/);
      expect(await read(), name).toEqual(before);
    }
    expect([...taken].sort()).toEqual([...entryPoint.takes].sort());
  });
});
