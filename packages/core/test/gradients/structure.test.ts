import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import type { Expr } from '../../src/graph/expr.js';
import type { Node, ReduceOp } from '../../src/graph/node.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import type { Dense } from '../../src/interpreter/tensor.js';
import { crossEntropy } from '../../src/operations/cross-entropy.js';
import * as cumulative from '../../src/operations/cumulative.js';
import * as indexing from '../../src/operations/indexing.js';
import * as movement from '../../src/operations/movement.js';
import * as networks from '../../src/operations/networks.js';
import * as products from '../../src/operations/products.js';
import * as reductions from '../../src/operations/reductions.js';
import { window } from '../../src/operations/windows.js';
import { sizeOf } from '../../src/graph/shape.js';
import {
  CASES,
  checkGradient,
  checkSecondDerivatives,
  distinctTensorOf,
  filledShapes,
  shapes,
  tensor,
  tensorOf,
  valueOf,
} from './finite-differences.js';

const WIDE = [-2, 2] as const;
const POSITIVE = [0.5, 2] as const;

/** An operation on given values, as fast-check draws it. */
interface Drawn {
  readonly f: (...args: Expr[]) => Expr;
  readonly values: readonly Dense[];
}
type Case = fc.Arbitrary<Drawn>;

/** One operand of some shape, and an operation that may depend on the shape. */
function onShape(
  shapesOf: fc.Arbitrary<number[]>,
  operation: (shape: readonly number[]) => fc.Arbitrary<(a: Expr) => Expr>,
  values: (shape: readonly number[]) => fc.Arbitrary<Dense> = (shape) => tensorOf(shape, WIDE),
): Case {
  return shapesOf.chain((shape) =>
    fc.tuple(operation(shape), values(shape)).map(([f, value]) => ({ f: (a) => f(first(a)), values: [value] })),
  );
}

function onPair(shapesOf: fc.Arbitrary<readonly [number[], number[]]>, f: (a: Expr, b: Expr) => Expr): Case {
  return shapesOf.chain(([a, b]) =>
    fc.tuple(tensorOf(a, WIDE), tensorOf(b, WIDE)).map((values) => ({ f: (x, y) => f(first(x), first(y)), values })),
  );
}

function first(expr: Expr | undefined): Expr {
  if (expr === undefined) throw new Error('an operand is missing');
  return expr;
}

/** Some of the axes, each counted from either end, and keepdims. */
const someAxes = (shape: readonly number[]): fc.Arbitrary<{ axes: readonly number[] | undefined; keepdims: boolean }> =>
  fc.record({
    axes: fc.option(fc.subarray(shape.flatMap((_, k) => (k % 2 === 0 ? [k] : [k - shape.length]))), { nil: undefined }),
    keepdims: fc.boolean(),
  });

const reduction = (
  f: (a: Expr, axes?: number | readonly number[], options?: reductions.ReduceOptions) => Expr,
  shapesOf = shapes,
  values?: (shape: readonly number[]) => fc.Arbitrary<Dense>,
): Case => onShape(shapesOf, (shape) => someAxes(shape).map(({ axes, keepdims }) => (a) => f(a, axes, { keepdims })), values);

const distinct = (shape: readonly number[]): fc.Arbitrary<Dense> => distinctTensorOf(shape, WIDE);
const positive = (shape: readonly number[]): fc.Arbitrary<Dense> => tensorOf(shape, POSITIVE);
/** One or two zeros among numbers that are none. */
const withZeros = (shape: readonly number[]): fc.Arbitrary<Dense> =>
  fc.tuple(tensorOf(shape, WIDE), fc.nat(), fc.nat()).map(([{ data }, i, j]) => {
    for (const k of [i, j]) if (data.length > 0) data[k % data.length] = 0;
    return { data, shape };
  });

