import { describe, expect, it } from 'vitest';
import type { NamedExpr } from '../../src/run/backend.js';
import { bindInputs, type InputValue } from '../../src/run/bind-inputs.js';
import { compile } from '../../src/run/compile.js';
import { addDimensions, dimension } from '../../src/graph/dimension.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';

const backend = interpreter();
const declare = (inputs: Readonly<Record<string, Expr>>): readonly NamedExpr[] => Object.entries(inputs).map(([name, expr]) => ({ name, expr }));

function bind(inputs: Readonly<Record<string, Expr>>, given: Readonly<Record<string, InputValue>>): { values: number[][]; sizes: Record<string, number> } {
  const bound = bindInputs(declare(inputs), given, backend);
  return { values: bound.values.map((v) => ('backend' in v ? [] : [...v])), sizes: Object.fromEntries(bound.sizes) };
}

const rows = { x: input('float32', ['batch', 3]) };
const both = { x: input('float32', ['batch', 3]), y: input('int32', ['batch']) };

describe('values of a call', () => {
  it('may be numbers, nested arrays, typed arrays with a shape, and flat typed arrays', () => {
    const expected = { values: [[1, 2, 3, 4, 5, 6]], sizes: { batch: 2 } };
    expect(bind(rows, { x: [[1, 2, 3], [4, 5, 6]] })).toEqual(expected);
    expect(bind(rows, { x: Float32Array.of(1, 2, 3, 4, 5, 6) })).toEqual(expected);
    expect(bind(rows, { x: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] } })).toEqual(expected);
    expect(bind({ r: input('float32') }, { r: 0.5 })).toEqual({ values: [[0.5]], sizes: {} });
    expect(bind({ r: input('float32') }, { r: Float32Array.of(0.5) })).toEqual({ values: [[0.5]], sizes: {} });
    expect(bind({ flags: input('bool', [2]) }, { flags: [true, false] })).toEqual({ values: [[1, 0]], sizes: {} });
    expect(bind({}, {})).toEqual({ values: [], sizes: {} });
  });

  it('are taken in the order of the declaration', () => {
    expect(bind(both, { y: [1], x: [[1, 2, 3]] }).values).toEqual([[1, 2, 3], [1]]);
  });

  it('may be empty', () => {
    expect(bind(rows, { x: new Float32Array(0) }).sizes).toEqual({ batch: 0 });
    expect(bind(rows, { x: { data: new Float32Array(0), shape: [0, 3] } }).sizes).toEqual({ batch: 0 });
    expect(bind({ v: input('float32', ['n']) }, { v: [] }).sizes).toEqual({ n: 0 });
  });

  it('of bool are 0 or 1, whatever the bytes given', () => {
    expect(bind({ flags: input('bool', [3]) }, { flags: Uint8Array.of(0, 1, 255) }).values).toEqual([[0, 1, 1]]);
    expect(bind({ flags: input('bool', [3]) }, { flags: { data: Uint8Array.of(0, 2, 1), shape: [3] } }).values).toEqual([[0, 1, 1]]);
  });

  it('bind open dimensions: one input helps another, in either order', () => {
    const xy = { x: input('float32', ['batch', 'time']), y: input('int32', ['batch']) };
    expect(bind(xy, { x: new Float32Array(6), y: new Int32Array(2) }).sizes).toEqual({ batch: 2, time: 3 });
    const yx = { y: input('int32', ['batch']), x: input('float32', ['batch', 'time']) };
    expect(bind(yx, { x: new Float32Array(6), y: [0, 0, 0] }).sizes).toEqual({ batch: 3, time: 2 });
    expect(bind(xy, { x: { data: new Float32Array(6), shape: [6, 1] }, y: new Int32Array(6) }).sizes).toEqual({ batch: 6, time: 1 });
  });
});

