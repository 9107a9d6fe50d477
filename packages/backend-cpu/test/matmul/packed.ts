/** A matrix product through the packed WebAssembly core, and the plain one that it is compared with. */
import { LOWEST_OPERAND, emitMatmul, tile, type MatmulOptions, type MatmulType } from '../../src/matmul/index.js';
import { ModuleBuilder } from '../../src/wasm/module.js';

export type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

export interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export function numbers(type: MatmulType, buffer: ArrayBuffer, offset: number, length: number): Numbers {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer, offset, length);
    case 'float64':
      return new Float64Array(buffer, offset, length);
    case 'int32':
      return new Int32Array(buffer, offset, length);
  }
}

export function matmulModule(options: MatmulOptions): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ initialPages: 1 });
  module.export('matmul', emitMatmul(module, options));
  return module.encode();
}

/** Panels of `width` rows (or columns): panel p, step t, lane r holds `at(p * width + r, t)`; beyond `count`, `padding`. */
function pack(
  out: Numbers,
  width: number,
  count: number,
  k: number,
  at: (row: number, step: number) => number,
  padding: number,
): void {
  for (let p = 0; p * width < count; p++) {
    for (let t = 0; t < k; t++) {
      for (let r = 0; r < width; r++) {
        const row = p * width + r;
        out[(p * k + t) * width + r] = row < count ? at(row, t) : padding;
      }
    }
  }
}

export interface Packed {
  readonly options: MatmulOptions;
  /** What fills the lanes that no row or column has. */
  readonly padding?: number;
  /** Elements between a row's end and the next row of c. */
  readonly gap?: number;
  /** Elements of c before the block: its alignment. */
  readonly shift?: number;
  /** Put b before a in memory; whichever is first is as low as it may be. */
  readonly rightFirst?: boolean;
  /** Compute rows in blocks of this many panels. */
  readonly panelsAtOnce?: number;
  /** Compute the product twice, adding the second to the first. */
  readonly twice?: boolean;
}

/** Runs the core on row-major a [m, k] and b [k, n]; returns c [m, n], after checking that nothing else was written. */
export function multiplier({ options, padding = 0, gap = 3, shift = 1, rightFirst = false, panelsAtOnce, twice = false }: Packed) {
  const { type, relaxed } = options;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(matmulModule(options)), { env: { memory } });
  const run = exports['matmul'];
  if (typeof run !== 'function') throw new Error('the module has no matmul');
  const bytes = type === 'float64' ? 8 : 4;
  const { rows, columns } = tile(type, relaxed);
  const sentinel = -77;

  return (a: ArrayLike<number>, b: ArrayLike<number>, { m, n, k }: Sizes): number[] => {
    const aLength = Math.ceil(m / rows) * rows * k;
    const bLength = Math.ceil(n / columns) * columns * k;
    const cLength = shift + m * (n + gap) + 16;
    const aBytes = Math.ceil((aLength * bytes) / 16) * 16;
    const bBytes = Math.ceil((bLength * bytes) / 16) * 16;
    const aAt = LOWEST_OPERAND + (rightFirst ? bBytes : 0);
    const bAt = LOWEST_OPERAND + (rightFirst ? 0 : aBytes);
    const cAt = LOWEST_OPERAND + aBytes + bBytes;
    const missing = cAt + cLength * bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    const { buffer } = memory;
    pack(numbers(type, buffer, aAt, aLength), rows, m, k, (r, t) => a[r * k + t] ?? NaN, padding);
    pack(numbers(type, buffer, bAt, bLength), columns, n, k, (j, t) => b[t * n + j] ?? NaN, padding);
    const c = numbers(type, buffer, cAt, cLength).fill(sentinel);
    const stride = (n + gap) * bytes;
    const cBlock = cAt + shift * bytes;
    const step = panelsAtOnce === undefined ? Math.max(m, 1) : panelsAtOnce * rows;
    for (let row = 0; row < Math.max(m, 1); row += step) {
      for (const accumulate of twice ? [0, 1] : [0]) {
        Reflect.apply(run, undefined, [aAt + row * k * bytes, bAt, cBlock + row * stride, Math.min(step, m - row), n, k, stride, accumulate]);
      }
    }
    const inside = (i: number): boolean => i >= shift && i < shift + m * (n + gap) && (i - shift) % (n + gap) < n;
    c.forEach((value: number, i: number) => {
      if (!inside(i) && value !== sentinel) throw new Error(`element ${i} outside of c was written`);
    });
    return Array.from(c).filter((_, i) => inside(i));
  };
}

/** The product and the sum of magnitudes of its terms, which bounds its rounding error; both in float64. */
export function plainProduct(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { m, n, k }: Sizes,
): { product: number[]; magnitude: number[] } {
  const product: number[] = [];
  const magnitude: number[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let size = 0;
      for (let t = 0; t < k; t++) {
        const term = (a[i * k + t] ?? NaN) * (b[t * n + j] ?? NaN);
        sum += term;
        size += Math.abs(term);
      }
      product.push(sum);
      magnitude.push(size);
    }
  }
  return { product, magnitude };
}
