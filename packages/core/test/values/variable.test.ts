import { describe, expect, it } from 'vitest';
import { literal, scalar } from '../../src/graph/construct.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../../src/errors.js';
import { compile } from '../../src/run/compile.js';
import { glorotUniform, ones, zeros } from '../../src/values/initializers.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { type Variable, variable, type VariableOptions, type VariableValue } from '../../src/values/variable.js';

const values = async (v: Variable): Promise<number[]> => Array.from(await v.read());

describe('a variable starts from', () => {
  it.each<readonly [string, VariableValue, VariableOptions, string, readonly number[]]>([
    ['a number', 0.5, {}, 'variable v float32[]', [0.5]],
    ['nested arrays', [[1, 2], [3, 4]], {}, 'variable v float32[2, 2]', [1, 2, 3, 4]],
    ['nothing', [[], []], {}, 'variable v float32[2, 0]', []],
    ['booleans', [true, false], {}, 'variable v bool[2]', [1, 0]],
    ['integers, the dtype named', [1, -2], { dtype: 'int32' }, 'variable v int32[2]', [1, -2]],
    ['doubles, the dtype named', [0.1], { dtype: 'float64' }, 'variable v float64[1]', [0.1]],
    ['a typed array with its shape', { data: Float64Array.of(1, 2), shape: [2, 1] }, {}, 'variable v float64[2, 1]', [1, 2]],
    ['a typed array of another dtype', { data: Float64Array.of(0.1, 2), shape: [2] }, { dtype: 'float32' }, 'variable v float32[2]', [Math.fround(0.1), 2]],
    ['an initializer', ones([2, 3]), {}, 'variable v float32[2, 3]', [1, 1, 1, 1, 1, 1]],
    ['an initializer of another dtype', zeros(2, { dtype: 'int32' }), { dtype: 'float64' }, 'variable v float64[2]', [0, 0]],
    ['an expression of constants', literal([1, 2, 3], [3], 'float64').mul(2).sum(), {}, 'variable v float64[]', [12]],
  ])('%s', async (_, value, options, text, expected) => {
    const v = variable(value, { ...options, name: 'v' });
    expect(`variable ${v.name} ${v.dtype}[${v.shape.join(', ')}]`).toBe(text);
    expect(await values(v)).toEqual(expected);
  });

  it('a copy: later changes of the array do not reach it', async () => {
    const data = Float32Array.of(1, 2);
    const v = variable({ data, shape: [2] });
    data[0] = 9;
    expect(await values(v)).toEqual([1, 2]);
    (await v.read())[0] = 7;
    expect(await values(v)).toEqual([1, 2]);
  });

  it('the same random values for the same seed', async () => {
    const [a, b] = [1, 1].map((seed) => variable(glorotUniform([4, 5], { seed })));
    expect(a === undefined ? [] : await values(a)).toEqual(b === undefined ? [] : await values(b));
  });

  it('has a name of its own where none is given', () => {
    expect(variable(0).name).toMatch(/^variable\d+$/);
    expect(variable(0).name).not.toBe(variable(0).name);
  });

  const refused = (value: VariableValue, options: VariableOptions, error: Error): void => expect(() => variable(value, { ...options, name: 'v' })).toThrow(error);

  it('no ragged arrays, no other integers, no wrong lengths', () => {
    refused([[1, 2], [3]], {}, new ShapeError('variable v: the nested arrays are not of equal lengths'));
    refused([1.5], { dtype: 'int32' }, new InputError('variable v: 1.5 is no int32 value'));
    refused(NaN, { dtype: 'int32' }, new InputError('variable v: NaN is no int32 value'));
    refused(2, { dtype: 'bool' }, new InputError('variable v: 2 is no bool value; give true or false'));
    refused({ data: new Float32Array(3), shape: [2, 2] }, {}, new InputError('variable v: 3 elements do not fill the shape [2, 2], which has 4'));
    refused({ data: new Float32Array(4), shape: [-2, -2] }, {}, new ShapeError('variable v: [-2, -2] is no shape; its sizes must be whole numbers of at least 0'));
    refused({ data: Float32Array.of(1.5), shape: [1] }, { dtype: 'int32' }, new InputError('variable v: 1.5 is no int32 value'));
    refused(ones([2]).mul(0.5), { dtype: 'int32' }, new InputError('variable v: 0.5 is no int32 value'));
  });

  it('no expression with leaves that may change, and no open dimensions', () => {
    const x = input('float32', [2], 'x');
    refused(x.mul(2), {}, new GraphError('variable v: starts from mul(x) float32[2], which depends on input x float32[2]; give values, or evaluate it first'));
    refused(variable(1, { name: 'w' }), {}, new GraphError('variable v: starts from variable w float32[], which depends on variable w float32[]; give values, or evaluate it first'));
    refused(scalar(1, 'float32').broadcastTo(['batch']), {}, new GraphError("the open dimension 'batch' has no size: no input has it"));
  });

  it('no typed array without a shape', () => {
    const bare: unknown = new Float32Array(2);
    const asValue = (value: unknown): value is VariableValue => value !== undefined;
    if (asValue(bare)) refused(bare, {}, new GraphError('variable v: give a typed array with its shape, as in { data, shape: [2, 3] }'));
  });
});

