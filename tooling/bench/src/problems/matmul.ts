/** A matrix product, [rows, n] by [n, n], both operands on the device. */
import { WrongResult } from '../contender.js';
import type { Contender } from '../contender.js';
import { uniform } from '../random.js';

export interface MatmulProblem {
  readonly rows: number;
  readonly n: number;
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
}

export interface MatmulRun {
  setup(problem: MatmulProblem): Promise<void>;
  step(): Promise<unknown> | undefined;
  /** The product, computed anew. */
  read(): Promise<Float32Array>;
  dispose(): void;
}

export function matmulProblem(rows: number, n: number): MatmulProblem {
  return { rows, n, a: uniform(rows * n, -1, 1, 1), b: uniform(n * n, -1, 1, 2) };
}

export function matmulContender(name: string, problem: MatmulProblem, run: MatmulRun): Contender {
  return {
    name,
    setup: () => run.setup(problem),
    step: () => run.step(),
    dispose: () => run.dispose(),
    async check() {
      const { rows, n, a, b } = problem;
      const product = await run.read();
      for (let row = 0; row < rows; row += 7) {
        for (let column = row % 5; column < n; column += 5) {
          let expected = 0;
          for (let k = 0; k < n; k++) expected += (a[row * n + k] ?? NaN) * (b[k * n + column] ?? NaN);
          const actual = product[row * n + column] ?? NaN;
          if (!(Math.abs(actual - expected) <= 1e-6 * n)) {
            throw new WrongResult(`${name}: product[${row}, ${column}] is ${actual}, expected ${expected}`);
          }
        }
      }
    },
  };
}
