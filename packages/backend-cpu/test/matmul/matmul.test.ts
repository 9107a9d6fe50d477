import { describe, expect, it } from 'vitest';
import { tile, type MatmulOptions, type MatmulType } from '../../src/matmul/index.js';
import { matmulModule, multiplier, numbers, plainProduct, type Numbers, type Sizes } from './packed.js';

const RELAXED_RUNS = WebAssembly.validate(matmulModule({ type: 'float32', relaxed: true }));

const VARIANTS: readonly MatmulOptions[] = [
  { type: 'float32', relaxed: false },
  { type: 'float64', relaxed: false },
  { type: 'int32', relaxed: false },
  ...(RELAXED_RUNS ? ([{ type: 'float32', relaxed: true }, { type: 'float64', relaxed: true }] as const) : []),
];

const EPSILON: Record<MatmulType, number> = { float32: 2 ** -24, float64: 2 ** -53, int32: 0 };

/** Values in [-1, 1), or any integers, the same for the same seed: a linear congruential generator. */
function random(type: MatmulType, length: number, seed: number): Numbers {
  let state = seed;
  const out = numbers(type, new ArrayBuffer(length * 8), 0, length);
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    out[i] = type === 'int32' ? Math.imul(state, 0x9e3779b1) : state / 2 ** 31;
  }
  return out;
}

function product32(a: ArrayLike<number>, b: ArrayLike<number>, { m, n, k }: Sizes): number[] {
  return Array.from({ length: m * n }, (_, at) => {
    let sum = 0;
    for (let t = 0; t < k; t++) sum = (sum + Math.imul(a[Math.floor(at / n) * k + t] ?? 0, b[t * n + (at % n)] ?? 0)) | 0;
    return sum;
  });
}

function expectProduct(type: MatmulType, c: readonly number[], a: Numbers, b: Numbers, sizes: Sizes): void {
  const at = `${sizes.m} x ${sizes.n} x ${sizes.k}`;
  if (type === 'int32') {
    expect(c, at).toEqual(product32(a, b, sizes));
    return;
  }
  const { product, magnitude } = plainProduct(a, b, sizes);
  expect(c.length, at).toBe(product.length);
  const wrong = c.findIndex((value, i) => {
    const bound = EPSILON[type] * (2 * sizes.k + 2) * (magnitude[i] ?? NaN);
    return !(Math.abs(value - (product[i] ?? NaN)) <= bound);
  });
  expect(wrong, `${at}: first wrong element`).toBe(-1);
}

it(`relaxed SIMD is ${RELAXED_RUNS ? 'tested too' : 'not tested: this engine does not validate it'}`, () => {
  expect(VARIANTS.length).toBe(RELAXED_RUNS ? 5 : 3);
});

