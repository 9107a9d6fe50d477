// Every block of code of the pages type-checks, runs, and prints what the page says.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureChromium, launchChromium } from '../../browser/src/chromium.js';
import { HOME, PAGES } from '../src/pages.js';
import { codeOf } from '../src/programs.js';
import { runApplication } from '../src/run-applications.js';
import { runnable, type Runnable } from '../src/run-programs.js';
import { typeErrors } from '../src/type-check.js';
import { DOCS } from '../src/docs.js';

const pages = [HOME, ...PAGES].filter(({ code }) => code === 'site').map(({ file }) => ({ file, code: codeOf(file, readFileSync(path.join(DOCS, `${file}.md`), 'utf8')) }));
const programs = pages.flatMap(({ code }) => code.programs);
const applications = pages.flatMap(({ code }) => code.applications);

/** Gives pages WebGPU, on a machine without a GPU by SwiftShader. */
const WITH_WEBGPU = ['--enable-unsafe-webgpu'];

describe('the code of the pages', () => {
  let all: Runnable;

  beforeAll(async () => {
    all = await runnable(programs);
  });

  afterAll(() => all.dispose());

  it('is most of what the pages have', () => {
    expect(programs.length).toBeGreaterThan(20);
    expect(programs.filter(({ prints }) => prints.some((text) => text !== undefined)).length).toBeGreaterThan(15);
  });

  it.each(programs.map(({ name, prints }) => ({ name, prints })))('$name runs, and prints what the page says', async ({ name, prints }) => {
    const printed = await all.run(name);
    expect(printed).toHaveLength(prints.length);
    expect(printed.map((text, k) => (prints[k] === undefined ? undefined : text))).toEqual(prints);
  });

  it('type-checks', () => {
    const files = pages.flatMap(({ code }) => code.applications).flatMap(({ name: application, files: own }) => own.map(({ name, code }) => ({ name: `${application}/${name}`, code })));
    expect(typeErrors([...programs, ...files])).toEqual([]);
  });
});

const chromium = await ensureChromium('applications of the pages');

describe.skipIf(chromium === undefined)('the applications of the pages', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '', WITH_WEBGPU);
  });

  afterAll(() => browser.close());

  it('are a page, one with a worker, one with React, and one on a GPU', () => {
    const imported = applications.map(({ files }) => files.map(({ code }) => code).join('\n'));
    expect(imported.length).toBeGreaterThanOrEqual(4);
    for (const text of ['new Worker(', "from 'react'", "from 'pappus/webgpu'"]) expect(imported.filter((code) => code.includes(text)), text).not.toEqual([]);
  });

  it.each(applications.map((application) => ({ name: application.name, application })))('$name says in Chromium what the page says', async ({ application }) => {
    const { says = 'nothing, since its page has no text behind it' } = application;
    const { said, complaints } = await runApplication(application, browser, says);
    expect(complaints).toEqual([]);
    expect(said).toContain(says);
  });
});
