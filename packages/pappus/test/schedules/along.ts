// Schedules in a compiled step: their values at counts, on any backend, through a rate of a rule and a float32 or float64 parameter.
import { type Backend, compile, type DType, type Expr, input, sgd, variable } from '../../src/index.js';

/** What a compiled step has done with a schedule. */
export interface Along {
  /** How far a parameter with a gradient of 1 went in each step. */
  readonly ways: readonly number[];
  /** The kernels of the step. */
  readonly kernels: number;
}

/** Trains one parameter by gradients of 1, so that it goes by the rate in each step; counts are 0, 1, 2 and so on. */
export async function along(backend: Backend, schedule: (count: Expr) => Expr, steps: number, dtype: DType): Promise<Along> {
  const w = variable([0, 0], { name: 'w', dtype });
  const g = input(dtype, [2]);
  const t = variable(0, { name: 'count', dtype: 'int32' });
  const step = await compile({ inputs: { g }, updates: [sgd([g], [w], { learningRate: schedule(t) }), new Map([[t, t.add(1)]])] }, backend);
  const ways: number[] = [];
  for (let k = 0; k < steps; k++) {
    await w.set([0, 0]);
    await step({ g: [1, 1] });
    const [at = NaN] = await w.read();
    ways.push(-at);
  }
  return { ways, kernels: step.program.kernels.length };
}
