// Calls of schedules as other people's Python writes them: names, numbers, fractions, lists, dictionaries and calls within calls, as a tree.

/** A value in a call. */
export type Value = number | boolean | null | NameValue | ListValue | DictionaryValue | CallValue | TextValue;

/** A name by itself, such as the `cosine` of `piecewise_interpolate_schedule(cosine, 1, {5: 0.5})`. */
export interface NameValue {
  readonly kind: 'name';
  readonly name: string;
}

/** A text in quotes. */
export interface TextValue {
  readonly kind: 'text';
  readonly text: string;
}

/** A list or a tuple. */
export interface ListValue {
  readonly kind: 'list';
  readonly entries: readonly Value[];
}

/** A dictionary; keys are numbers, texts or names. */
export interface DictionaryValue {
  readonly kind: 'dictionary';
  readonly entries: readonly (readonly [Value, Value])[];
}

/** A call: its name without the modules in front of it, and arguments by position and by keyword. */
export interface CallValue {
  readonly kind: 'call';
  readonly name: string;
  readonly positional: readonly Value[];
  readonly keywords: readonly (readonly [string, Value])[];
}

const TOKEN = /\s*(?:(\d+(?:_\d+)*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|'([^']*)'|"([^"]*)"|(\*\*|[()[\]{},:=+\-*/]))/y;

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/**
 * The call that a text is.
 *
 * @throws {Error} that shows where it is none
 * @example parseCall('StepLR(step_size=7, gamma=1/3)')
 */
export function parseCall(text: string): CallValue {
  const parser = new Parser(text);
  const value = parser.value();
  parser.end();
  if (typeof value === 'object' && value !== null) {
    if (value.kind === 'call') return value;
    // A name by itself is a call without arguments.
    if (value.kind === 'name') return { kind: 'call', name: value.name, positional: [], keywords: [] };
  }
  throw new Error(`'${text}' is no call`);
}

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  end(): void {
    if (this.next.kind !== 'end') throw this.wrong('the end');
  }

  /** A value; of numbers, sums of products. */
  value(): Value {
    let left = this.product();
    while (this.next.text === '+' || this.next.text === '-') {
      const sign = this.take().text;
      const [a, b] = [this.number(left), this.number(this.product())];
      left = sign === '+' ? a + b : a - b;
    }
    return left;
  }

  private product(): Value {
    let left = this.signed();
    while (this.next.text === '*' || this.next.text === '/') {
      const sign = this.take().text;
      const [a, b] = [this.number(left), this.number(this.signed())];
      left = sign === '*' ? a * b : a / b;
    }
    return left;
  }

  /** As in Python, a power binds more than the sign in front of it. */
  private signed(): Value {
    if (this.accept('-')) return -this.number(this.signed());
    if (this.accept('+')) return this.number(this.signed());
    const base = this.single();
    return this.accept('**') ? this.number(base) ** this.number(this.signed()) : base;
  }

  private single(): Value {
    const { kind, text } = this.next;
    if (kind === 'number') return Number(this.take().text.replaceAll('_', ''));
    if (kind === 'text') return { kind: 'text', text: this.take().text };
    if (kind === 'name') return this.named(this.take().text);
    if (this.accept('[')) return { kind: 'list', entries: this.list(']') };
    if (this.accept('{')) return { kind: 'dictionary', entries: this.dictionary() };
    if (text === '(') return this.parenthesis();
    throw this.wrong('a value');
  }

  private named(path: string): Value {
    const name = path.slice(path.lastIndexOf('.') + 1);
    if (name === 'True' || name === 'true') return true;
    if (name === 'False' || name === 'false') return false;
    if (name === 'None') return null;
    if (!this.accept('(')) return { kind: 'name', name };
    const [positional, keywords]: [Value[], (readonly [string, Value])[]] = [[], []];
    while (!this.accept(')')) {
      const at = this.position;
      const { kind, text } = this.take();
      if (kind === 'name' && this.accept('=')) {
        if (keywords.some(([other]) => other === text)) throw this.wrong(`${text} once`);
        keywords.push([text, this.value()]);
      } else {
        this.position = at;
        positional.push(this.value());
      }
      if (this.next.text !== ')') this.expect(',');
    }
    return { kind: 'call', name, positional, keywords };
  }

  /** A tuple, or what stands in parentheses for the sake of arithmetic. */
  private parenthesis(): Value {
    this.expect('(');
    const before = this.position;
    const entries = this.list(')');
    const [only] = entries;
    const comma = this.tokens.slice(before, this.position).at(-2)?.text === ',';
    return entries.length === 1 && only !== undefined && !comma ? only : { kind: 'list', entries };
  }

  private list(close: string): readonly Value[] {
    const entries: Value[] = [];
    while (!this.accept(close)) {
      entries.push(this.value());
      if (this.next.text !== close) this.expect(',');
    }
    return entries;
  }

  private dictionary(): readonly (readonly [Value, Value])[] {
    const entries: (readonly [Value, Value])[] = [];
    while (!this.accept('}')) {
      const key = this.value();
      this.expect(':');
      entries.push([key, this.value()]);
      if (this.next.text !== '}') this.expect(',');
    }
    return entries;
  }

  private get next(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '', at: this.text.length };
  }

  private take(): Token {
    const token = this.next;
    this.position++;
    return token;
  }

  private accept(sign: string): boolean {
    if (this.next.kind !== 'sign' || this.next.text !== sign) return false;
    this.position++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.accept(sign)) throw this.wrong(`'${sign}'`);
  }

  private number(value: Value): number {
    if (typeof value !== 'number') throw this.wrong('a number in front of it');
    return value;
  }

  private wrong(expected: string): Error {
    return new Error(`'${this.text}': expected ${expected} at ${this.next.at}, found '${this.text.slice(this.next.at)}'`);
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`'${text}': nothing that a call has at ${at}: '${text.slice(at)}'`);
    const [, number, name, single, double, sign] = match;
    const quoted = single ?? double;
    const start = TOKEN.lastIndex - match[0].trimStart().length;
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at: start });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, at: start });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted, at: start });
    else tokens.push({ kind: 'sign', text: sign ?? '', at: start });
  }
  return tokens;
}
