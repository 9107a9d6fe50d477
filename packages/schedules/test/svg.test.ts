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

  it('tells large counts apart on its axis, and puts them where they are', async () => {
    const svg = await scheduleSvg(() => 1, { from: 1e12, steps: 1e12 + 10 });
    expect(labels(svg).slice(-6)).toEqual(['1e12', '1.000000000002e12', '1.000000000004e12', '1.000000000006e12', '1.000000000008e12', '1.00000000001e12']);
    const marks = [...svg.matchAll(/<path d="M([\d.]+) [\d.]+v5"/g)].map(([, x]) => Number(x));
    for (const [k, x] of marks.entries()) expect(x - (marks[0] ?? NaN)).toBeCloseTo(k * ((marks[1] ?? NaN) - (marks[0] ?? NaN)), 1);
  });

  it('has no characters that a document may not have', async () => {
    const svg = await scheduleSvg({ 'a\0b\u001b': () => 1, '\ud800c\ufffe': () => 2 }, { steps: 4, title: 'tab\t😀' });
    expect(labels(svg).slice(-2)).toEqual(['a\ufffdb\ufffd', '\ufffdc\ufffd']);
    expect(svg).toContain('<title>tab\t😀</title>');
  });

  it.each<[string, () => Promise<string>]>([
    ['scheduleSvg: the option steps must be a number from -1e+300 to 1e+300, not 1.7e+308', () => scheduleSvg(() => 1, { steps: 1.7e308 })],
    ['scheduleSvg: the option from must be a number from -1e+300 to 1e+300, not -1.7e+308', () => scheduleSvg(() => 1, { from: -1.7e308, steps: 5 })],
    ['scheduleSvg: the value of schedule at the count 0 is 1.7e+308, and cannot be drawn', () => scheduleSvg(() => 1.7e308, { steps: 5, logarithmic: true })],
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
