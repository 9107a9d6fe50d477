import { describe, expect, it } from 'vitest';
import { iota, literal, scalar, size } from '../../src/graph/construct.js';
import { addDimensions, dimension } from '../../src/graph/dimension.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import { input } from '../../src/graph/input.js';
import { interpret } from '../../src/interpreter/interpreter.js';
import { variable } from '../../src/values/variable.js';

describe('hash-consing', () => {
  it('makes equal expressions the same object', () => {
    const x = input('float32', ['batch', 3]);
    expect(x.mul(2).add(1).exp().sum(0)).toBe(x.mul(2).add(1).exp().sum(0));
    expect(x.slice([0, 1]).reshape([3])).toBe(x.slice([0, 1]).reshape([3]));
    expect(x.transpose()).toBe(x.transpose([1, 0]));
    expect(scalar(0.1, 'float32')).toBe(scalar(0.1, 'float32'));
    expect(iota([2, 3], 1)).toBe(iota([2, 3], -1));
    const batch = dimension('batch');
    expect(size(addDimensions(batch, 1), 'float32')).toBe(size(addDimensions(1, batch), 'float32'));
  });

  it('keeps apart what differs in operands, attributes, shape or dtype', () => {
    const x = input('float32', [2, 2]);
    const y = input('float32', [2, 2]);
    expect(x).not.toBe(y);
    expect(x.add(1)).not.toBe(x.add(2));
    expect(x.sub(y)).not.toBe(y.sub(x));
    expect(x.sum(0)).not.toBe(x.sum(1));
    expect(x.max(0)).not.toBe(x.maximum(0));
    expect(x.slice([0, 1])).not.toBe(x.slice([1, 2]));
    expect(x.reshape([4])).not.toBe(x.reshape([4, 1]));
    expect(scalar(1, 'float32')).not.toBe(scalar(1, 'float64'));
    expect(x.broadcastTo([1, 2, 2])).not.toBe(x.broadcastTo([3, 2, 2]));
    expect(literal([1], [1], 'float32')).toBe(literal([1], [1], 'float32'));
    expect(literal([0], [1], 'float32')).not.toBe(literal([-0], [1], 'float32'));
    expect(literal([1], [1], 'float32')).not.toBe(literal([1], [1], 'int32'));
    expect(literal([1, 2], [2], 'float32')).not.toBe(literal([1, 2], [2, 1], 'float32'));
    expect(variable(1)).not.toBe(variable(1));
  });

  it('holds what float32 has', async () => {
    expect(scalar(0.1, 'float32')).toBe(scalar(0.10000000149011612, 'float32'));
    expect(scalar(0.1, 'float64')).not.toBe(scalar(0.10000000149011612, 'float64'));
    expect((await evaluate(scalar(1e39, 'float32').mul(0))).data[0]).toBe(NaN);
    const n = size(dimension('n'), 'float32');
    expect(interpret([n, n.cast('int32')], () => undefined, new Map([['n', 16777217]])).map(({ data }) => data[0])).toEqual([16777216, 16777216]);
    expect(size(16777217, 'float32')).toBe(scalar(16777216, 'float32'));
  });

  it('keeps -0 and 0 apart, and NaN together', async () => {
    expect(scalar(-0, 'float64')).not.toBe(scalar(0, 'float64'));
    expect(scalar(NaN, 'float64')).toBe(scalar(NaN, 'float64'));
    expect((await evaluate(scalar(-0, 'float64'))).data[0]).toBe(-0);
    expect((await evaluate(scalar(NaN, 'float64'))).data[0]).toBe(NaN);
    expect(scalar(0.1 + 0.2, 'float64')).not.toBe(scalar(0.3, 'float64'));
  });

  it('numbers operands before their users', () => {
    const x = input('float32', [2]);
    const y = x.exp().add(x);
    expect(y.args.every((arg) => arg.id < y.id)).toBe(true);
  });
});

describe('leaves', () => {
  it('iota counts along its axis', async () => {
    expect([...(await evaluate(iota([2, 3], 1))).data]).toEqual([0, 1, 2, 0, 1, 2]);
    expect([...(await evaluate(iota([2, 3], 0))).data]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...(await evaluate(iota([2, 3], -1))).data]).toEqual([0, 1, 2, 0, 1, 2]);
    expect(() => iota([2, 3], 2)).toThrow(new ShapeError('iota: axis 2 is not one of -2 to 1 of a tensor of 2 dimensions'));
  });

  it('literal copies its values, in its dtype', async () => {
    const values = [1, 2, 3, 4];
    const x = literal(values, [2, 2], 'float32');
    values[0] = 9;
    expect([...(await evaluate(x)).data]).toEqual([1, 2, 3, 4]);
    expect([...(await evaluate(literal([0.1], [1], 'float32'))).data]).toEqual([Math.fround(0.1)]);
    expect([...(await evaluate(literal([2, 0], [2], 'bool'))).data]).toEqual([1, 0]);
  });

  it('literal refuses values that do not fill its shape', () => {
    expect(() => literal([1, 2, 3], [2, 2], 'float32')).toThrow(new InputError('literal: 3 elements do not fill the shape [2, 2], which has 4'));
  });

  it('scalar refuses numbers that its dtype does not have', () => {
    expect(() => scalar(0.5, 'int32')).toThrow(new InputError('scalar: 0.5 is no int32 value'));
    expect(() => scalar(2, 'bool')).toThrow(new InputError('scalar: 2 is no bool value; give true or false'));
  });

  it('a size is a number where the dimension is one', () => {
    expect(size(3, 'float32')).toBe(scalar(3, 'float32'));
  });
});
