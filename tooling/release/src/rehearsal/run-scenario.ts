// One row of the table: an empty folder, an installation, and the program in every engine and bundle.
import path from 'node:path';
import { runNode } from '../commands.js';
import { typeCheck } from '../consumer.js';
import type { Versions } from '../versions/next-versions.js';
import { IMPORTING, REQUIRING_FILE, SOURCE, writeApplication } from './application.js';
import { BUNDLERS, bundleProject } from './bundlers.js';
import { check, type Outcome } from './checks.js';
import type { Pages } from './pages.js';
import { type Program, PROGRAMS } from './programs.js';
import { createProject, installedCopies, installPackages, type Project } from './projects.js';
import { REQUIRING, type Runtime, RUNTIMES } from './runtimes.js';
import type { Scenario, Spec } from './scenarios.js';
import type { SetName } from './version-sets.js';

/** What scenarios share. */
export interface Stage {
  readonly project: Omit<Project, 'directory'>;
  /** Where projects are made. */
  readonly directory: string;
  readonly versions: ReadonlyMap<SetName, Versions>;
  readonly pages: () => Promise<Pages>;
  /** What an engine is told that has no WebGPU of its own. */
  readonly gpu: () => Promise<Readonly<Record<string, string>>>;
}

/** The engine that runs the rehearsal. */
const OWN: Runtime = { name: 'Node', run: (file, directory) => runNode([file], directory) };

export async function runScenario(scenario: Scenario, stage: Stage): Promise<readonly Outcome[]> {
  const project = { ...stage.project, directory: path.join(stage.directory, scenario.name) };
  const installed = await check('install', () => installScenario(project, scenario, stage.versions));
  if (scenario.program === undefined || installed.failures.length > 0) return [installed];
  const program = PROGRAMS[scenario.program];
  await writeApplication(project.directory, program.source);
  const env = scenario.gpu === true ? await stage.gpu() : {};
  const engines = scenario.brief === true ? [[OWN, IMPORTING] as const] : [...RUNTIMES.map((runtime) => [runtime, IMPORTING] as const), ...REQUIRING.map((runtime) => [runtime, REQUIRING_FILE] as const)];
  const outcomes = [installed];
  for (const [engine, file] of engines) outcomes.push(await check(engine.name, async () => program.judge(JSON.parse(await engine.run(file, project.directory, env)))));
  outcomes.push(await check('types', () => checkTypes(project.directory)));
  if (scenario.brief === true) return outcomes;
  for (const bundler of BUNDLERS) {
    outcomes.push(
      await check(bundler.name, async () => {
        const { files, warnings } = await bundleProject(bundler, project.directory);
        return [...warnings.map((warning) => `warns: ${warning}`), ...(await judgePage(await stage.pages(), files, program))];
      }),
    );
  }
  return outcomes;
}

async function installScenario(project: Project, { manager, before, install, flags, refusal, cores }: Scenario, versions: Stage['versions']): Promise<readonly string[]> {
  await createProject(project);
  const add = (specs: readonly Spec[]): Promise<void> => installPackages(project, manager, specs.map((spec) => atVersion(spec, versions)), flags);
  if (before !== undefined) await add(before);
  const work = add(install);
  if (refusal !== undefined) {
    const text = await work.then(
      () => 'nothing was refused',
      (error: unknown) => String(error),
    );
    return text.includes(refusal) ? [] : [`the error does not say ${refusal}: ${text}`];
  }
  await work;
  const copies = await installedCopies(project.directory, '@pappus/core');
  return copies.length === cores ? [] : [`${copies.length} copies of @pappus/core (${copies.join(', ')}) instead of ${cores}`];
}

/** `@pappus/core@core-minor` as `@pappus/core@1.1.0`. */
export function atVersion(spec: Spec, versions: Stage['versions']): string {
  const [, own = '', name = '', tag = ''] = /^(.*?)((?:@pappus\/[\w-]+|pappus))@([\w-]+)$/.exec(spec) ?? [];
  for (const [set, held] of versions) if (set === tag) return `${own}${name}@${held[name] ?? ''}`;
  return spec;
}

async function checkTypes(directory: string): Promise<readonly string[]> {
  await typeCheck(directory, [SOURCE], 'nodenext');
  await typeCheck(directory, [SOURCE], 'bundler');
  return [];
}

async function judgePage(pages: Pages, files: Readonly<Record<string, string>>, program: Program): Promise<readonly string[]> {
  const report = await pages.open(files);
  return [...program.judge(report.page).map((failure) => `in the page: ${failure}`), ...program.judge(report.worker).map((failure) => `in the worker: ${failure}`)];
}
