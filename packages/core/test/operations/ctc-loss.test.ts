// What PyTorch answers is in tooling/testing/test/torch-networks.test.ts.
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { ctcLoss, type CtcLossOptions } from '../../src/operations/ctc-loss.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'int32');
const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];

/** The definition: the probabilities of all sequences of classes that read as the labels. */
function plainLoss(logits: readonly (readonly number[])[], labels: readonly number[], blank: number): number {
  const classes = logits[0]?.length ?? 0;
  const shares = logits.map((row) => row.map((z) => Math.exp(z) / row.reduce((sum, other) => sum + Math.exp(other), 0)));
  let total = 0;
  for (let code = 0; code < classes ** logits.length; code++) {
    const path = logits.map((_, t) => Math.floor(code / classes ** t) % classes);
    const read = path.filter((k, t) => k !== blank && k !== path[t - 1]);
    if (read.join() === labels.join()) total += path.reduce((product, k, t) => product * (shares[t]?.[k] ?? NaN), 1);
  }
  return -Math.log(total);
}

describe('ctcLoss', () => {
  const logits = [[0.3, -1, 2], [1, 0.5, -0.7], [-2, 0.1, 0.4], [0.9, 1.2, -0.3]];
  const x = literal(logits.flat(), [1, 4, 3], 'float64');

  it.each([[[1], 0], [[1, 2], 0], [[2, 2], 0], [[1, 2, 1], 0], [[], 0], [[0, 1], 2], [[0, 0], 1]] as const)('sums over all alignments of %j, the blank being %d', async (labels, blank) => {
    const [loss = NaN] = await numbers(ctcLoss(x, integers(labels, [1, labels.length]), { blank }));
    expect(loss).toBeCloseTo(plainLoss(logits, labels, blank), 12);
  });

  it('has the derivatives of finite differences', () => {
    const options: CtcLossOptions = { inputLengths: integers([3, 2]), labelLengths: integers([2, 1]), reduction: 'none' };
    checkDerivatives((a) => ctcLoss(a, integers([1, 1, 2, 0], [2, 2]), options), [[2, 3, 3]]);
  });

  it('is Infinity where no alignment fits, with a gradient of 0, or 0; an example without time has no labels', async () => {
    const z = input('float64', [2, 2, 3]);
    const at: [Expr, number[][][]] = [z, [[[1, 2, 3], [0, 0, 1]], [[1, 0, 0], [0, 1, 0]]]];
    const labels = integers([1, 1, 1, 2], [2, 2]);
    const [none = NaN, some = NaN] = (await evaluate(ctcLoss(z, labels, { reduction: 'none' }), [at])).data;
    expect(none).toBe(Infinity);
    expect(some).toBeGreaterThan(0);
    for (const zeroInfinity of [false, true]) {
      const g = [...(await evaluate(grad(ctcLoss(z, labels, { reduction: 'sum', zeroInfinity }), z), [at])).data];
      expect(g.slice(0, 6).map((each) => each + 0)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(g.every(Number.isFinite)).toBe(true);
    }
    expect((await evaluate(ctcLoss(z, labels, { reduction: 'none', zeroInfinity: true }), [at])).data).toEqual(Float64Array.of(0, some));
    const lengths = { inputLengths: integers([0, 0]), labelLengths: integers([0, 1]), reduction: 'none' } as const;
    expect([...(await evaluate(ctcLoss(z, labels, lengths), [at])).data].map((each) => each + 0)).toEqual([0, Infinity]);
  });

  it('keeps finite where probabilities underflow, and takes classes that never come', async () => {
    const far = literal([1000, 0, 0, 0, 1000, 0], [1, 2, 3], 'float32');
    expect((await numbers(ctcLoss(far, integers([2, 2], [1, 2]), { labelLengths: integers([1]) })))[0]).toBeCloseTo(1000, 3);
    const never = literal([-Infinity, 0, 0, -Infinity, 0, 0], [1, 2, 3], 'float64');
    expect((await numbers(ctcLoss(never, integers([1, 2], [1, 2]))))[0]).toBeCloseTo(Math.log(4), 12);
  });

  it('takes open sizes, and refuses a label that is no class, or says NaN of it', async () => {
    const [z, labels] = [input('float64', ['batch', 'time', 3]), input('int32', ['batch', 'length'])];
    const { data } = await evaluate(ctcLoss(z, labels, { reduction: 'none' }), [[z, [logits, logits]], [labels, [[1, 2], [2, 1]]]]);
    expect(data[0]).toBeCloseTo(plainLoss(logits, [1, 2], 0), 12);
    expect(data[1]).toBeCloseTo(plainLoss(logits, [2, 1], 0), 12);
    expect(() => ctcLoss(x, integers([1, 3], [1, 2]))).toThrow(/^ctcLoss: .* has the label 3, which is not from 0 to 2; what stands behind the labels of an example does not count with the option labelLengths$/);
    expect(await numbers(ctcLoss(x, integers([1, 3], [1, 2]), { labelLengths: integers([2]) }))).toEqual([NaN]);
    expect((await numbers(ctcLoss(x, integers([1, 3], [1, 2]), { labelLengths: integers([1]) })))[0]).toBeCloseTo(plainLoss(logits, [1], 0), 12);
  });

  it('of no examples is nothing, or a sum of 0', async () => {
    const none = literal([], [0, 4, 3], 'float64');
    expect(await numbers(ctcLoss(none, integers([], [0, 2]), { reduction: 'none' }))).toEqual([]);
    expect(await numbers(ctcLoss(none, integers([], [0, 2]), { reduction: 'sum' }))).toEqual([0]);
  });

  it('says what does not fit', () => {
    const labels = integers([1, 2], [1, 2]);
    expect(() => ctcLoss(x.slice(0), labels)).toThrow('should have 3 dimensions: batch, time and classes');
    expect(() => ctcLoss(x, labels, { blank: 3 })).toThrow(new InputError('ctcLoss: the blank must be a class, from 0 to 3 - 1, not 3'));
    expect(() => ctcLoss(x, integers([1, 2]))).toThrow(ShapeError);
    expect(() => ctcLoss(x, labels, { inputLengths: integers([1, 2]) })).toThrow(/^ctcLoss: the inputLengths, a constant int32\[2\], should have the shape \[1\]/);
    expect(() => ctcLoss(x, labels.cast('float32'))).toThrow(DTypeError);
  });
});
