// The table of pages is what docs/ has, and what the sidebar leads to; every page says at its top what it is.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DOCS } from '../src/docs.js';
import { addressOf, HOME, PAGES } from '../src/pages.js';

/** Written before a build, and not committed. */
const GENERATED = /^(?:reference\/|contributing\.md$)/;

const documents = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md') && !GENERATED.test(file));

describe('the pages of the site', () => {
  it('are all documents of docs/, each once', () => {
    const listed = [HOME, ...PAGES].map(({ file }) => `${file}.md`).filter((file) => !GENERATED.test(file));
    expect([...listed].sort()).toEqual([...documents].sort());
    expect(new Set(PAGES.map(addressOf)).size).toBe(PAGES.length);
  });

  it.each(documents.filter((file) => file !== 'index.md'))('%s has one title', (file) => {
    const titles = readFileSync(path.join(DOCS, file), 'utf8').replaceAll(/^```.*?^```/gms, '').match(/^# .+/gm);
    expect(titles).toHaveLength(1);
  });

  it('lie where links from elsewhere look for them', () => {
    expect(PAGES.map(addressOf)).toEqual(expect.arrayContaining(['/guide', '/gallery/', '/coming-from-torch', '/contributing']));
  });
});
