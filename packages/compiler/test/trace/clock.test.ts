// What a clock of a kernel says of many steps: their median, and where the clock is coarse their mean.
import { expect, it } from 'vitest';
import { Clock } from '../../src/trace/trace.js';

function clockOf(tick: number, steps: readonly (readonly number[])[], seldom = false): Clock {
  const clock = new Clock(tick, seldom);
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

it('is the part of a step of what runs in some steps alone: of one in four, a quarter of the median of those', () => {
  const clock = clockOf(1e-5, [[8], [], [], [], [2, 4], [], [], [], [7], [], [], []], true);
  expect([clock.share, clock.milliseconds]).toEqual([0.25, 7 / 4]);
  expect(clockOf(1e-5, [[], []], true)).toMatchObject({ share: 0, milliseconds: 0 });
  expect(clockOf(1e-5, [[], [2], [3]])).toMatchObject({ share: 1, milliseconds: 2 });
});
