/** Trains groups of parameters apart: a frozen layer, a rule and a schedule for each other one, and an average of the weights. */
import { adamw, averagesOf, clipByGlobalNorm, compile, exponentialAverage, input, momentum, partition, substitute, type Variable, warmupCosine, warmupLinear } from 'pappus';

import type { Backend } from '../backends.js';
import { batches, type Dataset } from '../mnist/data.js';
import { countCorrect, models, pixels } from '../mnist/models.js';
import { permutation, seeded } from '../random.js';

export interface GroupsTask {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly backend: Backend;
}

export interface GroupsResult {
  readonly losses: readonly number[];
  /** Test accuracy at the weights after the last step, and at their average. */
  readonly atTheLast: number;
  readonly atTheAverage: number;
  /** How far the frozen layer has moved: 0. */
  readonly frozenMoved: number;
}

/**
 * The perceptron of three layers: the first stays as it was drawn, the second goes by AdamW with a warm-up and a cosine, the last one by
 * momentum with a line down to 0. One gradient is taken for all, and clipped over both groups; weights decay, biases do not.
 */
export async function trainGroups(task: GroupsTask): Promise<GroupsResult> {
  const { train, batch, backend } = task;
  const random = seeded(task.seed);
  const images = input('float32', ['batch', pixels]);
  const labels = input('int32', ['batch']);
  const { params, logits, loss } = models.mlp(images, labels, random);
  const steps = task.epochs * Math.ceil(train.count / batch);

  const groups = partition(
    {
      frozen: { params: /^[wb]1$/ },
      hidden: {
        params: /^[wb]2$/,
        rule: adamw,
        options: {
          learningRate: ({ t }) => warmupCosine(t, { peak: 3e-3, warmup: Math.ceil(steps / 20), steps }),
          weightDecay: ({ param }) => (param.rank > 1 ? 0.01 : 0),
        },
      },
      last: { rule: momentum, options: { learningRate: ({ t }) => warmupLinear(t, { peak: 0.1, warmup: 1, steps, final: 0 }) } },
    },
    { gradients: (grads) => clipByGlobalNorm(grads, 1) },
  );
  const updates = exponentialAverage(groups, { decay: 0.98 })(loss, params);
  const [averaged] = substitute([logits], averagesOf(updates));

  const first = params.filter(({ name }) => /^[wb]1$/.test(name));
  const before = await valuesOf(first);
  const step = await compile({ inputs: { images, labels }, outputs: { loss }, updates }, backend);
  const judge = await compile({ inputs: { images, labels }, outputs: { last: countCorrect(logits, labels), average: countCorrect(averaged, labels) } }, backend);

  const losses: number[] = [];
  for (let epoch = 0; epoch < task.epochs; epoch++) {
    for (const part of batches(train, batch, permutation(train.count, random))) losses.push(await (await step({ images: part.images, labels: part.labels })).loss.item());
  }
  let [last, average] = [0, 0];
  for (const part of batches(task.test, 1000)) {
    const outputs = await judge({ images: part.images, labels: part.labels });
    last += await outputs.last.item();
    average += await outputs.average.item();
  }
  const after = await valuesOf(first);
  return { losses, atTheLast: last / task.test.count, atTheAverage: average / task.test.count, frozenMoved: after.reduce((most, value, k) => Math.max(most, Math.abs(value - (before[k] ?? NaN))), 0) };
}

async function valuesOf(variables: readonly Variable[]): Promise<number[]> {
  const all = await Promise.all(variables.map(async (one) => Array.from(await one.read())));
  return all.flat();
}
