// The text of a package.json as its fields, one after the other, so that setting some of them leaves the rest as it was written.

/** A field begins a line, two spaces in: so has npm's own formatting it, and so has ours. */
const FIELD = /^ {2}"([^"]+)":/;

/**
 * The text with these fields at its end, in this order; a field without a value (`undefined`) is taken out. Where every field has
 * its value already, wherever it stands, the text is answered as it is.
 */
export function withFields(text: string, fields: Readonly<Record<string, unknown>>): string {
  const held = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (Object.entries(fields).every(([name, value]) => JSON.stringify(held[name]) === JSON.stringify(value))) return text;
  const kept = fieldsOf(text).filter(({ name }) => !(name in fields)).map((field) => field.text);
  const set = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`  ${JSON.stringify(name)}: ${indented(value)}`]));
  return `{\n${[...kept, ...set].join(',\n')}\n}\n`;
}

/** The fields of a manifest with the lines that they take, without the comma behind. */
function fieldsOf(text: string): { readonly name: string; readonly text: string }[] {
  const fields: { name: string; text: string }[] = [];
  for (const line of text.trimEnd().split('\n').slice(1, -1)) {
    const [, name] = FIELD.exec(line) ?? [];
    const last = fields.at(-1);
    if (name !== undefined) fields.push({ name, text: line });
    else if (last !== undefined) last.text += `\n${line}`;
    else throw new Error(`a package.json whose first field does not begin a line, two spaces in: ${line}`);
  }
  return fields.map((field) => ({ name: field.name, text: field.text.replace(/,\s*$/, '') }));
}

const indented = (value: unknown): string => JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
