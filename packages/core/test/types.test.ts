// What the type checker lets through and what it does not; the statements also run.
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  compile,
  type CommonOptions,
  crossEntropy,
  defineOptimizer,
  type Expr,
  grad,
  type Hyperparameter,
  input,
  type InputValue,
  interpreter,
  matmul,
  type Optimizer,
  type Output,
  range,
  type Updates,
  type Variable,
  variable,
  zerosLike,
} from '../src/index.js';

const optional = defineOptimizer({
  name: 'optional',
  defaults: { learningRate: 0.1, rho: 0.9 },
  state: (param) => ({ v: zerosLike(param) }),
  update({ param, grad: g, v, t, learningRate, rho }) {
    expectTypeOf([param, g, v, t, learningRate, rho]).toEqualTypeOf<Expr[]>();
    return { param: param.sub(learningRate.mul(g)), v: rho.mul(v).add(g) };
  },
});
const required = defineOptimizer({
  name: 'required',
  defaults: { epsilon: 1e-8 },
  required: { learningRate: range.finite },
  update: ({ param, grad: g, learningRate, epsilon }) => ({ param: param.sub(learningRate.mul(g).add(epsilon)) }),
});

const w = variable(1, { name: 'w' });
const loss = w.square();

describe('the type of an optimizer', () => {
  it('has options that may be left out where none is required', () => {
    expectTypeOf(optional).toExtend<Optimizer<CommonOptions & { learningRate?: Hyperparameter; rho?: Hyperparameter }>>();
    expectTypeOf(optional).returns.toEqualTypeOf<Updates>();
    expectTypeOf(optional).parameter(0).toEqualTypeOf<Expr | readonly Expr[]>();
    expectTypeOf(optional).parameter(1).toEqualTypeOf<readonly Variable[]>();
    expect(optional(loss, [w]).size).toBe(3);
    expect(optional(loss, [w], {}).size).toBe(3);
    expect(optional([loss], [w], { learningRate: 0.1, rho: w, clearNan: true, name: 'o' }).size).toBe(3);
  });

  it('has options that must be given where one is required', () => {
    expect(required(loss, [w], { learningRate: 0.1 }).size).toBe(1);
    // @ts-expect-error no options
    expect(() => required(loss, [w])).toThrow();
    // @ts-expect-error not the one required
    expect(() => required(loss, [w], { epsilon: 1 })).toThrow();
  });

  it('knows the names of its options, and their types', () => {
    // @ts-expect-error no such option
    expect(() => optional(loss, [w], { learningrate: 1 })).toThrow();
    // @ts-expect-error neither number nor expression
    expect(() => optional(loss, [w], { rho: 'high' })).toThrow();
    // @ts-expect-error parameters are variables
    expect(() => optional(loss, ['w'])).toThrow();
  });

  it('holds a rule to its state', () => {
    defineOptimizer({
      name: 'missing',
      defaults: {},
      state: (param) => ({ m: zerosLike(param) }),
      // @ts-expect-error m is missing
      update: ({ param }) => ({ param }),
    });
    defineOptimizer({
      name: 'unknown',
      defaults: {},
      // @ts-expect-error there is no velocity in its context
      update: ({ param, velocity }) => ({ param: velocity === undefined ? param : param }),
    });
  });

  it('is one type for every rule: a list of rules can be called alike', () => {
    const rules: readonly Optimizer[] = [optional, defineOptimizer({ name: 'plain', defaults: {}, update: ({ param, grad: g }) => ({ param: param.sub(g) }) })];
    for (const rule of rules) expect(rule(loss, [w]).params).toEqual([w]);
  });
});

describe('the type of grad', () => {
  it('is one expression for one, a tuple for a tuple, a list for a list', () => {
    const b = variable(2);
    const both = w.mul(b);
    expectTypeOf(grad(both, w)).toEqualTypeOf<Expr>();
    expectTypeOf(grad(both, [w, b])).toExtend<readonly [Expr, Expr]>();
    const [dw, db] = grad(both, [w, b]);
    expectTypeOf(dw).toEqualTypeOf<Expr>();
    expectTypeOf(db).toEqualTypeOf<Expr>();
    const list: readonly Variable[] = [w, b];
    expectTypeOf(grad(both, list)).toExtend<readonly Expr[]>();
    // @ts-expect-error there are two
    const [, , third] = grad(both, [w, b]);
    expect(third).toBeUndefined();
  });
});

describe('the type of a compiled function', () => {
  it('knows the names of its inputs and outputs', async () => {
    const images = input('float32', ['batch', 2]);
    const labels = input('int32', ['batch']);
    const error = crossEntropy(matmul(images, variable([[1, 0], [0, 1]])), labels);
    const f = await compile({ inputs: { images, labels }, outputs: { loss: error, images } }, interpreter());
    expectTypeOf(f).parameters.toEqualTypeOf<[inputs: { readonly images: InputValue; readonly labels: InputValue }]>();
    const answer = await f({ images: [[1, 2]], labels: [0] });
    expectTypeOf(answer).toEqualTypeOf<{ readonly loss: Output; readonly images: Output }>();
    // @ts-expect-error no such output
    expect(answer.accuracy).toBeUndefined();
    // @ts-expect-error an input is missing
    await expect(f({ images: [[1, 2]] })).rejects.toThrow();
    // @ts-expect-error an input that is not declared
    await expect(f({ images: [[1, 2]], labels: [0], extra: 1 })).rejects.toThrow();
    // @ts-expect-error the inputs are missing
    await expect(f()).rejects.toThrow();
  });

  it('takes nothing where there are no inputs', async () => {
    const f = await compile({ outputs: { w } }, interpreter());
    expectTypeOf(f).toBeCallableWith();
    expectTypeOf(f).toBeCallableWith({});
    await f();
    // @ts-expect-error there are no inputs
    await expect(f({ x: 1 })).rejects.toThrow();
    const step = await compile({ updates: optional(loss, [w]) }, w.backend ?? interpreter());
    expectTypeOf(await step()).toEqualTypeOf<Readonly<Record<never, Output>>>();
  });
});
