/** Finds a learning rate that suits a rule, on a ladder of rates: 1, 3, 10, 30 and so on, up and down. */

/** A rate that was tried, and what it reached: the smaller, the better; infinity where the training diverged. */
export interface Trial<T> {
  readonly rate: number;
  readonly loss: number;
  readonly result: T | undefined;
}

/** The rung of the ladder that is nearest to a rate. */
export function rungOf(rate: number): number {
  return Math.round(2 * Math.log10(rate));
}

/** The rate of a rung: of odd ones 3 times a power of ten, of even ones the power. */
export function rateOf(rung: number): number {
  const power = Math.floor(rung / 2);
  return Number(`${rung % 2 === 0 ? 1 : 3}e${power}`);
}

/** How often it may go on in one direction: three powers of ten. */
const mostRungs = 6;

/**
 * Tries a rate, the next higher and the next lower one, and goes on in the direction in which the loss falls, until it rises.
 *
 * @param start where to begin; the nearest rung is tried first
 * @param attempt trains at a rate, and answers what it reached; undefined where it diverged
 * @returns all trials in the order in which they were made, and the best of them
 */
export async function searchRate<T>(start: number, attempt: (rate: number) => Promise<{ readonly loss: number; readonly result: T } | undefined>): Promise<{ readonly best: Trial<T>; readonly trials: readonly Trial<T>[] }> {
  const trials: Trial<T>[] = [];
  const tried = async (rung: number): Promise<Trial<T>> => {
    const rate = rateOf(rung);
    const reached = await attempt(rate);
    const loss = reached !== undefined && Number.isFinite(reached.loss) ? reached.loss : Infinity;
    const trial = { rate, loss, result: reached?.result };
    trials.push(trial);
    return trial;
  };
  const first = rungOf(start);
  let best = await tried(first);
  for (const direction of [1, -1]) {
    const before = best;
    for (let k = 1; k <= mostRungs; k++) {
      const next = await tried(first + k * direction);
      if (next.loss < best.loss) best = next;
      else if (best.loss < Infinity) break;
    }
    if (best !== before) break;
  }
  return { best, trials };
}
