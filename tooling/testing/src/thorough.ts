// How many of the cases of a test are run: the soak runs all of them, every day's run some, so that it is quick.

/** All of them; some; or one or two, where the same kernels run elsewhere too. */
export type Cases = 'all' | 'some' | 'few';

/** `some` unless the configuration of the run says otherwise. Pages have no environment and are told by their address. */
export const CASES: Cases = casesNamed(typeof process === 'undefined' ? undefined : process.env['PAPPUS_CASES']);

function casesNamed(name = 'some'): Cases {
  if (name === 'all' || name === 'some' || name === 'few') return name;
  throw new TypeError(`PAPPUS_CASES is ${name}: it may be all, some or few`);
}

/** Whether every case is run. */
export const THOROUGH = CASES === 'all';

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
