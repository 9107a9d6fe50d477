/** The command line of the text examples: one for each model, which differ in their defaults. */
import { InvalidArgumentError, Option } from 'commander';

import { backends, type BackendName } from '../backends.js';
import { nonNegativeNumber, OptionError, parse, positiveNumber, quietCommand, wholeNumber } from '../options.js';
import { models, type ModelName } from './models.js';

export interface TextOptions {
  readonly steps: number;
  readonly batch: number;
  readonly length: number;
  readonly learningRate: number;
  readonly prompt: string;
  readonly characters: number;
  readonly temperature: number;
  readonly seed: number;
  readonly backend: BackendName;
}

/** Reads the arguments after the model's name. Throws {@link OptionError} or {@link HelpRequest}. */
export function parseOptions(model: ModelName, args: readonly string[]): TextOptions {
  const { steps, batch, length, learningRate } = models[model];
  const command = quietCommand(`pnpm run ${model}`, `Trains a ${models[model].title} on the characters of Moby-Dick, and lets it write.`)
    .option('--steps <n>', 'steps of the training, rounded up to tens', wholeNumber(1, 1_000_000), steps)
    .option('--batch <n>', 'windows of text in one step', wholeNumber(1, 4096), batch)
    .option('--length <n>', 'characters in a window, an even number', evenNumber(2, 4096), length)
    .option('--learning-rate <x>', 'the highest, after a twentieth of the steps; it falls to 0', positiveNumber, learningRate)
    .option('--prompt <text>', 'what the sample goes on from', 'The whale')
    .option('--characters <n>', 'of the sample', wholeNumber(0, 100_000), 600)
    .option('--temperature <x>', 'of the sample: how much chance there is in it', nonNegativeNumber, 0.8)
    .option('--seed <n>', 'decides the initial weights, the windows and the sample', wholeNumber(0, 2 ** 32 - 1), 1)
    .addOption(new Option('--backend <name>', 'where it runs').choices(Object.keys(backends)).default('cpu'));
  parse(command, args);
  // Commander has no types; `choices` and the parsers above vouch for this one.
  const given = command.opts<TextOptions>();
  if (given.prompt === '') throw new OptionError("option '--prompt <text>' needs at least one character.");
  return given;
}

function evenNumber(least: number, most: number): (text: string) => number {
  const whole = wholeNumber(least, most);
  return (text) => {
    const value = whole(text);
    if (value % 2 === 0) return value;
    throw new InvalidArgumentError(`Allowed are even numbers from ${least} to ${most}.`);
  };
}
