import { describe, expect, it } from 'vitest';
import { compile } from '../../src/run/compile.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { variable } from '../../src/values/variable.js';

describe('the interpreter as a backend', () => {
  it('rounds what float32 variables and inputs hold, and nothing between them', async () => {
    const backend = interpreter();
    const [v, wide] = [variable(1, { name: 'v' }), variable(1, { name: 'wide', dtype: 'float64' })];
    const third = await compile({ outputs: { y: v.div(3) }, updates: new Map([[v, v.div(3)], [wide, wide.div(3)]]) }, backend);
    const x = input('float32');
    const back = await compile({ inputs: { x }, outputs: { v: v.cast('float64'), x: x.cast('float64'), three: v.mul(3).cast('float64'), wide, narrowed: wide.cast('float32').cast('float64') } }, backend);
    const { y } = await third();
    expect(await v.item()).toBe(0.3333333432674408);
    const found = await back({ x: y });
    expect(await Promise.all(Object.values(found).map((output) => output.item()))).toEqual([0.3333333432674408, 0.3333333432674408, 1.0000000298023224, 1 / 3, 0.3333333432674408]);
  });

  it('hands out copies: what is done to them reaches neither variable nor output', async () => {
    const v = variable([1, 2], { name: 'v' });
    const f = await compile({ outputs: { v }, updates: new Map([[v, v]]) }, interpreter());
    const { v: out } = await f();
    const read = await out.read();
    read[0] = 9;
    (await v.read())[0] = 9;
    expect([Array.from(await out.read()), Array.from(await v.read())]).toEqual([[1, 2], [1, 2]]);
    await v.set([5, 6]);
    expect(Array.from(await out.read())).toEqual([1, 2]);
  });

  it('leaves the arrays of a call as they are', async () => {
    const x = input('float64', ['n']);
    const f = await compile({ inputs: { x }, outputs: { x, y: x.mul(2) } }, interpreter());
    const given = Float64Array.of(1, 2);
    const { x: same } = await f({ x: given });
    given[0] = 7;
    expect(Array.from(await same.read())).toEqual([1, 2]);
  });

  it('describes an empty program', async () => {
    const f = await compile({ outputs: { v: variable(1) } }, interpreter());
    expect(f.program).toEqual({ kernels: [], hostScalars: [], calls: 0, bytes: { inputs: 0, outputs: 0, variables: 0, temporaries: 0, code: 0 } });
  });
});