const along = (f: (a: Expr, axis?: number) => Expr, values?: (shape: readonly number[]) => fc.Arbitrary<Dense>): Case =>
  onShape(filledShapes, (shape) => fc.option(fc.integer({ min: -shape.length, max: shape.length - 1 }), { nil: undefined }).map((axis) => (a) => f(a, axis)), values);

const reshapeCase = onShape(shapes, (shape) =>
  fc.boolean().map((infer) => (a) => {
    const reversed = [...shape].reverse();
    const known = sizeOf(reversed.slice(1));
    return movement.reshape(a, infer && known > 0 && reversed.length > 0 ? [-1, ...reversed.slice(1)] : [...reversed, 1]).square();
  }),
);

const range = (size: number): fc.Arbitrary<movement.Range> => {
  const bound = fc.option(fc.integer({ min: -size - 2, max: size + 2 }));
  const ranges: fc.Arbitrary<movement.Range> = fc.tuple(bound, bound, fc.constantFrom(1, 2, 3, -1, -2));
  const whole: fc.Arbitrary<movement.Range> = fc.constant(null);
  return size === 0 ? fc.oneof(whole, ranges) : fc.oneof(whole, ranges, fc.integer({ min: -size, max: size - 1 }));
};

/** Shapes of two matrices with leading axes that broadcast; sizes of 0 included. */
const matrices: fc.Arbitrary<readonly [number[], number[]]> = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom('both', 'left', 'right')), { maxLength: 2 }),
    fc.integer({ min: 0, max: 2 }),
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
    fc.constantFrom('left', 'right', 'none'),
  )
  .map(([batch, dropped, [m, k, n], shorter]) => {
    const left = batch.map(([size, side]) => (side === 'right' ? 1 : size));
    const right = batch.map(([size, side]) => (side === 'left' ? 1 : size));
    return [
      [...(shorter === 'left' ? left.slice(Math.min(dropped, left.length)) : left), m, k],
      [...(shorter === 'right' ? right.slice(Math.min(dropped, right.length)) : right), k, n],
    ] as const;
  });
const withVectors: fc.Arbitrary<readonly [number[], number[]]> = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.constantFrom('left', 'right', 'both'))
  .map(([batch, k, n, side]) =>
    side === 'both' ? ([[k], [k]] as const) : side === 'left' ? ([[k], [...batch, k, n]] as const) : ([[...batch, n, k], [k]] as const),
  );

const labelled: Case = filledShapes.chain((shape) => {
  const leading = shape.slice(0, -1);
  const classes = shape.at(-1) ?? 1;
  const count = sizeOf(leading);
  return fc
    .tuple(tensorOf(shape, WIDE), fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: count, maxLength: count }))
    .map(([value, labels]) => ({ f: (logits) => crossEntropy(first(logits), literal(labels, leading, 'int32')), values: [value] }));
});

const concatCase: Case = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }), fc.nat(), fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }))
  .chain(([shape, at, sizes]) => {
    const axis = at % shape.length;
    return fc
      .tuple(...sizes.map((size) => tensorOf(shape.map((d, k) => (k === axis ? size : d)), WIDE)))
      .map((values) => ({ f: (...parts) => movement.concat(parts, axis - (at % 2) * shape.length).square(), values }));
  });

const sliceCase: Case = onShape(shapes, (shape) =>
  fc.tuple(...shape.map(range)).map((ranges) => (a) => movement.slice(a, ...ranges).square()),
);
const padCase: Case = onShape(filledShapes, (shape) =>
  fc.tuple(fc.constantFrom(1, 2, -1, -2), fc.integer({ min: 0, max: 2 })).map(([step, margin]) => (a) => {
    const whole = shape.map((size) => margin + 2 * size);
    const starts = shape.map((size) => (step > 0 ? margin : margin + 2 * size - 1));
    return movement.padNode(a.square(), starts, shape.map(() => step), whole);
  }),
);

