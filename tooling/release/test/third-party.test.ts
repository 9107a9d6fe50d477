// Somebody else's update rule, in a project outside the workspace: the README of @pappus/testing as it stands, on packed packages, and rules that are wrong.
import { readFileSync } from 'node:fs';
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CASES, someOf } from '@pappus/testing/thorough';
import { workspaceRoot } from '@pappus/workspace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode } from '../src/commands.js';
import { install, temporaryDirectory } from '../src/consumer.js';
import { fileBlocks } from '../src/documents/code-blocks.js';
import { readDocument } from '../src/documents/documents.js';
import { packAll } from '../src/tarballs.js';

/** The files of the README. */
const blocks = fileBlocks(readDocument('packages/testing/README.md'));
const block = (file: string): string => blocks.get(file) ?? '';

interface Result {
  readonly status: string;
  readonly title: string;
}

interface Wrong {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly fails: RegExp;
}

/** Rules that are wrong, each by what it changes of the README's, and a test that it fails; every day has one of them. */
const WRONG = someOf<Wrong>([
  { what: 'keeps to one rate', from: 'grad.mul(learningRate)', to: 'grad.mul(0.01)', fails: /^compiles once for ten steps of a changing rate/ },
  { what: 'climbs', from: 'param.sub(grad', to: 'param.add(grad', fails: /^converges: quadratic/ },
  { what: 'couples the elements of a tensor and says that it does not', from: 'grad.mul(learningRate)', to: 'grad.div(grad.square().sum().sqrt().add(1e-8)).mul(learningRate)', fails: /^is one kernel for all parameters/ },
  { what: 'takes NaN for 0 and does not say so', from: 'grad.mul(learningRate)', to: 'grad.isNan().where(0, grad).mul(learningRate)', fails: /^without clearNan a NaN stays in its element/ },
], 1, 1, CASES);

let project: string;
/** What vitest reports, by file. */
let results: ReadonlyMap<string, readonly Result[]>;

const resultsOf = (file: string, status: string): readonly string[] => (results.get(file) ?? []).flatMap((result) => (result.status === status ? [result.title] : []));

/** Runs all tests of the project; it fails where one of them does. */
async function runAll(): Promise<ReadonlyMap<string, readonly Result[]>> {
  await runNode(['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=report.json'], project).catch(() => undefined);
  const { testResults } = JSON.parse(readFileSync(path.join(project, 'report.json'), 'utf8')) as { readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly Result[] }[] };
  return new Map(testResults.map(({ name, assertionResults }) => [path.relative(project, name).replaceAll(path.sep, '/'), assertionResults]));
}

beforeAll(async () => {
  project = await temporaryDirectory();
  await install(project, await packAll(project), ['@pappus/core', '@pappus/compiler', '@pappus/backend-cpu', '@pappus/testing']);
  // vitest is the workspace's, rather than from a registry.
  await symlink(await realpath(path.join(workspaceRoot, 'node_modules', 'vitest')), path.join(project, 'node_modules', 'vitest'));
  for (const [file, code] of blocks) await writeFile(path.join(project, file), code);
  for (const [k, { from, to }] of WRONG.entries()) {
    const directory = path.join(project, `wrong${k}`);
    await mkdir(directory);
    expect(block('heavy-ball.ts')).toContain(from);
    await writeFile(path.join(directory, 'heavy-ball.ts'), block('heavy-ball.ts').replace(from, to));
    await writeFile(path.join(directory, 'wrong.test.ts'), block('heavy-ball.test.ts'));
  }
  results = await runAll();
});

afterAll(() => rm(project, { recursive: true, force: true }));

describe('the README of @pappus/testing', () => {
  it('has a rule, its test, and the test of a backend', () => {
    expect([...blocks.keys()]).toEqual(['heavy-ball.ts', 'heavy-ball.test.ts', 'conformance.test.ts']);
  });

  it('has a rule that passes the suite of rules', () => {
    expect(resultsOf('heavy-ball.test.ts', 'failed')).toEqual([]);
    expect(resultsOf('heavy-ball.test.ts', 'passed').length).toBeGreaterThan(40);
  });

  it('runs the conformance suite', () => {
    expect(resultsOf('conformance.test.ts', 'failed')).toEqual([]);
    expect(resultsOf('conformance.test.ts', 'passed').length).toBeGreaterThan(20);
  });
});

it.each(WRONG.map((each, k) => ({ ...each, k })))('a rule that is wrong fails the suite: one that $what', ({ k, fails }) => {
  expect(resultsOf(`wrong${k}/wrong.test.ts`, 'failed')).toContainEqual(expect.stringMatching(fails));
});
