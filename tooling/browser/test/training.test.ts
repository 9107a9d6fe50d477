// The same script trains in Node and in pages of a browser: with and without cross-origin isolation, and where nothing may be
// compiled synchronously.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureChromium, launchChromium } from '../src/chromium.js';
import { bundle, PAGE, runInNode, type Script } from '../src/script.js';
import { serve, type Site } from '../src/serve.js';
import type { TrainingReport } from '../src/training.js';
import { visit, type Visit } from '../src/visit.js';

const chromium = await ensureChromium('training in a page gives what it gives in Node');

/** Node 20 has relaxed SIMD behind this flag of V8; later ones have it without. */
const RELAXED_SIMD = ['--experimental-wasm-relaxed-simd'];

/** As browsers refuse large modules on the main thread (Chromium once those above 4 KB, today those above 8 MB), but all of them. */
const REFUSE_SYNCHRONOUS = `
  for (const name of ['Module', 'Instance']) {
    WebAssembly[name] = new Proxy(WebAssembly[name], {
      construct() { throw new RangeError('WebAssembly.' + name + ' is disallowed on the main thread'); },
    });
  }`;

interface Training extends Omit<Visit, 'report'> {
  readonly report: TrainingReport;
}

const numbersOf = (bits: readonly number[]): number[] => Array.from(new Float32Array(Uint32Array.from(bits).buffer));

function expectSameBits(actual: TrainingReport, expected: TrainingReport): void {
  expect(actual.losses).toEqual(expected.losses);
  expect(actual.parameters).toEqual(expected.parameters);
}

function expectClose(actual: TrainingReport, expected: TrainingReport): void {
  const pairs = [
    [actual.losses, expected.losses],
    ...Object.entries(expected.parameters).map(([name, bits]) => [actual.parameters[name] ?? [], bits]),
  ] as const;
  for (const [got = [], wanted = []] of pairs) {
    const numbers = numbersOf(wanted);
    expect(got).toHaveLength(numbers.length);
    numbersOf(got).forEach((value, k) => expect(Math.abs(value - (numbers[k] ?? NaN))).toBeLessThan(1e-5));
  }
}

describe.skipIf(chromium === undefined)('training in a page', () => {
  let browser: Browser;
  let script: Script;
  let inNode: TrainingReport;
  const pages = new Map<string, Training>();

  const KINDS = [
    { kind: 'a page that is not isolated', isolated: false, before: '' },
    { kind: 'a cross-origin isolated page', isolated: true, before: '' },
    { kind: 'a page that refuses synchronous compilation', isolated: false, before: REFUSE_SYNCHRONOUS },
  ];

  const page = (kind: string): Training => {
    const training = pages.get(kind);
    if (training === undefined) throw new Error(`${kind} was not visited`);
    return training;
  };

  const open = async (site: Site, before: string): Promise<Training> => {
    const { report, ...rest } = await visit(browser, site.origin, before);
    return { ...rest, report: report as TrainingReport };
  };

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '');
    script = await bundle('training.ts');
    inNode = (await runInNode(script)) as TrainingReport;
    for (const { kind, isolated, before } of KINDS) {
      const site = await serve({ '/index.html': PAGE, '/script.js': script.code }, { isolated });
      try {
        pages.set(kind, await open(site, before));
      } finally {
        await site.close();
      }
    }
  });

  afterAll(() => browser.close());

  it('uses the packages as they are built', () => {
    const ours = script.inputs.filter((file) => file.startsWith('packages/'));
    expect(ours).toContain('packages/pappus/dist/index.js');
    for (const file of ours) expect(file).toMatch(/^packages\/[^/]+\/dist\//);
  });

  it('learns in Node: 20 losses, the last below half of the first, and 6 parameters', () => {
    const losses = numbersOf(inNode.losses);
    expect(losses).toHaveLength(20);
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? NaN));
    expect(Object.keys(inNode.parameters)).toEqual(['w1', 'b1', 'w2', 'b2', 'w3', 'b3']);
  });

  describe.each(KINDS.map((entry) => [entry.kind, entry.isolated] as const))('in %s', (kind, isolated) => {
    it(`is ${isolated ? '' : 'not '}cross-origin isolated`, () => {
      expect(page(kind).crossOriginIsolated).toBe(isolated);
    });

    it('complains of nothing', () => {
      expect(page(kind).complaints).toEqual([]);
    });

    it('gives what Node gives: the same bits, or within 1e-5 where only one of them has relaxed SIMD', async () => {
      const { report } = page(kind);
      if (report.relaxedSimd === inNode.relaxedSimd) {
        console.info(`${kind}: compared bit for bit with Node ${process.version}`);
        expectSameBits(report, inNode);
        return;
      }
      console.info(`${kind}: compared within 1e-5 with Node ${process.version}, since only one of them has relaxed SIMD`);
      expectClose(report, inNode);
      if (report.relaxedSimd) {
        console.info(`${kind}: compared bit for bit with Node ${process.version} ${RELAXED_SIMD.join(' ')}`);
        const relaxed = (await runInNode(script, RELAXED_SIMD)) as TrainingReport;
        expect(relaxed.relaxedSimd).toBe(true);
        expectSameBits(report, relaxed);
      }
    });

    it('gives the bits of the other pages', () => {
      for (const { report } of pages.values()) expectSameBits(page(kind).report, report);
    });

    it('runs one update kernel over all six parameters, in one call', () => {
      const { kernels, calls } = page(kind).report.program;
      expect(calls).toBe(1);
      expect(kernels.filter(({ name }) => name === 'update').map(({ segments }) => segments)).toEqual([6]);
      const writers = kernels.filter(({ writes }) => Object.keys(inNode.parameters).some((name) => writes.includes(name)));
      expect(writers).toHaveLength(1);
    });
  });

  it('compiles more than the 4 KB that Chromium once allowed in a synchronous call', () => {
    for (const { report } of pages.values()) expect(report.program.bytes.code).toBeGreaterThan(4096);
  });

  it('notices synchronous compilation, and scripts that fail', async () => {
    const code = 'Object.assign(globalThis, { report: 0 }); new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));';
    const site = await serve({ '/index.html': PAGE, '/script.js': code }, { isolated: true });
    try {
      expect((await visit(browser, site.origin)).complaints).toEqual([]);
      const { complaints } = await visit(browser, site.origin, REFUSE_SYNCHRONOUS);
      expect(complaints).toEqual(['WebAssembly.Module is disallowed on the main thread']);
    } finally {
      await site.close();
    }
  });
});
