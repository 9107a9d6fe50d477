import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';

import { learningCurveSvg, type LearningCurve } from '../src/plot.js';
import { smoother } from '../src/smoothing.js';

const curve: LearningCurve = {
  title: 'loss < 1 & falling',
  subtitle: 'three epochs',
  unit: 'epoch',
  stepsPerUnit: 4,
  losses: [2.3, 1.9, 1.2, 1, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0, 0.2],
  measure: '↑ accuracy, %',
  series: [
    { name: 'training', points: [70, 90, 95].map((value, k) => ({ at: k + 1, value })) },
    { name: 'test', points: [80, 91, 94].map((value, k) => ({ at: k + 1, value })) },
  ],
};

describe('learningCurveSvg', () => {
  const svg = learningCurveSvg(curve);
  const { document } = parseHTML(svg);
  const points = (path: Element): number => (path.getAttribute('d')?.match(/[ML]/g) ?? []).length;

  it('draws each step raw and smoothed, and every point of each series', () => {
    const lines = [...document.querySelectorAll('g[aria-label="line"] path')];
    expect(lines.map(points)).toEqual([12, 12, 3, 3]);
  });

  it('names its axes and its series', () => {
    const texts = [...document.querySelectorAll('text')].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(['epoch →', '↑ training loss', '↑ accuracy, %', 'training', 'test']));
  });

  it('holds no number that is none, even where a loss is zero', () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('escapes its texts', () => {
    expect(svg).toContain('loss &lt; 1 &amp; falling');
  });

  it('is the same each time', () => {
    expect(learningCurveSvg(curve)).toBe(svg);
  });
});

describe('smoother', () => {
  it('keeps a constant', () => {
    const smooth = smoother(0.9);
    for (let count = 0; count < 50; count++) expect(smooth(3)).toBeCloseTo(3, 12);
  });

  it('weighs the first values by their number, and then decays', () => {
    const smooth = smoother(0.5);
    expect([smooth(1), smooth(4), smooth(0), smooth(0)]).toEqual([1, 3, 1.5, 0.75]);
  });
});
