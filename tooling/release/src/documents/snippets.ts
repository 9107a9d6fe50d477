// The code that documents show, as modules that TypeScript can read and, where the code stands alone, Node can run.
import { codeBlocks, needsOf, standsAlone } from './code-blocks.js';
import type { Document } from './documents.js';

export interface Snippet {
  /** Where it stands: the document and the line. */
  readonly place: string;
  /** A file name that says so. */
  readonly file: string;
  readonly source: string;
  /** Whether it is a program as it stands. Other snippets are made whole, and are for the type checker alone. */
  readonly standsAlone: boolean;
  /** What it needs that a test in Node has not; such a program is not run. */
  readonly needs: string | undefined;
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
 * Every block of TypeScript in the documents.
 *
 * @param exported the values that the umbrella exports, which blocks without imports speak of
 */
export function blocksOf(documents: readonly Document[], exported: readonly string[]): readonly Snippet[] {
  return documents.flatMap((document) =>
    codeBlocks(document).map(({ line, code }) => {
      const alone = standsAlone(code);
      return { ...placed(document, String(line)), source: alone ? code : madeWhole(code, exported), standsAlone: alone, needs: needsOf(code) };
    }),
  );
}

/** Every line of ours in the tables of docs/rules.md: the rows of libraries, and the calls in the third column of other tables. */
export function linesOfRules(document: Document, exported: readonly string[]): readonly Snippet[] {
  const rows = document.text.split('\n').filter((line) => line.startsWith('| '));
  const cells = rows.map((row) => row.replaceAll('\\|', '\0').split('|').map((cell) => cell.replaceAll('\0', '|').trim()));
  const calls = cells.flatMap(([, first = '', second = '', third = '']) => (first === 'Pappus' ? [second] : /^`.*\)[;`]*$/.test(third) && third.includes('(') ? [third] : []));
  const codes = calls.map((call) => call.split('<br>').map((line) => line.replace(/^`|`$/g, '')).join('\n'));
  return codes.map((code, k) => ({ ...placed(document, `row-${k + 1}`), source: madeWhole(code, exported), standsAlone: false, needs: undefined }));
}

const placed = ({ file }: Document, where: string): Pick<Snippet, 'place' | 'file'> => ({
  place: `${file}:${where}`,
  file: `${file.replaceAll(/\W+/g, '-')}-${where}.ts`,
});

const madeWhole = (code: string, exported: readonly string[]): string =>
  `import { ${exported.join(', ')}, type Backend } from 'pappus';\n${SURROUNDINGS}\nexport async function example() {\n${code}\n}\n`;
