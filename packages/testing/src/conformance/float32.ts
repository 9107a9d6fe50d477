// What float32 means: variables, inputs, constants and casts hold float32, wherever they are computed. Each case says its result.
import { type Backend, compile, type Expr, hyperparameter, input, interpreter, literal, scalar, variable, type Variable, where } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import type { Setting } from './setting.js';

/** The float32 numbers nearest to 0.1, 0.2 and 1 / 3, as IEEE 754 rounds. */
const TENTH = 0.10000000149011612;
const FIFTH = 0.20000000298023224;
const THIRD = 0.3333333432674408;
const LARGEST = 3.4028234663852886e38;

/** The numbers of the cases. */
interface Places {
  /** 0.1. */
  readonly tenth: Expr;
  readonly zero: Expr;
  readonly one: Expr;
  readonly minusZero: Expr;
  /** int32 16777217, 16777219 and 2147483647. */
  readonly whole: Expr;
  readonly odd: Expr;
  readonly top: Expr;
}

/** Expressions of numbers at any place, and what each is. */
const CASES: Readonly<Record<string, { readonly of: (p: Places) => Expr; readonly is: number }>> = {
  'x = 0.1 equals 0.1': { of: ({ tenth }) => tenth.eq(0.1), is: 1 },
  'and scalar(0.1)': { of: ({ tenth }) => tenth.eq(scalar(0.1, 'float32').broadcastTo(tenth.shape)), is: 1 },
  'and a tensor of it': { of: ({ tenth }) => tenth.eq(literal([0.1], [1], 'float32').reshape([]).broadcastTo(tenth.shape)), is: 1 },
  'is not unequal': { of: ({ tenth }) => tenth.ne(0.1), is: 0 },
  'is not above': { of: ({ tenth }) => tenth.gt(0.1), is: 0 },
  'is not below': { of: ({ tenth }) => tenth.lt(0.1), is: 0 },
  'is at least that': { of: ({ tenth }) => tenth.ge(0.1).and(tenth.le(0.1)), is: 1 },
  'minus 0.1 is 0': { of: ({ tenth }) => tenth.sub(0.1), is: 0 },
  'is its own bound below': { of: ({ tenth }) => tenth.clip(0.1, 2).eq(0.1), is: 1 },
  'and above': { of: ({ tenth }) => tenth.clip(-2, 0.1).eq(tenth), is: 1 },
  'beyond a bound it is the bound': { of: ({ tenth }) => tenth.clip(0.2, 0.3).eq(0.2), is: 1 },
  'the bound is float32': { of: ({ tenth }) => tenth.clip(0.2, 0.3), is: FIFTH },
  'a branch is held': { of: ({ tenth }) => where(tenth.gt(0), tenth, 0.2).eq(0.1), is: 1 },
  'and the other': { of: ({ tenth }) => where(tenth.gt(1), tenth, 0.1).eq(tenth), is: 1 },
  'a number in a branch': { of: ({ tenth }) => where(tenth.lt(1), 0.2, tenth), is: FIFTH },
  '0 times 1e39, which is Infinity': { of: ({ zero }) => zero.mul(1e39), is: NaN },
  '0 times -1e39': { of: ({ zero }) => zero.mul(-1e39), is: NaN },
  '1 divided by 1e39': { of: ({ one }) => one.div(1e39), is: 0 },
  '1 plus 1e39': { of: ({ one }) => one.add(1e39), is: Infinity },
  'the smaller of 1 and 1e39': { of: ({ one }) => one.minimum(1e39), is: 1 },
  'the larger': { of: ({ one }) => one.maximum(1e39), is: Infinity },
  '-1e39 beyond': { of: ({ one }) => one.minimum(-1e39), is: -Infinity },
  'the least that is Infinity': { of: ({ one }) => one.maximum(3.4028235677973366e38), is: Infinity },
  'the largest that is not': { of: ({ one }) => one.maximum(3.4028235677973362e38), is: LARGEST },
  '1 divided by 1e-46, which is 0': { of: ({ one }) => one.div(1e-46), is: Infinity },
  '1 divided by -1e-46': { of: ({ one }) => one.div(-1e-46), is: -Infinity },
  '1e-46 equals 0': { of: ({ zero }) => zero.eq(1e-46), is: 1 },
  'is not below 1e-46': { of: ({ zero }) => zero.lt(1e-46), is: 0 },
  'nor above -1e-46': { of: ({ zero }) => zero.gt(-1e-46), is: 0 },
  '16777217 is 16777216': { of: ({ one }) => one.maximum(16777217), is: 16777216 },
  'and equal': { of: ({ one }) => one.mul(16777216).eq(16777217), is: 1 },
  '16777219 goes to the even one': { of: ({ one }) => one.maximum(16777219), is: 16777220 },
  '-0 equals 0': { of: ({ minusZero }) => minusZero.eq(0), is: 1 },
  '1 / -0': { of: ({ one, minusZero }) => one.div(minusZero), is: -Infinity },
  'of a constant': { of: ({ one }) => one.div(-0), is: -Infinity },
  'int32 16777217 as float32': { of: ({ whole }) => whole.cast('float32'), is: 16777216 },
  'and back': { of: ({ whole }) => whole.cast('float32').cast('int32'), is: 16777216 },
  'int32 16777219': { of: ({ odd }) => odd.cast('float32').cast('int32'), is: 16777220 },
  'int32 2147483647': { of: ({ top }) => top.cast('float32'), is: 2147483648 },
  'saturates back': { of: ({ top }) => top.cast('float32').cast('int32'), is: 2147483647 },
  'float32 to int32 of 16777217': { of: ({ one }) => one.mul(16777217).cast('int32'), is: 16777216 },
  '1e-46 as bool': { of: ({ zero }) => zero.add(1e-46).cast('bool'), is: 0 },
};

