// Linear algebra: what is computed by loops of its own rather than by kernels over nests.
import { cholesky, type Expr, eye } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { spread } from './values.js';

/** `x x^T + n`, which is positive definite and well conditioned. */
function definite(x: Expr): Expr {
  const n = Number(x.shape.at(-1));
  return x.matmul(x.transpose([0, 2, 1])).add(eye(n, n, { dtype: x.dtype }).mul(n));
}

export function linearAlgebra(setting: Setting): void {
  describe('linear algebra', () => {
    for (const dtype of setting.floats) {
      it(`of ${dtype}: Cholesky factors`, async () => {
        for (const n of setting.some([1, 2, 3, 5, 8, 13], 2, 1)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [2, n, n]) }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                const factor = cholesky(definite(x));
                return { outputs: { factor, gradient: grad(factor.square().mul(x).sum(), x) } };
              },
            },
            { factor: 64, scale: 4 },
          );
        }
      });
    }
  });
}
