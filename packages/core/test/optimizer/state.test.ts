// State of rules: where it begins, its shapes, which parameters have it, what all share, and how it is found.
import { describe, expect, it } from 'vitest';
import { OptimizerError } from '../../src/errors.js';
import { scalar } from '../../src/graph/construct.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { range } from '../../src/optimizer/hyperparameter.js';
import { defineOptimizer } from '../../src/optimizer/optimizer.js';
import { setting } from '../../src/optimizer/settings.js';
import { defineTransform } from '../../src/optimizer/transform.js';
import { mergeUpdates, Updates } from '../../src/optimizer/updates.js';
import { add, maximum } from '../../src/operations/elementwise.js';
import { compile } from '../../src/run/compile.js';
import { onesLike, zeros, zerosLike } from '../../src/values/initializers.js';
import { type Variable, variable } from '../../src/values/variable.js';

const f64 = (value: number | number[] | number[][], name: string): Variable => variable(value, { name, dtype: 'float64' });
const valuesOf = async (...variables: readonly Variable[]): Promise<number[][]> => Promise.all(variables.map(async (v) => Array.from(await v.read())));

describe('state that depends on the first step', () => {
  const anchored = defineOptimizer({
    name: 'anchored',
    defaults: { learningRate: 1, start: 0.25 },
    state: (param, { grad, start }) => ({ first: param, mean: grad, sum: onesLike(param).mul(start) }),
    update: ({ param, grad, first, mean, sum, learningRate }) => ({ param: param.sub(grad.mul(learningRate)), first, mean: mean.add(grad).mul(0.5), sum: sum.add(grad) }),
  });

  it('begins at the parameter, the gradient or an option', async () => {
    const w = f64([1, 2], 'w');
    const g = input('float64', [2]);
    const updates = anchored([g], [w]);
    const step = await compile({ inputs: { g }, updates }, interpreter());
    await step({ g: [4, 8] });
    await step({ g: [0, 0] });
    const [first, mean, sum] = ['first', 'mean', 'sum'].map((slot) => updates.slot(w, slot));
    expect(await valuesOf(w, ...[first, mean, sum].flatMap((v) => v ?? []))).toEqual([[-3, -6], [1, 2], [2, 4], [4.25, 8.25]]);
  });

  it('begins at the value that the parameter has in the first step, and not when the rule was called', async () => {
    const w = f64([1, 2], 'w');
    const backend = interpreter();
    await w.to(backend);
    const updates = anchored([w.mul(0)], [w]);
    const step = await compile({ updates }, backend);
    await w.set([5, 6]);
    await step();
    await w.set([7, 8]);
    await step();
    expect(await valuesOf(updates.slot(w, 'first'))).toEqual([[5, 6]]);
  });

  it('begins at an option that is set between steps', async () => {
    const w = f64([1, 2], 'w');
    const start = variable(3, { name: 'start', dtype: 'float64' });
    const updates = anchored([w.mul(0)], [w], { start });
    const step = await compile({ updates }, interpreter());
    await step();
    await start.set(100);
    await step();
    expect(await valuesOf(updates.slot(w, 'sum'))).toEqual([[3, 3]]);
  });
});

describe('state of another shape, and for some parameters only', () => {
  const factored = defineOptimizer({
    name: 'factored',
    defaults: {},
    state: (param) => {
      const [rows, columns] = param.shape;
      return rows !== undefined && columns !== undefined ? { row: zeros([rows], { dtype: param.dtype }), column: zeros([columns], { dtype: param.dtype }) } : { v: zerosLike(param), seen: 0 };
    },
    update(context) {
      const { param, grad } = context;
      if (context.row !== undefined) return { param, row: context.row.add(grad.sum(1)), column: context.column.add(grad.sum(0)) };
      return { param, v: context.v.add(grad), seen: context.seen.add(1) };
    },
  });

  it('is what the record of each parameter says; a number has the dtype of the parameter', async () => {
    const [w, b] = [f64([[1, 2, 3], [4, 5, 6]], 'w'), f64([7, 8], 'b')];
    const updates = factored([w.mul(1), b.mul(1)], [w, b]);
    expect(updates.state.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['factored/row/w', 'float64', [2]],
      ['factored/column/w', 'float64', [3]],
      ['factored/v/b', 'float64', [2]],
      ['factored/seen/b', 'float64', []],
    ]);
    await (await compile({ updates }, interpreter()))();
    expect(await valuesOf(...updates.state)).toEqual([[6, 15], [5, 7, 9], [7, 8], [1]]);
    expect(() => updates.slot(b, 'row')).toThrow(new OptimizerError("updates: there is no state of b named 'row'; there is factored/v, factored/seen"));
  });
});

