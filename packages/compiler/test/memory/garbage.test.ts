// What gives the engine a reason to collect, and time to do so.
import { expect, it, vi } from 'vitest';
import { pause, pauseAfter, weightOf, withRoom } from '../../src/memory/garbage.js';

class Full extends Error {}
const isFull = (error: unknown): boolean => error instanceof Full;

it('weighs what is small together with what comes after it', () => {
  const weights = Array.from({ length: 8 }, () => weightOf(2 ** 18));
  const [first] = weights.filter((w) => w !== undefined);
  expect(weights.filter((w) => w !== undefined).length).toBe(2);
  expect(first instanceof ArrayBuffer && first.byteLength).toBeGreaterThanOrEqual(2 ** 20);
  const large = weightOf(2 ** 21);
  expect(large instanceof ArrayBuffer && large.byteLength).toBeGreaterThanOrEqual(2 ** 21);
});

it('pauses after so many bytes, and lets what waits run', async () => {
  const waited = vi.fn();
  setTimeout(waited, 0);
  const pauses = Array.from({ length: 8 }, () => pauseAfter(2 ** 27)).flatMap((p) => p ?? []);
  expect(pauses).toHaveLength(4);
  await Promise.all(pauses);
  for (let k = 0; k < 100 && waited.mock.calls.length === 0; k++) await pause();
  expect(waited).toHaveBeenCalledTimes(1);
});

it('tries again where there was no room, four times in all, and at once where the failure is another', async () => {
  const attempt = vi.fn((): number => {
    if (attempt.mock.calls.length < 3) throw new Full('no room');
    return 7;
  });
  expect(await withRoom(attempt, isFull)).toBe(7);
  expect(attempt).toHaveBeenCalledTimes(3);
  const never = vi.fn((): number => {
    throw new Full('never');
  });
  await expect(withRoom(never, isFull)).rejects.toThrow('never');
  expect(never).toHaveBeenCalledTimes(4);
  const other = vi.fn(async (): Promise<number> => {
    throw new TypeError('other');
  });
  await expect(withRoom(other, isFull)).rejects.toThrow('other');
  expect(other).toHaveBeenCalledTimes(1);
});
