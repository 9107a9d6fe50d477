// Somebody else's update rule, in a project outside the workspace: the README of @pappus/testing as it stands, on packed packages, and rules that are wrong.
import { readFileSync } from 'node:fs';
import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode } from '../src/commands.js';
import { install, temporaryDirectory } from '../src/consumer.js';
import { fileBlocks } from '../src/documents/code-blocks.js';
import { readDocument } from '../src/documents/documents.js';
import { workspaceRoot } from '../src/public-packages.js';
import { packAll } from '../src/tarballs.js';

/** The files of the README. */
const blocks = fileBlocks(readDocument('packages/testing/README.md'));
const block = (file: string): string => blocks.get(file) ?? '';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string; readonly title: string }[] }[];
}

let project: string;

/** Runs the test files whose names hold this, and answers what vitest reports; it fails where a test does. */
async function vitest(name: string): Promise<Report> {
  const report = `${name}.json`;
  await runNode(['node_modules/vitest/vitest.mjs', 'run', name, '--reporter=json', `--outputFile=${report}`], project).catch(() => undefined);
  return JSON.parse(readFileSync(path.join(project, report), 'utf8')) as Report;
}

const failures = ({ testResults }: Report): readonly string[] => testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed').map(({ title }) => title));

beforeAll(async () => {
  project = await temporaryDirectory();
  await install(project, await packAll(project), ['@pappus/core', '@pappus/compiler', '@pappus/backend-cpu', '@pappus/testing']);
  // vitest is the workspace's, rather than from a registry.
  await symlink(await realpath(path.join(workspaceRoot, 'node_modules', 'vitest')), path.join(project, 'node_modules', 'vitest'));
  for (const [file, code] of blocks) await writeFile(path.join(project, file), code);
});

afterAll(() => rm(project, { recursive: true, force: true }));

describe('the README of @pappus/testing', () => {
  it('has a rule, its test, and the test of a backend', () => {
    expect([...blocks.keys()]).toEqual(['heavy-ball.ts', 'heavy-ball.test.ts', 'conformance.test.ts']);
  });

  it('has a rule that passes the suite of rules', async () => {
    const report = await vitest('heavy-ball');
    expect(failures(report)).toEqual([]);
    expect(report.numPassedTests).toBeGreaterThan(40);
  });

  it('runs the conformance suite', async () => {
    const report = await vitest('conformance');
    expect(failures(report)).toEqual([]);
    expect(report.numPassedTests).toBeGreaterThan(20);
  });
});

describe('a rule that is wrong', () => {
  const wrong = [
    { what: 'keeps to one rate', from: 'grad.mul(learningRate)', to: 'grad.mul(0.01)', fails: /^compiles once for ten steps of a changing rate/ },
    { what: 'climbs', from: 'param.sub(grad', to: 'param.add(grad', fails: /^converges: quadratic/ },
    { what: 'couples the elements of a tensor and says that it does not', from: 'grad.mul(learningRate)', to: 'grad.div(grad.square().sum().sqrt().add(1e-8)).mul(learningRate)', fails: /^is one kernel for all parameters/ },
    { what: 'takes NaN for 0 and does not say so', from: 'grad.mul(learningRate)', to: 'grad.isNan().where(0, grad).mul(learningRate)', fails: /^without clearNan a NaN stays in its element/ },
  ];

  beforeAll(async () => {
    for (const [k, { from, to }] of wrong.entries()) {
      const directory = path.join(project, `wrong${k}`);
      await mkdir(directory);
      expect(block('heavy-ball.ts')).toContain(from);
      await writeFile(path.join(directory, 'heavy-ball.ts'), block('heavy-ball.ts').replace(from, to));
      await writeFile(path.join(directory, `wrong${k}.test.ts`), block('heavy-ball.test.ts'));
    }
  });

  it.each(wrong.map((each, k) => ({ ...each, k })))('fails the suite: one that $what', async ({ k, fails }) => {
    expect(failures(await vitest(`wrong${k}`))).toContainEqual(expect.stringMatching(fails));
  });
});
