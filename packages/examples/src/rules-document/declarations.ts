/** What a package's sources declare: docstrings of exported functions and rules, and their options, read by the parser of TypeScript. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { commentText, type Docstring, DocstringError, parseDocstring } from './docstring.js';

export interface OptionRow {
  readonly name: string;
  /** As it is written; undefined where the option has none of its own. */
  readonly fallback: string | undefined;
  readonly text: string;
}

export interface Declaration {
  readonly name: string;
  readonly docstring: Docstring;
  readonly options: readonly OptionRow[];
}

/** The records of a definition that name options, in the order of the document. */
const RECORDS = ['required', 'defaults', 'optional', 'settings'] as const;

/** The functions and rules that the files of a folder export, by name, in the order of its index. */
export function declarationsOf(folder: string): ReadonlyMap<string, Declaration> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts')).map((file) => ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.ES2022, true));
  const interfaces = new Map(files.flatMap((file) => file.statements.filter(ts.isInterfaceDeclaration)).map((declared) => [declared.name.text, declared]));
  const index = files.find(({ fileName }) => fileName === 'index.ts')?.statements.filter(ts.isExportDeclaration) ?? [];
  const names = index.flatMap(({ exportClause }) => (exportClause !== undefined && ts.isNamedExports(exportClause) ? exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name.text) : []));
  const declared = files.flatMap((file) => file.statements.flatMap((statement) => declaredBy(statement) ?? []));
  return new Map(
    names.flatMap((name) => {
      const found = declared.find((one) => one.name === name);
      return found === undefined ? [] : [[name, { name, docstring: parseDocstring(name, found.comment), options: found.options(interfaces) }]];
    }),
  );
}

type Interfaces = ReadonlyMap<string, ts.InterfaceDeclaration>;

interface Declared {
  readonly name: string;
  readonly comment: string;
  readonly options: (interfaces: Interfaces) => readonly OptionRow[];
}

/** What an exported statement declares, if it has a docstring: a constant, or the first overload of a function. */
function declaredBy(statement: ts.Statement): Declared | undefined {
  const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  const comment = commentOf(statement);
  if (!isExported || comment === undefined) return undefined;
  if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
    const { name, parameters } = statement;
    return { name: name.text, comment, options: (interfaces) => optionsOfParameters(parameters, interfaces) };
  }
  const variable = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : undefined;
  if (variable === undefined || !ts.isIdentifier(variable.name)) return undefined;
  const [definition] = variable.initializer !== undefined && ts.isCallExpression(variable.initializer) ? variable.initializer.arguments : [];
  const { text } = variable.name;
  return { name: text, comment, options: () => (definition !== undefined && ts.isObjectLiteralExpression(definition) ? optionsOfDefinition(text, definition) : []) };
}

/** Of `defineOptimizer({ defaults: { ... }, settings: { ... } })`. */
function optionsOfDefinition(rule: string, definition: ts.ObjectLiteralExpression): OptionRow[] {
  return RECORDS.flatMap((record) => {
    const value = definition.properties.filter(ts.isPropertyAssignment).find(({ name }) => name.getText() === record)?.initializer;
    if (value === undefined) return [];
    if (!ts.isObjectLiteralExpression(value)) throw new DocstringError(`${rule}: ${record} must be written out where the rule is defined, so that the document can show them`);
    return value.properties.map((property) => {
      if (!ts.isPropertyAssignment(property)) throw new DocstringError(`${rule}: ${record} has ${property.getText()}, which names no option with a default`);
      const name = property.name.getText();
      const comment = commentOf(property);
      if (comment === undefined) throw new DocstringError(`${rule}: the option ${name} has no docstring`);
      return { name, fallback: fallbackOf(record, property.initializer), text: commentText(comment) };
    });
  });
}

/** What an option is where it is not given, as it is written. */
function fallbackOf(record: (typeof RECORDS)[number], value: ts.Expression): string | undefined {
  switch (record) {
    case 'required':
      return 'required';
    case 'defaults':
      return value.getText();
    case 'optional':
      return undefined;
    case 'settings':
      return ts.isCallExpression(value) ? value.arguments[0]?.getText() : fallbackOfPlain(value);
  }
}

/** Of a setting that is written out: `{ kind: 'plain', fallback: [3, -5, 2] as Coefficients, ... }`. */
function fallbackOfPlain(value: ts.Expression): string | undefined {
  if (!ts.isObjectLiteralExpression(value)) return undefined;
  const fallback = value.properties.filter(ts.isPropertyAssignment).find(({ name }) => name.getText() === 'fallback')?.initializer;
  const bare = fallback !== undefined && ts.isAsExpression(fallback) ? fallback.expression : fallback;
  return bare === undefined || bare.getText() === 'undefined' ? undefined : bare.getText();
}

/** The members of the interfaces of a function's last parameter, and of what these extend. */
function optionsOfParameters(parameters: readonly ts.ParameterDeclaration[], interfaces: Interfaces): OptionRow[] {
  const type = parameters.at(-1)?.type;
  return type !== undefined && ts.isTypeReferenceNode(type) ? members(type.typeName.getText(), interfaces) : [];
}

function members(name: string, interfaces: Interfaces): OptionRow[] {
  const declared = interfaces.get(name);
  if (declared === undefined) return [];
  const own = declared.members.filter(ts.isPropertySignature).map((member) => {
    const option = member.name.getText();
    const comment = commentOf(member);
    if (comment === undefined) throw new DocstringError(`${name}: the option ${option} has no docstring`);
    return { name: option, fallback: member.questionToken === undefined ? 'required' : undefined, text: commentText(comment) };
  });
  const inherited = (declared.heritageClauses ?? []).flatMap(({ types }) => types.flatMap(({ expression }) => members(expression.getText(), interfaces)));
  return [...own, ...inherited];
}

/** The first call of a function in a text, such as an example; undefined where it is not called there. */
export function callIn(text: string, name: string): string | undefined {
  const find = (node: ts.Node): ts.CallExpression | undefined => (ts.isCallExpression(node) && node.expression.getText() === name ? node : ts.forEachChild(node, find));
  return find(ts.createSourceFile('example.ts', text, ts.ScriptTarget.ES2022, true))?.getText();
}

/** The docstring right before a node, as it stands. */
function commentOf(node: ts.Node): string | undefined {
  const text = node.getSourceFile().text;
  const range = ts.getLeadingCommentRanges(text, node.getFullStart())?.findLast(({ pos }) => text.startsWith('/**', pos));
  return range === undefined ? undefined : text.slice(range.pos, range.end);
}
