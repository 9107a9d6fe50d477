// The documents of the repository whose code is held to run: the READMEs, and what is in docs/.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { publicPackages, workspaceRoot } from '@pappus/workspace';

export interface Document {
  /** From the top of the repository. */
  readonly file: string;
  readonly text: string;
}

export const readDocument = (file: string): Document => ({ file, text: readFileSync(path.join(workspaceRoot, file), 'utf8') });

/** The README of a public package, or that of the repository. */
export const readmeOf = (directory: string): Document => readDocument(path.join(path.relative(workspaceRoot, directory), 'README.md').replaceAll(path.sep, '/'));

/** All of them, sorted within each kind. */
export function allDocuments(): readonly Document[] {
  const pages = readdirSync(path.join(workspaceRoot, 'docs')).filter((name) => name.endsWith('.md')).sort();
  return [readmeOf(workspaceRoot), ...publicPackages.map(({ directory }) => readmeOf(directory)), ...pages.map((name) => readDocument(`docs/${name}`))];
}
