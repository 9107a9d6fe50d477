/** Trains a classifier of handwritten digits and shows how well it does: `pnpm start`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { AdapterError } from 'pappus/webgpu';

import { backends, describeBackend } from '../backends.js';
import { HelpRequest, OptionError } from '../options.js';
import { learningCurveSvg } from '../plot.js';
import { createProgress, percent } from '../progress.js';
import { loadMnist } from './data.js';
import { models } from './models.js';
import { optimizers } from './optimizers.js';
import { parseOptions, type MnistOptions } from './options.js';
import { confusionTable } from './report.js';
import { DivergedError, trainClassifier, type Result } from './train.js';

const outFolder = fileURLToPath(new URL('../../../../out/', import.meta.url));
/** Where the user is: a package script runs in its package's folder, and the package manager says where it was called. */
const here = process.env['INIT_CWD'] ?? process.cwd();

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
  const progress = createProgress({ epochs, stepsPerEpoch, samplesPerEpoch: data.train.count });
  let result: Result;
  try {
    result = await trainClassifier({
      model: models[model],
      rule: optimizers[optimizer].rule,
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

  const file = join(outFolder, `mnist-${model}-${optimizer}.svg`);
  mkdirSync(outFolder, { recursive: true });
  writeFileSync(
    file,
    learningCurveSvg({
      title: `MNIST: ${model} with ${optimizer}, test accuracy ${accuracy}`,
      subtitle: settings,
      stepsPerEpoch,
      losses: result.losses,
      trainAccuracies: result.epochs.map(({ trainAccuracy }) => trainAccuracy),
      testAccuracies: result.epochs.map(({ testAccuracy }) => testAccuracy),
    }),
  );
  console.log(`Learning curve: ${relative(here, file)}`);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof HelpRequest) {
    process.stdout.write(error.message);
  } else if (error instanceof OptionError || error instanceof DivergedError || error instanceof AdapterError) {
    console.error(error.message);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
