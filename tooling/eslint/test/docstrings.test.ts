// What is public has a docstring: in the sources, in what is published, and where an editor shows it; and the linter holds it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { THOROUGH } from '@pappus/testing/thorough';
import { doors, workspaceRoot as root } from '@pappus/workspace';
import { ESLint } from 'eslint';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { undocumented } from '../src/public-declarations.js';

const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile).config, ts.sys, root);
const sources = doors.map(({ source }) => source);

/** Files that several programs have are parsed once. */
const parsed = new Map<string, ts.SourceFile>();

/** A host that also has files which are on no disk. */
function hostWith(files: ReadonlyMap<string, string>, compilerOptions: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions);
  return {
    ...host,
    fileExists: (file) => files.has(file) || host.fileExists(file),
    readFile: (file) => files.get(file) ?? host.readFile(file),
    getSourceFile: (file, ...rest) => {
      const text = files.get(file) ?? host.readFile(file);
      if (text === undefined) return undefined;
      const known = parsed.get(file);
      if (known?.text === text) return known;
      const source = ts.createSourceFile(file, text, rest[0]);
      parsed.set(file, source);
      return source;
    },
    directoryExists: (directory) => [...files.keys()].some((file) => file.startsWith(`${directory}/`)) || ts.sys.directoryExists(directory),
  };
}

/** The declarations that a build would publish, by their paths in dist/. */
function emitted(program: ts.Program): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const source of program.getSourceFiles()) {
    if (!/\/packages\/[^/]+\/src\//.test(source.fileName) || source.fileName.includes('/packages/examples/')) continue;
    program.emit(source, (_, text) => files.set(source.fileName.replace('/src/', '/dist/').replace(/\.ts$/, '.d.ts'), text), undefined, true);
  }
  return files;
}

const program = ts.createProgram(sources, { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true });

describe('everything public has a docstring', () => {
  it('in the sources', () => {
    expect(undocumented(program, root).map(({ name }) => name)).toEqual([]);
  });

  // They are made of the sources; the soak looks at them, too.
  if (THOROUGH) it('in the declarations that are published', () => {
    const files = emitted(program);
    const paths = Object.fromEntries(doors.map(({ name, types }) => [name, [types]]));
    const asInstalled = { ...options, paths, customConditions: [] };
    const missing = (inFiles: ReadonlyMap<string, string>): string[] => {
      const declarations = ts.createProgram(doors.map(({ types }) => types), asInstalled, hostWith(inFiles, asInstalled));
      expect(declarations.getSourceFiles().filter(({ fileName }) => /\/packages\/[^/]+\/src\//.test(fileName))).toEqual([]);
      return undocumented(declarations, root, 'types').map(({ name }) => name);
    };
    // Without two of them, the two are named, and no other one.
    const without = (file: string, docstring: RegExp): [string, string] => [path.join(root, file), (files.get(path.join(root, file)) ?? '').replace(docstring, '')];
    const fewer = new Map([...files, without('packages/core/dist/graph/expr.d.ts', / {4}\/\*\*.*\*\/\n(?= {4}relu)/), without('packages/adam/dist/adam.d.ts', / {4}\/\*\*.*\*\/\n(?= {4}readonly beta1)/)]);
    expect(missing(fewer)).toEqual(['core: Expr.relu', 'adam: adam.beta1']);
  });
});

describe('an editor shows', () => {
  const probe = path.join(root, 'packages/pappus/test/probe.ts');
  const methods = methodsOfExpr();
  const text = [
    "import { adam, compile, cpu, input, momentum, uniform, variable } from '../src/index.js';",
    "const x = input('float32', [2, 3]);",
    "const w = variable(1);",
    ...methods.map((method) => `x.${method};`),
    'adam([x], [w], { beta1: 0.9 });',
    'momentum([x], [w], { learningRate: 0.1, clearNan: true });',
    'compile({ updates: new Map() }, await cpu({ debug: true }), { sizes: {} });',
    'uniform([2], { low: 0, seed: 1 });',
    'x.sum(0, { keepdims: true });',
  ].join('\n');
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...sources, probe],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const content = file === probe ? text : ts.sys.readFile(file);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === probe || ts.sys.fileExists(file),
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
  });
  const shown = (what: string): string => {
    const at = text.indexOf(what);
    if (at < 0) throw new Error(`the probe has no ${what}`);
    return ts.displayPartsToString(service.getQuickInfoAtPosition(probe, at + what.length - 1)?.documentation);
  };

  it('what every method of an expression does', () => {
    expect(methods.length).toBeGreaterThan(75);
    expect(methods.filter((method) => shown(`x.${method}`) === '')).toEqual([]);
    expect(shown('x.relu')).toBe('`max(x, 0)`; not of bool. Its gradient at 0 is 0.');
  });

  it('what an option is, and its default', () => {
    expect(shown('beta1')).toMatch(/Default 0\.9/);
    expect(shown('momentum([x], [w], { learningRate')).toMatch(/Required, as in Lasagne/);
    expect(shown('clearNan')).toMatch(/Default false/);
    expect(shown('debug')).toMatch(/Default false/);
    expect(shown('sizes')).toMatch(/open dimensions/);
    expect(shown('low')).toMatch(/Default -0\.05; 0 for noise/);
    expect(shown('keepdims')).toMatch(/Default false/);
  });
});

/** Its methods for everybody, by name. */
function methodsOfExpr(): string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(path.join(root, 'packages/core/src/graph/expr.ts'));
  const symbol = file && checker.getSymbolAtLocation(file);
  const expr = symbol && checker.getExportsOfModule(symbol).find(({ name }) => name === 'Expr');
  if (expr === undefined) throw new Error('expr.ts exports no Expr');
  return checker.getDeclaredTypeOfSymbol(expr).getProperties().flatMap(({ name, flags }) => ((flags & ts.SymbolFlags.Method) !== 0 && !name.startsWith('__') ? [name] : []));
}

// `lint` runs the rule; that what is missing is found is shown above, without the types of everything, which take long.
if (THOROUGH) describe('the linter', () => {
  // The other rules, which need types for every expression, have nothing to say here.
  // In CI typescript-eslint takes a run for one over files as they are on the disk, and would look at a changed text without its program.
  const watched = { files: ['**/*.ts'], languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } };
  const eslint = new ESLint({ cwd: root, ruleFilter: ({ ruleId }) => ruleId === 'pappus/docstrings', overrideConfig: [watched] });

  async function complaints(file: string, change: (text: string) => string): Promise<string[]> {
    const filePath = path.join(root, file);
    const [result] = await eslint.lintText(change(readFileSync(filePath, 'utf8')), { filePath });
    return (result?.messages ?? []).map(({ ruleId, message, line }) => `${ruleId ?? 'fatal'}: ${message} (line ${line})`);
  }

  it('wants one where what is exported has none', async () => {
    const file = 'packages/sgd/src/sgd.ts';
    const without = (text: string): string => text.replace(/ {4}\/\*\*.*\*\/\n/, '');
    const line = without(readFileSync(path.join(root, file), 'utf8')).split('\n').findIndex((text) => /^ {4}learningRate:/.test(text)) + 1;
    expect(line).toBeGreaterThan(0);
    expect(await complaints(file, without)).toEqual([
      `pappus/docstrings: sgd: sgd.defaults.learningRate is public and has no docstring, so that an editor has nothing to show for it. (line ${line})`,
    ]);
  });
});
