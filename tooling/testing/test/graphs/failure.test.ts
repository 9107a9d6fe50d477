// A fault that is planted in a backend is found by a random graph, and what the failure says shows it.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runRandomGraph } from '../../src/conformance/fuzz.js';
import { Setting } from '../../src/conformance/setting.js';
import { printedBy } from './programs.js';
import { wrongInReductions } from './wrong-backend.js';

const WRONG = fileURLToPath(new URL('./wrong-backend.ts', import.meta.url));

/** The message of the first random graph that fails. */
async function firstFailure(setting: Setting, size: number): Promise<{ readonly seed: number; readonly message: string }> {
  for (let seed = 1; seed < 1000; seed++) {
    try {
      await runRandomGraph(seed, 'float32', size, setting);
    } catch (error) {
      return { seed, message: String(error) };
    }
  }
  throw new Error('no random graph found the fault');
}

describe('a random graph that fails', () => {
  const setting = new Setting(wrongInReductions, {
    dtypes: ['float32', 'float64', 'int32', 'bool'],
    tolerance: { float32: 4e-7, float64: 1.2e-15 },
    program: { from: WRONG, name: 'wrongInReductions' },
  });

  it.each([20, 60])('of %i operations says its seed, and what differs, with a program of few statements that shows the same', async (size) => {
    const { seed, message } = await firstFailure(setting, size);
    expect(message).toContain(`PAPPUS_SEED=${seed} runs this graph alone`);
    const program = message.slice(message.indexOf('import {'));
    const steps = program.split('\n').filter((line) => /^ +const t\d+ = /.test(line)).map((line) => line.replace(/.*= (\w+)\(.*/, '$1'));
    expect(steps).toHaveLength(2);
    expect(steps[0]).toBe('sub');
    expect(['sum', 'max', 'min', 'mean', 'prod']).toContain(steps[1]);
    const [, result = '', index = '', actual = '', expected = ''] = /^ {2}(\w+) of call 0: \[(\d+)\] is (\S+), not (\S+), and may be off by/m.exec(message.slice(message.indexOf('it differs in:'))) ?? [];
    const [lines = []] = await printedBy([program]);
    const values = (by: string): string | undefined => lines.find((line) => line.startsWith(`${by} ${result}: `))?.split(': ')[1]?.split(', ')[Number(index)];
    expect([values('backend     '), values('interpreter ')]).toEqual([actual, expected]);
    expect(actual).not.toBe(expected);
  });
});
