import { expect, it } from 'vitest';

import { vocabularyOf } from '../../src/text/vocabulary.js';

it('numbers the characters of a text by their code points', () => {
  const { characters, encode, decode } = vocabularyOf('banana—\n');
  expect(characters).toEqual(['\n', 'a', 'b', 'n', '—']);
  expect([...encode('ban\n')]).toEqual([2, 1, 3, 0]);
  expect(decode(encode('nab—'))).toBe('nab—');
});

it('names a character that it does not have', () => {
  expect(() => vocabularyOf('banana').encode('bandana')).toThrow("the character 'd' is not in the vocabulary");
});
