// Whether tests run with all of their cases, as `test:soak` has them, or with some, so that the tests of every day are quick.

/** Set by vitest.soak.config.ts; pages have no environment and are told by their address. */
export const THOROUGH = typeof process !== 'undefined' && process.env['SOAK'] === '1';

/** How many of the cases of a test are run: all of them, some, or one or two, where the same kernels run elsewhere too. */
export type Cases = 'all' | 'some' | 'few';

/**
 * Cases spread over the whole list, `count` of them if some are wanted. Tests that go through one list in turn, operation by operation, give
 * their number as `turn`: each takes others, and together they take all.
 */
export function someOf<T>(list: readonly T[], count: number, turn: number, cases: Cases): readonly T[] {
  const wanted = { all: list.length, some: count, few: Math.ceil(count / 3) }[cases];
  if (wanted >= list.length) return list;
  const chosen = new Set(Array.from({ length: wanted }, (_, k) => (turn + Math.floor((k * list.length) / wanted)) % list.length));
  return list.filter((_, k) => chosen.has(k));
}
