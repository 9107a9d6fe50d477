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

/** The only seed of random graphs that is run, where one is to be run again; undefined otherwise. */
export const SEED: number | undefined = seedNamed(typeof process === 'undefined' ? undefined : process.env['PAPPUS_SEED']);

function seedNamed(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const seed = Number(text);
  if (!Number.isSafeInteger(seed)) throw new TypeError(`PAPPUS_SEED is ${text}: it may be a whole number`);
  return seed;
}

/** Seeds of random graphs, one after the other from the first on; or the one that is to be run again. */
export function seedsFrom(first: number, count: number): readonly number[] {
  return SEED === undefined ? Array.from({ length: count }, (_, k) => first + k) : [SEED];
}
