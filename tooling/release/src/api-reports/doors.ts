// The modules that people can import, each by the declarations that are published of it.
import path from 'node:path';
import { publicPackages } from '../public-packages.js';

export interface Door {
  /** As it is imported: `@pappus/core/backend`. */
  readonly name: string;
  /** The directory of its package. */
  readonly directory: string;
  /** Its declarations, as built. */
  readonly types: string;
}

export const doors: readonly Door[] = publicPackages.flatMap(({ directory, manifest }) =>
  Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    const types = typeof target === 'string' ? undefined : target['types'];
    return types === undefined ? [] : [{ name: path.posix.join(manifest.name, subpath), directory, types: path.join(directory, types) }];
  }),
);
