// Links of documents, in the site. One from page to page stays as it is written. One that leaves docs/ leads to a page of the site that has
// what it names, or to the repository; as long as nobody has filled in the repository's address, its text stands there without a link.
import path from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/** Where a link leads from a page: another address, or nowhere. */
export type Destination = string | undefined;

/**
 * Where a link leads in the site.
 *
 * @param href as it stands in the document
 * @param from the document, relative to docs/
 * @param repository the address of the repository for people, if it is known
 */
export function destination(href: string, from: string, repository: string | undefined): Destination {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href;
  const [file = '', fragment] = href.split('#');
  const target = path.posix.join('docs', path.posix.dirname(from), file);
  const anchor = fragment === undefined ? '' : `#${fragment}`;
  if (target.startsWith('docs/')) return href;
  if (target === 'CONTRIBUTING.md') return `/contributing${anchor}`;
  if (target === 'README.md') return '/';
  const [, name] = /^packages\/([\w-]+)(?:\/README\.md)?$/.exec(target) ?? [];
  if (name !== undefined) return name === 'pappus' || name === 'core' ? '/reference/' : `/reference/${name}`;
  return repository === undefined ? undefined : `${repository}/blob/HEAD/${target}${anchor}`;
}

/** The name of a heading in links, as repository hosts make it; VitePress makes others of headings such as "Adam's kin". */
export function anchorOf(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replaceAll(/\s/g, '-');
}

/** What VitePress says of the document that it renders. */
interface Environment {
  readonly relativePath?: string;
}

/** Makes Markdown rewrite its links. */
export function rewriteLinks(markdown: MarkdownRenderer, repository: string | undefined): void {
  markdown.core.ruler.push('pappus-links', ({ tokens, env }) => {
    const { relativePath = '' } = env as Environment;
    for (const { children } of tokens) {
      if (children === null) continue;
      let dropped = false;
      for (const token of children) {
        if (token.type === 'link_open') {
          const target = destination(token.attrGet('href') ?? '', relativePath, repository);
          dropped = target === undefined;
          token.attrSet('href', target ?? '');
        }
        // A token of text without text renders as nothing.
        if (dropped && token.type.startsWith('link_')) Object.assign(token, { type: 'text', tag: '', nesting: 0, content: '', attrs: null });
        if (token.type === 'link_close') dropped = false;
      }
    }
  });
}
