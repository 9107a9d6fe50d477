/** Linear algebra and sorting beside torch, TF.js and jax-js, operands at rest. Few cases: PAPPUS_BENCH_OPERATIONS=qr,eigh. */
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { jaxJsOperation } from '../operations/jax-js.js';
import { pappusOperation } from '../operations/pappus.js';
import { tfjsOperation } from '../operations/tfjs.js';
import { startTorchOperations, torchOperation } from '../operations/torch.js';
import { operations } from '../problems/operations.js';
import type { Row, Workload } from '../workload.js';

export const workload: Workload = {
  name: 'operations',
  title: 'Linear algebra and order',
  async run({ rounds }) {
    const python = await startTorchOperations();
    const names = process.env['PAPPUS_BENCH_OPERATIONS']?.split(',');
    const rows: Row[] = [];
    try {
      for (const problem of operations()) {
        if (names?.includes(problem.operation) === false) continue;
        const contenders = [pappusOperation(problem), python === undefined ? undefined : torchOperation(python.torch, problem), jaxJsOperation(problem), tfjsOperation(problem)];
        for (const { contender, median, ...rest } of await measure(contenders.filter((found): found is Contender => found !== undefined), rounds)) {
          const target = contender === 'Pappus' && problem.atMost !== undefined ? { atMost: problem.atMost } : undefined;
          rows.push({ case: problem.title, contender, value: median, unit: 'ms', ...rest, ...(target !== undefined && { target }) });
        }
      }
    } finally {
      python?.torch.stop();
    }
    return rows;
  },
};
