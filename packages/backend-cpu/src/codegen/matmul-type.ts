/** The dtypes that are multiplied. */
import type { MatmulKernel } from '@pappus/compiler';
import type { MatmulType } from '../matmul/index.js';

export function matmulType(kernel: MatmulKernel): MatmulType {
  if (kernel.dtype === 'bool') throw new TypeError('a matrix product of bool');
  return kernel.dtype;
}
