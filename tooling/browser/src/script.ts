// One script for a page and for Node: bundled from a module of this package and from the workspace's packages as they are built.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface Script {
  readonly code: string;
  /** The files that it was made from, relative to the workspace. */
  readonly inputs: readonly string[];
}

/**
 * Bundles a module of this directory, as an application would that has installed the packages.
 *
 * @param instead modules of this directory that take the place of packages
 */
export async function bundle(module: string, instead: Readonly<Record<string, string>> = {}): Promise<Script> {
  const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  const { outputFiles, metafile } = await build({
    entryPoints: [here(module)],
    alias: Object.fromEntries(Object.entries(instead).map(([name, file]) => [name, here(file)])),
    absWorkingDir: fileURLToPath(new URL('../../..', import.meta.url)),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  return { code: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}

/** A page that does nothing but run `/script.js`; it has an icon, because browsers ask for one. */
export const PAGE = '<!doctype html><title>Pappus</title><link rel="icon" href="data:,"><script type="module" src="/script.js"></script>';

/** Runs a script in this version of Node and answers what it has put into the global `report`, by way of JSON. */
export async function runInNode({ code }: Script, flags: readonly string[] = []): Promise<unknown> {
  const node = spawn(process.execPath, [...flags, '--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  node.stdin.on('error', () => undefined); // Node that leaves early says why on stderr
  node.stdin.end(`${code}\nprocess.stdout.write(JSON.stringify(await globalThis.report));`);
  const [printed, complaint, status] = await Promise.all([
    text(node.stdout),
    text(node.stderr),
    new Promise<number | null>((resolve, reject) => node.once('error', reject).once('close', resolve)),
  ]);
  if (status !== 0) throw new Error(`the script failed in Node ${process.version}\n${complaint}`);
  return JSON.parse(printed);
}
