// The short part of the rehearsal: packages published to a registry of this machine, and installed from it as their users do.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { THOROUGH } from '@pappus/testing/thorough';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode, runNpm } from '../../src/commands.js';
import { temporaryDirectory, typeCheck } from '../../src/consumer.js';
import { IMPORTING, REQUIRING_FILE, SOURCE, writeApplication } from '../../src/rehearsal/application.js';
import { BUNDLERS, bundleProject } from '../../src/rehearsal/bundlers.js';
import { complaintsOfAll } from '../../src/rehearsal/package-checks.js';
import { PROGRAMS } from '../../src/rehearsal/programs.js';
import { createProject, installedCopies, installPackages, type Project } from '../../src/rehearsal/projects.js';
import { type Registry, startRegistry } from '../../src/rehearsal/registry.js';
import { packNamed, type Tarball } from '../../src/tarballs.js';

/** What an application on the CPU has; it asks for all but the compiler and core, which come as what they are to the others. */
const ASKED = ['@pappus/sgd', '@pappus/backend-cpu'];
const BROUGHT = ['@pappus/compiler', '@pappus/core'];

let directory: string;
let registry: Registry;
let tarballs: readonly Tarball[];
let project: Project;

beforeAll(async () => {
  directory = await temporaryDirectory();
  registry = await startRegistry(path.join(directory, 'registry'));
  tarballs = await packNamed(workspaceRoot, [...ASKED, ...BROUGHT], directory);
  project = { directory: path.join(directory, 'application'), registry, cache: path.join(directory, 'cache') };
  await createProject(project);
  // Where the settings of the project say whither: without provenance, which is signed by the service on which a release runs.
  for (const { file } of tarballs) await runNpm(['publish', file, '--access', 'public', '--provenance=false'], project.directory);
  await installPackages(project, 'npm', ASKED);
  await writeApplication(project.directory, PROGRAMS.sgd.source);
});

afterAll(async () => {
  await registry.close();
  await rm(directory, { recursive: true, force: true });
});

describe('an application of packages from a registry', () => {
  it.each([...ASKED, ...BROUGHT])('has one copy of %s', async (name) => {
    expect(await installedCopies(project.directory, name)).toHaveLength(1);
  });

  it.each([IMPORTING, REQUIRING_FILE])('trains by %s to numbers that are known beforehand', async (file) => {
    expect(PROGRAMS.sgd.judge(JSON.parse(await runNode([file], project.directory)))).toEqual([]);
  });

  it('type-checks', async () => {
    await typeCheck(project.directory, [SOURCE], 'nodenext');
  });

  // `release:check` has all of them, in pages.
  it.each(BUNDLERS.filter(({ name }) => THOROUGH || ['Vite', 'esbuild'].includes(name)).map((bundler) => [bundler.name, bundler] as const))('is bundled by %s without a warning, its worker by itself', async (_, bundler) => {
    const { files, warnings } = await bundleProject(bundler, project.directory);
    expect(warnings).toEqual([]);
    expect(Object.keys(files).filter((file) => file.endsWith('.js')).length).toBeGreaterThan(1);
    expect(files['/index.html']).toContain('<script type="module"');
  });

  it('is told where a version is missing', async () => {
    const other = { ...project, directory: path.join(directory, 'other') };
    await mkdir(other.directory);
    await createProject(other);
    await expect(installPackages(other, 'npm', ['@pappus/core@97'])).rejects.toThrow(/No matching version found for @pappus\/core@97/);
    await expect(installPackages(other, 'npm', ['@pappus/adam'])).rejects.toThrow(/404/);
  });
});

describe('tarballs', () => {
  it('please publint, and have types that every resolution of ES modules finds', async () => {
    expect(await complaintsOfAll(tarballs, ['@pappus/core'])).toEqual([]);
  });
});
