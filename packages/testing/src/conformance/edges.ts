// Values and first and second gradients at the edges: zeros, ties, subnormals, large numbers, infinities; the numbers are PyTorch's.
import * as core from '@pappus/core';
import { type Expr, literal } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { type EdgeCase, edgeCases } from './edge-reference.js';
import { difference, execute, leaf, type Subject, type Value } from './differential.js';
import { grad } from './recording.js';
import type { FloatDType, Setting } from './setting.js';

const none = { reduction: 'none' } as const;

/** The functions of the cases, by their names. */
const FUNCTIONS: Readonly<Record<string, (x: Expr) => Expr>> = {
  softmax: (x) => x.softmax(),
  logSoftmax: (x) => x.logSoftmax(),
  logSumExp: (x) => x.logSumExp(-1),
  softplus: (x) => x.softplus(),
  logSigmoid: (x) => x.logSigmoid(),
  sigmoid: (x) => x.sigmoid(),
  tanh: (x) => x.tanh(),
  relu: (x) => x.relu(),
  leakyRelu: (x) => x.leakyRelu(),
  elu: (x) => x.elu(),
  gelu: (x) => x.gelu(),
  'gelu tanh': (x) => x.gelu({ approximate: 'tanh' }),
  silu: (x) => x.silu(),
  erf: (x) => x.erf(),
  expm1: (x) => x.expm1(),
  log1p: (x) => x.log1p(),
  log: (x) => x.log(),
  'binaryCrossEntropy of 1': (x) => core.binaryCrossEntropy(x, 1, none),
  'binaryCrossEntropy of 0': (x) => core.binaryCrossEntropy(x, 0, none),
  huber: (x) => core.huber(x, 0, none),
  hinge: (x) => core.hinge(x, literal([1], [1], x.dtype).broadcastTo(x.shape), none),
  absoluteError: (x) => core.absoluteError(x, 0, none),
  crossEntropy: (x) => core.crossEntropy(x, literal([0, 1, 0], [3], 'int32'), none),
  klDivergence: (x) => core.klDivergence(x, literal([0, 0.25, 0.75, 1, 0, 0], [2, 3], x.dtype), none),
  'prod without zeros': (x) => x.prod(),
  'prod with one zero': (x) => x.prod(),
  'prod with two zeros': (x) => x.prod(),
  'prod with three zeros': (x) => x.prod(),
  'pow 0': (x) => x.pow(0),
  'pow 1': (x) => x.pow(1),
  'pow 2': (x) => x.pow(2),
  'pow 3': (x) => x.pow(3),
  'pow -1': (x) => x.pow(-1),
  'pow -2': (x) => x.pow(-2),
  'layerNorm of equal numbers': (x) => core.layerNorm(x),
  'rmsNorm of zeros': (x) => core.rmsNorm(x),
  'batchNorm of equal numbers': (x) => core.batchNorm(x),
  'variance of equal numbers': (x) => x.variance(undefined, { correction: 1 }),
  norm: (x) => x.norm(-1),
  cosineSimilarity: (x) => core.cosineSimilarity(x, literal([1, 2, 0, 1], [2, 2], x.dtype), none),
  'attention with a mask of -Infinity': (x) =>
    core.scaledDotProductAttention(x, x, x, { mask: literal([-Infinity, 0, 0, -Infinity, -Infinity, -Infinity, 0, -Infinity, 1], [3, 3], x.dtype) }),
  'max with ties': (x) => x.max(),
  'max of -Infinity': (x) => x.max(),
  'maximum at a tie': (x) => x.maximum(0),
  abs: (x) => x.abs(),
};

/** Elementary functions, of which some suffice where a kernel takes long to compile. */
const ELEMENTARY: Readonly<Record<string, (x: Expr) => Expr>> = {
  asin: core.asin,
  acos: core.acos,
  atan: core.atan,
  sinh: core.sinh,
  cosh: core.cosh,
  asinh: core.asinh,
  acosh: core.acosh,
  atanh: core.atanh,
  log2: core.log2,
  log10: core.log10,
  exp2: core.exp2,
  'hypot beside 4': (x) => core.hypot(x, 4),
  'atan2 above -2': (x) => core.atan2(x, -2),
  'logAddExp beside 0': (x) => core.logAddExp(x, 0),
  'std of columns': (x) => core.std(x, 0, { correction: 1 }),
};