interface Named {
  readonly cases: Case;
  /** The second derivative exists and is not 0 everywhere. */
  readonly smooth: boolean;
}
const kinked = (cases: Case): Named => ({ cases, smooth: false });
const smooth = (cases: Case): Named => ({ cases, smooth: true });

/** Indices along an axis of size 3, some outside. */
const someIndices = fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 5 });

/** A case for every function of operations/ that is not elementwise; null where no gradient flows. */
const FUNCTIONS: Readonly<Record<string, Named | null>> = {
  sum: kinked(reduction(reductions.sum)),
  mean: kinked(reduction(reductions.mean, filledShapes)),
  prod: smooth(reduction(reductions.prod, shapes, positive)),
  max: kinked(reduction(reductions.max, filledShapes, distinct)),
  min: kinked(reduction(reductions.min, filledShapes, distinct)),
  peak: kinked(reduction(reductions.peak, filledShapes, distinct)),
  all: null,
  any: null,
  logSumExp: smooth(reduction(reductions.logSumExp, filledShapes)),
  reshape: smooth(reshapeCase),
  transpose: smooth(
    onShape(shapes, (shape) =>
      fc.option(fc.shuffledSubarray(shape.map((_, k) => k), { minLength: shape.length }), { nil: undefined }).map((axes) => (a) => movement.transpose(a, axes).square()),
    ),
  ),
  swapLast: smooth(onShape(shapes.map((shape) => [...shape, 2, 3]), () => fc.constant((a) => movement.swapLast(a).square()))),
  broadcastTo: smooth(
    onShape(
      fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
      (shape) => fc.tuple(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }), fc.integer({ min: 0, max: 3 })).map(([leading, stretch]) => (a) =>
        movement.broadcastTo(a, [...leading, ...shape.map((d) => (d === 1 ? stretch : d))]).square()),
    ),
  ),
  expandDims: smooth(onShape(shapes, (shape) => fc.integer({ min: -shape.length - 1, max: shape.length }).map((axis) => (a) => movement.expandDims(a, axis).square()))),
  squeeze: smooth(onShape(shapes.map((shape) => [1, ...shape, 1]), () => fc.constantFrom(undefined, 0, [-1, 0]).map((axes) => (a) => movement.squeeze(a, axes).square()))),
  restoreAxes: smooth(onShape(shapes, (shape) => fc.constant((a) => movement.restoreAxes(a, [0, shape.length + 1], shape.length + 2).square()))),
  slice: smooth(sliceCase),
  sliceNode: smooth(sliceCase),
  sliceAlong: smooth(onShape(shapes.map((shape) => [...shape, 3]), (shape) => fc.integer({ min: 0, max: shape.length - 1 }).map((axis) => (a) => movement.sliceAlong(a, axis, [null, null, -1]).square()))),
  padNode: smooth(padCase),
  concat: smooth(concatCase),
  stopGradient: null,
  cumsum: smooth(
    onShape(shapes.filter((shape) => shape.length > 0), (shape) =>
      fc.record({ axis: fc.nat({ max: shape.length - 1 }), reverse: fc.boolean(), exclusive: fc.boolean() }).map(({ axis, ...options }) => (a) => cumulative.cumsum(a, axis, options).square())),
  ),
  take: smooth(
    onShape(filledShapes.map((shape) => [...shape, 3]), (shape) =>
      fc.tuple(fc.nat({ max: shape.length - 1 }), someIndices).map(([axis, indices]) => (a) => indexing.take(a, literal(indices, [indices.length], 'int32'), axis, { mode: 'clamp' }).square()),
    ),
  ),
  gather: smooth(
    onShape(filledShapes, (shape) =>
      fc.nat({ max: shape.length - 1 }).chain((axis) => {
        const at = shape.map((d, k) => (k === axis ? 3 : d));
        return fc.array(fc.integer({ min: -1, max: 3 }), { minLength: sizeOf(at), maxLength: sizeOf(at) }).map((indices) => (a: Expr) =>
          indexing.gather(a, literal(indices, at, 'int32'), axis, { mode: 'clamp' }).square());
      })),
  ),
  scatterAdd: smooth(
    onShape(filledShapes.map((shape) => [3, ...shape]), () =>
      someIndices.map((list) => (a) => {
        const indices = literal(list, [list.length], 'int32');
        return indexing.scatterAdd(a, indices, indexing.take(a, indices, 0, { mode: 'clamp' }).square(), 0, { mode: 'clamp' }).square();
      }),
    ),
  ),
  /** As gather, under another name for messages. */
  gatherFor: null,
  scattered: null,
  gatherNode: smooth(
    onShape(filledShapes.map((shape) => [3, ...shape]), () =>
      fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 4 }).map((list) => (a) =>
        indexing.gatherNode(a, literal(list, [list.length], 'int32'), 0, 'zero', 'take').square()),
    ),
  ),
  scatterNode: smooth(
    onShape(filledShapes.map((shape) => [3, ...shape]), (shape) =>
      fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 3, maxLength: 3 }).map((list) => (a) =>
        indexing.scatterNode(literal(list, [3], 'int32'), a, 0, [4, ...shape.slice(1)]).square()),
    ),
  ),
  matmul: smooth(fc.oneof(onPair(matrices, products.matmul), onPair(withVectors, products.matmul))),
  productNode: smooth(
    onPair(fc.constant([[2, 1, 3, 2], [2, 3, 2, 2]]), (a, b) => products.productNode(a, b, { rows: 1, columns: 1, depth: 2 })),
  ),
  window: smooth(onShape(filledShapes, (shape) => fc.integer({ min: 1, max: shape[0] ?? 1 }).map((size) => (a) => window(a, 0, size).square()))),
  softmax: smooth(along(networks.softmax)),
  logSoftmax: smooth(along(networks.logSoftmax)),
  crossEntropy: smooth(labelled),
};

