// Operations of networks against what PyTorch answers, values and gradients: data/torch-networks.json; data/README.md says where it is from.
import * as core from '@pappus/core';
import { evaluate, type Expr, grad, input, literal } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import written from '../data/torch-networks.json' with { type: 'json' };

interface Recorded {
  readonly shape: readonly number[];
  readonly value: readonly (number | string)[];
  readonly gradients?: readonly (readonly (number | string)[])[];
  readonly indices?: readonly number[];
}

const recorded: Readonly<Record<string, Recorded>> = written.cases;

interface Case {
  readonly f: (...operands: readonly Expr[]) => Expr;
  readonly shapes: readonly (readonly number[])[];
}

/** `f` of the operands of torch-networks.py: by their shapes. */
function on(f: (...operands: [Expr, Expr, Expr]) => Expr, ...shapes: readonly (readonly number[])[]): Case {
  return { f: (...operands) => f(operands[0] ?? NOTHING, operands[1] ?? NOTHING, operands[2] ?? NOTHING), shapes };
}

const NOTHING = literal([], [0], 'float64');

function filled(shape: readonly number[], phase: number): Float64Array {
  return Float64Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) => Math.sin(1.3 * i + phase));
}

const each = <T>(list: readonly T[], f: (entry: T) => Readonly<Record<string, Case>>): Readonly<Record<string, Case>> => Object.fromEntries(list.flatMap((entry) => Object.entries(f(entry))));

const CONVOLUTIONS: Readonly<Record<string, Case>> = {
  conv3d: on((x, w) => core.conv3d(x, w), [1, 2, 3, 4, 3], [2, 2, 2, 2, 2]),
  'conv3d strided, grouped': on((x, w) => core.conv3d(x, w, { stride: [1, 2, 2], padding: [1, 0, 1], dilation: [2, 1, 1], groups: 2 }), [1, 2, 3, 4, 3], [2, 1, 2, 2, 2]),
  convTranspose3d: on((x, w) => core.convTranspose3d(x, w, { stride: 2, padding: 1, outputPadding: [1, 0, 1] }), [1, 2, 2, 2, 2], [2, 2, 2, 3, 2]),
};

const POOLS: Readonly<Record<string, Case>> = {
  maxPool3d: on((x) => core.maxPool3d(x, 2, { stride: 1 }), [1, 1, 3, 3, 4]),
  avgPool3d: on((x) => core.avgPool3d(x, [2, 1, 2]), [1, 2, 2, 2, 5]),
  'maxPool1d dilation 2, padding 1': on((x) => core.maxPool1d(x, 3, { stride: 2, padding: 1, dilation: 2 }), [1, 2, 9]),
  'maxPool2d dilation [2, 1]': on((x) => core.maxPool2d(x, 2, { stride: 1, dilation: [2, 1] }), [1, 1, 5, 4]),
  ...each([5, 6, 7, 8], (n) => ({
    [`maxPool1d of ${n}, ceilMode`]: on((x) => core.maxPool1d(x, 3, { stride: 2, ceilMode: true }), [1, 1, n]),
    [`maxPool1d of ${n}, 2 by 3, padding 1, ceilMode`]: on((x) => core.maxPool1d(x, 2, { stride: 3, padding: 1, ceilMode: true }), [1, 1, n]),
    [`avgPool1d of ${n}, ceilMode`]: on((x) => core.avgPool1d(x, 3, { stride: 2, padding: 1, ceilMode: true }), [1, 1, n]),
    [`avgPool1d of ${n}, ceilMode, countIncludePad`]: on((x) => core.avgPool1d(x, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: true }), [1, 1, n]),
    [`avgPool1d of ${n}, 2 by 3, ceilMode, countIncludePad`]: on((x) => core.avgPool1d(x, 2, { stride: 3, padding: 1, ceilMode: true, countIncludePad: true }), [1, 1, n]),
  })),
  'avgPool2d padding 1, countIncludePad': on((x) => core.avgPool2d(x, [2, 3], { stride: 2, padding: 1, countIncludePad: true }), [1, 1, 4, 5]),
  'avgPool2d padding 1': on((x) => core.avgPool2d(x, [2, 3], { stride: 2, padding: 1 }), [1, 1, 4, 5]),
  ...each([[7, 3], [6, 3], [3, 7], [5, 1], [1, 4], [10, 4]] as const, ([n, size]) => ({
    [`adaptiveAvgPool1d of ${n} to ${size}`]: on((x) => core.adaptiveAvgPool1d(x, size), [1, 2, n]),
    [`adaptiveMaxPool1d of ${n} to ${size}`]: on((x) => core.adaptiveMaxPool1d(x, size), [1, 2, n]),
  })),
  adaptiveAvgPool2d: on((x) => core.adaptiveAvgPool2d(x, [3, 2]), [1, 2, 7, 4]),
  adaptiveMaxPool2d: on((x) => core.adaptiveMaxPool2d(x, [3, 2]), [1, 2, 7, 5]),
  adaptiveAvgPool3d: on((x) => core.adaptiveAvgPool3d(x, [2, 2, 3]), [1, 1, 3, 4, 5]),
  adaptiveMaxPool3d: on((x) => core.adaptiveMaxPool3d(x, [2, 2, 3]), [1, 1, 3, 4, 5]),
};