/** 0.5, -1.25, 2, 0.75, -0.25, ...: weights of the reference, so that no two elements of a gradient can be mixed up. */
function weighed(e: Expr, phase: number): Expr {
  const shape = e.shape.map(Number);
  const list = [0.5, -1.25, 2, 0.75, -0.25];
  const count = shape.reduce((product, d) => product * d, 1);
  return e.mul(literal(Array.from({ length: count }, (_, k) => list[(k + phase) % 5] ?? 0), shape, e.dtype)).sum();
}

/** The value, and the gradients of what `weighed` makes of it and of the first gradient; 0 where none flows. */
export function derivatives(f: (x: Expr) => Expr, x: Expr): Readonly<Record<'y' | 'first' | 'second', Expr>> {
  const y = f(x);
  // A term that is 0 and depends on x, so that there is a gradient of what is constant.
  const through = (loss: Expr): Expr => loss.add(core.where(x.isNan(), x, 0).sum());
  const first = grad(through(weighed(y, 0)), x);
  return { y, first, second: grad(through(weighed(first, 2)), x) };
}

/** Results below the normal range count as 0, on both sides. */
function aboveTiny(values: readonly number[], dtype: FloatDType): readonly number[] {
  const tiny = dtype === 'float32' ? 2 ** -126 : 2 ** -1022;
  return values.map((v) => (Math.abs(v) < tiny ? 0 : v));
}

/** Compared with numbers that another library rounded on its own ways: some units in the last place of the largest. */
const CLOSENESS = { relative: { float32: 1e-5, float64: 1e-13 } };

export function edges(setting: Setting): void {
  describe('at the edges, values and first and second gradients are those of PyTorch', () => {
    const cases = edgeCases();
    it('in all cases of the reference', () => {
      expect(Object.keys(cases).sort()).toEqual([...Object.keys(FUNCTIONS), ...Object.keys(ELEMENTARY)].sort());
    });
    for (const [name, f] of [...Object.entries(FUNCTIONS), ...setting.some(Object.entries(ELEMENTARY), Object.keys(ELEMENTARY).length)]) {
      for (const dtype of setting.floats) {
        it(`${name}, ${dtype}`, async () => {
          expect(await complaints(setting, dtype, leaf(cases, name), f)).toEqual([]);
        });
      }
    }
  });
}

async function complaints(setting: Setting, dtype: FloatDType, edge: EdgeCase, f: (x: Expr) => Expr): Promise<readonly string[]> {
  const { shape, x } = edge;
  const given: Value = { dtype, shape, data: dtype === 'float32' ? Float32Array.from(x) : Float64Array.from(x) };
  const subject: Subject = { steps: [{ x: given }], build: ({ inputs }) => ({ outputs: derivatives(f, leaf(inputs, 'x')) }) };
  const results = await execute(subject, await setting.backend());
  return results.flatMap(({ name, value }, k) => {
    const expected = edge[dtype][(['y', 'first', 'second'] as const)[k] ?? 'y'];
    const wanted: Value = { ...value, data: Float64Array.from(aboveTiny(expected, dtype)) };
    const found: Value = { ...value, data: Float64Array.from(aboveTiny([...value.data], dtype)) };
    // Where subnormal numbers count as 0, what is of one is any number that 0 or its neighbours give.
    const flushed = (i: number): boolean => x[i] !== 0 && Math.abs(x[i] ?? 1) < (setting.closeness().tiny ?? 0) && Number.isFinite(found.data[i]);
    for (const i of found.data.keys()) if (flushed(i)) found.data[i] = wanted.data[i] ?? NaN;
    const scale = Math.max(...expected.map((v) => (Number.isFinite(v) && Math.abs(v) < 1e3 ? Math.abs(v) : 0)));
    const complaint = difference(found, wanted, { ...CLOSENESS, scale });
    return complaint === undefined ? [] : [`${name}: ${complaint}`];
  });
}
