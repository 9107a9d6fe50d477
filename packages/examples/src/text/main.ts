/** Trains a language model on a book, says how well it foretells the rest of it, and lets it write: `pnpm run transformer`, `pnpm run lstm`. */
import { backends, describeBackend } from '../backends.js';
import { count, runCommand, writeOut } from '../command.js';
import { OptionError } from '../options.js';
import { learningCurveSvg } from '../plot.js';
import { createProgress } from '../progress.js';
import { loadBook } from './book.js';
import { isModelName, models, type ModelName } from './models.js';
import { parseOptions, type TextOptions } from './options.js';
import { trainLanguageModel, type Result } from './train.js';
import { vocabularyOf, type Vocabulary } from './vocabulary.js';

const stages = 10;
/** The end of the book, which no step learns from. */
const heldOutPart = 0.05;

async function main(model: ModelName, options: TextOptions): Promise<void> {
  const { batch, length, learningRate, seed, backend, temperature, characters } = options;
  const { title, build } = models[model];
  const stepsPerStage = Math.ceil(options.steps / stages);
  const begin = performance.now();
  const book = loadBook();
  const vocabulary = vocabularyOf(book);
  const prompt = encoded(vocabulary, options.prompt);
  const text = vocabulary.encode(book);
  const end = Math.round((1 - heldOutPart) * text.length);
  const [train, heldOut] = [text.subarray(0, end), text.subarray(end)];
  const settings = `${count(stages * stepsPerStage)} steps of ${batch} x ${length} characters, learning rate ${learningRate}, seed ${seed}, backend ${backend}`;
  console.log(`Moby-Dick: ${count(train.length)} characters to learn from, the last ${count(heldOut.length)} held out; ${vocabulary.characters.length} different ones`);
  console.log(`${title}: ${settings}`);
  const device = await backends[backend]();
  console.log(`Computes on ${describeBackend(device)}\n`);

  const progress = createProgress({ stage: 'part', stages, stepsPerStage, samplesPerStage: stepsPerStage * batch * length, unit: 'characters' });
  let result: Result;
  try {
    result = await trainLanguageModel({
      build,
      train,
      heldOut,
      vocabulary: vocabulary.characters.length,
      length,
      batch,
      stages,
      stepsPerStage,
      learningRate,
      seed,
      backend: device,
      progress,
    });
  } finally {
    progress.stop();
  }

  const reached = (result.perplexities.at(-1) ?? NaN).toFixed(3);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`\nHeld-out perplexity ${reached} per character after ${seconds} s, with ${count(result.parameters)} parameters`);
  const written = await result.write(prompt, { count: characters, temperature, seed });
  console.log(`Written at temperature ${temperature}, going on from "${options.prompt}":\n`);
  console.log(`${options.prompt}${vocabulary.decode(written)}\n`);

  const svg = learningCurveSvg({
    title: `Moby-Dick: ${title}, held-out perplexity ${reached} per character`,
    subtitle: settings,
    unit: 'step',
    stepsPerUnit: 1,
    losses: result.losses,
    measure: '↑ perplexity per character',
    series: [{ name: 'held-out', points: result.perplexities.map((value, index) => ({ at: (index + 1) * stepsPerStage, value })) }],
  });
  console.log(`Learning curve: ${writeOut(`text-${model}.svg`, svg)}`);
}

function encoded(vocabulary: Vocabulary, prompt: string): Int32Array {
  try {
    return vocabulary.encode(prompt);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new OptionError(`option '--prompt <text>': ${error.message}; the book has ${vocabulary.characters.join('').trim()}`);
  }
}

await runCommand(() => {
  const [model = '', ...args] = process.argv.slice(2);
  if (!isModelName(model)) throw new OptionError(`There is no model '${model}'; there are ${Object.keys(models).join(', ')}.`);
  return main(model, parseOptions(model, args));
});
