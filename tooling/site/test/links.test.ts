// Where links of documents lead in the site.
import { describe, expect, it } from 'vitest';
import { seenFromDocs } from '../src/contributing.js';
import { anchorOf, destination } from '../src/links.js';

describe('a link of a document', () => {
  it.each([
    ['guide.md#memory', 'index.md', 'guide.md#memory'],
    ['../rules.md', 'gallery/README.md', '../rules.md'],
    ['#adam', 'rules.md', '#adam'],
    ['https://arxiv.org/abs/1412.6980', 'rules.md', 'https://arxiv.org/abs/1412.6980'],
    ['/reference/', 'guide.md', '/reference/'],
    ['../CONTRIBUTING.md#a-rule', 'writing-a-rule.md', '/contributing#a-rule'],
    ['../README.md', 'guide.md', '/'],
    ['../packages/adam', 'guide.md', '/reference/adam'],
    ['../../packages/adam/README.md', 'gallery/README.md', '/reference/adam'],
    ['../packages/core', 'guide.md', '/reference/'],
  ])('%s of %s leads to %s', (href, from, wanted) => {
    expect(destination(href, from, undefined)).toBe(wanted);
  });

  it('that leaves docs/ leads to the repository, and nowhere as long as its address is not known', () => {
    const link = '../tooling/eslint/src/packages.js';
    expect(destination(link, 'architecture.md', 'https://example.org/pappus')).toBe('https://example.org/pappus/blob/HEAD/tooling/eslint/src/packages.js');
    expect(destination(link, 'architecture.md', undefined)).toBeUndefined();
  });

  it('of CONTRIBUTING.md is seen from docs/', () => {
    expect(seenFromDocs('[a](docs/guide.md#memory), [b](packages/core/src/index.ts), [c](#a-rule), [d](https://example.org)')).toBe(
      '[a](guide.md#memory), [b](../packages/core/src/index.ts), [c](#a-rule), [d](https://example.org)',
    );
  });

  it('finds headings by the names that repository hosts give them', () => {
    expect(anchorOf("Adam's kin")).toBe('adams-kin');
    expect(anchorOf('To have exactly torch\'s rule')).toBe('to-have-exactly-torchs-rule');
    expect(anchorOf('CPU or GPU?')).toBe('cpu-or-gpu');
    expect(anchorOf('`packages/core/src`')).toBe('packagescoresrc');
  });
});
