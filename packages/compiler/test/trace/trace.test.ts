// Clocks of the kernels of a program, and entries of a timeline that end; clock.test.ts has what one clock says.
import { input, scan, zeros } from '@pappus/core';
import { afterEach, expect, it } from 'vitest';
import { Clocks, Timeline } from '../../src/trace/trace.js';
import { programOf } from '../programs.js';

afterEach(() => {
  performance.clearMeasures();
});

it('counts how often the kernels of a scan run in a step, and adds up what they take', () => {
  const x = input('float32', [6, 2], 'x');
  const { carry } = scan((c, xt) => ({ carry: c.mul(0.5).add(xt).tanh() }), { carry: zeros([2]), inputs: x });
  const { kernels } = programOf({ inputs: [x], outputs: [carry] });
  const clocks = new Clocks(kernels);
  expect(clocks.times()).toEqual({ steps: 0, kernels: [] });
  const inside = kernels.findIndex(({ kind }) => kind === 'scan');
  clocks.endStep();
  const labels = clocks.times().kernels.filter(({ label }) => label.startsWith(`k${inside}.`)).map(({ label }) => label);
  expect(labels.length).toBeGreaterThan(0);
  for (let step = 0; step < 3; step++) {
    for (const label of labels) for (let k = 0; k < 6; k++) clocks.of(label).add(0.5);
    clocks.endStep();
  }
  const { steps, kernels: times } = clocks.times();
  expect(steps).toBe(4);
  for (const { label, calls, milliseconds } of times) expect({ label, calls, milliseconds }).toEqual(labels.includes(label) ? { label, calls: 6, milliseconds: 3 } : { label, calls: 1, milliseconds: 0 });
  expect(() => clocks.of('k99 nothing')).toThrow('the clock of the kernel k99 nothing');
});

it('leaves 100,000 entries and no more', () => {
  const timeline = new Timeline();
  for (let k = 0; k < 100_010; k++) timeline.add(`e${k}`, 'kernels', k, k + 1);
  const entries = performance.getEntriesByType('measure');
  expect([entries.length, entries.at(-1)?.name]).toEqual([100_000, 'e99999']);
});
