import type { Buffer } from '@pappus/compiler';
import { expect, it } from 'vitest';
import { reachableBytes } from '../../src/codegen/bounds.js';

it('a tensor is reachable up to where it is filled up, a part of one not beyond its elements', () => {
  const buffer = (size: number, kind: 'temporary' | 'slice', dtype: Buffer['dtype'] = 'float32'): Buffer => ({ id: 0, name: 'b', dtype, size, place: { kind } });
  expect([1, 4, 5].map((size) => reachableBytes(buffer(size, 'temporary')))).toEqual([16, 16, 32]);
  expect([1, 4, 5].map((size) => reachableBytes(buffer(size, 'slice')))).toEqual([4, 16, 20]);
  expect([reachableBytes(buffer(3, 'slice', 'bool')), reachableBytes(buffer(3, 'slice', 'float64'))]).toEqual([3, 24]);
});
