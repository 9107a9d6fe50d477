import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ruleNames } from '@pappus/rule-table';
import { adam, muon, sgd } from 'pappus';
import { describe, expect, it } from 'vitest';

import { parseDocstring, requireFormulaAndSource } from '../../src/rules-document/docstring.js';
import { rulesDocument } from '../../src/rules-document/document.js';
import { memoryOf } from '../../src/rules-document/memory.js';

const workspace = new URL('../../../../', import.meta.url);

describe('docs/rules.md', () => {
  const text = readFileSync(new URL('docs/rules.md', workspace), 'utf8');

  it('is what `npx pnpm@12 run rules-document` writes', () => {
    expect(text).toBe(rulesDocument((directory) => fileURLToPath(new URL(`packages/${directory}/src/`, workspace))));
  });

  it('has a heading for every rule, and links that lead to one', () => {
    const headings = [...text.matchAll(/^#{2,3} (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-'));
    expect(headings).toEqual(expect.arrayContaining(ruleNames.map((name) => name.toLowerCase())));
    expect(new Set(headings).size).toBe(headings.length);
    expect([...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor).filter((anchor) => !headings.includes(anchor ?? ''))).toEqual([]);
  });
});

describe('parseDocstring', () => {
  const comment = `/**
 * An idea
 * of two lines.
 *
 * \`\`\`text
 * a <- b
 *
 * c <- d
 * \`\`\`
 *
 * A note.
 *
 * Source: somebody (1999).
 *
 * @throws {OptimizerError} never
 * @example one(two)
 */`;

  it('takes a docstring apart', () => {
    expect(parseDocstring('one', comment)).toEqual({ idea: 'An idea of two lines.', formula: 'a <- b\n\nc <- d', source: 'somebody (1999).', peers: undefined, notes: ['A note.'], example: 'one(two)' });
  });

  it('says what a rule lacks', () => {
    const without = (part: RegExp): (() => unknown) => () => requireFormulaAndSource('one', parseDocstring('one', comment.replace(part, '')));
    expect(without(/```text[^`]*```/)).toThrow('one: the docstring has no formula; write it as a block that begins with ```text');
    expect(without(/Source: .*/)).toThrow('one: the docstring has no source; write a paragraph that begins with Source:');
    expect(() => parseDocstring('one', '/** */')).toThrow('one: the docstring must begin with the idea, in a paragraph');
  });
});

describe('memoryOf', () => {
  it('counts what a rule keeps', () => {
    expect(memoryOf(sgd, false)).toBe('nothing');
    expect(memoryOf(adam, false)).toBe('2 numbers an element; a count of steps');
    expect(memoryOf(muon, true)).toMatch(/^1 number an element, of matrices/);
  });
});
