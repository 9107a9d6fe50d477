/** A part of a text that a program writes: the lines between two comments, `<!-- name -->` and `<!-- /name -->`. */

/**
 * The text with `content`, between empty lines, in place of what stood between the two comments.
 *
 * @throws {RangeError} if the text has not the two comments, each once and in their order
 */
export function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, inside, ...more] = text.split(begin);
  const [, after, ...rest] = inside?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || rest.length > 0) {
    throw new RangeError(`the text needs ${begin} and, after it, ${end}, each once`);
  }
  return `${before}${begin}\n\n${content.trim()}\n\n${end}${after}`;
}
