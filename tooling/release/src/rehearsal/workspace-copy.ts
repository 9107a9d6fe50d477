// A copy of the workspace in which versions are made, built and published, so that the workspace stays as it is.
import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findPublicPackages, publicPackages, workspaceRoot } from '@pappus/workspace';
import { run, runNpx, runPnpm } from '../commands.js';
import { CHANGESETS, nextVersions, type Versions, versionsOf } from '../versions/next-versions.js';
import type { Registry } from './registry.js';
import type { VersionSet } from './version-sets.js';

const git = (root: string, ...args: readonly string[]): Promise<string> => run('git', ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost', ...args], root);

/** Copies the files that git has or would add, as they are now, and what they were built to; commits them there, and installs. */
export async function copyWorkspace(root: string): Promise<void> {
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], workspaceRoot);
  const built = publicPackages.map(({ directory }) => path.relative(workspaceRoot, path.join(directory, 'dist')));
  for (const file of [...listed.split('\0'), ...built]) {
    const source = path.join(workspaceRoot, file);
    if (file === '' || !existsSync(source)) continue;
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await cp(source, path.join(root, file), { recursive: true });
  }
  await git(root, 'init', '--quiet');
  await commit(root, 'The workspace');
  await runPnpm(['install', '--frozen-lockfile', '--prefer-offline'], root);
}

async function commit(root: string, message: string): Promise<void> {
  await git(root, 'add', '--all');
  await git(root, 'commit', '--quiet', '--allow-empty', '--message', message);
}

/** Does what the set changes, makes versions of it, and builds the packages whose sources are others then; answers the versions, and what it built. */
export async function makeVersions(root: string, { name, title, changes, edit }: VersionSet): Promise<{ versions: Versions; built: readonly string[] }> {
  const lines = Object.entries(changes).map(([changed, bump]) => `'${changed}': ${bump}`);
  if (lines.length > 0) await writeFile(path.join(root, '.changeset', `${name}.md`), `---\n${lines.join('\n')}\n---\n\nRehearsed: ${title}.\n`);
  await edit?.(root);
  await nextVersions(root);
  const changed = (await git(root, 'diff', '--name-only', 'HEAD', '--', 'packages')).split('\n');
  const isEdited = (directory: string): boolean => changed.some((file) => file.startsWith(`${path.relative(root, directory).replaceAll(path.sep, '/')}/src/`));
  const built = findPublicPackages(root).flatMap(({ directory, manifest }) => (isEdited(directory) ? [manifest.name] : []));
  // `--only`: what they import is built.
  if (built.length > 0) await runPnpm(['exec', 'turbo', 'run', 'build', '--only', ...built.map((of) => `--filter=${of}`), '--output-logs=errors-only'], root, { TURBO_TELEMETRY_DISABLED: '1' });
  await commit(root, `Rehearsed: ${title}`);
  return { versions: versionsOf(root), built };
}

/** Publishes what the registry has not, as a release does; without provenance, which is signed by the service on which a release runs. */
export async function publish(root: string, { url, npmrc }: Registry): Promise<void> {
  const settings = path.join(root, '..', 'publish.npmrc');
  await writeFile(settings, npmrc);
  // Changesets publish by the `pnpm` in the path; npx, which knows one, is not to look for it in the new registry.
  const programs = await runNpx(['-p', 'pnpm@12', 'node', '-p', "process.env.PATH.split(require('node:path').delimiter)[0]"], root);
  await run(process.execPath, [CHANGESETS, 'publish', '--no-git-tag'], root, { PATH: [programs.trim(), process.env['PATH'] ?? ''].join(path.delimiter), npm_config_userconfig: settings, npm_config_registry: url, CI: 'true' });
}
