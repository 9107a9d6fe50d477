// Names: in one step each is that of one variable; inputs and outputs may have any name that an object can.
import { describe, expect, it } from 'vitest';
import { compile } from '../src/run/compile.js';
import { GraphError, InputError } from '../src/errors.js';
import { input } from '../src/graph/input.js';
import { interpreter } from '../src/interpreter/backend.js';
import { zerosLike } from '../src/values/initializers.js';
import { defineOptimizer } from '../src/optimizer/optimizer.js';
import { variable } from '../src/values/variable.js';

const counted = defineOptimizer({
  name: 'counted',
  defaults: { rate: 1 },
  state: (param) => ({ m: zerosLike(param) }),
  update: ({ param, grad, m, t, rate }) => ({ param: param.sub(grad.mul(rate).div(t)), m: m.add(grad) }),
});

describe('variables of one name in a step', () => {
  const advice =
    "Give variables names of their own, as in variable(value, { name }); if they are the state of a rule that is used twice, give one of the two rules a name, as in adam(loss, params, { name: 'adam2' })";

  it('are refused when compiling, wherever they come from', async () => {
    const [a, b] = [variable([1], { name: 'a' }), variable([1, 2], { name: 'b' })];
    const twice = [counted(a.sum(), [a]), counted(b.sum(), [b])];
    await expect(compile({ updates: twice }, interpreter())).rejects.toThrow(
      new GraphError(`two variables of this step have the name 'counted/t': variable counted/t int32[] and variable counted/t int32[]. ${advice}`),
    );
    const [u, w] = [variable([1], { name: 'w' }), variable([1, 2], { name: 'w' })];
    const alike = new GraphError(`two variables of this step have the name 'w': variable w float32[1] and variable w float32[2]. ${advice}`);
    await expect(compile({ updates: counted(u.sum().add(w.sum()), [u, w]) }, interpreter())).rejects.toThrow(alike);
    await expect(compile({ outputs: { y: u.sum().add(w.sum()) } }, interpreter())).rejects.toThrow(alike);
    const given = variable(1, { name: variable(2).name });
    await expect(compile({ outputs: { y: given.add(variable(3, { name: given.name })) } }, interpreter())).rejects.toThrow(GraphError);
  });

  it('are not those of two rules of which one has a name', async () => {
    const [a, b] = [variable([1], { name: 'a' }), variable([1, 2], { name: 'b' })];
    const updates = [counted(a.sum(), [a]), counted(b.sum(), [b], { name: 'second' })];
    const f = await compile({ updates }, interpreter());
    await f();
    expect([...updates[1]?.keys() ?? []].map(({ name }) => name)).toEqual(['b', 'second/m/b', 'second/t']);
    expect([await a.read(), await b.read()]).toEqual([Float32Array.of(0), Float32Array.of(0, 1)]);
  });
});

describe('inputs and outputs named like what every object has', () => {
  it('are missing where a call leaves them out', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'valueOf']) {
      const x = input('float32');
      const inputs = Object.fromEntries([[name, x]]);
      const f = await compile({ inputs, outputs: { y: x.add(1) } }, interpreter());
      await expect(Reflect.apply(f, undefined, [{}])).rejects.toThrow(new InputError(`input '${name}' is missing; it takes float32[]`));
      const { y } = await f(Object.fromEntries([[name, 2]]));
      expect(await y.item()).toBe(3);
    }
  });

  it('are fields of what a call answers, which has the usual prototype', async () => {
    const names = ['constructor', '__proto__', 'toString'];
    const outputs = Object.fromEntries(names.map((name, k) => [name, variable(k).add(1)]));
    const answer = await (await compile({ outputs }, interpreter()))();
    expect([Object.getPrototypeOf(answer), Object.keys(answer)]).toEqual([Object.prototype, names]);
    expect(await Promise.all(Object.values(answer).map((output) => output.item()))).toEqual([1, 2, 3]);
  });
});
