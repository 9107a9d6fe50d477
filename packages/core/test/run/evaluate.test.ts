import { describe, expect, it } from 'vitest';
import { GraphError, InputError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import { compile } from '../../src/run/compile.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { variable } from '../../src/values/variable.js';

describe('evaluate', () => {
  it('answers float64 data and a shape, whatever the dtype', async () => {
    const x = input('float32', ['n'], 'x');
    const value = await evaluate(x.div(3), new Map([[x, [1, 2]]]));
    expect(value).toEqual({ data: Float64Array.of(1 / 3, 2 / 3), shape: [2] });
  });

  it('reads variables where they are, and leaves them there', async () => {
    const v = variable([1, 2], { name: 'v' });
    expect((await evaluate(v.mul(2))).data).toEqual(Float64Array.of(2, 4));
    expect(v.backend).toBeUndefined();
    await (await compile({ updates: new Map([[v, v.add(1)]]) }, interpreter()))();
    expect((await evaluate(v.mul(2))).data).toEqual(Float64Array.of(4, 6));
  });

  it('refuses missing values, and values for what is no input', async () => {
    const x = input('float32', [2], 'x');
    await expect(evaluate(x.exp())).rejects.toThrow(new GraphError('no value is given for input x float32[2]'));
    const y = x.mul(2);
    await expect(evaluate(y.exp(), new Map([[x, [1, 2]], [y, [1, 2]]]))).rejects.toThrow(new GraphError('evaluate: a value is given for mul(x) float32[2], which is no input'));
    await expect(evaluate(x, new Map([[x, new Float32Array(3)]]))).rejects.toThrow(InputError);
  });
});
