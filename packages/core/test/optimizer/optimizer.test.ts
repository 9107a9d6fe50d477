import { describe, expect, it } from 'vitest';
import { compile } from '../../src/run/compile.js';
import { DTypeError, GraphError, OptimizerError, ShapeError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { range } from '../../src/optimizer/hyperparameter.js';
import { zerosLike } from '../../src/values/initializers.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { exp } from '../../src/operations/elementwise.js';
import { defineOptimizer, gradients } from '../../src/optimizer/optimizer.js';
import { mergeUpdates, Updates } from '../../src/optimizer/updates.js';
import { Variable, variable } from '../../src/values/variable.js';

/** v <- rho v + g; param <- param - learningRate v / t: state, the step count and two hyperparameters. */
const heavyBall = defineOptimizer({
  name: 'heavyBall',
  defaults: { learningRate: 0.5, rho: 0.25 },
  ranges: { learningRate: range.nonNegative, rho: range.decayRate },
  state: (param) => ({ v: zerosLike(param) }),
  update({ param, grad, v, t, learningRate, rho }) {
    const vNext = rho.mul(v).add(grad);
    return { param: param.sub(learningRate.mul(vNext).div(t)), v: vNext };
  },
});

const descent = defineOptimizer({
  name: 'descent',
  defaults: {},
  required: { learningRate: range.finite },
  update: ({ param, grad, learningRate }) => ({ param: param.sub(grad.mul(learningRate)) }),
});

const f64 = (value: number | number[], name: string): Variable => variable(value, { name, dtype: 'float64' });
const values = async (...variables: readonly Variable[]): Promise<number[][]> => Promise.all(variables.map(async (v) => Array.from(await v.read())));
/** Hides a value's type, for what the compiler would refuse. */
const isParams = (value: unknown): value is readonly Variable[] => Array.isArray(value);

describe('an optimizer', () => {
  it('takes a loss or its gradients: the steps are the same, and those of the formula', async () => {
    const byLoss = f64([1, -2], 'w');
    const byGrads = f64([1, -2], 'w');
    const g = input('float64', [2]);
    const first = await compile({ updates: heavyBall(byLoss.square().sum(), [byLoss]) }, interpreter());
    const second = await compile({ inputs: { g }, updates: heavyBall([g], [byGrads]) }, interpreter());
    let [w, v] = [[1, -2], [0, 0]];
    for (let t = 1; t <= 4; t++) {
      const gradient = w.map((x) => 2 * x);
      v = v.map((x, i) => 0.25 * x + (gradient[i] ?? NaN));
      w = w.map((x, i) => x - (0.5 * (v[i] ?? NaN)) / t);
      await first();
      await second({ g: Float64Array.from(gradient) });
      expect(await values(byLoss, byGrads)).toEqual([w, w]);
    }
  });

  it('has state named by rule, slot and parameter, and one step count', async () => {
    const w = variable([1, 2], { name: 'w' });
    const b = variable(0, { name: 'b', dtype: 'float64' });
    const updates = heavyBall([w.mul(1), b.mul(1)], [w, b]);
    expect(updates.params).toEqual([w, b]);
    expect(updates.state.map((s) => [s.name, s.dtype, s.shape])).toEqual([
      ['heavyBall/v/w', 'float32', [2]],
      ['heavyBall/v/b', 'float64', []],
      ['heavyBall/t', 'int32', []],
    ]);
    expect([...updates.keys()]).toEqual([...updates.params, ...updates.state]);
    const step = await compile({ updates }, interpreter());
    await step();
    await step();
    expect(await updates.state.at(-1)?.item()).toBe(2);
  });

  it('without state keeps none, and no step count', () => {
    const w = variable(1, { name: 'w' });
    expect(descent(w.square(), [w], { learningRate: 1 }).state).toEqual([]);
  });

  it('takes another name for its state', () => {
    const w = variable(1, { name: 'w' });
    expect(heavyBall(w.square(), [w], { name: 'slow' }).state.map((s) => s.name)).toEqual(['slow/v/w', 'slow/t']);
  });

  it('of no parameters updates nothing', () => {
    expect(heavyBall([], []).size).toBe(0);
  });

  it('begins anew at each call: state is not shared', () => {
    const w = variable(1, { name: 'w' });
    const [first, second] = [heavyBall(w.square(), [w]), heavyBall(w.square(), [w])];
    expect(first.state.some((s) => second.state.includes(s))).toBe(false);
  });

  it('may start its state from any value of a variable, and update it with a scalar', async () => {
    const rule = defineOptimizer({
      name: 'counted',
      defaults: {},
      state: (param) => ({ seen: 3, mean: { data: Float64Array.of(1, 2), shape: [2] }, filled: zerosLike(param) }),
      update: ({ param, grad, seen, mean, filled }) => ({ param: param.sub(grad), seen: seen.add(1), mean: mean.add(grad), filled: seen.cast('float64').add(filled.sum()) }),
    });
    const w = f64([5, 6], 'w');
    const updates = rule([w.mul(0).add(1)], [w]);
    await (await compile({ updates }, interpreter()))();
    expect(await values(w, ...updates.state)).toEqual([[4, 5], [4], [2, 3], [3, 3]]);
  });

  it('may begin what parameters share with a value of the options', async () => {
    const rule = defineOptimizer({
      name: 'sharing',
      defaults: { first: 2 },
      shared: (_, { first }) => ({ d: first }),
      updateAll: ({ each, d }) => ({ each: each.map(({ param, d: own }) => ({ param: param.sub(own) })), d: d.mul(2) }),
    });
    const w = f64([5, 6], 'w');
    const first = input('float64', [], 'first');
    const [number, symbol] = [rule([w.mul(1)], [w]), rule([w.mul(1)], [w], { first })];
    const backend = interpreter();
    await (await compile({ updates: number }, backend))();
    expect(await values(w, number.slot('d'))).toEqual([[3, 4], [4]]);
    const step = await compile({ inputs: { first }, updates: symbol }, backend);
    // An expression is that of the first step.
    await step({ first: 1 });
    await step({ first: 9 });
    expect(await values(w, symbol.slot('d'))).toEqual([[0, 1], [4]]);
  });

  it('can be differentiated through: updates are expressions', async () => {
    const w = f64(3, 'w');
    const rate = input('float64', [], 'rate');
    const next = descent(w.square(), [w], { learningRate: rate }).get(w);
    if (next === undefined) throw new Error('w is not updated');
    const [byRate] = gradients(next.square().sub(rate.mul(w)), [w]);
    expect(byRate?.dtype).toBe('float64');
  });
});

describe('clearNan', () => {
  const stepOn = async (clearNan: boolean | undefined): Promise<number[][]> => {
    const w = f64([1, 2], 'w');
    const g = input('float64', [2]);
    const updates = heavyBall([g], [w], clearNan === undefined ? {} : { clearNan });
    const step = await compile({ inputs: { g }, updates }, interpreter());
    await step({ g: [1, 1] });
    await step({ g: [NaN, 1] });
    return values(w, ...updates.state);
  };

  it('counts a NaN gradient as 0: weight and state survive', async () => {
    // v = 1, then 0.25 and 1.25; w = 1 - 0.5, then minus 0.5 v / 2.
    expect(await stepOn(true)).toEqual([[0.5 - 0.0625, 1.5 - 0.3125], [0.25, 1.25], [2]]);
  });

  it('lets infinities through', async () => {
    const w = f64(1, 'w');
    const g = input('float64');
    const step = await compile({ inputs: { g }, updates: descent([g], [w], { learningRate: 1, clearNan: true }) }, interpreter());
    await step({ g: Infinity });
    expect(await w.item()).toBe(-Infinity);
  });

  it('is off by default: NaN goes through', async () => {
    const through = [[NaN, 1.5 - 0.3125], [NaN, 1.25], [2]];
    expect(await stepOn(undefined)).toEqual(through);
    expect(await stepOn(false)).toEqual(through);
  });
});

describe('a symbolic hyperparameter', () => {
  it('is a variable set between steps', async () => {
    const w = f64(1, 'w');
    const learningRate = variable(1, { name: 'learningRate', dtype: 'float64' });
    const step = await compile({ updates: descent([w.mul(0).add(1)], [w], { learningRate }) }, interpreter());
    for (const [rate, expected] of [[1, 0], [0.25, -0.25], [2, -2.25]] as const) {
      await learningRate.set(rate);
      await step();
      expect(await w.item()).toBe(expected);
    }
  });

  it('is an input of the step', async () => {
    const w = f64(1, 'w');
    const learningRate = input('float64', [], 'learningRate');
    const step = await compile({ inputs: { learningRate }, updates: descent([w.mul(0).add(1)], [w], { learningRate }) }, interpreter());
    await step({ learningRate: 0.5 });
    await step({ learningRate: 4 });
    expect(await w.item()).toBe(-3.5);
  });

  it('is a function of a step count, which all updates see as it was before the step', async () => {
    const w = f64(0, 'w');
    const steps = variable(0, { name: 'steps', dtype: 'int32' });
    const learningRate = exp(steps.cast('float64').neg());
    const updates = mergeUpdates(descent([w.mul(0).sub(1)], [w], { learningRate }), new Map([[steps, steps.add(1)]]));
    const step = await compile({ updates }, interpreter());
    for (let k = 0; k < 3; k++) await step();
    expect(await w.item()).toBe(1 + Math.exp(-1) + Math.exp(-2));
  });

  it('is cast to the dtype of each parameter', async () => {
    const single = variable(1, { name: 'single' });
    const double = f64(1, 'double');
    const rate = variable(2, { name: 'rate', dtype: 'int32' });
    const updates = descent([single.mul(1), double.mul(1)], [single, double], { learningRate: rate });
    await (await compile({ updates }, interpreter()))();
    expect(await values(single, double)).toEqual([[-1], [-1]]);
  });
});

describe('gradients and parameters that do not fit', () => {
  const w = variable([1, 2], { name: 'w' });
  const b = variable(0, { name: 'b' });
  const loss = w.sum().add(b);
  const refused = (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], error: Error): void => {
    expect(() => heavyBall(lossOrGrads, params)).toThrow(error);
  };

  it('a list of another length', () => {
    refused([w.mul(1)], [w, b], new OptimizerError('heavyBall: 1 gradients are given for 2 parameters; give one for each, in their order'));
    refused([w.mul(1), b.mul(1)], [w], new OptimizerError('heavyBall: 2 gradients are given for 1 parameters; give one for each, in their order'));
  });

  it('a gradient of another shape or dtype', () => {
    refused([b.mul(1), w.mul(1)], [w, b], new ShapeError('heavyBall: the gradient of variable w float32[2] has the shape []; is the order that of the parameters?'));
    refused([w.cast('float64')], [w], new DTypeError("heavyBall: the gradient of variable w float32[2] is float64; cast it with .cast('float32')"));
  });

  it('a parameter that is no variable', () => {
    const inner: unknown = [w, w.mul(2)];
    const text: unknown = ['w'];
    if (isParams(inner)) refused(loss, inner, new OptimizerError('heavyBall: parameter 1 must be a variable, not mul(w) float32[2]; make it with variable(value)'));
    if (isParams(text)) refused(loss, text, new OptimizerError("heavyBall: parameter 0 must be a variable, not 'w'; make it with variable(value)"));
  });

  it('a parameter that is no float', () => {
    const n = variable(1, { name: 'n', dtype: 'int32' });
    refused([n], [n], new DTypeError('heavyBall: parameter variable n int32[] is no float, and has no gradient'));
  });

  it('a variable given twice', () => {
    refused(loss, [w, b, w], new OptimizerError('heavyBall: the variable w is given twice in the parameters'));
  });

  it('a loss that is no scalar, or does not depend on a parameter', () => {
    refused(w.square(), [w], new ShapeError('heavyBall: the loss must be a scalar, and mul(w) float32[2] is none; take its .sum() or .mean()'));
    refused(w.sum(), [w, b], new GraphError('heavyBall: the loss does not depend on variable b float32[]; leave it out, or use it in the loss'));
  });

  it('a variable that two rules update', async () => {
    const message = 'the variable w is updated twice; a step gives each variable one new value';
    const twice = [descent(loss, [w, b], { learningRate: 1 }), descent(loss, [w], { learningRate: 1 })];
    expect(() => mergeUpdates(...twice)).toThrow(new OptimizerError(message));
    await expect(compile({ updates: twice }, interpreter())).rejects.toThrow(new OptimizerError(message));
  });
});

