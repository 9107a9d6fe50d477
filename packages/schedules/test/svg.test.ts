// Drawings: where the curve goes, what the axes say, and what cannot be drawn.
import { InputError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { cosineDecay, linearSchedule, scheduleSvg } from '../src/index.js';

const line = (svg: string): readonly string[] => [...svg.matchAll(/<path d="(M[^"]*)" fill="none" stroke="#0/g)].map(([, d = '']) => d);
const labels = (svg: string): readonly string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);

describe('scheduleSvg', () => {
  it('draws a line from corner to corner, with round numbers on the axes', async () => {
    const svg = await scheduleSvg((t) => linearSchedule(t, { initial: variable(0.003, { name: 'peak', dtype: 'float64' }), steps: 4 }), { steps: 4, width: 640, height: 320, title: 'a < b' });
    const [d = ''] = line(svg);
    const points = d.slice(1).split('L').map((pair) => pair.split(' ').map(Number));
    expect(points).toHaveLength(5);
    expect(points.map(([x]) => x)).toEqual([...points.map(([x = NaN]) => x)].sort((a, b) => a - b));
    expect([points[0]?.[1], points[4]?.[1]]).toEqual([40, 284]);
    expect(labels(svg)).toEqual(['a &lt; b', '0', '0.001', '0.002', '0.003', '0', '1', '2', '3', '4']);
    expect(svg).toContain('<title>a &lt; b</title>');
  });

  it('draws several by name, and a logarithmic axis', async () => {
    const svg = await scheduleSvg({ fast: (t) => cosineDecay(t, { initial: 0.1, steps: 10 }), slow: () => 1e-6 }, { steps: 100_000, logarithmic: true });
    expect(labels(svg)).toEqual(expect.arrayContaining(['fast', 'slow', '0.1', '1e-6', '100000']));
  });

  it.each<[string, () => Promise<string>]>([
    ['scheduleSvg: the option steps is required', () => Reflect.apply(scheduleSvg, undefined, [() => 1]) as Promise<string>],
    ['scheduleSvg: steps must be above from, 5, not 5', () => scheduleSvg(() => 1, { steps: 5, from: 5 })],
    ['scheduleSvg: takes a function of the count', () => Reflect.apply(scheduleSvg, undefined, [3, { steps: 5 }]) as Promise<string>],
    ['scheduleSvg: the value of schedule at the count 0 is Infinity', () => scheduleSvg((t) => t.reciprocal(), { steps: 5 })],
    ['scheduleSvg: no value is above 0', () => scheduleSvg(() => 0, { steps: 5, logarithmic: true })],
  ])('%s', async (message, call) => {
    await expect(call()).rejects.toThrow(message);
    await expect(call()).rejects.toThrow(InputError);
  });
});
