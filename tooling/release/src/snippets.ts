// The lines of code that documents show without what surrounds them: made whole, so that TypeScript can read them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { publicPackages, workspaceRoot } from './public-packages.js';

export interface Snippet {
  /** A file name that says where it stands. */
  readonly file: string;
  readonly source: string;
}

/** What the documents speak of and do not declare. */
const SURROUNDINGS = `
declare const backend: Backend;
declare const inputs: Record<never, Expr>;
declare const [loss, game, t]: readonly [Expr, Expr, Expr];
declare const params: readonly Variable[];
declare const [w, b, x, weights, mixture]: readonly [Variable, Variable, Variable, Variable, Variable];
declare const updates: Updates;
`;

/**
 * Every line of ours in docs/rules.md, and every block of code in the READMEs of packages, as modules that use the umbrella.
 *
 * @param exported the values that the umbrella exports
 */
export function documentSnippets(exported: readonly string[]): readonly Snippet[] {
  const whole = (code: string): string =>
    /from '@?pappus/.test(code)
      ? code
      : `import { ${exported.join(', ')}, type Backend } from 'pappus';\n${SURROUNDINGS}\nexport async function example() {\n${code}\n}\n`;
  const documents = [
    { place: 'rules', codes: linesOfRules(textOf('docs/rules.md')) },
    ...publicPackages.map(({ directory, manifest }) => ({ place: manifest.name.replace(/\W+/g, '-'), codes: blocksOf(readFileSync(path.join(directory, 'README.md'), 'utf8')) })),
  ];
  return documents.flatMap(({ place, codes }) => codes.map((code, k) => ({ file: `${place}-${k + 1}.ts`, source: whole(code) })));
}

const textOf = (file: string): string => readFileSync(path.join(workspaceRoot, file), 'utf8');

function blocksOf(text: string): string[] {
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
}

/** Blocks, the rows of ours in the tables of libraries, and the calls in the third column of other tables. */
function linesOfRules(text: string): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  const cells = rows.map((row) => row.replaceAll('\\|', '\0').split('|').map((cell) => cell.replaceAll('\0', '|').trim()));
  const calls = cells.flatMap(([, first = '', second = '', third = '']) => (first === 'Pappus' ? [second] : /^`.*\)[;`]*$/.test(third) && third.includes('(') ? [third] : []));
  return [...blocksOf(text), ...calls.map((call) => call.split('<br>').map((line) => line.replace(/^`|`$/g, '')).join('\n'))];
}