describe('what all parameters share', () => {
  /** The rate grows with the largest gradient so far; the product of momenta is the host's. */
  const together = defineOptimizer({
    name: 'together',
    defaults: { learningRate: 1, beta: 0.5 },
    ranges: { beta: range.decayRate },
    shared: () => ({ largest: 1, product: scalar(1, 'float64') }),
    state: (param) => ({ m: zerosLike(param) }),
    updateAll({ each, largest, product, t, beta }) {
      const norm = each.map(({ grad }) => grad.abs().max()).reduce((a, b) => maximum(a, b));
      const productNext = product.mul(beta.cast('float64'));
      return {
        each: each.map(({ param, grad, m, learningRate, product: own }) => ({ param: param.sub(grad.mul(learningRate).mul(own)), m: m.add(1) })),
        largest: maximum(largest, norm).mul(t),
        product: productNext,
      };
    },
  });

  it('is updated once, and seen by each', async () => {
    const [w, b] = [f64([1, -2], 'w'), f64(3, 'b')];
    const updates = together([w.mul(1), b.mul(1)], [w, b], { learningRate: ({ param }) => (param.rank === 0 ? 1 : 0.5) });
    expect(updates.state.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['together/m/w', 'float64'],
      ['together/m/b', 'float64'],
      ['together/largest', 'float64'],
      ['together/product', 'float64'],
      ['together/t', 'int32'],
    ]);
    const step = await compile({ updates }, interpreter());
    await step();
    expect(await valuesOf(w, b, updates.slot('largest'), updates.slot('product'))).toEqual([[0.5, -1], [0], [3], [0.5]]);
    await step();
    expect(await valuesOf(w, updates.slot('largest'), updates.slot('product'))).toEqual([[0.375, -0.75], [6], [0.25]]);
  });

  it('has the dtype of float32 parameters where a number says nothing else', () => {
    const w = variable([1, 2], { name: 'w' });
    const updates = together([w.mul(1)], [w]);
    expect([updates.slot('largest').dtype, updates.slot('product').dtype]).toEqual(['float32', 'float64']);
  });

  it('has hyperparameters of the widest dtype, beside those of each parameter', () => {
    const seen: unknown[] = [];
    const rule = defineOptimizer({
      name: 'seeing',
      defaults: { beta: 0.1 },
      updateAll({ each, beta, t }) {
        seen.push([beta.dtype, t.dtype, ...each.map((one) => one.beta.dtype)]);
        return { each: each.map(({ param }) => ({ param })) };
      },
    });
    const [w, b, c] = [f64([1, -2], 'w'), variable(3, { name: 'b' }), variable(3, { name: 'c' })];
    rule([b.mul(1), w.mul(1)], [b, w]);
    rule([b.mul(1), c.mul(1)], [b, c]);
    expect(seen).toEqual([['float64', 'float64', 'float32', 'float64'], ['float32', 'float32', 'float32', 'float32']]);
  });

  it('of no parameters is nothing', () => {
    expect(together([], []).size).toBe(0);
  });

  it('needs hyperparameters that are the same for all', () => {
    const [w, b] = [f64([1, -2], 'w'), f64(3, 'b')];
    const beta = ({ param }: { param: Variable }): number => (param.rank === 0 ? 0.5 : 0.25);
    expect(() => together([w.mul(1), b.mul(1)], [w, b], { beta })).toThrow(
      new OptimizerError('together: beta must be the same for all parameters, which share what depends on it, and differs between w and b; give groups a rule each, by partition'),
    );
  });

  it.each([
    [{}, "wrong: the update must answer 'each', a list of what each of the 1 parameters becomes, not undefined"],
    [{ each: [] }, "wrong: the update must answer 'each', a list of what each of the 1 parameters becomes, not an array of 0"],
    [{ each: [{}] }, "wrong: the rule does not say what 'param' becomes"],
  ])('is answered for each: %#', (answer, message) => {
    const definition = { name: 'wrong', defaults: {}, updateAll: (): object => answer };
    const rule: unknown = Reflect.apply(defineOptimizer, undefined, [definition]);
    const w = f64([1, 2], 'w');
    expect((): unknown => (typeof rule === 'function' ? Reflect.apply(rule, undefined, [[w.mul(1)], [w]]) : rule)).toThrow(new OptimizerError(message));
  });
});

