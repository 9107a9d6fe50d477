// A workspace of manifests, changesets and files that say versions, in which versions can be tried.
import { cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { run } from '../../src/commands.js';
import { temporaryDirectory } from '../../src/consumer.js';
import { versionFiles } from '../../src/own-versions.js';

const git = (root: string, ...args: readonly string[]): Promise<string> => run('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], root);

/** Copies what changesets look at, and commits it, since changelogs name commits. */
export async function copyManifests(): Promise<string> {
  const root = await temporaryDirectory();
  await cp(path.join(workspaceRoot, '.changeset'), path.join(root, '.changeset'), { recursive: true });
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml']) await cp(path.join(workspaceRoot, file), path.join(root, file));
  for (const group of ['packages', 'tooling']) {
    for (const name of await readdir(path.join(workspaceRoot, group))) {
      await mkdir(path.join(root, group, name), { recursive: true });
      await cp(path.join(workspaceRoot, group, name, 'package.json'), path.join(root, group, name, 'package.json'));
    }
  }
  for (const { file, written } of versionFiles(workspaceRoot)) {
    await mkdir(path.dirname(path.join(root, file)));
    await writeFile(path.join(root, file), written);
  }
  await symlink(path.join(workspaceRoot, 'node_modules'), path.join(root, 'node_modules'));
  await writeFile(path.join(root, '.gitignore'), 'node_modules\n');
  await git(root, 'init', '--quiet');
  await commit(root);
  return root;
}

export async function commit(root: string): Promise<void> {
  await git(root, 'add', '--all');
  await git(root, 'commit', '--quiet', '--message', 'State');
}

/** A copy of such a workspace, for one more release. */
export async function branchOff(root: string): Promise<string> {
  const copy = await temporaryDirectory();
  await cp(root, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** Announces that these packages change so much. */
export async function announce(root: string, changes: Readonly<Record<string, 'patch' | 'minor' | 'major'>>): Promise<void> {
  const lines = Object.entries(changes).map(([name, bump]) => `'${name}': ${bump}`);
  await writeFile(path.join(root, '.changeset', 'change.md'), `---\n${lines.join('\n')}\n---\n\nA change.\n`);
}

export const remove = (root: string): Promise<void> => rm(root, { recursive: true, force: true });
