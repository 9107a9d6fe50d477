// `npx pnpm@12 run replay FILE...`: recorded trajectories through the public packages.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Backend, cpu, interpreter } from 'pappus';
import { parseRecordedFile, type RecordedFile, RecordedFileError } from '../rules/recorded-file.js';
import type { FloatDType } from '@pappus/testing/rules';
import { HELP, parseReplayArguments, ReplayArgumentError, type ReplayBackend, type ReplayRequest } from './command-line.js';
import { type Outcome, outcomes } from './outcome.js';
import { describeOutcome, summary } from './report.js';

/** Where the user is: a package script runs in its package's folder, and the package manager says where it was called. */
const here = process.env['INIT_CWD'] ?? process.cwd();

function read(file: string): RecordedFile {
  let text: string;
  try {
    text = readFileSync(path.resolve(here, file), 'utf8');
  } catch (error) {
    throw new ReplayArgumentError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseRecordedFile(text, file);
}

async function backendOf(name: ReplayBackend): Promise<readonly [Backend, FloatDType]> {
  switch (name) {
    case 'interpreter':
      return [interpreter(), 'float64'];
    case 'cpu':
      return [await cpu(), 'float64'];
    case 'webgpu': {
      const { provideVulkan } = await import('../webgpu.js');
      const complaint = provideVulkan();
      if (complaint !== undefined) throw new ReplayArgumentError(complaint);
      const { webgpu } = await import('pappus/webgpu');
      return [await webgpu(), 'float32'];
    }
  }
}

async function run({ files, backend: name, only = '', json }: ReplayRequest): Promise<void> {
  // A file that is wrong is named before any is replayed.
  const given = files.map((file) => ({ file, recorded: read(file) }));
  const [backend, dtype] = await backendOf(name);
  const all: (Outcome & { readonly file: string })[] = [];
  for (const { file, recorded } of given) {
    for await (const outcome of outcomes(recorded, only, backend, dtype)) {
      all.push({ file, ...outcome });
      if (!json) console.log(describeOutcome(outcome));
    }
  }
  if (all.length === 0) throw new ReplayArgumentError(only === '' ? `nothing is recorded in ${files.join(', ')}` : `nothing has ${only} in its name`);
  const failed = all.some(({ status }) => status === 'off' || status === 'error');
  if (json) console.log(JSON.stringify({ backend: name, dtype, failed, outcomes: all }, (_key, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value), 1));
  else console.log(summary(all));
  process.exitCode = failed ? 1 : 0;
}

try {
  const request = parseReplayArguments(process.argv.slice(2));
  if (request === 'help') process.stdout.write(HELP);
  else await run(request);
} catch (error) {
  if (!(error instanceof ReplayArgumentError) && !(error instanceof RecordedFileError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
