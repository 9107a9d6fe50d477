// The configuration of VitePress: pages, sidebar, search, links; and what is written before it starts.
import path from 'node:path';
import { repositoryAddress, workspaceRoot } from '@pappus/workspace';
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { checkSite } from './check.js';
import { writeContributing } from './contributing.js';
import { anchorOf, rewriteLinks } from './links.js';
import { addressOf, PAGES, SECTIONS } from './pages.js';
import { type ReferencePage, referencePages, writeReference } from './reference.js';
import { DOCS } from './docs.js';

/** Where the site will lie on its host, such as `/pappus/`; `PAPPUS_SITE_BASE` says. */
const BASE = process.env['PAPPUS_SITE_BASE'] ?? '/';

/** The whole configuration; it writes the reference first, if sources have changed. */
export async function siteConfig(): Promise<UserConfig<DefaultTheme.Config>> {
  const address = repositoryAddress(workspaceRoot);
  const repository = address === '' ? undefined : address;
  writeContributing();
  await writeReference();
  return defineConfig({
    title: 'Pappus',
    description: 'Optimizers for TypeScript, compiled',
    lang: 'en',
    base: BASE,
    srcDir: path.relative('.', DOCS),
    outDir: 'dist',
    cacheDir: 'node_modules/.cache/vitepress',
    cleanUrls: false,
    lastUpdated: false,
    rewrites: { 'gallery/README.md': 'gallery/index.md' },
    head: [['link', { rel: 'icon', href: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g stroke="%23b4690e" stroke-width="2" stroke-linecap="round"><path d="M16 30V16M16 16L5 9M16 16L11 4M16 16L21 4M16 16L27 9"/></g></svg>' }]],
    markdown: { anchor: { slugify: anchorOf }, config: (markdown) => rewriteLinks(markdown, repository), theme: { light: 'github-light', dark: 'github-dark' } },
    themeConfig: {
      nav: [
        { text: 'Guide', link: '/guide' },
        { text: 'Rules', link: '/rules' },
        { text: 'Operations', link: '/operations' },
        { text: 'Reference', link: '/reference/' },
      ],
      sidebar: { '/reference/': referenceSidebar(referencePages()), '/': sidebar() },
      outline: [2, 3],
      search: { provider: 'local' },
      ...(repository === undefined ? {} : { socialLinks: [{ icon: 'github', link: repository }] }),
    },
    vite: {
      plugins: [vueForPages],
      build: { chunkSizeWarningLimit: 4000 },
    },
    buildEnd: ({ outDir }) => checkSite(outDir, BASE, [...PAGES.map(addressOf), '/reference/', ...referencePages().map(({ file }) => `/reference/${file}`)].map((address) => (address.endsWith('/') ? address : `${address}.html`))),
  });
}

/** Pages lie outside of this package, and import Vue: they get what this package has. */
const vueForPages: Extract<NonNullable<NonNullable<UserConfig['vite']>['plugins']>[number], { name: string }> = {
  name: 'pappus-vue',
  enforce: 'pre',
  resolveId(id: string, importer: string | undefined) {
    return /^vue(?:$|\/)/.test(id) && importer?.startsWith(DOCS) === true ? this.resolve(id, path.resolve('package.json'), { skipSelf: true }) : undefined;
  },
};

function sidebar(): DefaultTheme.SidebarItem[] {
  const sections = SECTIONS.map(({ title, pages }) => ({ text: title, items: pages.map((page) => ({ text: page.title, link: addressOf(page) })) }));
  return [...sections, { text: 'Reference', items: [{ text: 'All packages', link: '/reference/' }] }];
}

function referenceSidebar(pages: readonly ReferencePage[]): DefaultTheme.SidebarItem[] {
  const link = ({ file }: ReferencePage): string => `/reference/${file}`;
  const whole = pages.filter(({ part }) => part === undefined);
  const cores = pages.filter(({ part }) => part !== undefined);
  return [
    { text: 'Reference', items: [{ text: 'All packages', link: '/reference/' }, { text: 'Guides', link: '/getting-started' }] },
    { text: '@pappus/core', items: cores.map((page) => ({ text: page.part ?? '', link: link(page) })) },
    { text: 'Packages', items: whole.map((page) => ({ text: page.module, link: link(page) })) },
  ];
}
