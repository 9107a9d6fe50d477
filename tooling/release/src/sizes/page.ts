// docs/sizes.md: what each bundle weighs, as `npx pnpm@12 run sizes` writes it.
import type { Bundle } from './bundles.js';
import type { Weight } from './weigh.js';

export const PAGE = 'docs/sizes.md';

export function sizesPage(weighed: readonly { readonly bundle: Bundle; readonly weight: Weight }[], date: string): string {
  const table = (head: string, rows: typeof weighed): string[] => [head, '|---|---|---|', ...rows.map((row) => rowOf(row)), ''];
  const [wholes, rules] = [weighed.filter(({ bundle }) => bundle.beside === undefined), weighed.filter(({ bundle }) => bundle.beside !== undefined)];
  return [
    '# Sizes',
    '',
    'What parts of Pappus weigh in an application: kilobytes (1000 bytes) of the published files, bundled by esbuild with splitting, minified and gzipped.',
    '"At once" is what a page loads before its first step; "later" is everything that it could still load: code of routines, scatters, angles, traces,',
    `debug builds, each when a program first needs it. Written by \`npx pnpm@12 run sizes\`, ${date}; tests hold each figure to a ceiling.`,
    '',
    ...table('| an application with | at once | later |', wholes),
    'A rule brings no other one along. Beside core, which every application has:',
    '',
    ...table('| a rule | at once | later |', rules),
  ].join('\n');
}

export const rowOf = ({ bundle, weight }: { readonly bundle: Bundle; readonly weight: Weight }): string => `| ${bundle.name} | ${weight.atOnce.toFixed(1)} KB | ${weight.later === 0 ? '-' : `${weight.later.toFixed(1)} KB`} |`;