describe('updates.slot', () => {
  const rule = defineOptimizer({ name: 'first', defaults: {}, state: (param) => ({ m: zerosLike(param) }), update: ({ param, grad, m, t }) => ({ param: param.sub(grad.div(t)), m }) });
  const transform = defineTransform({ name: 'second', defaults: {}, state: (param) => ({ m: zerosLike(param) }), update: ({ param, next, m }) => ({ param: add(param, next).mul(0.5), m }) });
  const w = f64([1, 2], 'w');
  const updates = transform(rule([w.mul(1)], [w]));

  it('finds state by the variable and its name in the rule, and shared state by its name', () => {
    expect(updates.slot(w, 'first/m').name).toBe('first/m/w');
    expect(updates.slot('t').name).toBe('first/t');
    expect(mergeUpdates(new Map(), updates).slot(w, 'second/m').name).toBe('second/m/w');
    expect(updates.mapValues((next) => next).slot('t')).toBe(updates.slot('t'));
  });

  it('names what there is, where there is none or more than one', () => {
    expect(() => updates.slot(w, 'v')).toThrow(new OptimizerError("updates: there is no state of w named 'v'; there is first/m, second/m"));
    expect(() => updates.slot(w, 'm')).toThrow(new OptimizerError("updates: several parts of the state of w are named 'm': first/m, second/m; write the rule's name before it"));
    expect(() => updates.slot('d')).toThrow(new OptimizerError("updates: there is no shared state named 'd'; there is first/t"));
    expect(() => new Updates().slot('t')).toThrow(new OptimizerError("updates: there is no shared state named 't'; there is none at all"));
  });

  it('takes no end of a name for the name', () => {
    const both = defineOptimizer({ name: 'both', defaults: {}, state: (param) => ({ sum: zerosLike(param), m: zerosLike(param) }), update: ({ param, sum, m }) => ({ param, sum, m }) });
    expect(both([w.mul(1)], [w]).slot(w, 'm').name).toBe('both/m/w');
    expect(() => both([w.mul(1)], [w]).slot(w, 'um')).toThrow(new OptimizerError("updates: there is no state of w named 'um'; there is both/sum, both/m"));
  });

  it('finds state under the name that the rule was given', () => {
    expect(rule([w.mul(1)], [w], { name: 'group' }).slot(w, 'group/m').name).toBe('group/m/w');
  });
});

describe('updates.mapValues', () => {
  it('changes what variables become, and neither their order nor their roles', () => {
    const [a, b] = [f64(1, 'a'), f64(2, 'b')];
    const updates = new Updates().setState(a, a.add(1), { slot: 'r/a' }).setParam(b, b.add(1));
    const halved = updates.mapValues((next, variable) => next.add(variable).mul(0.5));
    expect([...halved]).toEqual([[a, a.add(1).add(a).mul(0.5)], [b, b.add(1).add(b).mul(0.5)]]);
    expect([halved.params, halved.state, halved.roleOf(a)]).toEqual([[b], [a], { slot: 'r/a' }]);
    expect([...updates]).toEqual([[a, a.add(1)], [b, b.add(1)]]);
  });
});

describe('names of state', () => {
  const define = (definition: object): (() => unknown) => {
    const rule: unknown = Reflect.apply(defineOptimizer, undefined, [{ name: 'r', defaults: { learningRate: 1 }, ...definition }]);
    if (typeof rule !== 'function') throw new Error('it is a rule');
    const w = f64([1, 2], 'w');
    return (): unknown => Reflect.apply(rule, undefined, [w.square().sum(), [w]]);
  };
  const update = ({ param }: { readonly param: Variable }): object => ({ param });

  it.each(['param', 'grad', 't', 'learningRate', 'nesterov'])('are not %s, which the rule sees already', (name) => {
    const call = define({ settings: { nesterov: setting.flag(false) }, state: () => ({ [name]: 0 }), update });
    expect(call).toThrow(new OptimizerError(`r: the state ${name} has the name of something else that the rule sees; give it another`));
  });

  it.each(['each', 'param', 'grad', 't', 'learningRate'])('are not %s where it is shared', (name) => {
    const call = define({ shared: () => ({ [name]: 0 }), updateAll: () => ({ each: [] }) });
    expect(call).toThrow(new OptimizerError(`r: the state ${name} has the name of something else that the rule sees; give it another`));
  });

  it('are not those of what is shared', () => {
    expect(define({ shared: () => ({ d: 0 }), state: () => ({ d: 0 }), updateAll: () => ({ each: [] }) })).toThrow(new OptimizerError('r: the state d has the name of something else that the rule sees; give it another'));
  });

  it('are not next in a transform', () => {
    const transform = defineTransform({ name: 'f', defaults: {}, state: () => ({ next: 0 }), update: ({ param, next }) => ({ param, next }) });
    const w = f64([1, 2], 'w');
    expect(() => transform(new Updates().setParam(w, w.mul(2)))).toThrow(new OptimizerError('f: the state next has the name of something else that the rule sees; give it another'));
  });
});
