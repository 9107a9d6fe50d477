import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { ELEMENTWISE_OPS, type ElementwiseOp } from '../../src/graph/elementwise-table.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import * as elementwise from '../../src/operations/elementwise.js';
import { CASES, checkGradient, checkSecondDerivatives, shapes, tensor, tensorOf, valueOf } from './finite-differences.js';

interface Case {
  readonly f: (...args: Expr[]) => Expr;
  /** Where each operand is drawn from: away from kinks and poles by more than the step of the difference. */
  readonly domains: readonly (readonly [number, number])[];
  /** The second derivative exists and is not 0 everywhere. */
  readonly smooth: boolean;
}

const unary = (f: (a: Expr) => Expr, domain: readonly [number, number], smooth = true): Case => ({
  f: (a) => f(argument(a)),
  domains: [domain],
  smooth,
});
const binary = (
  f: (a: Expr, b: Expr) => Expr,
  domains: readonly [readonly [number, number], readonly [number, number]],
  smooth = true,
): Case => ({ f: (a, b) => f(argument(a), argument(b)), domains, smooth });

function argument(expr: Expr | undefined): Expr {
  if (expr === undefined) throw new Error('an operand is missing');
  return expr;
}

const WIDE = [-2, 2] as const;
const POSITIVE = [0.5, 3] as const;

/** A function alone: nothing flows through. A row of the table without a case fails to compile, and the test below. */
const ROWS: Readonly<Record<ElementwiseOp, Case | ((a: Expr) => Expr)>> = {
  neg: unary(elementwise.neg, WIDE, false),
  abs: unary(elementwise.abs, WIDE, false),
  sign: elementwise.sign,
  floor: elementwise.floor,
  ceil: elementwise.ceil,
  round: elementwise.round,
  exp: unary(elementwise.exp, WIDE),
  expm1: unary(elementwise.expm1, WIDE),
  log: unary(elementwise.log, POSITIVE),
  log1p: unary(elementwise.log1p, [-0.5, 2]),
  log2: unary(elementwise.log2, POSITIVE),
  log10: unary(elementwise.log10, POSITIVE),
  sqrt: unary(elementwise.sqrt, POSITIVE),
  sin: unary(elementwise.sin, [-4, 4]),
  cos: unary(elementwise.cos, [-4, 4]),
  tan: unary(elementwise.tan, [-1, 1]),
  tanh: unary(elementwise.tanh, WIDE),
  sigmoid: unary(elementwise.sigmoid, [-5, 5]),
  erf: unary(elementwise.erf, WIDE),
  relu: unary(elementwise.relu, WIDE, false),
  isNan: elementwise.isNan,
  isFinite: elementwise.isFinite,
  not: (a) => elementwise.not(a.gt(0)),
  add: binary(elementwise.add, [WIDE, WIDE], false),
  sub: binary(elementwise.sub, [WIDE, WIDE], false),
  mul: binary(elementwise.mul, [WIDE, WIDE]),
  div: binary(elementwise.div, [WIDE, POSITIVE]),
  pow: binary(elementwise.pow, [POSITIVE, WIDE]),
  // The quotients of these domains lie between -1 and 0 and between 0 and 1: no jump is near.
  mod: binary((a, b) => elementwise.mod(a, b).add(elementwise.mod(a.neg(), b)), [[0.25, 1], [1.5, 3]], false),
  // Ticks of different grids: the operands never tie.
  maximum: binary(elementwise.maximum, [WIDE, [-1.99, 2.01]], false),
  minimum: binary(elementwise.minimum, [WIDE, [-1.99, 2.01]], false),
  eq: (a) => elementwise.eq(a, 0.5),
  ne: (a) => elementwise.ne(a, 0.5),
  lt: (a) => elementwise.lt(a, 0.5),
  le: (a) => elementwise.le(a, 0.5),
  gt: (a) => elementwise.gt(a, 0.5),
  ge: (a) => elementwise.ge(a, 0.5),
  and: (a) => elementwise.and(a.gt(0), a.lt(1)),
  or: (a) => elementwise.or(a.gt(0), a.lt(1)),
  bitwiseAnd: (a) => elementwise.bitwiseAnd(a.mul(2).cast('int32'), 3),
  bitwiseOr: (a) => elementwise.bitwiseOr(a.mul(2).cast('int32'), 4),
  bitwiseXor: (a) => elementwise.bitwiseXor(a.mul(2).cast('int32'), 5),
  shiftLeft: (a) => elementwise.shiftLeft(a.mul(2).cast('int32'), 2),
  shiftRightLogical: (a) => elementwise.shiftRightLogical(a.mul(2).cast('int32'), 1),
  where: binary((a, b) => elementwise.where(a.gt(b), a.mul(2), b.neg()), [WIDE, [-1.99, 2.01]], false),
  // Small differences would be those of rounding to float32: casts to it have a test of their own.
  cast: unary((a) => elementwise.cast(a, 'float64').square(), WIDE),
};

