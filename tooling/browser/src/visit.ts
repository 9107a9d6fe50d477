// Opening a page once, in a profile of its own: what it reports, and what it complains of.
import type { Browser } from 'playwright-core';

export interface Visit {
  /** What the page's script has put into the global `report`, awaited. */
  readonly report: unknown;
  readonly crossOriginIsolated: boolean;
  /** Errors on the console, uncaught errors, and requests that failed. */
  readonly complaints: readonly string[];
}

/** Opens the page at `url`; `before` is JavaScript that runs ahead of its scripts. */
export async function visit(browser: Browser, url: string, before = ''): Promise<Visit> {
  const context = await browser.newContext();
  try {
    await context.addInitScript(before);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText ?? 'failed'}`));
    await page.goto(url);
    const report: unknown = await page.evaluate('report');
    const crossOriginIsolated = await page.evaluate(() => globalThis.crossOriginIsolated);
    return { report, crossOriginIsolated, complaints };
  } finally {
    await context.close();
  }
}
