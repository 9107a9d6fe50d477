// Bundling a project for browsers, as the guides of four bundlers say: a page and a module worker, each with the program in it.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

/** The modules that a bundler starts from: the page's script, which starts the worker. */
const PAGE_SCRIPT = 'page.js';
const WORKER_SCRIPT = 'worker.js';

export interface Bundle {
  /** The text of every file by its path from the site's root, such as `/page.js`. */
  readonly files: Readonly<Record<string, string>>;
  /** What the bundler warns of. */
  readonly warnings: readonly string[];
}

export interface Bundler {
  readonly name: string;
  /** Bundles into `out`; answers warnings. */
  readonly bundle: (directory: string, out: string) => Promise<readonly string[]>;
}

/** For bundlers that are given scripts, not pages; the icon is there because browsers ask for one. */
export const PAGE = `<!doctype html><title>Pappus</title><link rel="icon" href="data:,"><script type="module" src="/${PAGE_SCRIPT}"></script>`;

export const BUNDLERS: readonly Bundler[] = [
  {
    name: 'Vite',
    bundle: async (directory, outDir) => {
      const warnings: string[] = [];
      await vite({
        root: directory,
        configFile: false,
        logLevel: 'silent',
        // A worker that loads parts of itself later is a module.
        worker: { format: 'es' },
        build: {
          outDir,
          emptyOutDir: true,
          rolldownOptions: {
            // How long a build takes on a busy machine is no warning of ours.
            checks: { bundlerTimings: false },
            onLog(level, { message }) {
              if (level === 'warn') warnings.push(message);
            },
          },
        },
      });
      return warnings;
    },
  },
  {
    name: 'esbuild',
    bundle: async (directory, outdir) => {
      const { warnings } = await esbuild({
        absWorkingDir: directory,
        entryPoints: [PAGE_SCRIPT, WORKER_SCRIPT],
        outdir,
        bundle: true,
        minify: true,
        splitting: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        logLevel: 'silent',
      });
      return warnings.map(({ text }) => text);
    },
  },
  {
    name: 'Rollup',
    bundle: async (directory, dir) => {
      const warnings: string[] = [];
      const built = await rollup({
        input: [PAGE_SCRIPT, WORKER_SCRIPT].map((file) => path.join(directory, file)),
        plugins: [nodeResolve({ browser: true })],
        onwarn: ({ message }) => void warnings.push(message),
      });
      await built.write({ dir, format: 'es' });
      await built.close();
      return warnings;
    },
  },
  {
    name: 'webpack',
    bundle: (directory, out) =>
      new Promise((resolve, reject) => {
        const compiler = webpack({
          context: directory,
          mode: 'production',
          entry: `./${PAGE_SCRIPT}`,
          output: { path: out, filename: PAGE_SCRIPT },
          // Sizes are looked at elsewhere. The minifier, which takes ten times as long as webpack, has nothing to show that the other bundlers' have not.
          performance: { hints: false },
          optimization: { minimize: false },
        });
        compiler.run((error, stats) => {
          compiler.close(() => {
            if (error !== null) return reject(error);
            const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
            if (errors.length > 0) return reject(new Error(errors.map(({ message }) => message).join('\n')));
            resolve(warnings.map(({ message }) => message));
          });
        });
      }),
  },
];

/** Bundles a project, whose directory has `index.html`, `page.js` and `worker.js`. */
export async function bundleProject({ name, bundle }: Bundler, directory: string): Promise<Bundle> {
  const out = path.join(directory, 'out', name);
  const warnings = await bundle(directory, out);
  const files: Record<string, string> = { '/index.html': PAGE };
  for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    files[`/${path.relative(out, file).replaceAll(path.sep, '/')}`] = await readFile(file, 'utf8');
  }
  return { files, warnings };
}

