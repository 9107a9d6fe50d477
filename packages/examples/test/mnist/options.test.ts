import { ruleNames } from '@pappus/rule-table';
import { describe, expect, it } from 'vitest';

import { parseOptions } from '../../src/mnist/options.js';
import { HelpRequest, OptionError } from '../../src/options.js';

const standard = { model: 'mlp', optimizer: 'adam', epochs: 5, batch: 128, learningRate: 2e-3, seed: 1, backend: 'cpu' };

function failure(args: string[]): { error: unknown; message: string } {
  try {
    parseOptions(args);
  } catch (error) {
    return { error, message: error instanceof Error ? error.message : '' };
  }
  return { error: undefined, message: '' };
}

describe('parseOptions', () => {
  it('has a default for everything', () => {
    expect(parseOptions([])).toEqual(standard);
  });

  it('reads every option', () => {
    const args = '--model softmax --optimizer sgd --epochs 2 --batch=64 --learning-rate 3e-2 --seed 7 --backend cpu'.split(' ');
    const expected = { model: 'softmax', optimizer: 'sgd', epochs: 2, batch: 64, learningRate: 0.03, seed: 7, backend: 'cpu' };
    expect(parseOptions(args)).toEqual(expected);
  });

  it('takes the learning rate of the rule where none is given', () => {
    expect(parseOptions(['--optimizer', 'sgd']).learningRate).toBe(0.5);
    expect(parseOptions(['--optimizer', 'sgd', '--learning-rate', '0.1']).learningRate).toBe(0.1);
  });

  it.each([
    ['--model resnet', ["'resnet' is invalid", 'Allowed choices are mlp, cnn, softmax']],
    ['--optimizer adamm', ["'adamm' is invalid", ruleNames.join(', ')]],
    ['--backend cuda', ["'cuda' is invalid", 'cpu']],
    ['--epochs 0', ['whole numbers from 1 to 10000']],
    ['--epochs 1.5', ['whole numbers from 1 to 10000']],
    ['--batch -3', ['whole numbers from 1 to 60000']],
    ['--batch 60001', ['whole numbers from 1 to 60000']],
    ['--seed x', ['whole numbers from 0 to 4294967295']],
    ['--learning-rate 0', ['numbers greater than 0']],
    ['--learning-rate fast', ['numbers greater than 0']],
    ['--learning-rate', ['--learning-rate <x>', 'argument missing']],
    ['--rate 1', ["unknown option '--rate'", '--learning-rate', '--help']],
    ['mlp', ['too many arguments', '--model']],
  ])('answers %s with one line that says what is allowed', (line, parts) => {
    const { error, message } = failure(line.split(' '));
    expect(error).toBeInstanceOf(OptionError);
    expect(message).not.toContain('\n');
    for (const part of parts) expect(message).toContain(part);
  });

  it('answers --help with all options', () => {
    const { error, message } = failure(['--help']);
    expect(error).toBeInstanceOf(HelpRequest);
    const names = ['--model', '--optimizer', '--epochs', '--batch', '--learning-rate', '--seed', '--backend', '--help'];
    for (const name of names) expect(message).toContain(name);
    expect(message.replaceAll(/\s+/g, ' ')).toContain('sgd 0.5, momentum 0.1, ');
  });
});
