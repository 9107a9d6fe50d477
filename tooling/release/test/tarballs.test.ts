// What is in each tarball that would be published, and what is not.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type PublicPackage, publicPackages, readManifest, workspaceRoot } from '@pappus/workspace';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/commands.js';
import { temporaryDirectory } from '../src/consumer.js';
import { packAll, type Tarball } from '../src/tarballs.js';

let directory: string;
let tarballs: readonly Tarball[];

/** The unpacked package, and the paths of its files. */
function unpacked(name: string): { root: string; files: readonly string[] } {
  const root = path.join(directory, 'unpacked', name, 'package');
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
  return { root, files };
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  tarballs = await packAll(directory);
  for (const { name, file } of tarballs) {
    const target = path.join(directory, 'unpacked', name);
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', file, '-C', target], directory);
  }
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function packageOf(name: string): PublicPackage {
  const found = publicPackages.find(({ manifest }) => manifest.name === name);
  if (found === undefined) throw new Error(`no package ${name}`);
  return found;
}

const names = publicPackages.map(({ manifest }) => manifest.name);

describe.each(names)('%s', (name) => {
  it('holds the build, its types, a licence and a readme, and nothing else', () => {
    const { files } = unpacked(name);
    for (const file of ['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md', 'package.json']) {
      expect(files).toContain(file);
    }
    const strangers = files.filter((file) => !/^(dist\/.+\.(js|js\.map|d\.ts)|LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(file));
    expect(strangers).toEqual([]);
    expect(files.filter((file) => /(^|[/.])(test|tests|spec)[/.]/.test(file))).toEqual([]);
  });

  it('holds the build of the sources that there are, and of no older ones', () => {
    const { files } = unpacked(name);
    const built = files.filter((file) => file.endsWith('.d.ts')).map((file) => file.slice('dist/'.length, -'.d.ts'.length));
    const sources = path.join(packageOf(name).directory, 'src');
    const written = readdirSync(sources, { recursive: true, encoding: 'utf8' }).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -'.ts'.length).replaceAll(path.sep, '/')] : []));
    expect(built.sort(), 'dist and src differ: build again').toEqual(written.sort());
  });

  it('is one file for each of its doors, and files for what they share and for what is loaded when it is needed', () => {
    const { root, files } = unpacked(name);
    const doors = Object.values(readManifest(root).exports ?? {}).flatMap((targets) => (typeof targets === 'string' ? [] : [targets['default']?.replace('./', '')]));
    expect(files.filter((file) => file.endsWith('.js') && !file.startsWith('dist/chunks/')).sort()).toEqual(doors.sort());
  });

  it('exports modules with types, and its package.json, and names no source', () => {
    const { root } = unpacked(name);
    const { './package.json': own, ...modules } = readManifest(root).exports ?? {};
    expect(own).toBe('./package.json');
    expect(Object.keys(modules)).toContain('.');
    for (const target of Object.values(modules)) {
      const files: Readonly<Record<string, string>> = typeof target === 'string' ? { default: target } : target;
      expect(Object.keys(files)).toEqual(['types', 'default']);
      for (const file of Object.values(files)) expect(existsSync(path.join(root, file)), file).toBe(true);
    }
  });

  it('is published to everyone, has no side effects, and says which Node it needs', () => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(unpacked(name).root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ publishConfig: { access: 'public' }, sideEffects: false, engines: { node: '>=20.19' }, type: 'module', files: ['dist', 'CHANGELOG.md'] });
  });

  it('depends at run time on packages of this workspace only, by ordinary ranges', () => {
    const manifest = readManifest(unpacked(name).root);
    // An optional peer is the application's to install, or not: WebGPU for Node.
    const isOptional = (dependency: string): boolean => manifest.peerDependenciesMeta?.[dependency]?.optional === true;
    const peers = Object.entries(manifest.peerDependencies ?? {}).filter(([dependency]) => !isOptional(dependency));
    const runtime = { ...manifest.dependencies, ...Object.fromEntries(peers), ...manifest.optionalDependencies };
    for (const [dependency, range] of Object.entries(runtime)) {
      expect(names).toContain(dependency);
      expect(range).not.toContain(':');
    }
    expect(manifest.license).toBe('MIT');
    expect(JSON.stringify(manifest)).not.toContain('workspace:');
    if (name !== '@pappus/core') {
      expect(manifest.peerDependencies).toHaveProperty(['@pappus/core']);
      expect(manifest.dependencies ?? {}).not.toHaveProperty(['@pappus/core']);
    }
  });

  it('names no path of the machine that built it', () => {
    const { root, files } = unpacked(name);
    const paths = [workspaceRoot.replace(/[\\/]$/, ''), homedir()].filter((place) => place.length > 3);
    for (const file of files) {
      const text = readFileSync(path.join(root, file), 'utf8');
      for (const place of [...paths, '/home/', '/Users/', 'node_modules/.pnpm']) {
        expect(text.includes(place), `${file} names ${place}`).toBe(false);
      }
    }
  });

  it('has nothing that publint would complain about', async () => {
    const file = tarballs.find((tarball) => tarball.name === name)?.file ?? '';
    const { messages, pkg } = await publint({ strict: true, pack: { tarball: Uint8Array.from(readFileSync(file)).buffer } });
    expect(messages.filter(({ type }) => type !== 'suggestion').map((message) => formatMessage(message, pkg))).toEqual([]);
  });
});
