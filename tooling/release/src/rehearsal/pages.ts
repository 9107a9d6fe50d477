// Bundles in Chromium: a page that trains, and a module worker of it that trains too.
import { ensureChromium, launchChromium } from '@pappus/browser/chromium';
import { serve } from '@pappus/browser/serve';
import { visit } from '@pappus/browser/visit';

/** What a page reports: what `train` answered there, and in its worker. */
export interface PageReport {
  readonly page: unknown;
  readonly worker: unknown;
}

export interface Pages {
  /** Opens a site; throws with everything that the page complains of. */
  open(files: Readonly<Record<string, string>>): Promise<PageReport>;
  close(): Promise<void>;
}

/** Without a GPU of its own, Chromium computes WebGPU in software. */
const FLAGS = ['--enable-unsafe-webgpu'];

/** Starts Chromium; without one there are no pages, and nothing is proved. */
export async function startPages(): Promise<Pages> {
  const executable = await ensureChromium('bundles in pages');
  if (executable === undefined) throw new Error('bundles run in Chromium: install it, or name it in PAPPUS_CHROMIUM');
  const browser = await launchChromium(executable, FLAGS);
  return {
    async open(files) {
      const site = await serve(files, { isolated: true });
      try {
        const { report, complaints } = await visit(browser, site.origin);
        if (complaints.length > 0) throw new Error(complaints.join('\n'));
        if (typeof report !== 'object' || report === null || !('page' in report) || !('worker' in report)) throw new Error(`the page reports ${JSON.stringify(report)}`);
        return { page: report.page, worker: report.worker };
      } finally {
        await site.close();
      }
    },
    close: () => browser.close(),
  };
}
