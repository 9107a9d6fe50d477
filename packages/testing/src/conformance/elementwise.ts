// Every operation of the elementwise table on every dtype that it takes, special values and odd sizes included.
import { cast, type DType, DTYPES, type Expr, type Operand, where } from '@pappus/core';
import { type BinaryOp, domainOf, ELEMENTWISE_OPS, type ElementwiseOp, inDomain, isBinary, isUnary, type UnaryOp } from '@pappus/core/backend';
import * as core from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { type InputValue, leaf } from './differential.js';
import type { Setting } from './setting.js';
import { fromList, samples } from './values.js';

const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33];

export const UNARY: Readonly<Record<UnaryOp, (a: Expr) => Expr>> = {
  neg: core.neg,
  abs: core.abs,
  sign: core.sign,
  floor: core.floor,
  ceil: core.ceil,
  round: core.round,
  exp: core.exp,
  expm1: core.expm1,
  log: core.log,
  log1p: core.log1p,
  log2: core.log2,
  log10: core.log10,
  sqrt: core.sqrt,
  sin: core.sin,
  cos: core.cos,
  tan: core.tan,
  tanh: core.tanh,
  sigmoid: core.sigmoid,
  erf: core.erf,
  relu: core.relu,
  isNan: core.isNan,
  isFinite: core.isFinite,
  not: core.not,
};

export const BINARY: Readonly<Record<BinaryOp, (a: Operand, b: Operand) => Expr>> = {
  add: core.add,
  sub: core.sub,
  mul: core.mul,
  div: core.div,
  pow: core.pow,
  mod: core.mod,
  maximum: core.maximum,
  minimum: core.minimum,
  eq: core.eq,
  ne: core.ne,
  lt: core.lt,
  le: core.le,
  gt: core.gt,
  ge: core.ge,
  and: core.and,
  or: core.or,
  bitwiseAnd: core.bitwiseAnd,
  bitwiseOr: core.bitwiseOr,
  bitwiseXor: core.bitwiseXor,
  shiftLeft: core.shiftLeft,
  shiftRightLogical: core.shiftRightLogical,
};

/** Operands that the definition itself is no measure for: there, V8's `Math.pow` is off by hundreds of units. */
function isMeasurable(op: ElementwiseOp, a: number): boolean {
  const distance = Math.abs(Math.abs(a) - 1);
  return op !== 'pow' || distance === 0 || distance > 1e-5 || Number.isNaN(distance);
}

/** Every pair of two lists. */
function pairs(op: ElementwiseOp, left: readonly number[], right: readonly number[]): readonly (readonly [number, number])[] {
  return left.flatMap((a) => (isMeasurable(op, a) ? right.map((b) => [a, b] as const) : []));
}

function steps(dtype: DType, lists: Readonly<Record<string, readonly number[]>>): Readonly<Record<string, InputValue>>[] {
  const whole = Math.max(...Object.values(lists).map((list) => list.length));
  return [...SIZES, whole].map((size, k) =>
    Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, { ...fromList(dtype, [size], list, 13 * k), open: ['n'] }])),
  );
}

