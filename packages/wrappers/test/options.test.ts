// What is wrong with the options of a wrapper is said, and changes nothing.
import { compile, defineOptimizer, input, InputError, interpreter, OptimizerError, scalar, variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { accumulate, cautious, equalAverage, exponentialAverage, gradientAverage, gradientNoise, lookahead, lossScaling, partition, polynomialAverage, sam, skipNonFinite } from '../src/index.js';

const rule = defineOptimizer({ name: 'heavy', defaults: { learningRate: 0.5 }, state: (param) => ({ m: zerosLike(param) }), update: ({ param, grad, m, learningRate }) => ({ param: param.sub(m.add(grad).mul(learningRate)), m: m.add(grad) }) });

type Wrapper = (wrapped: unknown, options: unknown) => unknown;

/** As someone without types calls it. */
const untyped = (wrapper: (...args: never[]) => unknown): Wrapper => (...args): unknown => Reflect.apply(wrapper, undefined, args);

const wrappers: Readonly<Record<string, Wrapper>> = {
  accumulate: untyped(accumulate),
  equalAverage: untyped(equalAverage),
  exponentialAverage: untyped(exponentialAverage),
  polynomialAverage: untyped(polynomialAverage),
  gradientAverage: untyped(gradientAverage),
  gradientNoise: untyped(gradientNoise),
  lookahead: untyped(lookahead),
  lossScaling: untyped(lossScaling),
  sam: untyped(sam),
  skipNonFinite: untyped(skipNonFinite),
};

/** What is thrown by a wrapper, or by the rule that it answers, called with a loss. */
function complaint(name: string, options: unknown, wrapped: unknown = rule): unknown {
  const w = variable([1, 2], { name: 'w', dtype: 'float64' });
  try {
    const made = wrappers[name]?.(wrapped, options);
    if (typeof made === 'function') Reflect.apply(made, undefined, [w.square().sum(), [w]]);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('options of a wrapper', () => {
  it.each<[string, unknown, string]>([
    ['accumulate', undefined, 'accumulate: steps is required, as in accumulate(adam, { steps: 4 })'],
    ['accumulate', { steps: -4 }, 'accumulate: steps must be a whole number of at least 1, not -4'],
    ['accumulate', { steps: NaN }, 'accumulate: steps must be a whole number of at least 1, not NaN'],
    ['accumulate', { steps: '4' }, "accumulate: steps must be a number or a scalar expression, not '4'"],
    ['accumulate', { steps: () => 0 }, 'accumulate: steps must be a finite number above 0, not 0'],
    ['accumulate', { steps: scalar(true, 'bool') }, 'accumulate: steps must be a number, and'],
    ['accumulate', { every: 4, steps: 4 }, "accumulate: there is no option 'every'; the options are steps, name"],
    ['exponentialAverage', { decay: 1 }, 'exponentialAverage: decay must be from 0 to 1 (excluded), not 1'],
    ['exponentialAverage', { decay: -0.1 }, 'exponentialAverage: decay must be from 0 to 1 (excluded), not -0.1'],
    ['exponentialAverage', { debias: 1 }, 'exponentialAverage: the option debias must be true or false, not 1'],
    ['exponentialAverage', { start: 0 }, 'exponentialAverage: start must be a whole number of at least 1, not 0'],
    ['equalAverage', { every: 2.5 }, 'equalAverage: every must be a whole number of at least 1, not 2.5'],
    ['equalAverage', { every: Symbol('two') }, 'equalAverage: every must be a whole number of at least 1, not Symbol(two)'],
    ['equalAverage', { decay: 0.9 }, "equalAverage: there is no option 'decay'; the options are name, start, every"],
    ['polynomialAverage', { gamma: -1 }, 'polynomialAverage: gamma must be a finite number of at least 0, not -1'],
    ['gradientAverage', { decay: 1.5 }, 'gradientAverage: decay must be from 0 to 1 (excluded), not 1.5'],
    ['gradientNoise', { eta: -1 }, 'gradientNoise: eta must be a finite number of at least 0, not -1'],
    ['gradientNoise', { gamma: NaN }, 'gradientNoise: gamma must be a finite number of at least 0, not NaN'],
    ['gradientNoise', { seed: 0.5 }, 'gradientNoise: the option seed must be a whole number, not 0.5'],
    ['lookahead', { steps: 0 }, 'lookahead: steps must be a whole number of at least 1, not 0'],
    ['lookahead', { steps: 2.5 }, 'lookahead: steps must be a whole number of at least 1, not 2.5'],
    ['lookahead', { alpha: 1.5 }, 'lookahead: alpha must be from 0 to 1, not 1.5'],
    ['lookahead', { reset: 'velocity' }, 'lookahead: the option reset must be a list of names'],
    ['lookahead', { reset: 5 }, 'lookahead: the option reset must be a list of names, not 5'],
    ['lookahead', { k: 5 }, "lookahead: there is no option 'k'; the options are name, steps, alpha, reset"],
    ['lossScaling', { initial: 0 }, 'lossScaling: initial must be above 0, not 0'],
    ['lossScaling', { growth: 0.5 }, 'lossScaling: growth must be'],
    ['lossScaling', { backoff: 2 }, 'lossScaling: backoff must be from 0 to 1, not 2'],
    ['lossScaling', { interval: 1.5 }, 'lossScaling: interval must be a whole number of at least 1, not 1.5'],
    ['sam', { rho: -1 }, 'sam: rho must be a finite number of at least 0, not -1'],
    ['sam', { epsilon: -1 }, 'sam: epsilon must be a finite number of at least 0, not -1'],
    ['sam', { adaptive: 'yes' }, "sam: the option adaptive must be true or false, not 'yes'"],
    ['skipNonFinite', { limit: 3 }, "skipNonFinite: there is no option 'limit'; the options are name"],
  ])('%s %o', (name, options, message) => {
    const error = complaint(name, options);
    expect(error instanceof OptimizerError || error instanceof InputError, String(error)).toBe(true);
    expect(error).toHaveProperty('message', expect.stringContaining(message));
  });

  it.each(Object.keys(wrappers))('of %s: no rule, no record, no name', (name) => {
    const options = name === 'accumulate' ? { steps: 2 } : undefined;
    for (const wrapped of [null, { learningRate: 1 }, 'adam']) expect(complaint(name, options, wrapped)).toHaveProperty('message', expect.stringMatching(new RegExp(`^${name}: takes a rule, such as adam, not `)));
    for (const wrong of [5, 'lookahead', []]) expect(complaint(name, wrong)).toHaveProperty('message', expect.stringMatching(new RegExp(`^${name}: takes options by name`)));
    expect(complaint(name, { ...options, name: '' })).toBeInstanceOf(OptimizerError);
    expect(complaint(name, { ...options, name: 7 })).toHaveProperty('message', `${name}: the option name must be a text, not 7`);
    expect(complaint(name, options)).toBeUndefined();
  });

  it.each(['sam', 'lossScaling'])('%s says that it needs the loss', (name) => {
    const w = variable([1, 2], { name: 'w', dtype: 'float64' });
    const made = wrappers[name]?.(rule, undefined);
    expect(() => (typeof made === 'function' ? Reflect.apply(made, undefined, [[w], [w]]) : undefined) as unknown).toThrow(/needs the loss itself, .*; call it with the loss, not with gradients/);
  });

  it('of cautious, and of the rule, are said when it is called', () => {
    const w = variable([1, 2], { name: 'w', dtype: 'float64' });
    expect(() => cautious(rule, { weightDecay: -1 })([w], [w], { learningRate: 0.1 })).toThrow(new OptimizerError('cautious: weightDecay must be a finite number of at least 0, not -1'));
    // @ts-expect-error: no option of the rule
    expect(() => accumulate(rule, { steps: 2 })([w], [w], { rate: 1 })).toThrow(/heavy: there is no option 'rate'/);
    // @ts-expect-error: no option of the wrapper
    expect(() => lookahead(rule, { alpha: 0.5, beta: 1 })).toThrow(/lookahead: there is no option 'beta'/);
  });

  it('that are wrong change nothing: the parameter, and what another rule has made for it, go on', async () => {
    const w = variable([1, 2], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2], 'g');
    const updates = lookahead(rule)([g], [w]);
    const step = await compile({ inputs: { g }, updates }, interpreter());
    await step({ g: [1, 1] });
    const before = await Promise.all([...updates.keys()].map((v) => v.read()));
    expect(() => lookahead(rule, { alpha: 2 })([g], [w])).toThrow(OptimizerError);
    expect(() => partition({ all: { params: [], rule } })([g], [w])).toThrow(OptimizerError);
    expect(await Promise.all([...updates.keys()].map((v) => v.read()))).toEqual(before);
    await step({ g: [1, 1] });
    expect([...(await w.read())]).toEqual([-0.5, 0.5]);
  });
});
