// A headless Chromium: where it is, how it comes onto a machine that has none, and how it starts.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const REMEDY = 'Install one (Debian: apt-get install chromium), or name its executable in PAPPUS_CHROMIUM.';

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The executable that PAPPUS_CHROMIUM names, or else the first of chromium, chromium-browser and google-chrome in PATH. */
export function findChromium(): string | undefined {
  const { PAPPUS_CHROMIUM: chosen, PATH = '' } = process.env;
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`PAPPUS_CHROMIUM names ${chosen}, which cannot be executed.`);
    return chosen;
  }
  const directories = PATH.split(path.delimiter).filter((directory) => directory !== '');
  return NAMES.flatMap((name) => directories.map((directory) => path.join(directory, name))).find(isExecutable);
}

/**
 * Finds Chromium, and installs it first where that can be done.
 *
 * @returns undefined if there is none; `skipped` is then named on the console as what did not run
 * @throws if there is none and CI is true
 */
export async function ensureChromium(skipped: string): Promise<string | undefined> {
  const found = findChromium();
  if (found !== undefined) return found;
  const installer = fileURLToPath(new URL('../install-chromium.sh', import.meta.url));
  const failure = await promisify(execFile)('bash', [installer]).then(
    () => '',
    (error: unknown) => String(error),
  );
  const installed = findChromium();
  if (installed !== undefined) return installed;
  const message = `No Chromium was found, so these tests cannot run: ${skipped}. ${REMEDY}\n${failure}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`\n!!! TESTS DID NOT RUN !!!\n${message}`);
  return undefined;
}

/** Flags for a machine without a GPU; playwright adds a fresh profile and keeps the browser off the network. */
const WITHOUT_GPU = ['--disable-gpu'];

/** Starts Chromium for pages on this machine; `flags` take the place of those for a machine without a GPU. */
export function launchChromium(executablePath: string, flags: readonly string[] = WITHOUT_GPU): Promise<Browser> {
  // Chromium's sandbox refuses to run as root and in most containers; the only pages that it shows are our own.
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: ['--disable-quic', ...flags] });
}
