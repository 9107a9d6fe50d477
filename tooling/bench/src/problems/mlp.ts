/** A whole training step: a relu network, softmax cross-entropy with integer labels, Adam; the batch is uploaded in every step. */
import { WrongResult } from '../contender.js';
import type { Contender } from '../contender.js';
import { randomSource, uniform } from '../random.js';
import { hyperparameters } from './adam.js';
import { referenceLosses } from './mlp-reference.js';

export interface Batch {
  /** [batch, inputs], row by row. */
  readonly images: Float32Array<ArrayBuffer>;
  /** [batch] */
  readonly labels: Int32Array<ArrayBuffer>;
}

export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs] */
  readonly weights: Float32Array<ArrayBuffer>;
  /** [outputs] */
  readonly biases: Float32Array<ArrayBuffer>;
}

export interface MlpProblem {
  readonly widths: readonly number[];
  readonly batchSize: number;
  readonly classes: number;
  readonly layers: readonly Layer[];
  readonly batches: readonly Batch[];
}

export interface MlpRun {
  setup(problem: MlpProblem): Promise<void>;
  /** Uploads the batch, takes a training step and answers with the loss, on the host. */
  train(batch: Batch): Promise<number> | number;
  dispose(): void;
}

/** `widths` are [inputs, hidden..., classes]. */
export function mlpProblem(widths: readonly number[], batchSize: number, batches = 16): MlpProblem {
  const [inputs, classes] = [widths[0] ?? 0, widths.at(-1) ?? 0];
  const label = randomSource(99);
  return {
    widths,
    batchSize,
    classes,
    layers: widths.slice(1).map((outputs, i) => {
      const fanIn = widths[i] ?? 0;
      const limit = Math.sqrt(6 / (fanIn + outputs));
      return { inputs: fanIn, outputs, weights: uniform(fanIn * outputs, -limit, limit, i + 1), biases: new Float32Array(outputs) };
    }),
    batches: Array.from({ length: batches }, (_, i) => ({
      images: uniform(batchSize * inputs, 0, 1, 1000 + i),
      labels: Int32Array.from({ length: batchSize }, () => Math.floor(classes * label())),
    })),
  };
}

const checkedSteps = 4;
/** The first losses differ by 1e-3 and more from step to step; a wrong rule or gradient shows. */
const tolerance = 5e-5;

export function mlpContender(name: string, problem: MlpProblem, run: MlpRun): Contender {
  let steps = 0;
  const train = (): Promise<number> | number => {
    const batch = problem.batches[steps++ % problem.batches.length];
    if (batch === undefined) throw new RangeError('The problem has no batches.');
    return run.train(batch);
  };
  return {
    name,
    setup: () => run.setup(problem),
    async step() {
      const loss = await train();
      if (!Number.isFinite(loss)) throw new WrongResult(`${name}: the loss became ${loss}`);
    },
    dispose: () => run.dispose(),
    async check() {
      const expected = referenceLosses(problem, checkedSteps, hyperparameters);
      for (const reference of expected) {
        const loss = await train();
        if (!(Math.abs(loss - reference) <= tolerance * reference)) {
          throw new WrongResult(`${name}: loss of step ${steps} is ${loss}, expected ${reference}`);
        }
      }
    },
  };
}
