// What a clock of a kernel says of many steps: their median, and where the clock is coarse their mean.
import { expect, it } from 'vitest';
import { Clock } from '../../src/trace/trace.js';

function clockOf(tick: number, steps: readonly (readonly number[])[]): Clock {
  const clock = new Clock(tick);
  for (const calls of steps) {
    for (const milliseconds of calls) clock.add(milliseconds);
    clock.endStep();
  }
  return clock;
}

it('is the median of steps, whose calls are added up', () => {
  expect(clockOf(1e-5, [[900], [1, 2], [2, 2], [5]]).milliseconds).toBe(5);
  expect(clockOf(1e-5, [[900], [1, 2], [2, 2]]).milliseconds).toBe(4);
});

it('forgets all but the last 101 steps', () => {
  expect(clockOf(1e-5, [...Array.from({ length: 300 }, () => [7]), ...Array.from({ length: 51 }, () => [3])]).milliseconds).toBe(3);
  expect(clockOf(1e-5, [...Array.from({ length: 300 }, () => [7]), ...Array.from({ length: 50 }, () => [3])]).milliseconds).toBe(7);
});

it('is the mean of all steps where the clock ticks too seldom: 0.1 ms in a browser', () => {
  const steps = Array.from({ length: 1000 }, (_, k) => [k % 20 === 0 ? 0.1 : 0]);
  expect(clockOf(0.1, steps).milliseconds).toBeCloseTo(0.005, 10);
  expect(clockOf(0.1, Array.from({ length: 9 }, () => [3])).milliseconds).toBe(3);
});