export function elementwise(setting: Setting): void {
  describe('elementwise operations', () => {
    it('are all covered', () => {
      expect([...Object.keys(UNARY), ...Object.keys(BINARY), 'where', 'cast'].sort()).toEqual([...ELEMENTWISE_OPS].sort());
    });

    for (const op of Object.keys(UNARY).filter(isUnaryName)) {
      for (const dtype of setting.dtypes.filter((d) => inDomain(domainOf(op), d))) {
        it(`${op} of ${dtype}`, async () => {
          const x = setting.samples(dtype).concat(setting.samples(dtype, 2));
          await setting.agree(
            { steps: steps(dtype, { x }), build: ({ inputs }) => ({ outputs: { y: UNARY[op](leaf(inputs, 'x')) } }) },
            { signedZeros: true },
          );
        });
      }
    }

    for (const op of Object.keys(BINARY).filter(isBinaryName)) {
      for (const dtype of setting.dtypes.filter((d) => inDomain(domainOf(op), d))) {
        it(`${op} of ${dtype}`, async () => {
          const all = pairs(op, setting.samples(dtype), setting.samples(dtype, 3));
          const lists = { a: all.map(([a]) => a), b: all.map(([, b]) => b) };
          await setting.agree(
            { steps: steps(dtype, lists), build: ({ inputs }) => ({ outputs: { y: BINARY[op](leaf(inputs, 'a'), leaf(inputs, 'b')) } }) },
            { signedZeros: true },
          );
        });

        it(`${op} of ${dtype} and a scalar, on either side`, async () => {
          const list = samples(dtype, false).filter((x) => isMeasurable(op, x));
          const x = fromList(dtype, [list.length], list);
          const s = fromList(dtype, [], samples(dtype, false), 15);
          const t = fromList(dtype, [], samples(dtype, false), 2);
          await setting.agree(
            {
              steps: [{ x, s }, { x, s: t }],
              variables: { v: fromList(dtype, [], samples(dtype, false), 20) },
              build: ({ inputs, variables }) => {
                const [tensor, scalar, held] = [leaf(inputs, 'x'), leaf(inputs, 's'), leaf(variables, 'v')];
                const f = BINARY[op];
                const constant = dtype === 'bool' ? true : 3;
                return {
                  outputs: {
                    right: f(tensor, scalar), left: f(scalar, tensor), both: f(scalar, scalar), variable: f(tensor, held),
                    constant: f(tensor, constant), constantLeft: f(constant, tensor), scalars: f(scalar, held),
                  },
                };
              },
            },
            { signedZeros: true },
          );
        });
      }
    }

    for (const dtype of setting.dtypes.filter((d) => d !== 'bool')) {
      it(`constants of every magnitude, ${dtype}`, async () => {
        const whole = [0, 1, -7, 2 ** 24 + 1, 2 ** 31 - 1, -(2 ** 31)];
        const floats = [0.1, 1e-30, 2 ** 53, 2 ** 63, 1e19, -5e19, 1e20, 1e21, 3e38, -1e-37];
        const constants = dtype === 'int32' ? whole : [...whole, ...floats];
        const x = fromList(dtype, [3], [1, 0, -1]);
        await setting.agree({
          steps: [{ x }],
          build: ({ inputs }) => ({ outputs: Object.fromEntries(constants.map((c) => [`${c}`, leaf(inputs, 'x').eq(0).where(c, leaf(inputs, 'x'))])) }),
        });
      });
    }

    for (const dtype of setting.dtypes) {
      it(`where of ${dtype}`, async () => {
        const list = setting.samples(dtype);
        const inputs = [...SIZES, 200].map((n) => ({
          c: { ...fromList('bool', [n], samples('bool', false)), open: ['n'] },
          a: { ...fromList(dtype, [n], list, 5), open: ['n'] },
          b: { ...fromList(dtype, [n], list, 29), open: ['n'] },
        }));
        await setting.agree(
          {
            steps: inputs,
            build: (leaves) => {
              const [c, a, b] = [leaf(leaves.inputs, 'c'), leaf(leaves.inputs, 'a'), leaf(leaves.inputs, 'b')];
              const one = dtype === 'bool' ? true : 1;
              return { outputs: { both: where(c, a, b), left: where(c, a, one), right: where(c, one, b), compared: where(a.eq(b), a, b) } };
            },
          },
          { signedZeros: true },
        );
      });
    }
  });

  describe('casts', () => {
    for (const from of setting.dtypes) {
      for (const to of DTYPES.filter((d) => setting.dtypes.includes(d) && d !== from)) {
        it(`from ${from} to ${to}`, async () => {
          const edges = from === 'float32' || from === 'float64' ? [2 ** 31, -(2 ** 31), 2 ** 31 - 128, 2147483646.5, -2147483648.75, 1e20, -1e20, 0.999999, -0.999999] : [];
          const x = [...setting.samples(from), ...edges];
          await setting.agree(
            {
              steps: steps(from, { x }),
              build: ({ inputs }) => {
                const given = leaf(inputs, 'x');
                // To the definition float32 is float64: what rounds on the way comes back changed.
                const back = to === 'float32' ? {} : { back: cast(cast(given, to), from) };
                return { outputs: { y: cast(given, to), ...back, beside: cast(given, to).eq(cast(given.eq(given), to)) } };
              },
            },
            { signedZeros: true },
          );
        });
      }
    }
  });
}

function isUnaryName(name: string): name is UnaryOp {
  return name in UNARY && isUnary(name as UnaryOp);
}

function isBinaryName(name: string): name is BinaryOp {
  return name in BINARY && isBinary(name as BinaryOp);
}
