// Runs applications of pages in Chromium, bundled on the sources of the workspace as a bundler of people would.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'esbuild';
import { serve } from '../../browser/src/serve.js';
import type { Application } from './programs.js';
import { CONDITIONS, HERE, virtual } from './run-programs.js';

/** A page that runs `main`. */
const PAGE = '<!doctype html><title>Pappus</title><link rel="icon" href="data:,"><body><script type="module" src="/main.js"></script>';

/** The scripts of an application by their path, such as `/main.js`: one for each of its files that nobody imports. */
async function bundled({ files }: Application): Promise<Record<string, string>> {
  const entries = files.filter(({ name }) => /^(?:main|worker)\./.test(name));
  // What names a worker as a bundler wants it finds the script that was made of it.
  const own = files.map(({ name, code }) => ({ name, code: code.replaceAll(/(new URL\('\.\/\w+)\.ts'/g, "$1.js'") }));
  const out = await mkdtemp(path.join(tmpdir(), 'pappus-site-'));
  try {
    await build({
      entryPoints: Object.fromEntries(entries.map(({ name }) => [name.replace(/\.tsx?$/, ''), `page:${name}`])),
      plugins: [virtual(own, HERE)],
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      jsx: 'automatic',
      conditions: CONDITIONS,
      define: { 'process.env.NODE_ENV': '"production"' },
      external: ['webgpu'],
      outdir: out,
      logLevel: 'silent',
    });
    const names = await readdir(out);
    return Object.fromEntries(await Promise.all(names.map(async (name) => [`/${name}`, await readFile(path.join(out, name), 'utf8')] as const)));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** What the application says within a minute, on the console and in its page, as soon as that has `wanted` in it; and what went wrong. */
export async function runApplication(application: Application, browser: Browser, wanted: string): Promise<{ readonly said: string; readonly complaints: readonly string[] }> {
  const site = await serve({ '/index.html': PAGE, ...(await bundled(application)) }, { isolated: false });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    const lines: string[] = [];
    page.on('console', (message) => (message.type() === 'error' ? complaints : lines).push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(site.origin);
    const said = async (): Promise<string> => [...lines, await page.evaluate(() => document.body.innerText)].join('\n').trim();
    for (const end = Date.now() + 60_000; Date.now() < end && complaints.length === 0 && !(await said()).includes(wanted); ) await page.waitForTimeout(50);
    return { said: await said(), complaints };
  } finally {
    await context.close();
    await site.close();
  }
}
