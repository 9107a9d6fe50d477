// Type-checking a project against declarations of packages, by several compilers and for several places that a program may run in.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Door } from '@pappus/workspace';
import { runNode } from './commands.js';

/** The oldest TypeScript whose users can read our declarations, the last of the fifth, and that of the workspace. */
export const COMPILERS = ['typescript-5.4', 'typescript-5.9', 'typescript'] as const;
export type Compiler = (typeof COMPILERS)[number];

export type Resolution = 'node16' | 'nodenext' | 'bundler';

export interface Place {
  readonly compiler: Compiler;
  readonly moduleResolution: Resolution;
  /** What there is beside the language: nothing, not even a console, or a browser. */
  readonly lib: readonly string[];
}

const require = createRequire(import.meta.url);

/** Checks files and all that they reach, declarations too; throws with TypeScript's report. */
export async function checkTypes(directory: string, files: readonly string[], { compiler, moduleResolution, lib }: Place): Promise<void> {
  const compilerOptions = {
    module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
    moduleResolution,
    target: 'es2022',
    lib,
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    skipDefaultLibCheck: true,
    noEmit: true,
  };
  const project = `tsconfig.${compiler}-${moduleResolution}-${lib.join('-')}.json`;
  await writeFile(path.join(directory, project), JSON.stringify({ compilerOptions, files }));
  await runNode([path.join(path.dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc'), '-p', project], directory);
}

/** A module that reaches every declaration behind these doors. */
export function importsOf(doors: readonly Door[]): string {
  return `${doors.map(({ name }, k) => `import * as door${k} from '${name}';\n`).join('')}export const doors = [${doors.map((_, k) => `door${k}`).join(', ')}];\n`;
}
