/** Characters as numbers: what a language model reads and answers with. */

export interface Vocabulary {
  /** In the order of their code points; the place of a character is its number. */
  readonly characters: readonly string[];
  /** @throws {RangeError} if a character is not in the vocabulary */
  encode(text: string): Int32Array;
  decode(tokens: Iterable<number>): string;
}

/** The characters that a text consists of. */
export function vocabularyOf(text: string): Vocabulary {
  const characters = [...new Set(text)].sort();
  const numbers = new Map(characters.map((character, number) => [character, number]));
  return {
    characters,
    encode(other) {
      return Int32Array.from(other, (character) => {
        const number = numbers.get(character);
        if (number === undefined) throw new RangeError(`the character '${character}' is not in the vocabulary`);
        return number;
      });
    },
    decode: (tokens) => Array.from(tokens, (token) => characters[token] ?? '\u{fffd}').join(''),
  };
}
