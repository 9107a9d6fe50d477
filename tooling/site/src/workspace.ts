// Where the workspace is, its public packages, and the address of its repository.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The nearest directory above that holds the workspace: this module also runs bundled, from another place. */
function findRoot(from: string): string {
  if (readdirSync(from).includes('pnpm-workspace.yaml')) return from;
  const above = path.dirname(from);
  if (above === from) throw new Error('there is no pnpm-workspace.yaml above the directory of the site; run it inside of the workspace');
  return findRoot(above);
}

export const ROOT = findRoot(process.cwd());
export const DOCS = path.join(ROOT, 'docs');

interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | { readonly 'pappus-source'?: string }>>;
  readonly repository?: string | { readonly url?: string };
}

const manifestIn = (directory: string): Manifest => JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as Manifest;

/** A public package. */
export interface PublicPackage {
  /** Its directory in packages/. */
  readonly directory: string;
  readonly name: string;
  readonly description: string;
  /** Source files by what is imported: `@pappus/core/backend`. */
  readonly modules: ReadonlyMap<string, string>;
}

/** All public packages, in the order of their directories. */
export function publicPackages(): readonly PublicPackage[] {
  const all = path.join(ROOT, 'packages');
  return readdirSync(all).flatMap((directory) => {
    const manifest = manifestIn(path.join(all, directory));
    if (manifest.private === true) return [];
    const modules = Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]): [string, string][] => {
      const source = typeof target === 'string' ? undefined : target['pappus-source'];
      return source === undefined ? [] : [[path.posix.join(manifest.name, subpath), path.join(all, directory, source)]];
    });
    return [{ directory, name: manifest.name, description: manifest.description ?? '', modules: new Map(modules) }];
  });
}

/** The address of the repository for people, from the root's manifest; undefined as long as nobody has filled it in. */
export function repositoryAddress(): string | undefined {
  const { repository } = manifestIn(ROOT);
  const url = typeof repository === 'string' ? repository : repository?.url;
  return url === undefined || url === '' ? undefined : url.replace(/^git\+/, '').replace(/\.git$/, '').replace(/\/$/, '');
}
