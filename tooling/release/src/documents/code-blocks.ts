// The blocks of TypeScript that a document shows.
import type { Document } from './documents.js';

export interface CodeBlock {
  /** The line of its fence. */
  readonly line: number;
  readonly code: string;
}

/**
 * A fence may be indented, as in a list; what follows the language on its line is for the page that shows it. One that names a file is of
 * a project of several, which is run as that.
 */
const BLOCK = /^( *)```ts\b(?! \S+\.ts$)[^\n]*\n(.*?)^\1```$/gms;

export function codeBlocks({ text }: Document): readonly CodeBlock[] {
  return [...text.matchAll(BLOCK)].map(({ index, 1: indent = '', 2: code = '' }) => ({
    line: text.slice(0, index).split('\n').length,
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The blocks whose fences name a file, by that name. */
export const fileBlocks = ({ text }: Document): ReadonlyMap<string, string> => new Map([...text.matchAll(/^```ts (\S+\.ts)\n(.*?)^```$/gms)].map(([, file = '', code = '']) => [file, code]));

/** What a block needs that a test in Node has not, said in its first line: `// Needs a browser: ...`. */
export function needsOf(code: string): string | undefined {
  return /^\/\/ Needs ([^:.\n]+)/.exec(code)?.[1];
}

/** A block with imports stands alone; the others are parts of something that the document speaks of. */
export const standsAlone = (code: string): boolean => /^import /m.test(code);
