// An empty folder outside the workspace, and packages installed into it as their users do, by one of several package managers.
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run, runNpm, runNpx, runPnpm } from '../commands.js';
import { bun, deno } from './runtimes.js';
import type { Registry } from './registry.js';

export type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun' | 'deno';

export interface Project {
  readonly directory: string;
  readonly registry: Registry;
  /** For what managers keep, so that nothing of an earlier rehearsal is found. */
  readonly cache: string;
}

/** A folder with nothing in it but a package.json as `npm init` writes it, and where packages come from. */
export async function createProject({ directory, registry, cache }: Project): Promise<void> {
  await mkdir(directory, { recursive: true });
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(directory, name), text);
  await write('package.json', `${JSON.stringify({ name: 'application', version: '1.0.0', private: true, type: 'module' }, null, 2)}\n`);
  await write('.npmrc', `${registry.npmrc}cache=${path.join(cache, 'npm')}\naudit=false\nfund=false\n`);
}

/** What each manager needs beside a .npmrc, and its command for packages to add. */
const MANAGERS: Readonly<Record<Manager, (project: Project, specs: readonly string[], flags: readonly string[]) => Promise<string>>> = {
  npm: ({ directory }, specs, flags) => runNpm(['install', ...specs, ...flags], directory),
  // Packages a minute old are what is to be tested.
  pnpm: async ({ directory, cache }, specs) => {
    await writeFile(path.join(directory, 'pnpm-workspace.yaml'), `minimumReleaseAge: 0\nstoreDir: ${path.join(cache, 'pnpm-store')}\ncacheDir: ${path.join(cache, 'pnpm-cache')}\n`);
    return runPnpm(['add', ...specs], directory);
  },
  // Yarn installs no peers by itself: its users name them.
  yarn: async ({ directory, registry, cache }, specs) => {
    const settings = {
      nodeLinker: 'node-modules',
      npmRegistryServer: registry.url,
      unsafeHttpWhitelist: ['127.0.0.1'],
      npmMinimalAgeGate: 0,
      enableTelemetry: false,
      enableGlobalCache: false,
      enableImmutableInstalls: false,
      cacheFolder: path.join(cache, 'yarn'),
    };
    await writeFile(path.join(directory, '.yarnrc.yml'), JSON.stringify(settings));
    await writeFile(path.join(directory, 'yarn.lock'), '');
    return runNpx(['@yarnpkg/cli-dist@4', 'add', ...specs], directory, { YARN_ENABLE_TELEMETRY: '0' });
  },
  bun: async ({ directory, registry, cache }, specs) => {
    await writeFile(path.join(directory, 'bunfig.toml'), `[install]\nregistry = "${registry.url}"\n`);
    return run(await bun(), ['add', ...specs], directory, { BUN_INSTALL_CACHE_DIR: path.join(cache, 'bun') });
  },
  deno: async ({ directory, registry, cache }, specs) =>
    run(await deno(), ['install', '--node-modules-dir=auto', '--minimum-dependency-age=0', ...specs.map((spec) => `npm:${spec}`)], directory, { NPM_CONFIG_REGISTRY: registry.url, DENO_DIR: path.join(cache, 'deno') }),
};

/** Adds packages, such as `@pappus/core@1.0.0`, to a project. */
export async function installPackages(project: Project, manager: Manager, specs: readonly string[], flags: readonly string[] = []): Promise<void> {
  await MANAGERS[manager](project, specs, flags);
}

/** A package.json at the top of a package, from a directory of packages. */
const MANIFEST = /(?:^|\/node_modules\/)(?:@[^/]+\/)?[^/]+\/package\.json$/;

/** The versions of a package of which an installation has copies, however deep they lie and whatever they are installed as. */
export async function installedCopies(directory: string, name: string): Promise<readonly string[]> {
  const packages = path.join(directory, 'node_modules');
  const found = new Map<string, string>();
  for (const entry of await readdir(packages, { recursive: true })) {
    if (!MANIFEST.test(entry.replaceAll(path.sep, '/'))) continue;
    // Some managers link to one copy from several places.
    const file = await realpath(path.join(packages, entry));
    const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === name && 'version' in manifest) found.set(file, String(manifest.version));
  }
  return [...found.values()];
}
