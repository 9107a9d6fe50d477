// The packages as other people use them: installed from tarballs with npm, run by Node, type-checked, bundled for a browser.
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, runModule, temporaryDirectory, typeCheck } from '../src/consumer.js';
import { allDocuments, readDocument } from '../src/documents/documents.js';
import { type Outcome, runPrograms } from '../src/documents/run-programs.js';
import { blocksOf, linesOfRules } from '../src/documents/snippets.js';
import { publicPackages } from '../src/public-packages.js';
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

const documents = allDocuments();
const programs = blocksOf(documents, []).filter((snippet) => snippet.standsAlone);

const asJavaScript = async (source: string): Promise<string> => (await transform(source, { loader: 'ts' })).code;

/** The chunks of a bundle that its entry loads, and those that they load, without what is behind an import(). */
function loadedAtOnce(outputs: Metafile['outputs']): ReadonlySet<string> {
  const loaded = new Set<string>();
  const open = Object.entries(outputs).flatMap(([file, { entryPoint }]) => (entryPoint === '<stdin>' ? [file] : []));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    loaded.add(file);
    for (const { path: next, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement' && !loaded.has(next)) open.push(next);
  }
  return loaded;
}

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

  it.each(['nodenext', 'bundler'] as const)('type-checks with moduleResolution %s, and so does the code of READMEs and documents', async (moduleResolution) => {
    const exported = JSON.parse(await runModule(project, 'names.js', "console.log(JSON.stringify(Object.keys(await import('pappus'))));")) as string[];
    const wrong = `import { input } from 'pappus';\n// @ts-expect-error: no such dtype\ninput('float33', ['batch']);\n`;
    const lines = linesOfRules(readDocument('docs/rules.md'), exported);
    // A line for each rule, at least.
    expect(lines.length).toBeGreaterThan(80);
    const files = [{ file: 'consumer.ts', source: program }, { file: 'wrong.ts', source: wrong }, ...blocksOf(documents, exported), ...lines];
    for (const { file, source } of files) await writeFile(path.join(project, file), source);
    await typeCheck(project, files.map(({ file }) => file), moduleResolution);
  });

  /**
   * Kilobytes, minified and gzipped, of everything that is needed to train. Raise one only in the commit that needs it.
   *
   * 9 of them came with what every rule is defined by: settings and their checks, hyperparameters that are functions of the step, state that begins with
   * the parameter and scalars that parameters share (4 KB of core), and updates that run in some steps alone, with tables on the host (2 KB of the compiler),
   * and short forms of maxima, minima and signs (1 KB of the CPU's). Routines and scatters have
   * code of their own, which programs with such kernels load.
   */
  describe.each([
    { rule: 'sgd', ceiling: 96, absent: '@pappus/adam' },
    { rule: 'adam', ceiling: 96, absent: '@pappus/sgd' },
  ])('the smallest bundle that trains with $rule', ({ rule, ceiling, absent }) => {
    it(`is below ${ceiling} KB, needs no Node, and holds nothing of ${absent}`, async () => {
      const { outputFiles, metafile, warnings } = await build({
        stdin: {
          contents: `
            import { compile, cpu, ${rule}, variable } from 'pappus';
            const x = variable([1, 2, 3]);
            const loss = x.mul(x).sum();
            export const train = await compile({ inputs: {}, outputs: { loss }, updates: ${rule}(loss, [x]) }, await cpu());`,
          resolveDir: project,
        },
        bundle: true,
        minify: true,
        splitting: true,
        outdir: 'out',
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        metafile: true,
        write: false,
        logLevel: 'silent',
      });
      expect(warnings).toEqual([]);
      const loaded = loadedAtOnce(metafile.outputs);
      const inputs = [...loaded].flatMap((file) => Object.entries(metafile.outputs[file]?.inputs ?? {}));
      expect(inputs.filter(([file, { bytesInOutput }]) => file.includes(absent) && bytesInOutput > 0)).toEqual([]);
      // Checks that cpu({ debug: true }) alone needs come by import() when it is called.
      expect(inputs.filter(([file]) => file.includes('/debug/'))).toEqual([]);
      const bytes = outputFiles.filter(({ path: file }) => loaded.has(path.relative(process.cwd(), file))).map(({ contents }) => gzipSync(contents, { level: 9 }).length);
      const kilobytes = bytes.reduce((sum, size) => sum + size, 0) / 1000;
      console.info(`smallest bundle that trains with ${rule}: ${kilobytes.toFixed(1)} KB, minified and gzipped`);
      expect(kilobytes).toBeLessThan(ceiling);
      expect(kilobytes).toBeGreaterThan(1);
    });
  });
});

describe('single packages, installed with npm', () => {
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