describe('hyperparameters that do not fit', () => {
  const w = variable([1, 2], { name: 'w' });
  const loss = w.sum();
  const refusedBy = (rule: () => Updates, message: string): void => expect(rule).toThrow(new OptimizerError(message));

  it('outside their range', () => {
    refusedBy(() => heavyBall(loss, [w], { rho: 1 }), 'heavyBall: rho must be from 0 to 1 (excluded), not 1');
    refusedBy(() => heavyBall(loss, [w], { rho: -0.1 }), 'heavyBall: rho must be from 0 to 1 (excluded), not -0.1');
    refusedBy(() => heavyBall(loss, [w], { learningRate: -1 }), 'heavyBall: learningRate must be a finite number of at least 0, not -1');
    refusedBy(() => heavyBall(loss, [w], { learningRate: NaN }), 'heavyBall: learningRate must be a finite number of at least 0, not NaN');
    refusedBy(() => heavyBall(loss, [w], { learningRate: Infinity }), 'heavyBall: learningRate must be a finite number of at least 0, not Infinity');
    refusedBy(() => descent(loss, [w], { learningRate: NaN }), 'descent: learningRate must be a finite number, not NaN');
    expect(heavyBall(loss, [w], { rho: 0, learningRate: 0 }).size).toBe(3);
    expect(descent(loss, [w], { learningRate: -1 }).size).toBe(1);
  });

  it('null, and a name of no letters', () => {
    // @ts-expect-error -- null is not undefined
    refusedBy(() => heavyBall(loss, [w], { rho: null }), 'heavyBall: rho must be a number or a scalar expression, not null');
    refusedBy(() => heavyBall(loss, [w], { name: '' }), "heavyBall: the option name must be a text of at least one letter, not ''");
  });

  it('unknown', () => {
    const options = { learningRat: 0.1, rho: 0.5 };
    refusedBy(() => heavyBall(loss, [w], options), "heavyBall: there is no option 'learningRat'; did you mean learningRate? The options are learningRate, rho, clearNan, maximize, name, t");
  });

  it('missing, where they are required', () => {
    // @ts-expect-error the option is required
    refusedBy(() => descent(loss, [w]), 'descent: learningRate is required; give a number or a scalar expression');
    // @ts-expect-error the option is required
    refusedBy(() => descent(loss, [w], {}), 'descent: learningRate is required; give a number or a scalar expression');
  });

  it('neither number nor scalar', () => {
    refusedBy(() => heavyBall(loss, [w], { rho: w }), 'heavyBall: rho must be a scalar, and variable w float32[2] is none');
    refusedBy(() => heavyBall(loss, [w], { rho: loss.gt(0) }), 'heavyBall: rho must be a number, and gt(w) bool[] is bool');
    // @ts-expect-error not a number
    refusedBy(() => heavyBall(loss, [w], { rho: '0.9' }), "heavyBall: rho must be a number or a scalar expression, not '0.9'");
  });
});

