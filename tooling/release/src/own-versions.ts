// The versions that packages know of themselves when they run: their src/version.ts, written from package.json when versions are made.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A file that holds versions, as it is and as it is to be. */
export interface VersionFile {
  /** From the root of the workspace. */
  readonly file: string;
  readonly written: string;
  readonly derived: string;
}

/** The version files of the packages in the workspace at `root`: `VERSION` is the package's own, `CORE_VERSION` that of `@pappus/core`. */
export function versionFiles(root: string): readonly VersionFile[] {
  const core = versionOf(root, 'packages/core');
  return readdirSync(path.join(root, 'packages')).flatMap((name) => {
    const file = `packages/${name}/src/version.ts`;
    if (!existsSync(path.join(root, file))) return [];
    const own = versionOf(root, `packages/${name}`);
    const written = readFileSync(path.join(root, file), 'utf8');
    if (!/^export const VERSION: string = '.*';$/m.test(written)) throw new Error(`${file} is to say its version as: export const VERSION: string = '${own}';`);
    const derived = written.replace(/^(export const (CORE_)?VERSION: string = )'.*';$/gm, (_, start: string, ofCore?: string) => `${start}'${ofCore === undefined ? own : core}';`);
    return [{ file, written, derived }];
  });
}

/** Writes those that are not as they are to be, and answers which they were. */
export function writeVersions(root: string): readonly string[] {
  return versionFiles(root)
    .filter(({ written, derived }) => written !== derived)
    .map(({ file, derived }) => {
      writeFileSync(path.join(root, file), derived);
      return file;
    });
}

function versionOf(root: string, directory: string): string {
  const { version } = JSON.parse(readFileSync(path.join(root, directory, 'package.json'), 'utf8')) as { readonly version: string };
  return version;
}
