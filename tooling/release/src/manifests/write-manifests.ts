// Every public package's derived files as they are to be: manifests with their derived fields, READMEs with their links.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPublicPackages } from '@pappus/workspace';
import { derivedFields } from './derived-fields.js';
import { withFields } from './manifest-text.js';
import { withLinks } from './readme-links.js';

export interface DerivedFile {
  /** From the root of the workspace. */
  readonly file: string;
  readonly written: string;
  readonly derived: string;
}

/** The manifests and READMEs of the workspace at `root`, as they are and as they are with this address. */
export function derivedFiles(root: string, address: string): readonly DerivedFile[] {
  return findPublicPackages(root).flatMap(({ directory, manifest }) => {
    const place = path.relative(root, directory).replaceAll(path.sep, '/');
    const derived = (name: string, derive: (text: string) => string): DerivedFile[] => {
      const file = path.join(directory, name);
      if (!existsSync(file)) return [];
      const written = readFileSync(file, 'utf8');
      return [{ file: `${place}/${name}`, written, derived: derive(written) }];
    };
    return [
      ...derived('package.json', (text) => withFields(text, derivedFields(manifest, place, address))),
      ...derived('README.md', (text) => withLinks(text, address)),
    ];
  });
}

/** The files that are not as they are to be. */
export const staleFiles = (root: string, address: string): readonly DerivedFile[] => derivedFiles(root, address).filter(({ written, derived }) => written !== derived);

/** Writes them, and answers which they were. */
export function writeManifests(root: string, address: string): readonly string[] {
  return staleFiles(root, address).map(({ file, derived }) => {
    writeFileSync(path.join(root, file), derived);
    return file;
  });
}
