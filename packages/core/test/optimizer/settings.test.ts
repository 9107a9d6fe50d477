// Settings: what is fixed when a rule is called.
import { describe, expect, it } from 'vitest';
import { DTypeError, OptimizerError, ShapeError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { range } from '../../src/optimizer/hyperparameter.js';
import { defineOptimizer, type Optimizer } from '../../src/optimizer/optimizer.js';
import { setting } from '../../src/optimizer/settings.js';
import { compile } from '../../src/run/compile.js';
import { type Variable, variable } from '../../src/values/variable.js';

/** Says what it sees of its settings. */
const seen: unknown[] = [];
const rule = defineOptimizer({
  name: 'set',
  defaults: { learningRate: 1 },
  optional: { beta3: range.decayRate },
  settings: {
    nesterov: setting.flag(false),
    iterations: setting.wholeNumber(5, { min: 1, max: 9 }),
    scale: setting.oneOf('rows', 'columns'),
    coefficients: setting.numbers([1, 2]),
  },
  update({ param, grad, learningRate, beta3, nesterov, iterations, scale, coefficients }) {
    seen.push([nesterov, iterations, scale, coefficients, beta3?.dtype]);
    return { param: param.sub(grad.mul(learningRate)) };
  },
});

const f64 = (value: number | number[], name: string): Variable => variable(value, { name, dtype: 'float64' });

describe('settings', () => {
  const w = f64([1, 2], 'w');
  const loss = w.square().sum();

  it('are plain values, their first where none is given', () => {
    seen.length = 0;
    rule(loss, [w]);
    rule(loss, [w], { nesterov: true, iterations: 2, scale: 'columns', coefficients: [3, 4], beta3: 0.5 });
    expect(seen).toEqual([[false, 5, 'rows', [1, 2], undefined], [true, 2, 'columns', [3, 4], 'float64']]);
  });

  it('refuse other values, by name', () => {
    const refused = (options: object, message: string): void => {
      expect((): unknown => Reflect.apply(rule, undefined, [loss, [w], options])).toThrow(new OptimizerError(message));
    };
    refused({ nesterov: 1 }, 'set: the option nesterov must be true or false, not 1');
    refused({ iterations: 2.5 }, 'set: the option iterations must be a whole number from 1 to 9, not 2.5');
    refused({ iterations: 0 }, 'set: the option iterations must be a whole number from 1 to 9, not 0');
    refused({ iterations: 10 }, 'set: the option iterations must be a whole number from 1 to 9, not 10');
    refused({ scale: 'row' }, "set: the option scale must be 'rows' or 'columns', not 'row'");
    refused({ coefficients: [1] }, 'set: the option coefficients must be a list of 2 finite numbers, not an array of 1');
    refused({ beta3: 1 }, 'set: beta3 must be from 0 to 1 (excluded), not 1');
    refused({ nesterof: true }, "set: there is no option 'nesterof'; did you mean nesterov? The options are learningRate, beta3, nesterov, iterations, scale, coefficients, clearNan, maximize, name, t");
  });
});

describe('the loss as a setting', () => {
  const polyak = defineOptimizer({
    name: 'polyak',
    defaults: {},
    settings: { loss: setting.loss },
    update: ({ param, grad, loss }) => ({ param: param.sub(grad.mul(loss)) }),
  });
  const stepped = async (call: (w: Variable) => ReturnType<typeof polyak>): Promise<number> => {
    const w = f64(3, 'w');
    await (await compile({ updates: call(w) }, interpreter()))();
    return w.item();
  };

  it('is the one that the rule is called with, or an option beside gradients', async () => {
    expect(await stepped((w) => polyak(w.square(), [w]))).toBe(3 - 6 * 9);
    expect(await stepped((w) => polyak([w.mul(2)], [w], { loss: w.square() }))).toBe(3 - 6 * 9);
  });

  it('counts with the other sign where the rule climbs', async () => {
    expect(await stepped((w) => polyak(w.square(), [w], { maximize: true }))).toBe(3 - 6 * 9);
    expect(await stepped((w) => polyak(w.square().neg(), [w], { maximize: true }))).toBe(3 - 6 * 9);
  });

  it('is asked for where gradients are given alone', () => {
    const w = f64([1, 2], 'w');
    expect(() => polyak([w.mul(1)], [w], { loss: w.sum().gt(0) })).toThrow(new OptimizerError('polyak: the loss must be a number, and gt(w) bool[] is bool'));
    expect(() => polyak([w.mul(1)], [w])).toThrow(new OptimizerError('polyak: needs the loss itself; call it with the loss, or give it beside the gradients, as in { loss: loss }'));
    expect(() => polyak([w.mul(1)], [w], { loss: w })).toThrow(new OptimizerError('polyak: the loss must be a scalar; take its .sum() or .mean()'));
    // @ts-expect-error -- a number is no expression
    expect(() => polyak([w.mul(1)], [w], { loss: 3 })).toThrow(new OptimizerError('polyak: the option loss must be a scalar expression, not 3'));
  });
});

describe('an expression for each parameter', () => {
  const newton = defineOptimizer({
    name: 'newton',
    defaults: {},
    settings: { hessian: setting.perParameter },
    update: ({ param, grad, hessian }) => ({ param: param.sub(hessian === undefined ? grad : grad.div(hessian)) }),
  });
  const [w, b] = [f64([1, 2], 'w'), f64(3, 'b')];
  const grads = (): Expr[] => [w.mul(1), b.mul(1)];

  it('comes in the order of the parameters, or not at all', async () => {
    const updates = newton(grads(), [w, b], { hessian: [w.mul(0).add(2), b.mul(0).add(4)] });
    expect(updates.get(w)).toBe(w.sub(w.mul(1).div(w.mul(0).add(2))));
    expect(newton(grads(), [w, b]).get(b)).toBe(b.sub(b.mul(1)));
    await compile({ updates }, interpreter());
  });

  it('is checked as gradients are', () => {
    expect(() => newton(grads(), [w, b], { hessian: [w] })).toThrow(new OptimizerError('newton: the option hessian: 1 expressions are given for 2 parameters; give one for each, in their order'));
    expect(() => newton(grads(), [w, b], { hessian: [b, w] })).toThrow(new ShapeError('newton: the option hessian of variable w float64[2] has the shape []; is the order that of the parameters?'));
    expect(() => newton(grads(), [w, b], { hessian: [w.cast('float32'), b] })).toThrow(DTypeError);
    // @ts-expect-error -- one expression is no list
    expect(() => newton(grads(), [w, b], { hessian: w })).toThrow(new OptimizerError('newton: the option hessian must be a list of an expression for each parameter, not variable w float64[2]'));
  });
});

describe('definitions', () => {
  const define = (definition: object): unknown => Reflect.apply(defineOptimizer, undefined, [definition]);
  const update = ({ param }: { param: Expr }): object => ({ param });

  it.each([
    [{ name: 'r', defaults: { nesterov: false }, update }, 'the default of nesterov must be a number, not false; what is no number is a setting, as in settings: { nesterov: setting.flag(false) }'],
    [{ name: 'r', defaults: {}, settings: { nesterov: false }, update }, 'the setting nesterov must be a kind, as in setting.flag(false), not false'],
    [{ name: 'r', defaults: {}, settings: [], update }, 'the settings of r must be kinds by name, as in { nesterov: setting.flag(false) }, not an array of 0'],
    [{ name: 'r', defaults: { a: 1 }, settings: { a: setting.flag(false) }, update }, 'the name a is given to two things'],
    [{ name: 'r', defaults: { t: 1 }, update }, 'the name t is taken: every rule sees t as something else'],
    [{ name: 'r', defaults: {}, update, updateAll: update }, 'r has either update, for one parameter, or updateAll, for all of them'],
    [{ name: 'r', defaults: {}, update, shared: () => ({}) }, 'what the parameters of r share must be a function, beside updateAll, which says what it becomes'],
  ])('are refused where they mean nothing: %#', (definition, message) => {
    expect(() => define(definition)).toThrow(new OptimizerError(`defineOptimizer: ${message}; give { name, defaults, update }`));
  });

  it('are rules of the interface, with the options that they name', () => {
    const typed: Optimizer<{ readonly nesterov?: boolean }> = rule;
    expect(typed).toBe(rule);
  });
});
