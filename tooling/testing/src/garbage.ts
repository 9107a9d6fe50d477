// Garbage, collected when a test asks for it, in Node.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose_gc');
const collect: unknown = runInNewContext('gc');

/** Collects garbage, and lets finalizers run. */
export async function collectGarbage(): Promise<void> {
  for (let k = 0; k < 4; k++) {
    if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
