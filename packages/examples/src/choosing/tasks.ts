/** What rules are compared on: MNIST and a transformer, each trained with a rule at a rate. */
import type { RuleName } from '@pappus/rule-table';

import { backends } from '../backends.js';
import { DivergedError } from '../diverged-error.js';
import { loadMnist } from '../mnist/data.js';
import { models } from '../mnist/models.js';
import { trainClassifier } from '../mnist/train.js';
import { evaluatedAt, optimizers } from '../optimizers.js';
import { smoother } from '../smoothing.js';
import { loadBook } from '../text/book.js';
import { models as languageModels } from '../text/models.js';
import { trainLanguageModel } from '../text/train.js';
import { vocabularyOf } from '../text/vocabulary.js';

/** What a training with a rule reached. */
export interface Reached {
  /** The mean loss of the last steps; the rate is chosen by it. */
  readonly loss: number;
  /** Of data that no step learned from: the part that is right, or the perplexity. */
  readonly heldOut: number;
  /** The smoothed loss at evenly spaced steps, the last one included. */
  readonly curve: readonly number[];
}

export interface ComparedTask {
  readonly title: string;
  /** How a training is run, for those who read the results. */
  readonly settings: string;
  /** What `heldOut` is. */
  readonly measure: string;
  readonly steps: number;
  /** Undefined where the training diverged. */
  readonly train: (rule: RuleName, learningRate: number) => Promise<Reached | undefined>;
}

export type TaskName = 'mnist' | 'transformer';

/** The rate is judged by the mean of as many steps at the end. */
const judged = 50;
const points = 40;
const seed = 1;

export const tasks: Readonly<Record<TaskName, () => ComparedTask>> = { mnist, transformer };

function mnist(): ComparedTask {
  const data = loadMnist();
  const batch = 128;
  return {
    title: 'MNIST, one epoch',
    settings: `The multilayer perceptron of the example (784, 256, 128, 10), one epoch in batches of ${batch}, the rate falling to 0 in a straight line, seed ${seed}`,
    measure: 'test accuracy',
    steps: Math.ceil(data.train.count / batch),
    train: (name, learningRate) =>
      unlessDiverged(async () => {
        const apart = evaluatedAt(name);
        const task = { model: models.mlp, rule: optimizers[name], learningRate, epochs: 1, batch, seed, backend: await backends.cpu(), data };
        const { losses, confusion } = await trainClassifier(apart === undefined ? task : { ...task, evaluatedAt: apart });
        return summary(losses, confusion.accuracy);
      }),
  };
}

function transformer(): ComparedTask {
  const book = loadBook();
  const vocabulary = vocabularyOf(book);
  const text = vocabulary.encode(book);
  const end = Math.round(0.95 * text.length);
  const { title, build } = languageModels.transformer;
  const [batch, length, steps] = [16, 64, 200];
  return {
    title: 'A transformer, its first 200 steps',
    settings: `${title} on Moby-Dick, ${steps} steps of ${batch} windows of ${length} characters, the rate rising for a twentieth of them and falling to 0, no clipping, seed ${seed}`,
    measure: 'held-out perplexity',
    steps,
    train: (name, learningRate) =>
      unlessDiverged(async () => {
        const apart = evaluatedAt(name);
        const { losses, perplexities } = await trainLanguageModel({
          ...(apart === undefined ? {} : { evaluatedAt: apart }),
          build, train: text.subarray(0, end), heldOut: text.subarray(end, end + 40 * batch * length), vocabulary: vocabulary.characters.length, length, batch, stages: 1,
          stepsPerStage: steps, learningRate, seed, backend: await backends.cpu(), updates: (loss, params, rate) => optimizers[name](loss, params, { learningRate: rate }),
        });
        return summary(losses, perplexities.at(-1) ?? NaN);
      }),
  };
}

async function unlessDiverged(train: () => Promise<Reached>): Promise<Reached | undefined> {
  try {
    return await train();
  } catch (error) {
    if (error instanceof DivergedError) return undefined;
    throw error;
  }
}

function summary(losses: readonly number[], heldOut: number): Reached {
  const smooth = smoother(0.95);
  const smoothed = losses.map((loss) => smooth(loss));
  const curve = Array.from({ length: points }, (_, k) => smoothed[Math.ceil(((k + 1) * losses.length) / points) - 1] ?? NaN);
  const last = losses.slice(-judged);
  return { loss: last.reduce((sum, loss) => sum + loss, 0) / last.length, heldOut, curve: curve.map((value) => Number(value.toPrecision(4))) };
}
