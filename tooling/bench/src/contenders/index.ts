/** Everyone who is measured, in the order of the report. */
import type { Adapter } from '../contender.js';
import { ceiling } from './ceiling.js';
import { jaxJsCount, jaxJsHost } from './jax-js.js';
import { pappus } from './pappus.js';
import { tfjs } from './tfjs.js';

export const adapters: readonly Adapter[] = [pappus, tfjs, jaxJsHost, jaxJsCount, ceiling];

export function adapterNamed(name: string): Adapter {
  const found = adapters.find((adapter) => adapter.name === name);
  if (found === undefined) throw new RangeError(`There is no contender "${name}"; there are ${adapters.map((adapter) => adapter.name).join(', ')}.`);
  return found;
}
