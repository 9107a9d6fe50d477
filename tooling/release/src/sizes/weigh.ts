// The weight of a bundle of the packages as they were built: bundled as an application is, minified, gzipped.
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { workspaceRoot } from '@pappus/workspace';
import { build, type Metafile } from 'esbuild';
import type { Bundle } from './bundles.js';

export interface Weight {
  /** Kilobytes of what is loaded with the page. */
  readonly atOnce: number;
  /** Kilobytes of what a program loads when it needs it, at the most. */
  readonly later: number;
  /** The files that are loaded with the page and of which something is in it, as paths of the workspace. */
  readonly files: readonly string[];
  /** What the bundler warned of. */
  readonly warnings: readonly string[];
}

export async function weigh({ source, beside = [] }: Bundle): Promise<Weight> {
  const { outputFiles, metafile, warnings } = await build({
    stdin: { contents: source, resolveDir: path.join(workspaceRoot, 'packages', 'pappus') },
    absWorkingDir: workspaceRoot,
    external: [...beside],
    bundle: true,
    minify: true,
    splitting: true,
    outdir: 'out',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const loaded = loadedAtOnce(metafile.outputs);
  const kilobytes = outputFiles.map(({ path: file, contents }) => ({ isLoaded: loaded.has(path.relative(workspaceRoot, file)), size: gzipSync(contents, { level: 9 }).length / 1000 }));
  const sum = (parts: typeof kilobytes): number => parts.reduce((total, { size }) => total + size, 0);
  return {
    atOnce: sum(kilobytes.filter(({ isLoaded }) => isLoaded)),
    later: sum(kilobytes.filter(({ isLoaded }) => !isLoaded)),
    files: [...loaded].flatMap((file) => Object.entries(metafile.outputs[file]?.inputs ?? {}).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : []))),
    warnings: warnings.map(({ text }) => text),
  };
}

/** The chunks that the entry loads, and those that they load, without what is behind an import(). */
function loadedAtOnce(outputs: Metafile['outputs']): ReadonlySet<string> {
  const loaded = new Set<string>();
  const open = Object.entries(outputs).flatMap(([file, { entryPoint }]) => (entryPoint === '<stdin>' ? [file] : []));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    loaded.add(file);
    for (const { path: next, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement' && !loaded.has(next)) open.push(next);
  }
  return loaded;
}
