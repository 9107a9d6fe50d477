/** What runs a step in its own way, in the order in which it was written among all calls, settings and reads. */
import type { Backend } from './backend.js';
import { holding } from './lifetime.js';
import { turnsOf } from './turns.js';
import type { Variable } from '../values/variable.js';

/**
 * Does something with variables on a backend after all that concerns them and was begun before; what is begun later waits for it. Within, a
 * variable's `read` and `set` would wait for themselves: its `storage` does not.
 *
 * @throws {DisposedError} if a variable was disposed of before; one that is disposed of later stays until it ends
 */
export function inTurn<T>(backend: Backend, variables: ReadonlySet<Variable>, work: () => Promise<T>): Promise<T> {
  const [all, turns] = [[...variables], turnsOf(backend)];
  const waiting = all.flatMap((variable) => variable.turns ?? []);
  for (const { life } of all) life.check();
  const result = holding(all.map(({ life }) => life), () => turns.wait(work, waiting));
  for (const variable of all) {
    variable.waitsIn(turns);
    variable.isCompiledInto(result);
  }
  return result;
}