/** A reduction without a case fails to compile. */
const REDUCTIONS = { sum: true, prod: true, max: true, min: true, all: false, any: false } as const satisfies Record<ReduceOp, boolean>;

/** Which functions make a kind of node; a kind without one fails to compile. */
const MADE_BY = {
  constant: null,
  size: null,
  data: null,
  input: null,
  variable: null,
  placeholder: null,
  // In files of their own.
  routine: null,
  scan: null,
  remat: null,
  barrier: null,
  iota: null,
  elementwise: null,
  reduce: 'sum',
  cumsum: 'cumsum',
  reshape: 'reshape',
  broadcast: 'broadcastTo',
  transpose: 'transpose',
  slice: 'slice',
  pad: 'padNode',
  concat: 'concat',
  gather: 'take',
  scatter: 'scatterNode',
  matmul: 'matmul',
  window: 'window',
  /** Its gradient is said by whoever makes one; see custom.test.ts. */
  customGradient: null,
  /** A number's only; see hyperparameter.test.ts. */
  unroundedCast: null,
  stopGradient: 'stopGradient',
} as const satisfies Record<Node['kind'], string | null>;

const differentiable = Object.entries(FUNCTIONS).flatMap(([name, row]) => (row === null ? [] : [{ name, ...row }]));

const gradientAt = (loss: (x: Expr) => Expr, values: Dense): readonly number[] => {
  const x = input('float64', values.shape);
  return [...valueOf(grad(loss(x), x), new Map([[x, values]])).data];
};

