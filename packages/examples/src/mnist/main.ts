/** Trains a classifier of handwritten digits and shows how well it does: `pnpm start`. */
import { backends, describeBackend } from '../backends.js';
import { count, runCommand, writeOut } from '../command.js';
import { optimizers } from '../optimizers.js';
import { learningCurveSvg, type Series } from '../plot.js';
import { createProgress, percent } from '../progress.js';
import { loadMnist } from './data.js';
import { models } from './models.js';
import { parseOptions, type MnistOptions } from './options.js';
import { confusionTable } from './report.js';
import { trainClassifier, type Result } from './train.js';

async function main(options: MnistOptions): Promise<void> {
  const { model, optimizer, epochs, batch, learningRate, seed, backend } = options;
  const begin = performance.now();
  const data = loadMnist();
  const settings = `learning rate ${learningRate} falling to 0, batch ${batch}, seed ${seed}, backend ${backend}`;
  console.log(`MNIST: ${count(data.train.count)} images to train on, ${count(data.test.count)} to test with`);
  console.log(`${model} with ${optimizer}: ${settings}`);
  const device = await backends[backend]();
  console.log(`Computes on ${describeBackend(device)}\n`);

  const stepsPerEpoch = Math.ceil(data.train.count / batch);
  const progress = createProgress({ stage: 'epoch', stages: epochs, stepsPerStage: stepsPerEpoch, samplesPerStage: data.train.count });
  let result: Result;
  try {
    result = await trainClassifier({
      model: models[model],
      rule: optimizers[optimizer],
      learningRate,
      epochs,
      batch,
      seed,
      backend: device,
      data,
      progress,
    });
  } finally {
    progress.stop();
  }

  const accuracy = percent(result.confusion.accuracy);
  console.log(`\nTest accuracy ${accuracy} after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  console.log('Rows are the digits as they are, columns what the classifier reads:');
  console.log(confusionTable(result.confusion));

  const svg = learningCurveSvg({
    title: `MNIST: ${model} with ${optimizer}, test accuracy ${accuracy}`,
    subtitle: settings,
    unit: 'epoch',
    stepsPerUnit: stepsPerEpoch,
    losses: result.losses,
    measure: '↑ accuracy, %',
    series: [
      accuracies('training', result.epochs.map(({ trainAccuracy }) => trainAccuracy)),
      accuracies('test', result.epochs.map(({ testAccuracy }) => testAccuracy)),
    ],
  });
  console.log(`Learning curve: ${writeOut(`mnist-${model}-${optimizer}.svg`, svg)}`);
}

/** An accuracy after each epoch, in per cent. */
function accuracies(name: Series['name'], ofEpochs: readonly number[]): Series {
  return { name, points: ofEpochs.map((accuracy, index) => ({ at: index + 1, value: 100 * accuracy })) };
}

await runCommand(() => main(parseOptions(process.argv.slice(2))));
