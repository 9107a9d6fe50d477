// The modules of a package as one file for each door, and files for what several doors or an import() share.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';
import { rollup } from 'rollup';
import { markPure } from './pure.js';

/** The condition under which `exports` name the source of a door, for the workspace alone. */
const SOURCE = 'pappus-source';

/**
 * Rollup decides which module goes into which file: what a program has already loaded is not split off for those that are loaded later, so that there are few
 * files, which an application's bundler finds no reason to split either.
 *
 * @param {string} directory the package's
 * @param {Readonly<Record<string, string | Readonly<Record<string, string>>>>} doors its `exports`
 */
export async function bundlePackage(directory, doors) {
  const input = Object.fromEntries(
    Object.entries(doors).flatMap(([door, targets]) => {
      // package.json is a door as well, and a file by itself.
      if (typeof targets === 'string') return [];
      const { [SOURCE]: source, default: built } = targets;
      if (source === undefined || built === undefined) throw new Error(`${directory}: the door ${door} has no "${SOURCE}", or no "default"`);
      return [[built.replace(/^\.\/dist\//, '').replace(/\.js$/, ''), path.join(directory, source)]];
    }),
  );
  const bundle = await rollup({
    input,
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
    treeshake: { moduleSideEffects: false },
    plugins: [typescript(directory)],
    onwarn: ({ code, message }) => {
      // Expressions have methods, which are operations over expressions: those modules need one another.
      if (code !== 'CIRCULAR_DEPENDENCY') throw new Error(`${directory}: ${message}`);
    },
  });
  await bundle.write({ dir: path.join(directory, 'dist'), format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', hoistTransitiveImports: false, sourcemap: true, generatedCode: { constBindings: true } });
}

/** Reads TypeScript, with what modules compute marked as free of effects. */
const typescript = (/** @type {string} */ directory) => ({
  name: 'typescript',
  resolveId(/** @type {string} */ id, /** @type {string | undefined} */ importer) {
    return importer !== undefined && id.startsWith('.') ? path.resolve(path.dirname(importer), id.replace(/\.js$/, '.ts')) : null;
  },
  async load(/** @type {string} */ file) {
    const place = path.relative(directory, file);
    if (!place.startsWith(`src${path.sep}`)) throw new Error(`${place} is not in src: a package holds its own code alone; make it a dependency, or write it anew`);
    if (file.endsWith('.json')) return `export default ${await readFile(file, 'utf8')};`;
    const { code, map } = await transform(markPure(place, await readFile(file, 'utf8')), { loader: 'ts', target: 'es2022', sourcefile: file, sourcemap: 'external', tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true, target: 'ES2022' } } });
    return { code, map };
  },
});
