/** Trains a classifier: one compiled function for the step, one for the test. */
import { compile, type Expr, input, type Hyperparameter, type Optimizer, substitute, type Updates } from 'pappus';

import type { Backend } from '../backends.js';
import { DivergedError } from '../diverged-error.js';
import { percent, type Progress } from '../progress.js';
import { permutation, seeded } from '../random.js';
import { smoother } from '../smoothing.js';
import { batches, type Dataset } from './data.js';
import { classes, countCorrect, pixels, type BuildModel } from './models.js';
import { argMaxRows, confusionMatrix, type ConfusionMatrix } from './report.js';

export interface Task {
  readonly model: BuildModel;
  readonly rule: Optimizer<{ learningRate: Hyperparameter }>;
  /** Where the model is tested, for a rule that is not evaluated at its parameters. Default: at the parameters. */
  readonly evaluatedAt?: (updates: Updates) => ReadonlyMap<Expr, Expr>;
  /** Of the first step; it falls in a straight line to 0 after the last. */
  readonly learningRate: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly backend: Backend;
  readonly data: { readonly train: Dataset; readonly test: Dataset };
  readonly progress?: Progress;
}

/** How an epoch went. */
export interface EpochReport {
  /** The mean loss over the epoch's samples. */
  readonly loss: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}

export interface Result {
  /** The loss of each step, of all epochs. */
  readonly losses: readonly number[];
  readonly epochs: readonly EpochReport[];
  /** Of the test set, after the last epoch. */
  readonly confusion: ConfusionMatrix;
}

const testBatch = 1000;

/** Trains for some epochs, and tests after each. What it answers depends on the task alone, to the last digit. */
export async function trainClassifier(task: Task): Promise<Result> {
  const { data, backend, progress } = task;
  const random = seeded(task.seed);
  const images = input('float32', ['batch', pixels]);
  const labels = input('int32', ['batch']);
  const learningRate = input('float32');
  const { params, logits, loss } = task.model(images, labels, random);

  const updates = task.rule(loss, params, { learningRate });
  const [tested] = substitute([logits], task.evaluatedAt?.(updates) ?? new Map<Expr, Expr>());

  const step = await compile(
    {
      inputs: { images, labels, learningRate },
      outputs: { loss, correct: countCorrect(logits, labels) },
      updates,
    },
    backend,
  );
  const classify = await compile({ inputs: { images }, outputs: { logits: tested } }, backend);

  const test = async (): Promise<ConfusionMatrix> => {
    const predictions = new Uint8Array(data.test.count);
    let done = 0;
    for (const batch of batches(data.test, testBatch)) {
      const outputs = await classify({ images: batch.images });
      predictions.set(argMaxRows(await outputs.logits.read(), classes), done);
      done += batch.size;
    }
    return confusionMatrix(data.test.labels, predictions, classes);
  };

  const totalSteps = task.epochs * Math.ceil(data.train.count / task.batch);
  const losses: number[] = [];
  const epochs: EpochReport[] = [];
  const smooth = smoother();
  let confusion = confusionMatrix([], [], classes);
  for (let epoch = 1; epoch <= task.epochs; epoch++) {
    let [samples, correct, lossSum, steps] = [0, 0, 0, 0];
    for (const batch of batches(data.train, task.batch, permutation(data.train.count, random))) {
      const rate = task.learningRate * (1 - losses.length / totalSteps);
      const outputs = await step({ images: batch.images, labels: batch.labels, learningRate: rate });
      const loss = await outputs.loss.item();
      if (!Number.isFinite(loss)) throw new DivergedError(losses.length + 1, loss);
      losses.push(loss);
      steps++;
      samples += batch.size;
      correct += await outputs.correct.item();
      lossSum += loss * batch.size;
      const figures = `loss ${smooth(loss).toFixed(4)}  accuracy ${percent(correct / samples, 1)}`;
      progress?.step({ stage: epoch, step: steps, figures, samples: (epoch - 1) * data.train.count + samples });
    }
    confusion = await test();
    const report = { loss: lossSum / samples, trainAccuracy: correct / samples, testAccuracy: confusion.accuracy };
    epochs.push(report);
    const accuracies = `training accuracy ${percent(report.trainAccuracy)}  test accuracy ${percent(report.testAccuracy)}`;
    progress?.stage(epoch, `loss ${report.loss.toFixed(4)}  ${accuracies}`);
  }
  return { losses, epochs, confusion };
}
