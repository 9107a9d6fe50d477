import { describe, expect, test } from 'vitest';
import { input, InputError } from '../../src/index.js';
import { checkOptions, option, unknownOption } from '../../src/arguments/options.js';
import { show } from '../../src/arguments/show.js';

interface Options {
  readonly keepdims?: boolean;
  readonly axis?: number;
  readonly reduction?: 'mean' | 'sum';
}
const table = { keepdims: option.flag, axis: option.finite, reduction: ['mean', 'sum'] as const };
// As JavaScript calls it: with anything.
const check = (options: unknown): object => Reflect.apply(checkOptions<Options>, undefined, ['f', options, table]) as object;

describe('options', () => {
  test('those that there are', () => {
    expect(check(undefined)).toEqual({});
    expect(check({})).toEqual({});
    expect(check({ keepdims: true, axis: undefined })).toEqual({ keepdims: true });
    expect(check(Object.assign(Object.create(null), { reduction: 'sum' }))).toEqual({ reduction: 'sum' });
  });

  test('a name that there is not is an error that says the near one', () => {
    const error = (options: unknown): string => {
      try {
        check(options);
      } catch (thrown) {
        if (thrown instanceof InputError) return thrown.message;
      }
      return 'no InputError';
    };
    expect(error({ keepDims: true })).toBe("f: there is no option 'keepDims'; did you mean keepdims? The options are keepdims, axis, reduction");
    expect(error({ axes: 1 })).toContain('did you mean axis?');
    // Two letters of two are no likeness.
    expect(unknownOption('adam', 'lr', ['rate', 't'])).toBe("adam: there is no option 'lr'; the options are rate, t");
    expect(error({ constructor: 1 })).toBe("f: there is no option 'constructor'; the options are keepdims, axis, reduction");
    expect(error({ reduction: 'batchmean' })).toBe("f: the option reduction must be 'mean' or 'sum', not 'batchmean'");
    expect(error({ keepdims: 1 })).toBe('f: the option keepdims must be true or false, not 1');
    expect(error({ axis: NaN })).toBe('f: the option axis must be a finite number, not NaN');
    expect(error(null)).toBe('f: takes options by name, as in { keepdims, axis }, not null');
    for (const wrong of [0.5, 'same', true, [1], new Date(0), () => 1, Symbol('s'), 1n, new Map(), input('float32')]) expect(error(wrong)).toContain('f: takes options by name');
  });

  test('the name that is said is the nearest, in other libraries\' names and abbreviations too', () => {
    const names = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'amsgrad', 'steps', 't'];
    const meant = (name: string): string | undefined => /did you mean (\w+)\?/.exec(unknownOption('f', name, names))?.[1];
    expect(['lr', 'wd', 'eps', 'betas', 'beta3', 'bata2', 'weight_decay', 'step', 'learning_rate', 'T'].map(meant)).toEqual(['learningRate', 'weightDecay', 'epsilon', 'beta1', 'beta1', 'beta2', 'weightDecay', 'steps', 'learningRate', 't']);
    expect(['a', 'xy', 'rho', 'foreach'].map(meant)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('are read once: what was checked is what counts', () => {
    let reads = 0;
    const changing = {
      get keepdims(): unknown {
        return reads++ === 0 ? true : 'no';
      },
    };
    const checked = check(changing);
    expect([checked, checked]).toEqual([{ keepdims: true }, { keepdims: true }]);
    expect(reads).toBe(1);
  });

  test('anything given can be said', () => {
    expect([undefined, null, 'a', 1.5, -0, 10n, true, Symbol('s'), () => 1].map(show)).toEqual(['undefined', 'null', "'a'", '1.5', '-0', '10n', 'true', 'Symbol(s)', 'a function']);
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect([cyclic, {}, { h: 1 }, Object.create(null), new Date(0), new Int32Array(2), input('float32', [2], 'x')].map(show)).toEqual([
      'an array of 1',
      'an object',
      'an object { h }',
      'an object',
      'a Date',
      'an Int32Array',
      'input x float32[2]',
    ]);
    expect(show({ node: 1, args: [], shape: [], dtype: 'float32' })).toContain('another copy of @pappus/core');
  });
});