const SIZES: Readonly<Record<string, Case>> = {
  ...each([[5, 8], [5, 3], [4, 8], [4, 1], [1, 3], [6, 4]] as const, ([n, size]) => ({
    ...each(['nearest', 'nearestExact', 'linear'] as const, (method) => ({ [`resize of ${n} to ${size}, ${method}`]: on((x) => core.resize(x, size, { method }), [1, 2, n]) })),
    [`resize of ${n} to ${size}, linear, alignCorners`]: on((x) => core.resize(x, size, { method: 'linear', alignCorners: true }), [1, 2, n]),
  })),
  'resize 2d': on((x) => core.resize(x, [5, 3], { method: 'linear' }), [1, 2, 3, 4]),
  'resize 2d, alignCorners': on((x) => core.resize(x, [5, 3], { method: 'linear', alignCorners: true }), [1, 2, 3, 4]),
  'resize 3d': on((x) => core.resize(x, [3, 1, 5], { method: 'linear' }), [1, 1, 2, 3, 3]),
  pixelShuffle: on((x) => core.pixelShuffle(x, 2), [1, 8, 2, 3]),
  pixelUnshuffle: on((x) => core.pixelUnshuffle(x, 2), [1, 2, 4, 6]),
};

const ACTIVATIONS: Readonly<Record<string, Case>> = {
  selu: on((x) => core.selu(x.mul(5)), [3, 8]),
  relu6: on((x) => core.relu6(x.mul(10)), [3, 8]),
  hardSwish: on((x) => core.hardSwish(x.mul(5)), [3, 8]),
  hardSigmoid: on((x) => core.hardSigmoid(x.mul(5)), [3, 8]),
  mish: on((x) => core.mish(x.mul(5)), [3, 8]),
  'prelu by channels': on((x, w) => core.prelu(x, w), [2, 3, 4], [3]),
  'prelu by one': on((x, w) => core.prelu(x, w), [2, 3, 4], [1]),
  localResponseNorm: on((x) => core.localResponseNorm(x.mul(2), 3, { alpha: 0.5, beta: 0.6, k: 1.5 }), [1, 5, 3]),
  'localResponseNorm of 4': on((x) => core.localResponseNorm(x.mul(2), 4, { alpha: 0.5 }), [1, 5, 3]),
};

const LOSSES: Readonly<Record<string, Case>> = {
  ...each(['mean', 'sum', 'none'] as const, (reduction) => ({
    [`binaryCrossEntropy weighted, ${reduction}`]: on((x, t) => core.binaryCrossEntropy(x.mul(3), t.abs(), { posWeight: [0.5, 1, 4], reduction }), [4, 3], [4, 3]),
    [`tripletMargin, ${reduction}`]: on((a, b, c) => core.tripletMargin(a, b, c, { margin: 0.7, reduction }), [5, 3], [5, 3], [5, 3]),
  })),
  'tripletMargin swapped, p 1': on((a, b, c) => core.tripletMargin(a, b, c, { p: 1, swap: true, reduction: 'none' }), [5, 3], [5, 3], [5, 3]),
  ntXent: on((a, b) => core.ntXent(a, b, { reduction: 'none' }), [4, 3], [4, 3]),
  infoNce: on((a, b) => core.infoNce(a, b, { reduction: 'none' }), [4, 3], [4, 3]),
  contrastive: on((a, b) => core.contrastive(a, b, literal([1, 0, 0, 1, 0], [5], 'bool'), { reduction: 'none' }), [5, 3], [5, 3]),
};

/** Orders, as Python writes them. */
const ORDERS = { '0.0': 0, '0.5': 0.5, '1.0': 1, '1.5': 1.5, '2.0': 2, '3.0': 3, '-1.0': -1, '-2.5': -2.5, inf: Infinity, '-inf': -Infinity } as const;
const mask = literal([1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0], [4, 3], 'float64');

const NORMS: Readonly<Record<string, Case>> = each(Object.entries(ORDERS), ([name, order]) => ({
  [`norm of order ${name}`]: on((x) => x.norm([0, 2], { order }).add(x.sum().mul(0)), [2, 3, 4]),
  ...(order === 0 || order === -Infinity ? {} : { [`norm of order ${name} beside zeros`]: on((x) => x.mul(mask).norm(1, { order }), [4, 3]) }),
}));

const integers = (list: readonly number[], shape: readonly number[]): Expr => literal(list, shape, 'int32');
const sequences = (rows: number): readonly [Expr, core.CtcLossOptions] => [
  // What stands behind the labels does not count.
  integers([1, 2, 2, 3, 1, -7, -1, 99, 0, 2, 2, 2].slice(0, 3 * rows), [rows, 3]),
  { inputLengths: integers([6, 4, 5, 4].slice(0, rows), [rows]), labelLengths: integers([3, 2, 0, 3].slice(0, rows), [rows]), reduction: 'none' },
];

