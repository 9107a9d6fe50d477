/** The smallest bundle that trains: minified by esbuild, gzipped, with what it fetches when it starts. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Row, Workload } from '../workload.js';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));

const compressed = (content: Uint8Array): number => gzipSync(content, { level: 9 }).byteLength;

export const workload: Workload = {
  name: 'bundle',
  title: 'Smallest bundle that trains, minified and gzipped',
  async run({ adapters }) {
    const rows: Row[] = [];
    for (const { name, bundle } of adapters) {
      if (bundle === undefined) continue;
      const script = await bundled(bundle.source);
      const fetched = await Promise.all((bundle.fetches ?? []).map(async (file) => compressed(await readFile(require.resolve(file)))));
      const extra = fetched.reduce((sum, size) => sum + size, 0);
      const note = extra > 0 ? `${kilobytes(script)} of it JavaScript, ${kilobytes(extra)} WebAssembly` : 'all of it JavaScript';
      rows.push({ case: 'bundle', contender: name, value: script + extra, unit: 'bytes', note });
    }
    return rows;
  },
};

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;

/** Gzipped bytes of the chunks that the program loads at once; a chunk behind import() is not among them. */
async function bundled(source: string): Promise<number> {
  const entry = 'entry.js';
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'js', sourcefile: entry },
    bundle: true, minify: true, splitting: true, treeShaking: true, write: false, metafile: true,
    format: 'esm', platform: 'browser', target: 'es2022', outdir: 'out', absWorkingDir: root, logLevel: 'error', legalComments: 'none',
  });
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) if (kind === 'import-statement') load(next);
  };
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) if (entryPoint === entry) load(path);
  return outputFiles
    .filter(({ path }) => [...loaded].some((name) => path.endsWith(name)))
    .reduce((sum, { contents }) => sum + compressed(contents), 0);
}
