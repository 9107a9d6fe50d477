// A fault that is planted in a backend is found by a random graph, and what the failure says shows it.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runRandomGraph } from '../../src/conformance/fuzz.js';
import { runWideGraph } from '../../src/conformance/wide.js';
import { Setting } from '../../src/conformance/setting.js';
import { emptyTally } from '../../src/graphs/judge.js';
import { printedBy } from './programs.js';
import { wrongInLoops, wrongInReductions } from './wrong-backend.js';

const WRONG = fileURLToPath(new URL('./wrong-backend.ts', import.meta.url));
const OPTIONS = { dtypes: ['float32', 'float64', 'int32', 'bool'], tolerance: { float32: 4e-7, float64: 1.2e-15 } } as const;

interface Failure {
  readonly seed: number;
  readonly message: string;
  readonly program: string;
  /** The operations of the program. */
  readonly steps: readonly string[];
}

/** What the first random graph that fails says, from a seed on: graphs that have the operation in question are few. */
async function firstFailure(from: number, run: (seed: number) => Promise<void>): Promise<Failure> {
  for (let seed = from; seed < from + 1000; seed++) {
    try {
      await run(seed);
    } catch (error) {
      const message = String(error);
      const program = message.slice(message.indexOf('import {'));
      const steps = program.split('\n').flatMap((line) => /^ +const t\d+ = (\w+)\(/.exec(line)?.[1] ?? []);
      return { seed, message, program, steps };
    }
  }
  throw new Error('no random graph found the fault');
}

/** Fails unless the program prints the difference that the message names. */
async function expectReproduced({ message, program }: Failure): Promise<void> {
  const [, result = '', index = '', actual = '', expected = ''] = /^ {2}(\w+) of call 0: \[(\d+)\] is (\S+), not (\S+), and may be off by/m.exec(message.slice(message.indexOf('it differs in:'))) ?? [];
  const [lines = []] = await printedBy([program]);
  const values = (by: string): string | undefined => lines.find((line) => line.startsWith(`${by} ${result}: `))?.split(': ')[1]?.split(', ')[Number(index)];
  expect([values('backend     '), values('interpreter ')]).toEqual([actual, expected]);
  expect(actual).not.toBe(expected);
}

describe('a random graph that fails', () => {
  it.each([[20, 225], [60, 44]])('of %i operations says its seed, and what differs, with a program of few statements that shows the same', async (size, from) => {
    const setting = new Setting(wrongInReductions, { ...OPTIONS, program: { from: WRONG, name: 'wrongInReductions' } });
    const failure = await firstFailure(from, (seed) => runRandomGraph(seed, 'float32', size, setting));
    expect(failure.message).toContain(`PAPPUS_SEED=${failure.seed} runs this graph alone`);
    // A difference, by itself or in what is composed of it, and what reduces it.
    expect(failure.steps.length).toBeLessThan(4);
    await expectReproduced(failure);
  });

  it('of the wide kind, where scans run the wrong way', async () => {
    const setting = new Setting(wrongInLoops, { ...OPTIONS, program: { from: WRONG, name: 'wrongInLoops' } });
    const failure = await firstFailure(670, (seed) => runWideGraph(seed, setting, emptyTally()));
    expect(failure.steps).toContain('scan');
    // From the end by itself, or as its gradient.
    expect(failure.program).toMatch(/reverse: true|grad\(/);
    expect(failure.steps.length).toBeLessThan(4);
    await expectReproduced(failure);
  });
});
