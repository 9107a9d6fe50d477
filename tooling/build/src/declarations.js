// The declarations of a package, written by TypeScript. It checks no more than it needs for them: `npx pnpm@12 typecheck` checks everything, and once.
import path from 'node:path';
import ts from 'typescript';

/**
 * Throws with what TypeScript reports.
 *
 * @param {string} directory the package's, with its tsconfig.json
 */
export function writeDeclarations(directory) {
  const host = { getCanonicalFileName: (/** @type {string} */ name) => name, getCurrentDirectory: () => directory, getNewLine: () => '\n' };
  const failed = (/** @type {readonly ts.Diagnostic[]} */ diagnostics) => new Error(ts.formatDiagnosticsWithColorAndContext(diagnostics, host));
  const parsed = ts.getParsedCommandLineOfConfigFile(path.join(directory, 'tsconfig.json'), { emitDeclarationOnly: true, noCheck: true, types: [], declarationMap: false, sourceMap: false }, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw failed([diagnostic]);
    },
  });
  if (parsed === undefined) throw new Error(`${directory} has no tsconfig.json`);
  const program = ts.createProgram(parsed.fileNames, parsed.options);
  const { diagnostics } = program.emit();
  const found = [...parsed.errors, ...program.getSyntacticDiagnostics(), ...diagnostics];
  if (found.length > 0) throw failed(found);
}
