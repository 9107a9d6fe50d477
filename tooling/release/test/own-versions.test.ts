// Packages that say their version, in messages and in checks, say that of their package.json.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../src/consumer.js';
import { versionFiles, writeVersions } from '../src/own-versions.js';

it('the packages that say their version say that of their package.json, which version-packages writes', () => {
  const files = versionFiles(workspaceRoot);
  expect(files.map(({ file }) => file).sort()).toEqual(['backend-cpu', 'backend-webgpu', 'compiler', 'core'].map((name) => `packages/${name}/src/version.ts`));
  for (const { written, derived } of files) expect(written).toBe(derived);
});

describe('when versions are made', () => {
  let root: string;
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

  beforeAll(async () => {
    root = await temporaryDirectory();
    for (const [name, version] of [['core', '1.2.0'], ['compiler', '1.0.3-next.1'], ['adam', '1.1.0']]) write(`packages/${name}/package.json`, JSON.stringify({ name: `@pappus/${name}`, version }));
    write('packages/core/src/version.ts', "/** Ours. */\nexport const VERSION: string = '1.1.0';\n");
    write('packages/compiler/src/version.ts', "export const VERSION: string = '1.0.3-next.1';\n/** Theirs. */\nexport const CORE_VERSION: string = '1.1.0';\n");
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('they are written where packages say them, and nowhere else', () => {
    expect(writeVersions(root).toSorted()).toEqual(['packages/compiler/src/version.ts', 'packages/core/src/version.ts']);
    expect(read('packages/core/src/version.ts')).toBe("/** Ours. */\nexport const VERSION: string = '1.2.0';\n");
    expect(read('packages/compiler/src/version.ts')).toBe("export const VERSION: string = '1.0.3-next.1';\n/** Theirs. */\nexport const CORE_VERSION: string = '1.2.0';\n");
    expect(writeVersions(root)).toEqual([]);
  });

  it('a file that says its version otherwise is an error, and not passed over', () => {
    write('packages/adam/package.json', JSON.stringify({ name: '@pappus/adam', version: '1.1.0' }));
    write('packages/adam/src/version.ts', 'export const VERSION = "1.0.0";\n');
    expect(() => writeVersions(root)).toThrow("packages/adam/src/version.ts is to say its version as: export const VERSION: string = '1.1.0';");
    rmSync(path.join(root, 'packages/adam/src'), { recursive: true });
  });
});
