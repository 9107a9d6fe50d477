import { describe, expect, it } from 'vitest';

import { replaceSection } from '../src/marked-section.js';

describe('replaceSection', () => {
  it('puts the content between the comments, in place of what was there', () => {
    const text = 'before\n<!-- a -->\nold\n<!-- /a -->\nafter\n';
    expect(replaceSection(text, 'a', '\nnew\nlines\n')).toBe('before\n<!-- a -->\n\nnew\nlines\n\n<!-- /a -->\nafter\n');
    expect(replaceSection('<!-- a --><!-- /a -->', 'a', '$& $1')).toBe('<!-- a -->\n\n$& $1\n\n<!-- /a -->');
  });

  it.each(['', '<!-- a -->', '<!-- /a --><!-- a -->', '<!-- a --><!-- a --><!-- /a -->', '<!-- a --><!-- /a --><!-- /a -->'])('refuses %j', (text) => {
    expect(() => replaceSection(text, 'a', '')).toThrow('the text needs <!-- a --> and, after it, <!-- /a -->, each once');
  });
});
