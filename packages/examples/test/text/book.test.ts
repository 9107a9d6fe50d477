import { describe, expect, it } from 'vitest';

import { loadBook, unwrapped } from '../../src/text/book.js';

describe('loadBook', () => {
  const book = loadBook();

  it('begins and ends as the novel does', () => {
    const [heading, first] = book.split('\n');
    expect(heading).toBe('CHAPTER 1. Loomings.');
    expect(first).toMatch(/^Call me Ishmael\. Some years ago—never mind how long precisely—having little or no money in my purse, /);
    expect(book).toMatch(/and the great shroud of the sea rolled on as it rolled five thousand years ago\.$/);
  });

  it('has all 135 chapters, in their order', () => {
    const numbers = [...book.matchAll(/^CHAPTER (\d+)\. /gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 135 }, (_, k) => k + 1));
  });
});

describe('unwrapped', () => {
  it('joins the lines of a paragraph and drops the empty ones between', () => {
    expect(unwrapped('A  line\nand another.\n\n \n\nThe next\tone.\n')).toBe('A line and another.\nThe next one.');
  });
});
