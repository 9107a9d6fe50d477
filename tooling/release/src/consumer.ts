// Somebody else's project: a directory outside the workspace that has installed tarballs with npm.
import { mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { runNode, runNpm } from './commands.js';
import type { Tarball } from './tarballs.js';

export const temporaryDirectory = async (): Promise<string> => realpath(await mkdtemp(path.join(tmpdir(), 'pappus-release-')));

/** Installs the tarballs of `names` in `directory`, and nothing from any registry. */
export async function install(directory: string, tarballs: readonly Tarball[], names: readonly string[]): Promise<void> {
  const dependencies = Object.fromEntries(
    names.map((name) => {
      const tarball = tarballs.find((candidate) => candidate.name === name);
      if (tarball === undefined) throw new Error(`no tarball of ${name}`);
      return [name, `file:${tarball.file}`];
    }),
  );
  await writeFile(path.join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  await runNpm(['install', '--offline', '--no-audit', '--no-fund', '--cache', path.join(directory, '.npm')], directory);
}

/** Writes a module into the project, runs it with Node, and answers what it printed. */
export async function runModule(directory: string, name: string, source: string): Promise<string> {
  await writeFile(path.join(directory, name), source);
  return runNode([name], directory);
}

/** Type-checks files of the project, the declarations of the packages included; throws with TypeScript's report. */
export async function typeCheck(directory: string, files: readonly string[], moduleResolution: 'nodenext' | 'bundler'): Promise<void> {
  const compilerOptions = {
    module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
    moduleResolution,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    skipDefaultLibCheck: true,
    noEmit: true,
  };
  const project = `tsconfig.${moduleResolution}.json`;
  await writeFile(path.join(directory, project), JSON.stringify({ compilerOptions, files }));
  await runNode([path.join(workspaceRoot, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project], directory);
}
