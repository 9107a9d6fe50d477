// The rules of this house that no plugin has: who may import whom, how files are called, and what has a docstring.
import path from 'node:path';
import { docstrings } from './docstrings.js';
import { plausibleNumbers } from './plausible-numbers.js';
import { mayImport, packageName, packageOf, peersOf, privatePackages } from './packages.js';

/** What the linted file may import, or undefined where it lies outside packages/. */
function boundsOf(filename) {
  const match = /(?:^|[\\/])packages[\\/]([^\\/]+)[\\/](.+)$/.exec(filename);
  if (match === null) return undefined;
  const [, directory, inside] = match;
  const isSource = /^src[\\/]/.test(inside);
  const open = !isSource || privatePackages.includes(directory);
  const names = (mayImport[directory] ?? []).map(packageName);
  return {
    directory,
    root: filename.slice(0, filename.length - inside.length),
    known: directory in mayImport,
    ours: isSource ? names : [...names, packageName(directory), '@pappus/testing', '@pappus/test-support', '@pappus/rule-table'],
    peers: peersOf[directory] ?? [],
    thirdParty: open,
  };
}

/** The reason why `specifier` may not be imported from `filename`, or undefined. */
function objection(specifier, filename, bounds) {
  const { directory, root, ours, peers, thirdParty } = bounds;
  if (specifier.startsWith('.')) {
    // Tests of a document import its text.
    if (thirdParty && specifier.endsWith('.md')) return undefined;
    const target = path.resolve(path.dirname(filename), specifier);
    return target.startsWith(path.resolve(root) + path.sep)
      ? undefined
      : `'${specifier}' leaves packages/${directory}: import the other package by its name.`;
  }
  const name = packageOf(specifier);
  const isOurs = name === 'pappus' || name.startsWith('@pappus/');
  if (isOurs ? ours.includes(name) : thirdParty || peers.includes(name)) return undefined;
  const allowed = ours.length === 0 ? 'nothing' : ours.join(', ');
  return `packages/${directory} may not import '${specifier}'. It may import ${allowed}${thirdParty ? ' and third parties' : ''} (tooling/eslint/src/packages.js).`;
}

const packageBoundaries = {
  meta: { type: 'problem', schema: [], docs: { description: 'imports follow the table in packages.js' } },
  create(context) {
    const bounds = boundsOf(context.filename);
    if (bounds === undefined) return {};
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const message = objection(source.value, context.filename, bounds);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      Program(node) {
        if (!bounds.known) {
          context.report({
            node,
            message: `packages/${bounds.directory} is not in the table of tooling/eslint/src/packages.js: say what it may import.`,
          });
        }
      },
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
};

const kebabCaseFile = {
  meta: { type: 'suggestion', schema: [], docs: { description: 'file names are kebab-case' } },
  create(context) {
    const name = path.basename(context.filename);
    return {
      Program(node) {
        if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name)) {
          context.report({ node, message: `File names are kebab-case; '${name}' is not.` });
        }
      },
    };
  },
};

export const plugin = {
  meta: { name: 'pappus' },
  rules: { 'package-boundaries': packageBoundaries, 'kebab-case-file': kebabCaseFile, docstrings, 'plausible-numbers': plausibleNumbers },
};