describe('set', () => {
  it('takes numbers, nested arrays, typed arrays flat or with a shape', async () => {
    const v = variable([[1, 2], [3, 4]], { name: 'v' });
    await v.set([[5, 6], [7, 8]]);
    expect(await values(v)).toEqual([5, 6, 7, 8]);
    await v.set(Float32Array.of(1, 1, 2, 2));
    expect(await values(v)).toEqual([1, 1, 2, 2]);
    await v.set({ data: Float32Array.of(0, 0, 0, 1), shape: [2, 2] });
    expect(await values(v)).toEqual([0, 0, 0, 1]);
    const s = variable(1);
    await s.set(2.5);
    expect(await s.item()).toBe(2.5);
    const flags = variable([true, false]);
    await flags.set(Uint8Array.of(0, 200));
    expect(await values(flags)).toEqual([0, 1]);
  });

  it('is seen by the next step, on a backend too', async () => {
    const rate = variable(1, { name: 'rate' });
    const v = variable(0, { name: 'v' });
    const step = await compile({ updates: new Map([[v, v.add(rate)]]) }, interpreter());
    await step();
    await rate.set(10);
    await step();
    expect(await v.item()).toBe(11);
    expect(await rate.item()).toBe(10);
  });

  it.each(['before', 'after'])('refuses what does not fit, and leaves the value as it was (%s it is on a backend)', async (when) => {
    const v = variable([1, 2], { name: 'v' });
    const n = variable(3, { name: 'n', dtype: 'int32' });
    if (when === 'after') await compile({ outputs: { v, n } }, interpreter());
    await expect(v.set(1)).rejects.toThrow(new ShapeError('variable v: has the shape [2], the value []'));
    await expect(v.set([1, 2, 3])).rejects.toThrow(new ShapeError('variable v: has the shape [2], the value [3]'));
    await expect(v.set([[1, 2]])).rejects.toThrow(new ShapeError('variable v: has the shape [2], the value [1, 2]'));
    await expect(v.set([1, [2]])).rejects.toThrow(new ShapeError('variable v: the nested arrays are not of equal lengths'));
    await expect(v.set(new Float32Array(3))).rejects.toThrow(new InputError('variable v: 3 elements do not fill the shape [2], which has 2'));
    await expect(v.set({ data: new Float32Array(2), shape: [2, 1] })).rejects.toThrow(new ShapeError('variable v: has the shape [2], the value [2, 1]'));
    await expect(v.set(Float64Array.of(1, 2))).rejects.toThrow(
      new DTypeError('variable v: takes a Float32Array (float32), not a Float64Array; convert it with Float32Array.from(values)'),
    );
    await expect(n.set(0.5)).rejects.toThrow(new InputError('variable n: 0.5 is no int32 value'));
    expect([await values(v), await n.item()]).toEqual([[1, 2], 3]);
  });
});

describe('item and to', () => {
  it('item is for one element', async () => {
    await expect(variable([1, 2], { name: 'v' }).item()).rejects.toThrow(new ShapeError('item: variable v float32[2] has not one element; use read()'));
    expect(await variable([[4]]).item()).toBe(4);
  });

  it('to moves the value, and changes nothing where it is there already', async () => {
    const v = variable([1, 2], { name: 'v' });
    expect(v.backend).toBeUndefined();
    const [here, there] = [interpreter(), interpreter()];
    expect(await v.to(here)).toBe(v);
    await v.set([3, 4]);
    await v.to(here);
    await v.to(there);
    expect([v.backend, await values(v)]).toEqual([there, [3, 4]]);
  });
});
