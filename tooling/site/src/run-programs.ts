// Runs programs in Node on the sources of the workspace, bundled together so that all of them share what they import.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
import { workspaceRoot } from '@pappus/workspace';
import { build, type Plugin } from 'esbuild';
import { MARK, type SourceFile } from './programs.js';

/** Conditions by which the workspace's packages are their sources. */
export const CONDITIONS = ['pappus-source', 'module'];

/** Files that are on no disk, as if they lay in `directory`. */
export function virtual(files: readonly SourceFile[], directory: string): Plugin {
  return {
    name: 'pages',
    setup({ onResolve, onLoad }) {
      const codes = new Map(files.map(({ name, code }) => [path.join(directory, name), code]));
      onResolve({ filter: /^page:/ }, ({ path: name }) => ({ path: path.join(directory, name.slice('page:'.length)), namespace: 'page' }));
      onResolve({ filter: /^\.\//, namespace: 'page' }, ({ path: name }) => {
        const file = [name, `${name}.ts`, `${name}.tsx`].map((each) => path.join(directory, each)).find((each) => codes.has(each));
        return file === undefined ? undefined : { path: file, namespace: 'page' };
      });
      onLoad({ filter: /.*/, namespace: 'page' }, ({ path: file }) => ({ contents: codes.get(file) ?? '', loader: file.endsWith('x') ? 'tsx' : 'ts', resolveDir: directory }));
    },
  };
}

/** The directory of this package, whose dependencies the programs may import. */
export const HERE = path.join(workspaceRoot, 'tooling/site');

/** Programs, ready to run: each answers what its blocks print. */
export interface Runnable {
  run(name: string): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** Bundles programs. */
export async function runnable(programs: readonly SourceFile[]): Promise<Runnable> {
  const out = path.join(HERE, 'node_modules/.cache/programs', String(process.pid));
  await mkdir(out, { recursive: true });
  await build({
    entryPoints: Object.fromEntries(programs.map(({ name }) => [name.replace(/\.ts$/, ''), `page:${name}`])),
    plugins: [virtual(programs, HERE)],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    conditions: CONDITIONS,
    // The GPU of Node is a native module, and no page runs it.
    external: ['webgpu'],
    outdir: out,
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent',
  });
  return {
    run: (name) => printedBy(() => import(pathToFileURL(path.join(out, name.replace(/\.ts$/, '.mjs'))).href)),
    dispose: () => rm(out, { recursive: true, force: true }),
  };
}

/** What is printed while something runs, block by block. */
async function printedBy(runs: () => Promise<unknown>): Promise<readonly string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: readonly unknown[]) => void lines.push(formatWithOptions({ colors: false }, ...values));
  try {
    await runs();
  } finally {
    console.log = log;
  }
  return lines.join('\n').split(MARK).map((block) => block.trim());
}