describe('values that do not fit', () => {
  const refused = (inputs: Readonly<Record<string, Expr>>, given: Readonly<Record<string, InputValue>>, error: Error): void =>
    expect(() => bind(inputs, given)).toThrow(error);

  it('missing or unknown', () => {
    refused(both, { x: [[1, 2, 3]] }, new InputError("input 'y' is missing; it takes int32[batch]"));
    refused(rows, { x: [[1, 2, 3]], z: 1 }, new InputError("there is no input 'z'; the inputs are: 'x'"));
    refused({}, { z: 1 }, new InputError("there is no input 'z'; the inputs are: none"));
  });

  it('of another dtype', () => {
    refused(rows, { x: new Float64Array(3) }, new DTypeError("input 'x': takes a Float32Array (float32), not a Float64Array; convert it with Float32Array.from(values)"));
    refused(both, { x: [[1, 2, 3]], y: Float32Array.of(1) }, new DTypeError("input 'y': takes a Int32Array (int32), not a Float32Array; convert it with Int32Array.from(values)"));
    refused(both, { x: [[1, 2, 3]], y: [0.5] }, new InputError("input 'y': 0.5 is no int32 value"));
    refused(both, { x: [[1, 2, 3]], y: [2 ** 31] }, new InputError("input 'y': 2147483648 is no int32 value"));
    refused({ flag: input('bool') }, { flag: 2 }, new InputError("input 'flag': 2 is no bool value; give true or false"));
  });

  it('of another shape', () => {
    refused(rows, { x: [[1, 2]] }, new ShapeError("input 'x': takes [batch, 3], and the value has the shape [1, 2]"));
    refused(rows, { x: [1, 2, 3] }, new ShapeError("input 'x': takes [batch, 3], and the value has the shape [3]"));
    refused(rows, { x: 1 }, new ShapeError("input 'x': takes [batch, 3], and the value has the shape []"));
    refused(rows, { x: { data: new Float32Array(6), shape: [3, 2] } }, new ShapeError("input 'x': takes [batch, 3], and the value has the shape [3, 2]"));
    refused(rows, { x: [[1, 2, 3], [4, 5]] }, new ShapeError("input 'x': the nested arrays are not of equal lengths"));
    refused(rows, { x: [[1, 2, 3], 4] }, new ShapeError("input 'x': the nested arrays are not of equal lengths"));
    refused(rows, { x: [1, [2]] }, new ShapeError("input 'x': the nested arrays are not of equal lengths"));
  });

  it('of another length', () => {
    refused(rows, { x: new Float32Array(7) }, new InputError("input 'x': takes [batch, 3], a multiple of 3 elements, and the array given has 7"));
    refused({ r: input('float32', [2, 2]) }, { r: new Float32Array(5) }, new InputError("input 'r': takes [2, 2], which is 4 elements here, and the array given has 5"));
    refused(both, { x: [[1, 2, 3]], y: new Int32Array(2) }, new InputError("input 'y': takes [batch], which is 1 elements here, and the array given has 2"));
    refused(rows, { x: { data: new Float32Array(5), shape: [2, 3] } }, new InputError("input 'x': 5 elements do not fill the shape [2, 3], which has 6"));
  });

  it('with a shape that is none', () => {
    refused(rows, { x: { data: new Float32Array(3), shape: [-1, -3] } }, new ShapeError("input 'x': [-1, -3] is no shape; its sizes must be whole numbers of at least 0"));
    refused(rows, { x: { data: new Float32Array(3), shape: [0.5, 6] } }, new ShapeError("input 'x': [0.5, 6] is no shape; its sizes must be whole numbers of at least 0"));
  });

  it('with an open dimension of two sizes', () => {
    refused(both, { x: [[1, 2, 3]], y: [1, 2] }, new ShapeError("the open dimension 'batch' is 1 in one input and 2 in input 'y'"));
    refused({ x: input('float32', ['n', 'n']) }, { x: [[1, 2]] }, new ShapeError("the open dimension 'n' is 1 in one input and 2 in input 'x'"));
  });

  it('flat, where more than one size is open', () => {
    const message = (shape: string): InputError => new InputError(`input 'x': a flat typed array does not tell the open sizes of ${shape}; give { data, shape }`);
    refused({ x: input('float32', ['batch', 'time']) }, { x: new Float32Array(6) }, message('[batch, time]'));
    refused({ x: input('float32', ['n', 'n']) }, { x: new Float32Array(9) }, message('[n, n]'));
    refused({ x: input('float32', ['n', 0]) }, { x: new Float32Array(0) }, message('[n, 0]'));
  });

  it('for an axis that is neither a size nor a name', () => {
    const x = input('float32', [addDimensions(dimension('batch'), 1)]);
    refused({ x }, { x: [1, 2] }, new GraphError("input 'x': an input's axis is a size or one name, not batch + 1"));
  });

  it('from another backend', async () => {
    const other = interpreter();
    const x = input('float32', [2]);
    const double = await compile({ inputs: { x }, outputs: { y: x.mul(2) } }, other);
    const { y } = await double({ x: [1, 2] });
    refused({ x }, { x: y }, new InputError("input 'x': the output given is on the backend interpreter, this function on interpreter; read() it first"));
  });
});