describe('gradients of reductions, movement, products and networks', () => {
  it('has a case here for every function, reduction and kind of node', () => {
    const functions = [{ crossEntropy, window }, cumulative, indexing, movement, networks, products, reductions].flatMap((module) => Object.keys(module));
    expect(Object.keys(FUNCTIONS).sort()).toEqual(functions.sort());
    for (const [op, flows] of Object.entries(REDUCTIONS)) expect(FUNCTIONS[op] !== null, op).toBe(flows);
    for (const name of Object.values(MADE_BY)) if (name !== null) expect(FUNCTIONS).toHaveProperty(name);
  });

  it.each(differentiable)('$name: agrees with finite differences', ({ cases }) => {
    fc.assert(fc.property(cases, ({ f, values }) => checkGradient(f, values)), CASES);
  });

  it.each(differentiable.filter((c) => c.smooth))('$name: the second derivatives agree with finite differences', ({ cases }) => {
    const usable = cases.filter(({ f, values }) => f(...values.map(({ shape }) => input('float64', shape))).node.kind !== 'input');
    fc.assert(fc.property(usable, ({ f, values }) => checkSecondDerivatives((...args) => f(...args).square(), values)), CASES);
  });

  it('prod: agrees with finite differences where elements are 0', () => {
    fc.assert(fc.property(reduction(reductions.prod, filledShapes, withZeros), ({ f, values }) => checkGradient(f, values)), CASES);
  });

  it('prod: the second derivatives agree with finite differences whatever is 0', () => {
    for (const values of [[0, 2, -3], [2, 0, -3], [0], [0, 5], [0, 0], [2, 0, 0, -3], [0, 0, 0, 4, 5]]) {
      checkSecondDerivatives((a) => first(a).prod().square().add(first(a).prod()), [tensor([values.length], values)]);
    }
  });

  it('prod: gives a lone zero the product of the others, and nothing to the rest', () => {
    expect(gradientAt((x) => x.prod(), tensor([3], [2, 0, 5])).map((g) => g + 0)).toEqual([0, 10, 0]);
    expect(gradientAt((x) => x.prod(), tensor([3], [0, 0, 5])).map((g) => g + 0)).toEqual([0, 0, 0]);
  });

  it('max and min: ties share the gradient evenly', () => {
    expect(gradientAt((x) => x.max(), tensor([4], [1, 3, 3, 2]))).toEqual([0, 0.5, 0.5, 0]);
    expect(gradientAt((x) => x.min(1).mul(literal([1, 10], [2], 'float64')).sum(), tensor([2, 2], [1, 1, 2, 7]))).toEqual([0.5, 0.5, 10, 0]);
  });

  it('all and any: nothing flows through', () => {
    for (const reduce of [reductions.all, reductions.any]) {
      expect(gradientAt((x) => x.mul(reduce(x.gt(0)).cast('float64').add(2)).sum(), tensor([2], [1, 2]))).toEqual([3, 3]);
    }
  });

  it('stopGradient: its operand counts as a constant', () => {
    expect(gradientAt((x) => x.mul(x.stopGradient()).sum(), tensor([2], [3, -4]))).toEqual([3, -4]);
  });

  it('softmax: the gradient of a sum of probabilities is 0, and no overflow spoils it', () => {
    const g = gradientAt((x) => x.softmax().slice(0), tensor([3], [1000, 1000, -1000]));
    expect(g).toEqual([0.25, -0.25, -0]);
  });

  it('crossEntropy: is softmax minus one-hot, over the number of labels', () => {
    const logits = tensor([2, 2], [Math.log(3), 0, 0, Math.log(3)]);
    const g = gradientAt((x) => crossEntropy(x, literal([0, 0], [2], 'int32')), logits);
    [-0.125, 0.125, -0.375, 0.375].forEach((expected, i) => expect(g[i]).toBeCloseTo(expected, 15));
  });

  it('keeps open dimensions open', () => {
    const x = input('float64', ['batch', 'time', 3]);
    const w = input('float64', [3, 2]);
    const loss = x.matmul(w).reshape([-1, 2]).softmax().slice([1, null]).square().mean();
    const [dx, dw] = grad(loss, [x, w]);
    expect(String(dx.shape)).toBe('batch,time,3');
    expect(String(dw.shape)).toBe('3,2');
  });
});
