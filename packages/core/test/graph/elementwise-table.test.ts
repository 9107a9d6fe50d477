import erf from '@stdlib/math-base-special-erf';
import { describe, expect, it } from 'vitest';
import { type BinaryOp, ELEMENTWISE_OPS, isBinary, isUnary, meaning, resultDType, type UnaryOp } from '../../src/graph/elementwise-table.js';

const specials = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 1e-320, -1e-320, 1e308, -1e308, 2 ** 52 + 1, -(2 ** 52) - 1, 700, -800];

/** The interpreter hands three operands to every operation; those that it does not take are NaN. */
const float = (op: UnaryOp | BinaryOp): ((a: number, b?: number) => number) => {
  const f = meaning(op, 'float64', resultDType(op, 'float64'));
  return (a, b = NaN) => f(a, b, NaN);
};
const int = (op: UnaryOp | BinaryOp): ((a: number, b?: number) => number) => {
  const f = meaning(op, 'int32', resultDType(op, 'int32'));
  return (a, b = NaN) => f(a, b, NaN);
};
const bit = (value: boolean): number => (value ? 1 : 0);

const MATH: Readonly<Partial<Record<UnaryOp, (x: number) => number>>> = {
  abs: (x) => Math.abs(x),
  sign: (x) => Math.sign(x),
  floor: (x) => Math.floor(x),
  ceil: (x) => Math.ceil(x),
  exp: (x) => Math.exp(x),
  expm1: (x) => Math.expm1(x),
  log: (x) => Math.log(x),
  log1p: (x) => Math.log1p(x),
  log2: (x) => Math.log2(x),
  log10: (x) => Math.log10(x),
  sqrt: (x) => Math.sqrt(x),
  sin: (x) => Math.sin(x),
  cos: (x) => Math.cos(x),
  tan: (x) => Math.tan(x),
  tanh: (x) => Math.tanh(x),
  neg: (x) => 0 - x === 0 ? (Object.is(x, 0) ? -0 : 0) : 0 - x,
  relu: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  isNan: (x) => bit(Number.isNaN(x)),
  isFinite: (x) => bit(Number.isFinite(x)),
};

const BINARY_MATH: Readonly<Partial<Record<BinaryOp, (a: number, b: number) => number>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => Math.pow(a, b),
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  eq: (a, b) => bit(a === b),
  ne: (a, b) => bit(a !== b),
  lt: (a, b) => bit(a < b),
  le: (a, b) => bit(a <= b),
  gt: (a, b) => bit(a > b),
  ge: (a, b) => bit(a >= b),
};

