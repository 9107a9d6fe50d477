// The conformance suite and the suite of rules in pages, on both backends, with and without cross-origin isolation.
import type { Browser } from 'playwright-core';
import { ALL_SECTIONS, type Section } from '@pappus/testing/conformance';
import { THOROUGH } from '@pappus/testing/thorough';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureChromium, launchChromium } from '../src/chromium.js';
import type { ConformanceReport } from '../src/conformance.js';
import { bundle, PAGE, type Script } from '../src/script.js';
import { serve } from '../src/serve.js';
import { visit } from '../src/visit.js';

const chromium = await ensureChromium('conformance of both backends in a page');

/** Gives pages WebGPU, on a machine without a GPU by SwiftShader. */
const WITH_WEBGPU = ['--enable-unsafe-webgpu'];

/** In parts, so that no page runs long: SwiftShader takes seconds to compile what synchronizes workgroups. */
const PARTS: readonly (readonly (Section | 'rules')[])[] = [
  ['elementwise', 'elementary', 'indexing', 'cumulative', 'random', 'updates', 'hostScalars', 'calls', 'routines'],
  ['movement', 'padding', 'shapes', 'scatters', 'reductions', 'windows', 'networks', 'gradients'],
  ['products', 'recurrent', 'transforms', 'fuzz', 'linearAlgebra', 'linearSolve', 'factorizations', 'order'],
  ['operands', 'edges', 'edgeCases', 'float32'],
  ['rules'],
];

/** What isolation can change: memory that is shared, or is not, when values come in and go out. */
const ACROSS: readonly Section[] = THOROUGH ? ['updates', 'hostScalars', 'calls', 'float32', 'memory'] : ['calls', 'memory'];

const SAME = 'in Node the same Dawn and SwiftShader run it, and the soak runs it in pages, too';

/** On a software GPU every kernel takes long to compile: what a browser may change is how values go in and out, and in what order. */
const SAME_IN_PAGES: Readonly<Partial<Record<Section | 'rules', string>>> = Object.fromEntries(
  ['elementwise', 'elementary', 'routines', 'edges', 'operands', 'updates', 'hostScalars', 'float32', 'indexing', 'scatters', 'padding', 'shapes', 'cumulative', 'movement', 'reductions', 'windows', 'networks', 'gradients', 'products', 'recurrent', 'transforms', 'fuzz', 'linearAlgebra', 'linearSolve', 'factorizations', 'order', 'edgeCases', 'rules', 'random', 'memory'].map((name) => [name, SAME]),
);

/** In a page the CPU's code is that of Node, but for what a browser may have and this Node has not: other instructions, of which products are made. */
const SAME_CODE: Readonly<Partial<Record<Section | 'rules', string>>> = Object.fromEntries(
  Object.keys(SAME_IN_PAGES).filter((name) => !['products', 'random', 'memory'].includes(name)).map((name) => [name, 'in Node the same engine runs the same bytes, and the soak runs it in pages, too']),
);

/** Sections that no page of a backend runs, and why. */
const ELSEWHERE: Readonly<Record<'cpu' | 'webgpu', Readonly<Partial<Record<Section | 'rules', string>>>>> = {
  cpu: { deep: 'what it asks of a machine is the compiler and its memory; the kernels of its thousands of operations are those of other sections', ...(THOROUGH ? {} : SAME_CODE) },
  webgpu: { deep: 'as on the CPU', ...(THOROUGH ? {} : SAME_IN_PAGES) },
};

const RUNS = (['webgpu', 'cpu'] as const).flatMap((backend) =>
  [false, true].flatMap((isolated) =>
    (!isolated ? PARTS : THOROUGH ? [...PARTS, ACROSS] : backend === 'cpu' ? [ACROSS] : [])
      .map((part) => ({ backend, isolated, sections: part.filter((section) => !(section in ELSEWHERE[backend])) }))
      .filter(({ sections }) => sections.length > 0),
  ),
);

describe.skipIf(chromium === undefined)('conformance in a page', () => {
  let browser: Browser;
  let script: Script;

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '', WITH_WEBGPU);
    script = await bundle('conformance.ts', { vitest: 'vitest-in-page.ts' });
  });

  afterAll(() => browser.close());

  it.each(['webgpu', 'cpu'] as const)('of %s runs every section and the rules', (backend) => {
    const run: readonly string[] = RUNS.filter((part) => part.backend === backend).flatMap(({ sections }) => sections);
    const all = [...ALL_SECTIONS, 'rules'];
    expect(all.filter((section) => !run.includes(section))).toEqual(all.filter((section) => section in ELSEWHERE[backend]));
  });

  it.each(RUNS)('of $backend, isolated: $isolated: $sections', async ({ backend, isolated, sections }) => {
    const site = await serve({ '/index.html': PAGE, '/script.js': script.code }, { isolated });
    try {
      const { report, crossOriginIsolated, complaints } = await visit(browser, `${site.origin}/?backend=${backend}&sections=${sections.join()}&thorough=${THOROUGH}`);
      const { device, failures, passed } = report as ConformanceReport;
      console.info(`${backend} in a page, isolated: ${isolated}: ${passed} tests of ${sections.join(', ')} on ${device}`);
      expect(failures).toEqual([]);
      // A section has several tests.
      expect(passed).toBeGreaterThan(2 * sections.length);
      expect(crossOriginIsolated).toBe(isolated);
      expect(complaints).toEqual([]);
    } finally {
      await site.close();
    }
  }, 600_000);
});
