/** What the program of every example does: it puts its figure into out/, and answers a mistake of its user with one line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { AdapterError } from 'pappus/webgpu';

import { DivergedError } from './diverged-error.js';
import { HelpRequest, OptionError } from './options.js';

const outFolder = fileURLToPath(new URL('../../../out/', import.meta.url));
/** Where the user is: a package script runs in its package's folder, and the package manager says where it was called. */
const here = process.env['INIT_CWD'] ?? process.cwd();

/** Writes a file into out/ and answers with its path as seen from where the user is. */
export function writeOut(name: string, content: string): string {
  const file = join(outFolder, name);
  mkdirSync(outFolder, { recursive: true });
  writeFileSync(file, content);
  return relative(here, file);
}

/** Runs `main`; what its user can mend is one line on standard error, and the process ends with 1. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof HelpRequest) {
      process.stdout.write(error.message);
    } else if (error instanceof OptionError || error instanceof DivergedError || error instanceof AdapterError) {
      console.error(error.message);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}

/** A whole number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