describe.each(VARIANTS)('matmul $type, relaxed: $relaxed', (options) => {
  const { type } = options;
  const { rows, columns } = tile(type, options.relaxed);

  it('adds to what is there if it is told to', () => {
    const [once, twice] = [multiplier({ options }), multiplier({ options, twice: true })];
    for (const sizes of [{ m: 1, n: 1, k: 1 }, { m: rows + 1, n: columns + 1, k: 5 }, { m: 2, n: 3, k: 1200 }, { m: 2, n: 3, k: 0 }]) {
      const [a, b] = [random(type, sizes.m * sizes.k, 1), random(type, sizes.k * sizes.n, 2)];
      const double = (x: number): number => (type === 'int32' ? (2 * x) | 0 : 2 * x);
      // Doubling is exact in one block of k; two blocks are rounded once more in between.
      const found = twice(a, b, sizes);
      once(a, b, sizes).forEach((x, i) => {
        if (sizes.k <= 512) expect(found[i]).toBe(double(x));
        else expect(Math.abs((found[i] ?? NaN) - double(x))).toBeLessThanOrEqual(EPSILON[type] * 4 * sizes.k);
      });
    }
  });

  it('equals the plain product for every small size', () => {
    const multiply = multiplier({ options });
    const most = { m: 2 * rows + 1, n: 2 * columns + 2, k: 9 };
    for (let m = 0; m <= most.m; m++) {
      for (let n = 0; n <= most.n; n++) {
        for (let k = 0; k <= most.k; k++) {
          const sizes = { m, n, k };
          const a = random(type, m * k, 1 + m);
          const b = random(type, k * n, 99 + n);
          expectProduct(type, multiply(a, b, sizes), a, b, sizes);
        }
      }
    }
  });

  it.each([
    [31, 37, 41],
    [1, 1, 511],
    [1, 256, 784],
    [3, 10, 512],
    [7, 13, 513],
    [128, 10, 128],
    [5, 67, 1023],
    [13, 9, 1024],
    [9, 17, 1025],
    [4, 8, 1537],
    [127, 61, 129],
    [2, 3, 4099],
  ])('equals the plain product: m %i, n %i, k %i', (m, n, k) => {
    const a = random(type, m * k, 5);
    const b = random(type, k * n, 6);
    const sizes = { m, n, k };
    expectProduct(type, multiplier({ options })(a, b, sizes), a, b, sizes);
  });

  it('takes operands at the lowest address', () => {
    for (let k = 0; k < 9; k++) {
      const sizes = { m: 2 * rows - 1, n: columns + 1, k };
      const a = random(type, sizes.m * k, 51);
      const b = random(type, k * sizes.n, 52);
      expectProduct(type, multiplier({ options, rightFirst: true })(a, b, sizes), a, b, sizes);
      expectProduct(type, multiplier({ options, rightFirst: false })(a, b, sizes), a, b, sizes);
    }
  });

  it('overwrites at any alignment of c and any row stride', () => {
    const sizes = { m: rows + 1, n: columns + 3, k: 21 };
    const a = random(type, sizes.m * sizes.k, 11);
    const b = random(type, sizes.k * sizes.n, 12);
    for (let shift = 0; shift < 5; shift++) {
      for (let gap = 0; gap < 5; gap++) expectProduct(type, multiplier({ options, shift, gap })(a, b, sizes), a, b, sizes);
    }
  });

  it('has the same bits however rows are cut', () => {
    const sizes = { m: 5 * rows + 2, n: 3 * columns + 1, k: 1100 };
    const a = random(type, sizes.m * sizes.k, 21);
    const b = random(type, sizes.k * sizes.n, 22);
    const whole = multiplier({ options })(a, b, sizes);
    expect(multiplier({ options, panelsAtOnce: 1 })(a, b, sizes)).toEqual(whole);
    expect(multiplier({ options, panelsAtOnce: 2 })(a, b, sizes)).toEqual(whole);
    const lastRow = a.slice((sizes.m - 1) * sizes.k);
    expect(multiplier({ options })(lastRow, b, { ...sizes, m: 1 })).toEqual(whole.slice((sizes.m - 1) * sizes.n));
  });

  it('has the same bits however columns are cut', () => {
    const sizes = { m: rows + 1, n: 2 * columns, k: 700 };
    const a = random(type, sizes.m * sizes.k, 31);
    const b = random(type, sizes.k * sizes.n, 32);
    const whole = multiplier({ options })(a, b, sizes);
    const narrow = { ...sizes, n: 1 };
    for (let j = 0; j < sizes.n; j++) {
      const column = b.filter((_, at) => at % sizes.n === j);
      expect(multiplier({ options })(a, column, narrow)).toEqual(whole.filter((_, at) => at % sizes.n === j));
    }
  });

  if (type !== 'int32') {
    it('keeps NaN and infinities to their row and column, whatever the padding holds', () => {
      const sizes = { m: rows + 1, n: columns + 1, k: 600 };
      const { m, n, k } = sizes;
      const a = random(type, m * k, 41);
      const b = random(type, k * n, 42).fill(0);
      for (let t = 0; t < k; t++) b[t * n] = 1;
      a[1 * k + 3] = Infinity;
      a[rows * k + 599] = NaN;
      for (const padding of [0, NaN, Infinity]) {
        const c = multiplier({ options, padding })(a, b, sizes);
        const isNaNAt = c.map((value) => Number.isNaN(value));
        const expected = c.map((_, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          return i === rows || (i === 1 && j > 0); // infinity times 0 is NaN
        });
        expect(isNaNAt).toEqual(expected);
        expect(c[n]).toBe(Infinity);
      }
    });
  }
});

it('wraps int32 as Math.imul does', () => {
  const c = multiplier({ options: { type: 'int32', relaxed: false } })([0x7fffffff, 0x7fffffff], [2, 4], { m: 1, n: 1, k: 2 });
  expect(c).toEqual([-6]); // 6 (2^31 - 1) = 3 * 2^32 - 6
});