describe('a rule that is wrong', () => {
  const w = variable([1, 2], { name: 'w' });

  it('does not say what its state becomes', () => {
    const rule = defineOptimizer({
      name: 'forgetful',
      defaults: {},
      state: (param) => ({ v: zerosLike(param) }),
      // @ts-expect-error v is missing
      update: ({ param }) => ({ param }),
    });
    expect(() => rule([w.mul(1)], [w])).toThrow(new OptimizerError("forgetful: the rule does not say what 'v' becomes"));
  });

  it('answers what is no part of its state', () => {
    const rule = defineOptimizer({ name: 'misspelt', defaults: {}, state: (param) => ({ v: zerosLike(param) }), update: ({ param, v }) => ({ param, v, velocity: v }) });
    expect(() => rule([w.mul(1)], [w])).toThrow(new OptimizerError("misspelt: the update answers 'velocity', which is none of 'param', 'v'; declare it in state, or leave it out"));
    // What an option leaves out may stand there, undefined.
    const optional = defineOptimizer({ name: 'optional', defaults: {}, state: () => ({}), update: ({ param }) => ({ param, velocity: undefined }) });
    expect(optional([w.mul(1)], [w]).size).toBe(1);
  });

  it('answers another shape or dtype', () => {
    const shaped = defineOptimizer({ name: 'shaped', defaults: {}, update: ({ param }) => ({ param: param.expandDims(0) }) });
    expect(() => shaped([w.mul(1)], [w])).toThrow(new ShapeError('shaped: the update of variable w float32[2] has the shape [1, 2]'));
    // As a sum that has lost its axis.
    const summed = defineOptimizer({ name: 'summed', defaults: {}, update: ({ param }) => ({ param: param.sum() }) });
    expect(() => summed([w.mul(1)], [w])).toThrow(new ShapeError('summed: the update of variable w float32[2] has the shape [], a single number; broadcastTo(value, param.shape) fills the variable with it'));
    const typed = defineOptimizer({ name: 'typed', defaults: {}, update: ({ param }) => ({ param: param.cast('int32') }) });
    expect(() => typed([w.mul(1)], [w])).toThrow(new DTypeError('typed: the update of variable w float32[2] is int32'));
  });
});

