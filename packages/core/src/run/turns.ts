/**
 * The order of what is done on a backend: that of the calls, of whichever functions and variables, since functions share variables
 * and outputs. What can be done at once is; what waits, as for a compilation, takes a turn, and all that concerns it waits behind.
 */
import type { Backend } from './backend.js';

export class Turns {
  private last: Promise<void> | undefined;

  /** Whether something waits, and others must wait behind it. */
  get areTaken(): boolean {
    return this.last !== undefined;
  }

  /** Does something after what waits already, here and in the orders `beside`; what comes later in any of them waits for it. */
  wait<T>(step: () => Promise<T>, beside: Iterable<Turns> = []): Promise<T> {
    const all = new Set([this, ...beside]);
    const before = [...all].flatMap(({ last }) => (last === undefined ? [] : [last]));
    const result = (before.length === 1 ? before[0] ?? Promise.resolve() : Promise.all(before)).then(step);
    const done = (): void => {
      for (const turns of all) if (turns.last === settled) turns.last = undefined;
    };
    const settled: Promise<void> = result.then(done, done);
    for (const turns of all) turns.last = settled;
    return result;
  }
}

const turns = new WeakMap<Backend, Turns>();

export function turnsOf(backend: Backend): Turns {
  const found = turns.get(backend) ?? new Turns();
  turns.set(backend, found);
  return found;
}
