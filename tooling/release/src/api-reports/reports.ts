// What each door gives, as one text: a change of the public interface is a change of these, and so shows in review.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { type Door, doors, workspaceRoot } from '@pappus/workspace';

/** Where they are committed. */
export const reportsDirectory = path.join(workspaceRoot, 'tooling', 'release', 'api');

/** `@pappus/core/backend` is in core-backend.api.md, the umbrella in pappus.api.md. */
export const reportName = ({ name }: Door): string => `${name.replace(/^@pappus\//, '').replaceAll('/', '-')}.api.md`;

/** The reports of what is built, by their names: the declarations are read once for all doors, whether they are one file or many. */
export async function makeReports(): Promise<ReadonlyMap<string, string>> {
  for (const { name, types } of doors) {
    if (!existsSync(types)) throw new Error(`${name} is not built (no ${path.relative(workspaceRoot, types)}): run \`npx pnpm@12 build\` first`);
  }
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'pappus-api-')));
  try {
    for (const name of ['before', 'after']) await mkdir(path.join(folder, name));
    const configs = doors.map((door) => ({ door, config: configOf(door, folder) }));
    const [first] = configs;
    if (first === undefined) throw new Error('no package has a door');
    const compilerState = CompilerState.create(first.config, { additionalEntryPoints: doors.map(({ types }) => types) });
    for (const { door, config } of configs) report(door, config, compilerState);
    const names = (await readdir(path.join(folder, 'after'))).sort();
    return new Map(await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, 'after', name), 'utf8')] as const)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The reports as they are committed. */
export async function committedReports(): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(reportsDirectory)) return new Map();
  const names = (await readdir(reportsDirectory)).filter((name) => name.endsWith('.api.md')).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(path.join(reportsDirectory, name), 'utf8')] as const)));
}

function report(door: Door, config: ExtractorConfig, compilerState: CompilerState): void {
  const problems: string[] = [];
  Extractor.invoke(config, {
    compilerState,
    localBuild: true,
    messageCallback(message) {
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
      message.handled = true;
    },
  });
  if (problems.length > 0) throw new Error(`no report of ${door.name}:\n${problems.join('\n')}`);
}

function configOf(door: Door, folder: string): ExtractorConfig {
  const silent = { logLevel: ExtractorLogLevel.None, addToApiReportFile: false };
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(door.directory, 'package.json'),
    configObject: {
      projectFolder: door.directory,
      mainEntryPointFilePath: door.types,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: { module: 'nodenext', moduleResolution: 'nodenext', target: 'es2022', lib: ['es2023', 'dom'], types: [], strict: true, skipLibCheck: true },
          files: [door.types],
        },
      },
      apiReport: { enabled: true, reportFileName: reportName(door), reportFolder: path.join(folder, 'after'), reportTempFolder: path.join(folder, 'before') },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // Docstrings are the linter's to check.
      messages: {
        compilerMessageReporting: { default: silent },
        extractorMessageReporting: { default: silent },
        tsdocMessageReporting: { default: silent },
      },
    },
  });
}
