import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { pad, type PadOptions } from '../../src/operations/arrange.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

type Mode = Exclude<NonNullable<PadOptions['mode']>, 'constant'>;

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const MODES: readonly Mode[] = ['edge', 'reflect', 'symmetric', 'wrap'];

// What numpy.pad of NumPy 2.4 gives.
const OF_NUMPY: Readonly<Record<Mode, { readonly both: readonly number[]; readonly before: readonly number[]; readonly behind: readonly number[]; readonly matrix: readonly number[]; readonly far: readonly number[]; readonly column: readonly number[] }>> = {
  edge: {
    both: [1, 1, 1, 2, 3, 3, 3],
    before: [1, 1, 1, 1, 2, 3, 4],
    behind: [1, 2, 3, 4, 4, 4, 4, 4],
    matrix: [1, 1, 1, 2, 3, 3, 1, 1, 1, 2, 3, 3, 4, 4, 4, 5, 6, 6],
    far: [1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3],
    column: [4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
  },
  reflect: {
    both: [3, 2, 1, 2, 3, 2, 1],
    before: [4, 3, 2, 1, 2, 3, 4],
    behind: [1, 2, 3, 4, 3, 2, 1, 2],
    matrix: [6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5],
    far: [2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2],
    column: [4, 4, 4, 5, 5, 5, 4, 4, 4, 5, 5, 5, 4, 4, 4],
  },
  symmetric: {
    both: [2, 1, 1, 2, 3, 3, 2],
    before: [3, 2, 1, 1, 2, 3, 4],
    behind: [1, 2, 3, 4, 4, 3, 2, 1],
    matrix: [2, 1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 5, 4, 4, 5, 6, 6],
    far: [1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2],
    column: [4, 4, 4, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4],
  },
  wrap: {
    both: [2, 3, 1, 2, 3, 1, 2],
    before: [2, 3, 4, 1, 2, 3, 4],
    behind: [1, 2, 3, 4, 1, 2, 3, 4],
    matrix: [5, 6, 4, 5, 6, 4, 2, 3, 1, 2, 3, 1, 5, 6, 4, 5, 6, 4],
    far: [3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2],
    column: [4, 4, 4, 5, 5, 5, 4, 4, 4, 5, 5, 5, 4, 4, 4],
  },
};

describe.each(MODES)('pad by the mode %s', (mode) => {
  const expected = OF_NUMPY[mode];

  it('is what NumPy gives, on either side, of several axes, and beyond what there is', async () => {
    expect(await numbers(pad(f64([1, 2, 3]), [2], { mode }))).toEqual(expected.both);
    expect(await numbers(pad(f64([1, 2, 3, 4]), [[3, 0]], { mode }))).toEqual(expected.before);
    expect(await numbers(pad(f64([1, 2, 3, 4]), [[0, 4]], { mode }))).toEqual(expected.behind);
    expect(await numbers(pad(f64([1, 2, 3, 4, 5, 6], [2, 3]), [[1, 0], [2, 1]], { mode }))).toEqual(expected.matrix);
    expect(await numbers(pad(f64([1, 2, 3]), [[7, 5]], { mode }))).toEqual(expected.far);
    // A column of two rows: one element along an axis.
    expect(await numbers(pad(f64([4, 5], [2, 1]), [[0, 3], 1], { mode }))).toEqual(expected.column);
    expect(await numbers(pad(literal([1, 2, 3], [3], 'int32'), [2], { mode }))).toEqual(expected.both);
    expect(await numbers(pad(literal([0, 1, 1], [3], 'bool'), [[1, 0]], { mode }))).toEqual([[0, 1, 0, 1][MODES.indexOf(mode)], 0, 1, 1]);
  });

  it('is the same of open sizes, whatever they are in a call', async () => {
    const open = input('float64', ['n'], 'x');
    const run = async (y: Expr, values: number[]): Promise<number[]> => [...(await evaluate(y, [[open, values]])).data];
    const y = pad(open, [[7, 5]], { mode });
    expect(String(y.shape)).toBe('n + 12');
    expect(await run(y, [1, 2, 3])).toEqual(expected.far);
    expect(await run(pad(open, [2], { mode }), [1, 2, 3])).toEqual(expected.both);
    expect(await run(y, [4])).toEqual(new Array(13).fill(4));
    const column = input('float64', ['rows', 'columns']);
    expect([...(await evaluate(pad(column, [[0, 3], 1], { mode }), [[column, [[4], [5]]]])).data]).toEqual(expected.column);
    await expect(run(y, [])).rejects.toThrow(ShapeError);
    // How often each element is there.
    const g = await run(grad(y.sum(), open), [1, 2, 3]);
    expect(g).toEqual([1, 2, 3].map((value) => expected.far.filter((found) => found === value).length));
  });

  it('leaves axes as they are that get nothing, of size 0 too', async () => {
    const none = f64([], [0, 2]);
    expect(pad(none, [0, 0], { mode })).toBe(none);
    expect((await evaluate(pad(none, [0, 3], { mode }))).shape).toEqual([0, 8]);
    expect(() => pad(none, [1, 0], { mode })).toThrow(new ShapeError('pad: axis 0 of a constant float64[0, 2] has size 0, and no element to pad with'));
    const scalar = f64([3], []);
    expect(pad(scalar, [], { mode })).toBe(scalar);
  });

  it('has gradients that agree with finite differences', () => {
    checkDerivatives((a) => pad(a, [[1, 0], [2, 1]], { mode }).square(), [[2, 3]]);
    checkDerivatives((a) => pad(a, [[3, 4], [0, 5]], { mode }).square(), [[2, 3]]);
  });

  it('has no value', () => {
    expect(() => pad(f64([1]), [1], { mode, value: 0 })).toThrow(new InputError(`pad: the option value is what the mode 'constant' pads with; the mode '${mode}' pads with elements of the tensor`));
  });
});

describe('the mode of pad', () => {
  it('is constant by default, and no other than there are', async () => {
    expect(await numbers(pad(f64([1, 2]), [1], { mode: 'constant', value: 7 }))).toEqual([7, 1, 2, 7]);
    // @ts-expect-error -- torch's name
    expect(() => pad(f64([1]), [1], { mode: 'replicate' })).toThrow(new InputError("pad: the option mode must be 'constant' or 'edge' or 'reflect' or 'symmetric' or 'wrap', not 'replicate'"));
    // @ts-expect-error -- no number
    expect(() => pad(f64([1]), [1], { value: null })).toThrow(new InputError('pad: the option value must be a number, not null'));
  });
});
