// CONTRIBUTING.md as a page of the site: the file at the root of the repository, with its links as seen from docs/.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { DOCS } from './docs.js';

/** `](docs/x.md)` -> `](x.md)`, `](packages/x)` -> `](../packages/x)` */
export function seenFromDocs(text: string): string {
  return text.replaceAll(/\]\((?![a-z]+:|#|\/)([^)]+)\)/gi, (_, link: string) => `](${path.posix.relative('docs', link.replace(/#.*/, ''))}${link.replace(/^[^#]*/, '')})`);
}

/** Writes docs/contributing.md, which git ignores. */
export function writeContributing(): void {
  writeFileSync(path.join(DOCS, 'contributing.md'), seenFromDocs(readFileSync(path.join(workspaceRoot, 'CONTRIBUTING.md'), 'utf8')));
}
