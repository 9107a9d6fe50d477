// The checks of a built site name what is wrong with it, and nothing else.
import { describe, expect, it } from 'vitest';
import { brokenLinks, fetchedFromElsewhere, unsearchable } from '../src/check.js';

const page = (body: string): string => `<!doctype html><body>${body}</body>`;

describe('the check of links', () => {
  const pages = new Map([
    ['/index.html', page('<a class="x" href="/pappus/guide.html#memory">')],
    ['/guide.html', page('<h2 id="memory"></h2><a href="#memory">')],
    ['/reference/core.html', page('<a href="../guide.html#memory"><a href="./core.html"><a href="https://example.org/#x"><a href="../drawing.svg">')],
  ]);

  it('finds nothing where all of them lead somewhere', () => {
    expect(brokenLinks(pages, '/pappus/')).toEqual([]);
  });

  it('names a heading and a page that are not there', () => {
    const wrong = new Map([...pages, ['/data.html', page('<a href="/pappus/guide.html#memories"><a href="./guides.html">')]]);
    expect(brokenLinks(wrong, '/pappus/')).toEqual(['/data.html: /pappus/guide.html#memories', '/data.html: ./guides.html']);
  });
});

describe('the check of what is fetched', () => {
  it('names scripts, styles and pictures from elsewhere, and no links', () => {
    const elsewhere = '<script async src="https://cdn.example.org/x.js"></script><link rel="stylesheet" href="//fonts.example.org/a.css"><img alt="" src="http://example.org/a.png">';
    const own = '<script src="/assets/x.js"></script><link rel="icon" href="data:,"><a href="https://example.org">';
    expect(fetchedFromElsewhere(new Map([['/index.html', page(own + elsewhere)]]))).toEqual([
      '/index.html: https://cdn.example.org/x.js',
      '/index.html: //fonts.example.org/a.css',
      '/index.html: http://example.org/a.png',
    ]);
  });
});

describe('the check of the search', () => {
  it('names pages of which it knows too little', () => {
    const index = {
      documentIds: { 0: '/guide.html#memory', 1: '/guide.html#errors', 2: '/data.html#data' },
      index: [
        ['memory', { 0: { 0: 1 } }],
        ['error', { 1: { 1: 2 }, 2: { 0: 1, 2: 1 } }],
      ],
    } as const;
    expect(unsearchable(['/guide.html', '/data.html', '/rules.html'], index, 2)).toEqual(['/data.html', '/rules.html']);
  });
});
