// The modules of a package as one file for each door, and files for what several doors or an import() share.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { markPure } from './pure.js';

/** The condition under which `exports` name the source of a door, for the workspace alone. */
const SOURCE = 'pappus-source';

/**
 * @param {string} directory the package's
 * @param {Readonly<Record<string, string | Readonly<Record<string, string>>>>} doors its `exports`
 */
export async function bundlePackage(directory, doors) {
  const entryPoints = Object.entries(doors).flatMap(([door, targets]) => {
    // package.json is a door as well, and a file by itself.
    if (typeof targets === 'string') return [];
    const { [SOURCE]: source, default: built } = targets;
    if (source === undefined || built === undefined) throw new Error(`${directory}: the door ${door} has no "${SOURCE}", or no "default"`);
    return [{ in: path.join(directory, source), out: built.replace(/^\.\/dist\//, '').replace(/\.js$/, '') }];
  });
  const { warnings } = await build({
    entryPoints,
    absWorkingDir: directory,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    packages: 'external',
    sourcemap: true,
    plugins: [marks(directory)],
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text, location }) => `${location?.file ?? directory}: ${text}`).join('\n'));
}

/** Marks what modules compute as free of effects, as they are read. */
const marks = (/** @type {string} */ directory) => ({
  name: 'marks',
  setup(/** @type {import('esbuild').PluginBuild} */ { onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({ contents: markPure(path.relative(directory, file), await readFile(file, 'utf8')), loader: 'ts' }));
  },
});
