/** The command line of the MNIST example. */
import { type RuleName, ruleNames, rules } from '@pappus/rule-table';
import { Option } from 'commander';

import { backends, type BackendName } from '../backends.js';
import { parse, positiveNumber, quietCommand, wholeNumber } from '../options.js';
import { models, type ModelName } from './models.js';

export interface MnistOptions {
  readonly model: ModelName;
  readonly optimizer: RuleName;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly backend: BackendName;
}

/** Reads the arguments after the script's name. Throws {@link OptionError} or {@link HelpRequest}. */
export function parseOptions(args: readonly string[]): MnistOptions {
  const command = quietCommand('pnpm start', 'Trains a classifier of handwritten digits on the whole MNIST set.')
    .addOption(new Option('--model <name>', 'what is trained').choices(Object.keys(models)).default('mlp'))
    .addOption(new Option('--optimizer <name>', 'the update rule').choices(ruleNames).default('adam'))
    .option('--epochs <n>', 'passes over the training set', wholeNumber(1, 10_000), 5)
    .option('--batch <n>', 'images of one step', wholeNumber(1, 60_000), 128)
    .option('--learning-rate <x>', `the rule's own: ${ownRates()}`, positiveNumber)
    .option('--seed <n>', 'decides the initial weights and the order of the images', wholeNumber(0, 2 ** 32 - 1), 1)
    .addOption(new Option('--backend <name>', 'where it runs').choices(Object.keys(backends)).default('cpu'));
  parse(command, args);
  // Commander has no types; `choices` and the parsers above vouch for this one.
  const given = command.opts<Omit<MnistOptions, 'learningRate'> & { learningRate?: number }>();
  return { ...given, learningRate: given.learningRate ?? rules[given.optimizer].mnist.learningRate };
}

function ownRates(): string {
  return ruleNames.map((name) => `${name} ${rules[name].mnist.learningRate}`).join(', ');
}
