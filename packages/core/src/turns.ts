/** The order of steps on a backend: that of their calls, of whichever functions, since functions share variables and outputs. */
import type { Backend } from './backend.js';

export class Turns {
  private last: Promise<void> | undefined;

  /** Whether a step waits for something, and others must wait behind it. */
  get areTaken(): boolean {
    return this.last !== undefined;
  }

  /** Runs a step after those that wait already. */
  wait<T>(step: () => Promise<T>): Promise<T> {
    const result = (this.last ?? Promise.resolve()).then(step);
    const done = (): void => {
      if (this.last === settled) this.last = undefined;
    };
    const settled: Promise<void> = result.then(done, done);
    this.last = settled;
    return result;
  }
}

const turns = new WeakMap<Backend, Turns>();

export function turnsOf(backend: Backend): Turns {
  const found = turns.get(backend) ?? new Turns();
  turns.set(backend, found);
  return found;
}
