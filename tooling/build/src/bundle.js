// The modules of a package as one file for each door, and files for what several doors or an import() share.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
  const { outputFiles, warnings } = await build({
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
    write: false,
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text, location }) => `${location?.file ?? directory}: ${text}`).join('\n'));
  for (const { path: file, text } of outputFiles) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, file.endsWith('.js') ? withoutBareImports(text) : text);
  }
}

/** An import of nothing asks for effects, and there are none: whoever needs the module imports a name of it. Lines stay where they are, for the source map. */
const withoutBareImports = (/** @type {string} */ text) => text.replace(/^import "[^"]+";$/gm, '');

/** Marks what modules compute as free of effects, as they are read. */
const marks = (/** @type {string} */ directory) => ({
  name: 'marks',
  setup(/** @type {import('esbuild').PluginBuild} */ { onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => ({ contents: markPure(path.relative(directory, file), await readFile(file, 'utf8')), loader: 'ts' }));
  },
});