const CTC: Readonly<Record<string, Case>> = {
  ctcLoss: on((x) => core.ctcLoss(x.mul(2), ...sequences(3)), [3, 6, 4]),
  'ctcLoss, zeroInfinity': on((x) => core.ctcLoss(x.mul(2), sequences(4)[0], { ...sequences(4)[1], zeroInfinity: true }), [4, 6, 4]),
  'ctcLoss with the last class as blank': on((x) => core.ctcLoss(x.mul(2), integers([0, 1, 2, 2], [2, 2]), { blank: 3, reduction: 'sum' }), [2, 5, 4]),
  'ctcLoss of what does not fit': { f: () => core.ctcLoss(tensor([1, 4, 4]), integers([2, 2, 2], [1, 3])), shapes: [] },
};

const CASES: Readonly<Record<string, Case>> = { ...CTC, ...CONVOLUTIONS, ...POOLS, ...SIZES, ...ACTIVATIONS, ...LOSSES, ...NORMS };

/** Pools with indices, by what they are of. */
const POSITIONS: Readonly<Record<string, { readonly of: Expr; readonly pool: (x: Expr) => core.MaxPoolResult }>> = {
  maxPool1dWithIndices: { of: tensor([2, 2, 9]), pool: (x) => core.maxPool1dWithIndices(x, 3, { stride: 2, padding: 1, dilation: 2 }) },
  maxPool2dWithIndices: { of: tensor([1, 2, 5, 6]), pool: (x) => core.maxPool2dWithIndices(x, 3, { stride: 2, padding: 1, ceilMode: true }) },
  maxPool3dWithIndices: { of: tensor([1, 2, 4, 2, 5]), pool: (x) => core.maxPool3dWithIndices(x, 2) },
  'maxPool2dWithIndices of ties': { of: tensor([1, 1, 4, 4]).round(), pool: (x) => core.maxPool2dWithIndices(x, 2, { stride: 1 }) },
  'maxPool2dWithIndices of -Infinity': { of: core.constant(-Infinity, [1, 1, 2, 2], { dtype: 'float64' }), pool: (x) => core.maxPool2dWithIndices(x, 2, { stride: 1, padding: 1 }) },
};

function tensor(shape: readonly number[]): Expr {
  return literal(filled(shape, 1), shape, 'float64');
}

/** Infinities and NaN are written as Python does. */
function numbers(list: readonly (number | string)[]): readonly number[] {
  return list.map((x) => (typeof x === 'number' ? x : ({ inf: Infinity, '-inf': -Infinity }[x] ?? NaN)));
}

function close(name: string, found: ArrayLike<number>, expected: readonly (number | string)[]): void {
  const list = Array.from(found);
  expect(list, name).toHaveLength(expected.length);
  // Thirteen digits are recorded.
  const apart = numbers(expected).flatMap((e, i) => {
    const f = list[i] ?? NaN;
    return Object.is(e + 0, f + 0) || Math.abs(f - e) <= 1e-11 * Math.max(1, Math.abs(e)) ? [] : [`${i}: ${f} is not ${e}`];
  });
  expect(apart, name).toEqual([]);
}

function recordedAs(name: string): Recorded {
  const found = recorded[name];
  if (found === undefined) throw new Error(`torch-networks.json has no case '${name}'`);
  return found;
}

describe('what PyTorch answers', () => {
  it('is asked for in every case', () => {
    expect(Object.keys(recorded).filter((name) => !(name in CASES) && !(name in POSITIONS))).toEqual([]);
  });

  it.each(Object.keys(CASES))('%s', async (name) => {
    const { f, shapes } = CASES[name] ?? on((x) => x);
    const { shape, value, gradients = [] } = recordedAs(name);
    const operands = shapes.map((sizes) => input('float64', sizes));
    const values = shapes.map((sizes, k) => filled(sizes, 1 + k));
    const bound = operands.map((operand, k): [Expr, Float64Array] => [operand, values[k] ?? new Float64Array()]);
    const result = f(...operands);
    const found = await evaluate(result, bound);
    expect(found.shape).toEqual(shape);
    close('value', found.data, value);
    const weights = literal(Float64Array.from({ length: value.length }, (_, i) => Math.cos(1.7 * i + 0.3)), shape, 'float64');
    expect(gradients).toHaveLength(operands.length);
    for (const [k, g] of grad(result.mul(weights).sum(), operands).entries()) close(`gradient ${k}`, (await evaluate(g, bound)).data, gradients[k] ?? []);
  });

  it.each(Object.keys(POSITIONS))('%s', async (name) => {
    const given = POSITIONS[name];
    if (given === undefined) throw new Error(`there is no ${name}`);
    const { values, indices } = given.pool(given.of);
    close('value', (await evaluate(values)).data, recordedAs(name).value);
    expect([...(await evaluate(indices)).data]).toEqual(recordedAs(name).indices);
  });
});
