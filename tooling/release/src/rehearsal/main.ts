// The command `release:check`: a release from changesets to applications, rehearsed on this machine.
//
//   main.js                 all of it
//   main.js --only NAME     the scenarios of this name, after all releases; may be given again
//   main.js --keep          leaves its directory where it is, and says where
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../consumer.js';
import { packNamed } from '../tarballs.js';
import type { Versions } from '../versions/next-versions.js';
import { check } from './checks.js';
import { complaintsOfAll } from './package-checks.js';
import { type Pages, startPages } from './pages.js';
import { type Registry, startRegistry } from './registry.js';
import { failuresOf, type Row, table } from './report.js';
import { runScenario, type Stage } from './run-scenario.js';
import { type Scenario, SCENARIOS } from './scenarios.js';
import { gpuEnvironment } from './software-gpu.js';
import { type SetName, VERSION_SETS } from './version-sets.js';
import { copyWorkspace, makeVersions, publish } from './workspace-copy.js';

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, keep: { type: 'boolean' } } });

const say = (text: string): void => console.log(text);

function chosenScenarios(names: readonly string[] | undefined): readonly Scenario[] {
  const unknown = (names ?? []).filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new RangeError(`--only ${unknown.join(', ')}: the scenarios are ${SCENARIOS.map(({ name }) => name).join(', ')}`);
  return SCENARIOS.filter(({ name }) => names?.includes(name) ?? true);
}

/** Makes every release in a copy of the workspace, and publishes it; answers the versions of each. */
async function release(directory: string, registry: Registry): Promise<{ rows: readonly Row[]; versions: Stage['versions'] }> {
  const root = path.join(directory, 'workspace');
  const rows: Row[] = [];
  const versions = new Map<SetName, Versions>();
  const copied = await check('copy', async () => (await copyWorkspace(root), []));
  rows.push({ name: 'workspace', outcomes: [copied] });
  if (copied.failures.length > 0) return { rows, versions };
  let before: Versions = {};
  for (const set of VERSION_SETS) {
    let after: Versions = {};
    let newTypes: readonly string[] = [];
    const made = await check('versions, build', async () => {
      const { versions: made, built } = await makeVersions(root, set);
      after = made;
      newTypes = versions.size === 0 ? Object.keys(made) : built;
      return [];
    });
    const released = Object.keys(after).filter((name) => after[name] !== before[name]);
    const checked = await check('publint, attw', async () => complaintsOfAll(await packNamed(root, released, path.join(directory, 'tarballs')), newTypes));
    const published = await check('publish', async () => (await publish(root, registry), []));
    const outcomes = [made, checked, published];
    rows.push({ name: `${set.name}: ${set.title}`, outcomes });
    say(`${set.name} (${set.title}): ${released.map((name) => `${name} ${after[name] ?? ''}`).join(', ')}`);
    if (outcomes.some(({ failures }) => failures.length > 0)) break;
    versions.set(set.name, after);
    before = after;
  }
  return { rows, versions };
}

async function rehearse(directory: string, scenarios: readonly Scenario[]): Promise<boolean> {
  const registry = await startRegistry(path.join(directory, 'registry'));
  let pages: Promise<Pages> | undefined;
  let gpu: ReturnType<typeof gpuEnvironment> | undefined;
  try {
    const { rows: releases, versions } = await release(directory, registry);
    const stage: Stage = {
      project: { registry, cache: path.join(directory, 'cache') },
      directory: path.join(directory, 'projects'),
      versions,
      pages: () => (pages ??= startPages()),
      gpu: () => (gpu ??= gpuEnvironment(path.join(directory, 'vulkan'))),
    };
    const rows: Row[] = [];
    if (versions.size === VERSION_SETS.length) {
      for (const scenario of scenarios) {
        const row = { name: scenario.name, outcomes: await runScenario(scenario, stage) };
        rows.push(row);
        say(`${scenario.name} (${scenario.title}): ${failuresOf([row]).length === 0 ? 'ok' : 'FAILED'}`);
      }
    }
    const all = [...releases, ...rows];
    const failures = failuresOf(all);
    say(`\n${table('release', releases)}\n\n${table('scenario', rows)}\n`);
    for (const failure of failures) say(`FAILED ${failure}\n`);
    say(failures.length === 0 ? `Rehearsed: ${releases.length - 1} releases, ${rows.length} scenarios, all as they are to be.` : `${failures.length} failures: this is not to be released.`);
    return failures.length === 0;
  } finally {
    await (await pages)?.close();
    await registry.close();
  }
}

const scenarios = chosenScenarios(values.only);
const directory = await temporaryDirectory();
try {
  if (!(await rehearse(directory, scenarios))) process.exitCode = 1;
} finally {
  if (values.keep === true) say(`kept: ${directory}`);
  else await rm(directory, { recursive: true, force: true });
}
