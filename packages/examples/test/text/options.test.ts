import { describe, expect, it } from 'vitest';

import { HelpRequest, OptionError } from '../../src/options.js';
import { models } from '../../src/text/models.js';
import { parseOptions } from '../../src/text/options.js';

const { steps, batch, length, learningRate } = models.transformer;
const standard = { steps, batch, length, learningRate, prompt: 'The whale', characters: 600, temperature: 0.8, seed: 1, backend: 'cpu' };

function failure(args: string[]): { error: unknown; message: string } {
  try {
    parseOptions('transformer', args);
  } catch (error) {
    return { error, message: error instanceof Error ? error.message : '' };
  }
  return { error: undefined, message: '' };
}

describe('parseOptions', () => {
  it('has the defaults of the model', () => {
    expect(parseOptions('transformer', [])).toEqual(standard);
  });

  it('reads every option', () => {
    const line = '--steps 20 --batch 4 --length 16 --learning-rate 1e-2 --prompt Ahab --characters 0 --temperature 0 --seed 7 --backend cpu';
    const expected = { steps: 20, batch: 4, length: 16, learningRate: 0.01, prompt: 'Ahab', characters: 0, temperature: 0, seed: 7, backend: 'cpu' };
    expect(parseOptions('transformer', line.split(' '))).toEqual(expected);
  });

  it.each([
    ['--steps 0', ['whole numbers from 1 to 1000000']],
    ['--length 15', ['even numbers from 2 to 4096']],
    ['--length 0', ['whole numbers from 2 to 4096']],
    ['--temperature -1', ['numbers of at least 0']],
    ['--temperature hot', ['numbers of at least 0']],
    ['--learning-rate 0', ['numbers greater than 0']],
    ['--prompt=', ['--prompt <text>', 'at least one character']],
    ['--backend cuda', ["'cuda' is invalid", 'cpu']],
    ['--epochs 1', ["unknown option '--epochs'", '--steps', '--help']],
  ])('answers %s with one line that says what is allowed', (line, parts) => {
    const { error, message } = failure(line.split(' '));
    expect(error).toBeInstanceOf(OptionError);
    expect(message).not.toContain('\n');
    for (const part of parts) expect(message).toContain(part);
  });

  it('answers --help with all options', () => {
    const { error, message } = failure(['--help']);
    expect(error).toBeInstanceOf(HelpRequest);
    for (const name of Object.keys(standard)) expect(message).toContain(`--${name.replace('R', '-r')}`);
  });
});
