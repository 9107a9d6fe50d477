/** A network's whole training step with Adam; the batch is uploaded in every step, and the loss comes back. */
import { WrongResult } from '../contender.js';
import type { Contender } from '../contender.js';

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

export interface TrainingProblem<Batch> {
  readonly parameters: readonly Parameter[];
  readonly batches: readonly Batch[];
}

export interface TrainingRun<Batch> {
  setup(): Promise<void>;
  /** Uploads the batch, takes a step and answers with the loss before it, on the host. */
  train(batch: Batch): Promise<number> | number;
  dispose(): void;
}

/** A problem to be timed, and a small one of the same kind to be checked by the definition. */
export interface Checked<P> {
  readonly problem: P;
  readonly small: P;
  /** The losses of the small problem's first steps in float64. */
  reference(steps: number): Promise<readonly number[]>;
}

const checkedSteps = 4;
/** Losses differ by 1e-3 and more from step to step, and by 1e-6 between orders of summation in float32. */
const tolerance = 5e-5;
const agreed = new WeakMap<object, readonly number[]>();

/**
 * The check: on the small problem every contender takes the steps that the reference takes, and on the one that is timed those that
 * the contender before it took.
 */
export function trainingContender<Batch, P extends TrainingProblem<Batch>>(
  name: string,
  { problem, small, reference }: Checked<P>,
  run: (problem: P) => TrainingRun<Batch>,
): Contender {
  const timed = run(problem);
  let steps = 0;
  const train = (): Promise<number> | number => timed.train(batchOf(problem, steps++));
  return {
    name,
    setup: () => timed.setup(),
    async step() {
      const loss = await train();
      if (!Number.isFinite(loss)) throw new WrongResult(`${name}: the loss became ${loss}`);
    },
    dispose: () => timed.dispose(),
    async check() {
      const trial = run(small);
      await trial.setup();
      const losses: number[] = [];
      for (let step = 0; step < checkedSteps; step++) losses.push(await trial.train(batchOf(small, step)));
      trial.dispose();
      compare(`${name}, small problem`, losses, await reference(checkedSteps));
      const own: number[] = [];
      for (let step = 0; step < checkedSteps; step++) own.push(await train());
      compare(name, own, agreed.get(problem) ?? own);
      agreed.set(problem, own);
    },
  };
}

function batchOf<Batch>({ batches }: TrainingProblem<Batch>, step: number): Batch {
  const batch = batches[step % batches.length];
  if (batch === undefined) throw new RangeError('The problem has no batches.');
  return batch;
}

function compare(what: string, losses: readonly number[], expected: readonly number[]): void {
  losses.forEach((loss, step) => {
    const reference = expected[step] ?? NaN;
    if (!(Math.abs(loss - reference) <= tolerance * reference)) {
      throw new WrongResult(`${what}: loss of step ${step + 1} is ${loss}, expected ${reference}`);
    }
  });
}
