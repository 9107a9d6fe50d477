import { describe, expect, it } from 'vitest';
import { summary } from '../src/measure.js';
import { judge } from '../src/report.js';

describe('summary', () => {
  it('interpolates between samples, whatever their order', () => {
    expect(summary([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, p90: 3.7, rounds: 4 });
  });
});

describe('judge', () => {
  const row = (contender: string, value: number, times?: number) => ({
    case: 'a', contender, value, unit: 'ms' as const, ...(times !== undefined && { target: { times } }),
  });

  it('gives the ratio to Pappus in the same case and whether it reaches the target', () => {
    const judged = judge([row('Pappus', 2), row('slow', 16, 8), row('slower', 15, 8), { ...row('elsewhere', 99, 8), case: 'b' }]);
    expect(judged.map(({ ratio, verdict }) => [ratio, verdict])).toEqual([
      [1, undefined], [8, 'pass'], [7.5, 'miss'], [undefined, undefined],
    ]);
  });

  it('judges growth by itself', () => {
    const growth = (value: number) => ({ case: 'a', contender: 'Pappus', value, unit: 'bytes' as const, target: { atMost: 0 } });
    expect([0, 1].flatMap((value) => judge([growth(value)])).map(({ verdict }) => verdict)).toEqual(['pass', 'miss']);
  });
});