describe('the meaning of elementwise operations', () => {
  it('is known for every name of the table', () => {
    for (const op of ELEMENTWISE_OPS) {
      const known = op === 'where' || op === 'cast' || op in MATH || op in BINARY_MATH || ['round', 'sigmoid', 'erf', 'mod', 'not', 'and', 'or', 'bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'shiftLeft', 'shiftRightLogical'].includes(op);
      expect(known, op).toBe(true);
    }
    expect([isUnary('exp'), isUnary('add'), isBinary('add'), isBinary('where')]).toEqual([true, false, true, false]);
  });

  it.each(Object.entries(MATH))('%s: is what Math gives, for zeros, infinities, subnormals and NaN too', (name, expected) => {
    if (!isUnaryName(name)) throw new Error(name);
    for (const x of specials) expect(float(name)(x), `${name}(${x})`).toBe(expected(x));
  });

  it.each(Object.entries(BINARY_MATH))('%s: is what JavaScript gives, for zeros, infinities, subnormals and NaN too', (name, expected) => {
    if (!isBinaryName(name)) throw new Error(name);
    for (const a of specials) for (const b of specials) expect(float(name)(a, b), `${name}(${a}, ${b})`).toBe(expected(a, b));
  });

  it('round: ties go to the even neighbour, and zeros keep their sign', () => {
    const round = float('round');
    const expected: readonly (readonly [number, number])[] = [
      [0.5, 0], [1.5, 2], [2.5, 2], [-0.5, -0], [-1.5, -2], [-2.5, -2], [0.49999999999999994, 0], [0.3, 0], [-0.3, -0],
      [2 ** 52 - 0.5, 2 ** 52], [2 ** 51 + 0.5, 2 ** 51], [2 ** 52 + 1, 2 ** 52 + 1], [-0, -0], [Infinity, Infinity], [NaN, NaN],
    ];
    for (const [x, y] of expected) expect(round(x), String(x)).toBe(y);
  });

  it('erf: agrees with that of stdlib to 1e-15', () => {
    const mine = float('erf');
    for (let x = -7; x <= 7; x += 1 / 128) {
      expect(Math.abs(mine(x) - erf(x)), `erf(${x})`).toBeLessThanOrEqual(1e-15);
    }
    for (const x of [1e-300, 1e-20, 1e-8, 1e-3, 0.1, -1e-8]) {
      expect(Math.abs(mine(x) - erf(x)), `erf(${x})`).toBeLessThanOrEqual(1e-15 * Math.abs(erf(x)));
    }
    for (const x of [0, -0, NaN, Infinity, -Infinity]) expect(mine(x)).toBe(erf(x));
  });

  it('sigmoid: is 1 / (1 + exp(-x)), neither end overflows, and sigmoid(x) + sigmoid(-x) is 1', () => {
    const sigmoid = float('sigmoid');
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 15);
    expect(sigmoid(-745)).toBe(Math.exp(-745));
    expect([sigmoid(Infinity), sigmoid(-Infinity), sigmoid(NaN), sigmoid(1e4), sigmoid(-1e4)]).toEqual([1, 0, NaN, 1, 0]);
    for (const x of [0.1, 1, 5, 20]) expect(sigmoid(x) + sigmoid(-x)).toBeCloseTo(1, 15);
  });

  it('mod: has the sign of the divisor, as in Python', () => {
    const mod = float('mod');
    expect([mod(7, 3), mod(-7, 3), mod(7, -3), mod(-7, -3), mod(5.5, 2), mod(-0.5, 2)]).toEqual([1, 2, -2, -1, 1.5, 1.5]);
    expect([mod(1, 0), mod(Infinity, 2), mod(NaN, 1)]).toEqual([NaN, NaN, NaN]);
    expect([mod(3, Infinity), mod(-3, Infinity)]).toEqual([3, Infinity]);
  });

  it('int32: sums, differences, products and negations wrap around', () => {
    const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
    expect(int('add')(high, 1)).toBe(low);
    expect(int('sub')(low, 1)).toBe(high);
    expect(int('mul')(2 ** 30, 2)).toBe(low);
    expect(int('mul')(123456789, 987654321)).toBe(-67153019);
    expect(int('neg')(low)).toBe(low);
    expect(int('neg')(0)).toBe(0);
    expect(int('abs')(low)).toBe(low);
    expect([int('abs')(-5), int('sign')(-5), int('relu')(-5), int('relu')(5)]).toEqual([5, -1, 0, 5]);
    expect([int('maximum')(-3, 2), int('minimum')(-3, 2)]).toEqual([2, -3]);
  });

  it('int32: the remainder by 0 is 0, and that of the lowest by -1', () => {
    const mod = int('mod');
    expect([mod(7, 0), mod(-(2 ** 31), -1), mod(-7, 3), mod(7, -3)]).toEqual([0, 0, 2, -2]);
  });

  it('int32: bits are those of JavaScript, shift counts modulo 32', () => {
    const expected: Readonly<Partial<Record<BinaryOp, (a: number, b: number) => number>>> = {
      bitwiseAnd: (a, b) => a & b, bitwiseOr: (a, b) => a | b, bitwiseXor: (a, b) => a ^ b, shiftLeft: (a, b) => a << b, shiftRightLogical: (a, b) => Int32Array.of(a >>> b)[0] ?? NaN,
    };
    const values = [0, 1, -1, 5, -6, 31, 32, 33, 2 ** 31 - 1, -(2 ** 31), 0x12345678, -0x12345678];
    for (const [op, f] of Object.entries(expected)) {
      if (!isInteger(op)) throw new Error(op);
      for (const a of values) for (const b of values) expect(int(op)(a, b), `${op}(${a}, ${b})`).toBe(f(a, b));
    }
    expect([int('shiftRightLogical')(-1, 0), int('shiftRightLogical')(-1, 28), int('shiftLeft')(1, 31), int('shiftLeft')(3, 33)]).toEqual([-1, 15, -(2 ** 31), 6]);
  });

  it('bool: and, or and not are those of logic', () => {
    const bool = (op: UnaryOp | BinaryOp, a: number, b: number): number => meaning(op, 'bool', 'bool')(a, b, NaN);
    for (const a of [0, 1]) {
      expect(bool('not', a, NaN)).toBe(bit(a === 0));
      for (const b of [0, 1]) {
        expect(bool('and', a, b)).toBe(bit(a === 1 && b === 1));
        expect(bool('or', a, b)).toBe(bit(a === 1 || b === 1));
        expect(bool('eq', a, b)).toBe(bit(a === b));
        expect(bool('ne', a, b)).toBe(bit(a !== b));
      }
    }
  });

  it('where: takes one branch and does not look at the other', () => {
    const where = meaning('where', 'float64', 'float64');
    expect([where(1, 2, NaN), where(0, NaN, 3)]).toEqual([2, 3]);
  });

  it('cast: towards zero and saturating to int32, NaN to 0; nonzero to bool', () => {
    const toInt = meaning('cast', 'float64', 'int32');
    const given = [1.9, -1.9, -0.5, NaN, Infinity, -Infinity, 3e9, -3e9];
    expect(given.map((x) => toInt(x, NaN, NaN))).toEqual([1, -1, 0, 0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31)]);
    const toBool = meaning('cast', 'float64', 'bool');
    expect([0, -0, 0.1, -3, NaN].map((x) => toBool(x, NaN, NaN))).toEqual([0, 0, 1, 1, 1]);
  });

  it('cast: to the nearest float32', () => {
    const given = [0.1, 16777217, 16777219, 1e39, -1e39, 3.4028235677973362e38, 1e-46, -1e-46, 1e-45, NaN];
    const nearest = [0.10000000149011612, 16777216, 16777220, Infinity, -Infinity, 3.4028234663852886e38, 0, -0, 2 ** -149, NaN];
    for (const from of ['float64', 'int32'] as const) expect(given.map((x) => meaning('cast', from, 'float32')(x, NaN, NaN))).toEqual(nearest);
    expect(given.map((x) => meaning('cast', 'float32', 'float64')(x, NaN, NaN))).toEqual(given);
  });

  it('comparisons answer bool, the rest the dtype of the operands', () => {
    expect([resultDType('lt', 'int32'), resultDType('isNan', 'float32'), resultDType('add', 'int32'), resultDType('exp', 'float32')]).toEqual([
      'bool', 'bool', 'int32', 'float32',
    ]);
  });
});

function isUnaryName(name: string): name is UnaryOp {
  return name in MATH;
}

function isInteger(name: string): name is BinaryOp {
  return name.startsWith('bitwise') || name.startsWith('shift');
}

function isBinaryName(name: string): name is BinaryOp {
  return name in BINARY_MATH;
}