/** Functions that are composed of rows. */
const COMPOSED: Readonly<Record<string, Case | ((a: Expr) => Expr)>> = {
  square: unary(elementwise.square, WIDE),
  reciprocal: unary(elementwise.reciprocal, [0.75, 3]),
  rsqrt: unary(elementwise.rsqrt, POSITIVE),
  clip: unary((a) => elementwise.clip(a, -1, 1.5), WIDE, false),
  xor: (a) => elementwise.xor(a.gt(0), a.lt(1)),
};

const cases = Object.entries({ ...ROWS, ...COMPOSED });
const differentiable = cases.flatMap(([name, row]) => (typeof row === 'function' ? [] : [{ name, ...row }]));

const scalarAt = (f: (x: Expr) => Expr, at: number): number => {
  const x = input('float64');
  return valueOf(f(x), new Map([[x, tensor([], [at])]])).data[0] ?? NaN;
};
const derivative = (f: (x: Expr) => Expr, at: number): number => scalarAt((x) => grad(f(x), x), at);

describe('gradients of elementwise operations', () => {
  it('has a case here for every row of the table and for every function', () => {
    expect(Object.keys(ROWS).sort()).toEqual([...ELEMENTWISE_OPS].sort());
    const functions = Object.keys(elementwise).filter((name) => name !== 'lift');
    expect([...Object.keys(ROWS), ...Object.keys(COMPOSED)].sort()).toEqual(functions.sort());
  });

  it.each(differentiable)('$name: agrees with finite differences', ({ f, domains }) => {
    const cases = shapes.chain((shape) => fc.tuple(...domains.map((domain) => tensorOf(shape, domain))));
    fc.assert(fc.property(cases, (values) => checkGradient(f, values)), CASES);
  });

  it.each(differentiable.filter((c) => c.smooth))('$name: the second derivatives agree with finite differences', ({ f, domains }) => {
    const cases = shapes.chain((shape) => fc.tuple(...domains.map((domain) => tensorOf(shape, domain))));
    fc.assert(fc.property(cases, (values) => checkSecondDerivatives(f, values)), CASES);
  });

  it('sums over broadcast axes', () => {
    const cases = fc
      .tuple(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom('both', 'left', 'right')), { maxLength: 3 }), fc.integer({ min: 0, max: 3 }))
      .chain(([axes, dropped]) => {
        const left = axes.map(([size, side]) => (side === 'right' ? 1 : size));
        const right = axes.map(([size, side]) => (side === 'left' ? 1 : size)).slice(Math.min(dropped, axes.length));
        return fc.tuple(tensorOf(left, WIDE), tensorOf(right, POSITIVE));
      });
    fc.assert(fc.property(cases, (values) => checkGradient((a, b) => elementwise.div(argument(a), argument(b)), values)), CASES);
    fc.assert(fc.property(cases, (values) => checkGradient((a, b) => elementwise.mul(argument(b), argument(a)), values)), CASES);
  });

  it.each(cases.flatMap(([name, row]) => (typeof row === 'function' ? [{ name, f: row }] : [])))('$name: nothing flows through', ({ f }) => {
    const x = input('float64', [2]);
    const result = f(x).cast('float64');
    const feeds = new Map([[x, tensor([2], [0.5, -1.5])]]);
    expect(valueOf(grad(result.mul(x).sum(), x), feeds)).toEqual(valueOf(result, feeds));
  });

  it('shares a tie of maximum and minimum half and half', () => {
    const x = input('float64');
    const y = input('float64');
    const feeds = new Map([[x, tensor([], [3])], [y, tensor([], [3])]]);
    for (const loss of [x.maximum(y), x.minimum(y)]) {
      expect(grad(loss, [x, y]).map((g) => valueOf(g, feeds).data[0])).toEqual([0.5, 0.5]);
    }
  });

  it('takes 0 at the kinks of abs and relu', () => {
    expect(derivative((x) => x.abs(), 0)).toBe(0);
    expect(derivative((x) => x.relu(), 0)).toBe(0);
  });

  it('gives what maximum and minimum do not choose 0, whatever the cotangent', () => {
    // The cotangent of exp is infinite.
    expect(derivative((x) => elementwise.exp(x.maximum(800)), 0)).toBe(0);
    expect(derivative((x) => elementwise.exp(x.neg().minimum(-800).neg()), 0) + 0).toBe(0);
    expect(derivative((x) => x.maximum(NaN), 1)).toBe(1);
  });

  it('gives the power its derivatives at a base of 0', () => {
    expect(derivative((x) => x.pow(2), 0)).toBe(0);
    expect(derivative((x) => x.pow(1), 0)).toBe(1);
    expect(derivative((x) => x.pow(0), 0)).toBe(0);
    expect(derivative((x) => x.pow(0), 3)).toBe(0);
    expect(derivative((x) => grad(x.pow(2), x), 0)).toBe(2);
    expect(derivative((x) => grad(x.pow(1), x), 0)).toBe(0);
    expect(derivative((x) => grad(grad(x.pow(2), x), x), 0)).toBe(0);
    // The exponent's derivative is 0 where the base is 0: the power is flat there.
    expect(derivative((x) => elementwise.pow(0, x), 2)).toBe(0);
  });

  it('gives the power with an exponent of 0 its mixed derivative 1 / base', () => {
    const [a, b] = [input('float64'), input('float64')];
    const mixed = grad(grad(a.pow(b), a), b);
    expect(valueOf(mixed, new Map([[a, tensor([], [4])], [b, tensor([], [0])]])).data[0]).toBeCloseTo(0.25, 14);
  });

  it('flows through a cast between floats and not through one from int32', () => {
    const x = input('float64', [2]);
    const counted = x.mul(x.cast('int32').cast('float64')).sum();
    expect(valueOf(grad(counted, x), new Map([[x, tensor([2], [2.75, -3.25])]])).data).toEqual(Float64Array.of(2, -3));
    const narrow = x.cast('float32');
    for (const [loss, slope] of [[narrow.square().cast('float64').sum(), 2], [narrow.cast('float64').square().mul(3).sum(), 6]] as const) {
      const first = grad(loss, x);
      const at = new Map([[x, tensor([2], [2.75, -3.25])]]);
      expect([first.dtype, valueOf(first, at).data]).toEqual(['float64', Float64Array.of(slope * 2.75, slope * -3.25)]);
      expect(valueOf(grad(first.sum(), x), at).data).toEqual(Float64Array.of(slope, slope));
    }
  });

  it('keeps a constant operand out of the way', () => {
    const x = input('float64', [3]);
    const loss = elementwise.where(literal([1, 0, 1], [3], 'bool'), x.square(), 7).sum();
    expect(valueOf(grad(loss, x), new Map([[x, tensor([3], [1, 2, 3])]])).data).toEqual(Float64Array.of(2, 0, 6));
  });
});