/** Casts from float64, of a scalar on the host; of tensors where the backend has them. */
const NARROWED: Readonly<Record<string, { readonly of: (a: Expr) => Expr; readonly at: number; readonly is: number }>> = {
  'to float32 and back': { of: (a) => a.cast('float32').cast('float64'), at: 0.1, is: TENTH },
  'are not what they were': { of: (a) => a.cast('float32').cast('float64').eq(a), at: 0.1, is: 0 },
  'as float32': { of: (a) => a.cast('float32').eq(0.1), at: 0.1, is: 1 },
  'divided and narrowed': { of: (a) => a.div(3).cast('float32').cast('float64'), at: 1, is: THIRD },
  '1e39': { of: (a) => a.cast('float32'), at: 1e39, is: Infinity },
  '1e39 times 0': { of: (a) => a.cast('float32').mul(0), at: 1e39, is: NaN },
  '1e-46': { of: (a) => a.cast('float32').cast('bool'), at: 1e-46, is: 0 },
  '16777217': { of: (a) => a.cast('float32').cast('int32'), at: 16777217, is: 16777216 },
};

type LeafDType = 'float32' | 'int32';

/** The numbers of the cases, each made by a function. */
function placesOf(make: (dtype: LeafDType, value: number) => Expr): Places {
  return {
    tenth: make('float32', 0.1), zero: make('float32', 0), one: make('float32', 1), minusZero: make('float32', -0),
    whole: make('int32', 16777217), odd: make('int32', 16777219), top: make('int32', 2147483647),
  };
}

interface Given {
  readonly places: Places;
  readonly inputs?: Readonly<Record<string, Expr>>;
  readonly values?: Readonly<Record<string, number | readonly number[]>>;
}

/** Enough for a vector and a rest. */
const LENGTH = 5;

function asInputs(shape: readonly number[]): Given {
  const inputs: Record<string, Expr> = {};
  const values: Record<string, number | readonly number[]> = {};
  const places = placesOf((dtype, value) => {
    const name = `${dtype} ${Object.is(value, -0) ? '-0' : value}`;
    inputs[name] = input(dtype, shape);
    values[name] = shape.length === 0 ? value : new Array<number>(LENGTH).fill(value);
    return inputs[name];
  });
  return { places, inputs, values };
}

/** Everywhere that a number can be. */
const PLACES: Readonly<Record<string, () => Given>> = {
  'variables that the host knows': () => ({ places: placesOf((dtype, value) => variable(value, { dtype })) }),
  'inputs that the host knows': () => asInputs([]),
  'constants': () => ({ places: placesOf((dtype, value) => scalar(value, dtype)) }),
  'tensors that are variables': () => ({ places: placesOf((dtype, value) => variable(new Array<number>(LENGTH).fill(value), { dtype })) }),
  'tensors that are inputs': () => asInputs([LENGTH]),
  'tensors of literals': () => ({ places: placesOf((dtype, value) => literal(new Array<number>(LENGTH).fill(value), [LENGTH], dtype)) }),
  'numbers of the host in kernels': () => {
    const yes = variable(new Array<boolean>(LENGTH).fill(true));
    return { places: placesOf((dtype, value) => where(yes, variable(value, { dtype }), scalar(1, dtype))) };
  },
  'constants in kernels': () => {
    const yes = variable(new Array<boolean>(LENGTH).fill(true));
    return { places: placesOf((dtype, value) => where(yes, scalar(value, dtype), scalar(1, dtype))) };
  },
};

