/** The programs of one function, each compiled for other sizes of its open dimensions: as many are kept as are likely to come again. */
import type { Executable } from './backend.js';

/**
 * Programs that a function keeps, and bytes of their code; beyond that the one that was not used for longest goes. They share their
 * memory for tensors. What each has of its own is about twenty times its code, as measured in Node, with what the engine makes of it.
 */
const MOST_PROGRAMS = 256;
const MOST_CODE_BYTES = 2 ** 23;

export class ProgramCache {
  /** Those that were used last come last. */
  private readonly executables = new Map<string, Executable>();
  private used: Executable | undefined;

  /** The one that ran last, or that was compiled last before any ran. */
  get latest(): Executable | undefined {
    return this.used;
  }

  set latest(executable: Executable | undefined) {
    this.used = executable;
  }

  /** The executable for these sizes, if it is kept; it counts as used. */
  find(sizes: ReadonlyMap<string, number>): Executable | undefined {
    const key = sizesKey(sizes);
    const executable = this.executables.get(key);
    if (executable !== undefined && executable !== this.used) {
      this.executables.delete(key);
      this.executables.set(key, executable);
    }
    return executable;
  }

  /** Keeps one, which is the latest from now on; all others may go. */
  add(sizes: ReadonlyMap<string, number>, executable: Executable): void {
    this.executables.set(sizesKey(sizes), executable);
    this.used = executable;
    let code = [...this.executables.values()].reduce((sum, { program }) => sum + program.bytes.code, 0);
    for (const [key, oldest] of this.executables) {
      if ((this.executables.size <= MOST_PROGRAMS && code <= MOST_CODE_BYTES) || oldest === executable) break;
      code -= oldest.program.bytes.code;
      this.executables.delete(key);
      oldest.release?.();
    }
  }

  /** Lets all of them go. */
  clear(): void {
    for (const executable of this.executables.values()) executable.release?.();
    this.executables.clear();
    this.used = undefined;
  }
}

function sizesKey(sizes: ReadonlyMap<string, number>): string {
  return [...sizes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, size]) => `${name}=${size}`).join();
}
