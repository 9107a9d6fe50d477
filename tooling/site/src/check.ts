// What must hold of the built site beyond what VitePress checks: links to headings lead to one, nothing is fetched from elsewhere, and the
// search knows words of every page.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The built pages: their HTML by address, such as `/guide.html`. */
export type Pages = ReadonlyMap<string, string>;

const unescaped = (text: string): string => decodeURIComponent(text.replaceAll('&amp;', '&'));

/** Links within the site whose page or whose heading is not there. */
export function brokenLinks(pages: Pages, base: string): readonly string[] {
  const ids = new Map([...pages].map(([address, html]) => [address, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => unescaped(id)))]));
  return [...pages].flatMap(([address, html]) =>
    [...html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)].flatMap(([, href = '']) => {
      if (/^[a-z]+:/i.test(href)) return [];
      const { pathname, hash } = new URL(href, `http://site${base}${address.slice(1)}`);
      const below = `/${pathname.slice(base.length)}`;
      const target = below.endsWith('/') ? `${below}index.html` : below;
      const found = ids.get(target) ?? ids.get(`${target}.html`);
      if (found === undefined) return /\.\w+$/.test(target) && !target.endsWith('.html') ? [] : [`${address}: ${href}`];
      return hash === '' || found.has(unescaped(hash.slice(1))) ? [] : [`${address}: ${href}`];
    }),
  );
}

/** What pages would fetch from elsewhere. */
export function fetchedFromElsewhere(pages: Pages): readonly string[] {
  const FETCHED = /<(?:script|img|iframe|source)\s[^>]*?\bsrc="((?:https?:)?\/\/[^"]+)"|<link\s[^>]*?\bhref="((?:https?:)?\/\/[^"]+)"/g;
  return [...pages].flatMap(([address, html]) => [...html.matchAll(FETCHED)].map(([, src, href]) => `${address}: ${src ?? href ?? ''}`));
}

/** The index of the search as VitePress stores it. */
interface StoredIndex {
  readonly documentIds: Readonly<Record<string, string>>;
  readonly index: readonly (readonly [word: string, fields: Readonly<Record<string, Readonly<Record<string, number>>>>])[];
}

/** Pages of which the search knows fewer words than any page has. */
export function unsearchable(addresses: readonly string[], { documentIds, index }: StoredIndex, least = 5): readonly string[] {
  const words = new Map<string, Set<string>>();
  for (const [word, fields] of index) {
    for (const documents of Object.values(fields)) {
      for (const id of Object.keys(documents)) {
        const address = documentIds[id]?.replace(/#.*/, '') ?? '';
        words.set(address, (words.get(address) ?? new Set()).add(word));
      }
    }
  }
  return addresses.filter((address) => (words.get(address)?.size ?? 0) < least);
}

/** The files of a directory and of those in it, relative to it. */
function filesIn(directory: string, ending: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending));
}

/** Reads the index of a built site: a module whose default export is its text. */
async function storedIndex(outDir: string): Promise<StoredIndex> {
  const [file] = filesIn(outDir, '.js').filter((name) => path.basename(name).startsWith('@localSearchIndexroot'));
  if (file === undefined) throw new Error('the site has no search index');
  const { default: text } = (await import(pathToFileURL(path.join(outDir, file)).href)) as { readonly default: string };
  return JSON.parse(text) as StoredIndex;
}

/**
 * Checks a built site.
 *
 * @param base where it will lie, such as `/` or `/pappus/`
 * @param searched addresses of the pages that the search must know, below the base, as the search has them
 * @throws if something does not hold; the message lists all of it
 */
export async function checkSite(outDir: string, base: string, searched: readonly string[]): Promise<void> {
  const pages = new Map(filesIn(outDir, '.html').map((file) => [`/${file.split(path.sep).join('/')}`, readFileSync(path.join(outDir, file), 'utf8')]));
  const faults = [
    ...brokenLinks(pages, base).map((link) => `a link that leads nowhere: ${link}`),
    ...fetchedFromElsewhere(pages).map((fetched) => `fetched from elsewhere: ${fetched}`),
    ...unsearchable(searched.map((address) => base + address.slice(1)), await storedIndex(outDir)).map((address) => `a page that the search does not know: ${address}`),
  ];
  if (faults.length > 0) throw new Error(`the site has ${faults.length} faults:\n${faults.join('\n')}`);
  console.log(`${pages.size} pages, every link to a heading leads to one, the search knows all of them, nothing is fetched from elsewhere`);
}
