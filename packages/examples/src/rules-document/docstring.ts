/** A docstring, taken apart: what a rule's says first, its formula, its source and what else it has. */

export interface Docstring {
  /** The first paragraph. */
  readonly idea: string;
  /** The lines of the first block of text. */
  readonly formula: string | undefined;
  /** The paragraph that begins with `Source:`, without that word. */
  readonly source: string | undefined;
  /** The paragraph that begins with `Peers:`, without that word. */
  readonly peers: string | undefined;
  /** All other paragraphs and blocks, in their order. */
  readonly notes: readonly string[];
  readonly example: string | undefined;
}

/** A docstring lacks what the document shows; the message says whose, and what. */
export class DocstringError extends Error {
  override readonly name = 'DocstringError';
}

/**
 * @param comment as it stands in the source, with its stars
 * @throws {DocstringError} if it has no first paragraph
 */
export function parseDocstring(name: string, comment: string): Docstring {
  const [text = '', ...tags] = withoutStars(comment).split(/^(?=@\w)/m);
  const [idea, ...rest] = rejoined(text.trim().split(/\n{2,}/));
  if (idea === undefined || idea === '' || idea.startsWith('```')) throw new DocstringError(`${name}: the docstring must begin with the idea, in a paragraph`);
  const formulas = rest.filter((block) => block.startsWith('```text'));
  const startsWith = (pattern: RegExp): string | undefined => rest.find((block) => pattern.test(block))?.replace(pattern, '');
  return {
    idea: oneLine(idea),
    formula: formulas[0]?.replace(/^```text\n/, '').replace(/\n```$/, ''),
    source: optional(startsWith(SOURCE)),
    peers: optional(startsWith(PEERS)),
    notes: rest.filter((block) => block !== formulas[0] && !SOURCE.test(block) && !PEERS.test(block)).map((block) => (block.startsWith('```') ? block : oneLine(block))),
    example: tags.find((tag) => tag.startsWith('@example'))?.replace(/^@example\s*/, '').trim(),
  };
}

const SOURCE = /^Sources?:\s*/;
const PEERS = /^Peers:\s*/;

/**
 * What a rule's docstring must have.
 *
 * @throws {DocstringError} if it has no formula block or no source
 */
export function requireFormulaAndSource(name: string, { formula, source }: Docstring): { readonly formula: string; readonly source: string } {
  if (formula === undefined) throw new DocstringError(`${name}: the docstring has no formula; write it as a block that begins with \`\`\`text`);
  if (source === undefined) throw new DocstringError(`${name}: the docstring has no source; write a paragraph that begins with Source:`);
  return { formula, source };
}

/** The lines of a comment. */
function withoutStars(comment: string): string {
  return comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}

/** Paragraphs, where an empty line inside of a block of text does not end it. */
function rejoined(parts: readonly string[]): string[] {
  const whole: string[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (last?.startsWith('```') === true && !last.endsWith('```')) whole[whole.length - 1] = `${last}\n\n${part}`;
    else whole.push(part);
  }
  return whole;
}

function oneLine(paragraph: string): string {
  return /^\s*[-|]/m.test(paragraph) ? paragraph : paragraph.replace(/\s*\n\s*/g, ' ');
}

function optional(paragraph: string | undefined): string | undefined {
  return paragraph === undefined ? undefined : oneLine(paragraph);
}

/** The text of a comment of one paragraph or more, as one line. */
export function commentText(comment: string): string {
  return withoutStars(comment).replace(/\s*\n\s*/g, ' ');
}