describe('updates', () => {
  it('know parameters from state, also after changes', () => {
    const [a, b, c] = [variable(1, { name: 'a' }), variable(2, { name: 'b' }), variable(3, { name: 'c' })];
    const updates = new Updates().setState(a, a.add(1)).setParam(b, b.add(1)).set(c, c);
    expect([updates.params, updates.state]).toEqual([[b, c], [a]]);
    expect([...updates.keys()]).toEqual([a, b, c]);
    updates.setParam(a, a);
    expect(updates.state).toEqual([]);
    updates.setState(a, a);
    updates.delete(a);
    updates.set(a, a);
    expect(updates.params).toEqual([b, c, a]);
    updates.setState(a, a);
    updates.clear();
    updates.set(a, a);
    expect(updates.state).toEqual([]);
  });

  it('merge in order, and keep what is state', () => {
    const [a, b, c] = [variable(1), variable(2), variable(3)];
    const merged = mergeUpdates(new Updates().setState(a, a), new Map([[b, b]]), new Updates().setParam(c, c));
    expect([merged.params, merged.state, [...merged.keys()]]).toEqual([[b, c], [a], [a, b, c]]);
    expect(merged).toBeInstanceOf(Map);
    expect(merged.get(a)).toBeInstanceOf(Variable);
  });
});

