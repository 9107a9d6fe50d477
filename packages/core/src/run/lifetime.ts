/// <reference lib="esnext.disposable" preserve="true" />
/** How long what holds memory lives: until it is disposed of, and until what was begun before has ended. */
import { DisposedError } from '../errors.js';

/** The name of the method that `using` calls: `Symbol.dispose`, or what compilers of `using` take for it where the engine has none. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- the type of the symbol is that of the engine's own
export const DISPOSE: typeof Symbol.dispose = symbolOfDispose() as typeof Symbol.dispose;

function symbolOfDispose(): symbol {
  const own: unknown = Reflect.get(Symbol, 'dispose');
  return typeof own === 'symbol' ? own : Symbol.for('Symbol.dispose');
}

let disposals = 0;

/** How often anything was disposed of: who has checked what it uses need not do so again before this changes. */
export function countDisposals(): number {
  return disposals;
}

export class Lifetime {
  private users = 0;
  private disposed = false;

  /**
   * @param what names it in errors, and what to do
   * @param free gives the memory back
   */
  constructor(
    private readonly what: () => string,
    private readonly free: () => void,
  ) {}

  get isOver(): boolean {
    return this.disposed;
  }

  /** @throws {DisposedError} if it was disposed of */
  check(): void {
    if (this.disposed) throw this.error();
  }

  error(): DisposedError {
    return new DisposedError(this.what());
  }

  /** What begins now needs it until `letGo`, also if it is disposed of meanwhile. */
  hold(): void {
    this.users++;
  }

  letGo(): void {
    this.users--;
    if (this.users === 0 && this.disposed) this.free();
  }

  /** Nothing begins any more; the memory goes back when nothing that has begun needs it. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    disposals++;
    if (this.users === 0) this.free();
  }
}

/** Does something for which all of these must stay; answers what it answers. */
export async function holding<T>(lives: readonly Lifetime[], work: () => Promise<T>): Promise<T> {
  for (const life of lives) life.hold();
  try {
    return await work();
  } finally {
    for (const life of lives) life.letGo();
  }
}
