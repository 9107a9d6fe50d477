// The packages as other people use them: installed from tarballs with npm, run by Node, type-checked.
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { THOROUGH } from '@pappus/testing/thorough';
import { publicPackages } from '@pappus/workspace';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOME, PAGES } from '../../site/src/pages.js';
import { install, runModule, temporaryDirectory, typeCheck } from '../src/consumer.js';
import { allDocuments, readDocument } from '../src/documents/documents.js';
import { type Outcome, runPrograms } from '../src/documents/run-programs.js';
import { blocksOf, linesOfRules } from '../src/documents/snippets.js';
import { packAll, type Tarball } from '../src/tarballs.js';

let directory: string;
let tarballs: readonly Tarball[];

beforeAll(async () => {
  directory = await temporaryDirectory();
  tarballs = await packAll(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Softmax regression on blank images: only the bias learns, and every number is known beforehand. */
const softmaxRegression = `
const images = input('float32', ['batch', 784]);
const labels = input('int32', ['batch']);
const w = variable(zeros([784, 10]), { name: 'w' });
const b = variable(zeros([10]), { name: 'b' });
const loss = crossEntropy(images.matmul(w).add(b), labels);
const learningRate = variable(1e-3, { name: 'learningRate' });
const train = await compile(
  { inputs: { images, labels }, outputs: { loss }, updates: adam(loss, [w, b], { learningRate }) },
  await cpu(),
);
const pixels = new Float32Array(8 * 784);
const digits = new Int32Array(8).fill(3);
const losses: number[] = [];
for (const rate of [1e-3, 1e-3, 0]) {
  await learningRate.set(rate);
  const { loss: current } = await train({ images: pixels, labels: digits });
  losses.push(await current.item());
}
const bias: number[] = Array.from(await b.read());
console.log(JSON.stringify({ losses, bias }));
`;

/** Pages whose code the site's tests run, in order and in browsers, and the one that is written before the site is built. */
const ofTheSite = new Set(['docs/contributing.md', ...[HOME, ...PAGES].filter(({ code }) => code === 'site').map(({ file }) => `docs/${file}.md`)]);

const documents = allDocuments().filter(({ file }) => !ofTheSite.has(file));
const programs = blocksOf(documents, []).filter((snippet) => snippet.standsAlone);

const asJavaScript = async (source: string): Promise<string> => (await transform(source, { loader: 'ts' })).code;

/**
 * Adam's first steps are the learning rate times the gradient's sign (to 3e-6 of it, by epsilon), and the gradients are softmax
 * minus one-hot: after k steps at 1e-3 the bias is k * 1e-3 at the label and -k * 1e-3 elsewhere. The third step has rate 0.
 */
function expectTrained(printed: string): void {
  const { losses, bias } = JSON.parse(printed) as { losses: number[]; bias: number[] };
  const lossAfter = (k: number): number => Math.log(9 * Math.exp(-k * 1e-3) + Math.exp(k * 1e-3)) - k * 1e-3;
  expect(losses).toHaveLength(3);
  losses.forEach((loss, k) => expect(Math.abs(loss - lossAfter(k))).toBeLessThan(2e-6));
  expect(bias).toHaveLength(10);
  bias.forEach((value, digit) => expect(Math.abs(value - (digit === 3 ? 2e-3 : -2e-3))).toBeLessThan(2e-6));
}

describe('the umbrella, installed with npm', () => {
  let project: string;
  const program = `import { adam, compile, cpu, crossEntropy, input, variable, zeros } from 'pappus';\n${softmaxRegression}`;

  beforeAll(async () => {
    project = await temporaryDirectory();
    await install(project, tarballs, publicPackages.map(({ manifest }) => manifest.name));
  });

  afterAll(() => rm(project, { recursive: true, force: true }));

  it('trains', async () => {
    expectTrained(await runModule(project, 'train.js', await asJavaScript(program)));
  });

  describe('the programs of READMEs and documents', () => {
    let outcomes: ReadonlyMap<string, Outcome>;

    beforeAll(async () => {
      outcomes = await runPrograms(project, programs.filter(({ needs }) => needs === undefined));
    });

    it.each(programs.filter(({ needs }) => needs === undefined))('run as they stand: $place', ({ place, source }) => {
      const outcome = outcomes.get(place);
      expect(outcome?.error).toBeUndefined();
      if (source.includes('console.log(')) expect(outcome?.printed.trim()).not.toBe('');
    });

    it('run but for those that say what they need', () => {
      const left = programs.flatMap(({ place, needs }) => (needs === undefined ? [] : [`${place.replace(/:\d+$/, '')}: ${needs}`]));
      expect(left).toEqual(['packages/backend-webgpu/README.md: WebGPU']);
    });
  });

  // How modules are found is the matter of types.test.ts.
  it.each(THOROUGH ? (['nodenext', 'bundler'] as const) : (['nodenext'] as const))('type-checks with moduleResolution %s, and so does the code of READMEs and documents', async (moduleResolution) => {
    const exported = JSON.parse(await runModule(project, 'names.js', "console.log(JSON.stringify(Object.keys(await import('pappus'))));")) as string[];
    const wrong = `import { input } from 'pappus';\n// @ts-expect-error: no such dtype\ninput('float33', ['batch']);\n`;
    const lines = linesOfRules(readDocument('docs/rules.md'), exported);
    // A line for each rule, at least.
    expect(lines.length).toBeGreaterThan(80);
    const files = [{ file: 'consumer.ts', source: program }, { file: 'wrong.ts', source: wrong }, ...blocksOf(documents, exported), ...lines];
    for (const { file, source } of files) await writeFile(path.join(project, file), source);
    await typeCheck(project, files.map(({ file }) => file), moduleResolution);
  });
});

// registry.test.ts has the same of packages from a registry.
if (THOROUGH) describe('single packages, installed with npm', () => {
  const chosen = ['@pappus/adam', '@pappus/backend-cpu', '@pappus/compiler', '@pappus/core'];
  let project: string;

  beforeAll(async () => {
    project = await temporaryDirectory();
    await install(project, tarballs, chosen);
  });

  afterAll(() => rm(project, { recursive: true, force: true }));

  it('brings one copy of each and no other package', async () => {
    const installed = await readdir(path.join(project, 'node_modules', '@pappus'));
    expect(installed.map((name) => `@pappus/${name}`).sort()).toEqual(chosen);
    expect(existsSync(path.join(project, 'node_modules', 'pappus'))).toBe(false);
    for (const name of chosen) expect(existsSync(path.join(project, 'node_modules', name, 'node_modules'))).toBe(false);
  });

  it('trains without the umbrella', async () => {
    const program = `
      import { compile, crossEntropy, input, variable, zeros } from '@pappus/core';
      import { adam } from '@pappus/adam';
      import { cpu } from '@pappus/backend-cpu';
      ${softmaxRegression}`;
    expectTrained(await runModule(project, 'train.js', await asJavaScript(program)));
  });
});