describe('rules that are none', () => {
  const w = variable([1, 2], { name: 'w' });
  const define = (definition: unknown, options?: unknown): unknown => {
    const rule: unknown = Reflect.apply(defineOptimizer, undefined, [definition]);
    return typeof rule === 'function' ? Reflect.apply(rule, undefined, [w.sum(), [w], options]) : rule;
  };
  const update = ({ param }: { param: Expr }): object => ({ param });

  it('are refused where they are defined', () => {
    for (const definition of [undefined, null, 3, [], {}, { name: 'r', defaults: {} }, { name: '', defaults: {}, update }, { name: 'r', defaults: { rate: '1' }, update }, { name: 'r', update }, { name: 'r', defaults: {}, update, state: {} }]) {
      expect(() => define(definition)).toThrow(OptimizerError);
      expect(() => define(definition)).toThrow(/^defineOptimizer: .*; give \{ name, defaults, update \}$/);
    }
  });

  it('or where they answer', () => {
    for (const answer of [undefined, null, 3, [], w]) expect(() => define({ name: 'r', defaults: {}, update: () => answer })).toThrow(/^r: the update must answer a record with 'param'/);
    expect(() => define({ name: 'r', defaults: {}, update: () => ({ param: 3 }) })).toThrow(new OptimizerError("r: what 'param' becomes must be an expression, not 3"));
    expect(() => define({ name: 'r', defaults: {}, state: () => 3, update })).toThrow(/^r: the state must be a record/);
  });

  it('options that are none, and one variable without its list', () => {
    for (const options of [null, 3, 'fast', [0.1], w]) expect(() => define({ name: 'r', defaults: {}, update }, options)).toThrow(/^r: takes options by name/);
    const rule: unknown = heavyBall;
    const call = (): unknown => (typeof rule === 'function' ? Reflect.apply(rule, undefined, [w.sum(), w]) : undefined);
    expect(call).toThrow(new OptimizerError('heavyBall: takes the parameters in a list, [w], not variable w float32[2]'));
  });
});
