// Numbers to compute with: the special values of each dtype, and spreads of others from a fixed seed.
import { type DType } from '@pappus/core';
import { allocate } from '@pappus/core/backend';
import type { Value } from './differential.js';

/** Uniform on [0, 1), the same for the same seed: a multiply-with-carry by Marsaglia. */
export function uniforms(seed: number): () => number {
  let z = 362436069 ^ seed;
  let w = 521288629 ^ (seed * 7919);
  return () => {
    z = (36969 * (z & 0xffff) + (z >>> 16)) | 0;
    w = (18000 * (w & 0xffff) + (w >>> 16)) | 0;
    return (((z << 16) + (w & 0xffff)) >>> 0) / 2 ** 32;
  };
}

const SPECIAL_FLOATS = [0, -0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 2, -2, 3, -3, 10, -10, 1e-3, -1e-3, 0.1, -0.1, Math.PI, -Math.E];

/** Numbers at the ends of a format: infinities, NaN, subnormals, the largest and the smallest normal ones. */
const EXTREMES = {
  float32: [Infinity, -Infinity, NaN, 2 ** -149, -(2 ** -149), 1e-40, -1e-40, 2 ** -126, -(2 ** -126), 3.4028234663852886e38, -3.4028234663852886e38, 16777217, 8388607.5, -8388607.5],
  float64: [Infinity, -Infinity, NaN, 2 ** -1074, -(2 ** -1074), 1e-310, -1e-310, 2 ** -1022, -(2 ** -1022), Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53 + 2, 2 ** 51 + 0.5, -(2 ** 51) - 0.5],
};

const SPECIAL_INTEGERS = [0, 1, -1, 2, -2, 3, -3, 7, -7, 2 ** 31 - 1, -(2 ** 31), 2 ** 30, -(2 ** 30), 65536, 46341, -46341, 2 ** 31 - 2, -(2 ** 31) + 1, 16777217];

/** Special values and a spread over many magnitudes; with `extremes`, those of the format too. */
export function samples(dtype: DType, extremes: boolean, seed = 1): number[] {
  const random = uniforms(seed);
  const sign = (): number => (random() < 0.5 ? -1 : 1);
  switch (dtype) {
    case 'float32':
    case 'float64': {
      const spread = Array.from({ length: 24 }, () => sign() * 10 ** (random() * 8 - 4));
      const near = Array.from({ length: 24 }, () => random() * 12 - 6);
      const all = [...SPECIAL_FLOATS, ...(extremes ? EXTREMES[dtype] : []), ...spread, ...near];
      return dtype === 'float32' ? all.map(Math.fround) : all;
    }
    case 'int32':
      return [...SPECIAL_INTEGERS, ...Array.from({ length: 24 }, () => Math.floor(random() * 2 ** 32) - 2 ** 31), ...Array.from({ length: 8 }, () => Math.floor(random() * 20) - 10)];
    case 'bool':
      return [0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0];
  }
}

/** A value of a shape whose elements are taken from a list, over and over. */
export function fromList(dtype: DType, shape: readonly number[], list: readonly number[], start = 0): Value {
  const data = allocate(dtype, shape.reduce((size, d) => size * d, 1));
  for (let i = 0; i < data.length; i++) data[i] = list[(start + i) % list.length] ?? 0;
  return { dtype, shape, data };
}

/** Options of `spread`. */
export interface Spread {
  /** Equal seeds give equal numbers. Default 1. */
  readonly seed?: number;
  /** The least number. Default -2. */
  readonly low?: number;
  /** What all are below. Default 2. */
  readonly high?: number;
}

/** Random numbers on [low, high), small whole numbers for int32, 0 or 1 for bool: well-conditioned operands. */
export function spread(dtype: DType, shape: readonly number[], { seed = 1, low = -2, high = 2 }: Spread = {}): Value {
  const random = uniforms(seed);
  const data = allocate(dtype, shape.reduce((size, d) => size * d, 1));
  for (let i = 0; i < data.length; i++) {
    const u = random();
    data[i] = dtype === 'bool' ? (u < 0.5 ? 0 : 1) : dtype === 'int32' ? Math.floor(u * 19) - 9 : low + (high - low) * u;
  }
  return { dtype, shape, data };
}

/** Whole numbers 0, 1, 2, ... in the dtype: every element tells where it comes from. */
export function counting(dtype: DType, shape: readonly number[]): Value {
  const data = allocate(dtype, shape.reduce((size, d) => size * d, 1));
  for (let i = 0; i < data.length; i++) data[i] = dtype === 'bool' ? (i * i + (i >> 2)) & 1 : i;
  return { dtype, shape, data };
}