/** The first elements of all outputs, -0 as 0. */
async function answers(backend: Backend, outputs: Readonly<Record<string, Expr>>, { inputs = {}, values = {} }: Omit<Given, 'places'> = {}): Promise<Record<string, number>> {
  const f = await compile({ inputs, outputs }, backend);
  const found: Record<string, number> = {};
  for (const [name, output] of Object.entries(await f(values))) {
    const [first = NaN, ...others] = await output.read();
    if (!others.every((other) => Object.is(other, first))) throw new Error(`${name}: the elements differ: ${first}, ${others.join(', ')}`);
    found[name] = first + 0;
  }
  return found;
}

export function float32(setting: Setting): void {
  describe('float32 is what variables, inputs, constants and casts hold', () => {
    const backends = [
      { whose: 'the definition', backend: () => Promise.resolve(interpreter()) },
      { whose: 'this backend', backend: () => setting.backend() },
    ];
    for (const { whose, backend } of backends) {
      for (const [where, give] of Object.entries(PLACES)) {
        it(`in ${where}, by ${whose}`, async () => {
          const given = give();
          const outputs = Object.fromEntries(Object.entries(CASES).map(([name, { of }]) => [name, of(given.places)]));
          const expected = Object.fromEntries(Object.entries(CASES).map(([name, { is }]) => [name, is]));
          expect(await answers(await backend(), outputs, given)).toEqual(expected);
        });
      }

      for (const shape of setting.dtypes.includes('float64') ? [[], [LENGTH]] : [[]]) {
        it(`in casts of float64[${shape.join()}], by ${whose}`, async () => {
          const outputs = Object.fromEntries(
            Object.entries(NARROWED).map(([name, { of, at }]) => [name, of(variable({ data: new Float64Array(shape[0] ?? 1).fill(at), shape }))]),
          );
          const expected = Object.fromEntries(Object.entries(NARROWED).map(([name, { is }]) => [name, is]));
          expect(await answers(await backend(), outputs)).toEqual(expected);
        });
      }

      it(`between steps, by ${whose}`, async () => {
        const [number, tensor] = [variable(1), variable([1, 1, 1, 1, 1])];
        const on = await backend();
        const third = await compile({ outputs: { number: number.div(3), tensor: tensor.div(3) }, updates: new Map([[number, number.div(3)], [tensor, tensor.div(3)]]) }, on);
        const given = await third();
        const [x, y] = [input('float32'), input('float32', [LENGTH])];
        const compare = await compile(
          { inputs: { x, y }, outputs: { number: number.eq(THIRD), tensor: tensor.eq(THIRD).all(), both: tensor.eq(number).all(), x: x.eq(THIRD), y: y.eq(THIRD).all(), same: y.eq(tensor).all(), sum: number.mul(3).sub(1) } },
          on,
        );
        const { number: first, tensor: second } = given;
        const found = await compare({ x: first, y: second });
        expect(await Promise.all([found.number, found.tensor, found.both, found.x, found.y, found.same].map((output) => output.item()))).toEqual([1, 1, 1, 1, 1, 1]);
        // What lies between is not rounded: three times the third is above 1 by three units of 2^-25.
        expect(await found.sum.item()).toBe(2 ** -25);
      });

      it(`in what is resumed from values that were read, by ${whose}`, async () => {
        const start = [0.1, 0.7, -1.3, 1 / 3];
        const on = await backend();
        const step = (w: Variable, rate: Variable): Promise<() => Promise<unknown>> => compile({ updates: new Map([[w, w.sub(w.mul(rate).sin())], [rate, rate.mul(0.9)]]) }, on);
        const [w, rate] = [variable(start), variable(0.1)];
        const whole = await step(w, rate);
        for (let k = 0; k < 3; k++) await whole();
        const [v, slower] = [variable({ data: await w.read(), shape: [4] }), variable(await rate.item())];
        const resumed = await step(v, slower);
        for (let k = 0; k < 3; k++) {
          await whole();
          await resumed();
        }
        expect([...(await v.read()), await slower.item()]).toEqual([...(await w.read()), await rate.item()]);
      });

      it(`but hyperparameters of rules keep float64 until they meet a tensor, by ${whose}`, async () => {
        const given = hyperparameter(0.999, 'float32', 'test');
        const scheduled = hyperparameter(variable(0.999, { dtype: 'float64' }), 'float32', 'test');
        const held = scalar(0.999, 'float32');
        const left = (beta: Expr): Expr => scalar(1, 'float32').sub(beta);
        const tensor = variable([1, 1, 1, 1, 1]);
        // 1 - 0.999 and 1 - 0.99900001287460327, as float32.
        expect(
          await answers(await backend(), { given: left(given), scheduled: left(scheduled), held: left(held), in: tensor.mul(left(given)), at: tensor.mul(given) }),
        ).toEqual({ given: 0.0010000000474974513, scheduled: 0.0010000000474974513, held: 0.0009999871253967285, in: 0.0010000000474974513, at: 0.9990000128746033 });
      });
    }
  });
}
