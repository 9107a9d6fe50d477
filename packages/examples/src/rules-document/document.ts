/** The text of docs/rules.md: every rule of the table with what its docstring says, and what goes over rules. */
import { type Elsewhere, families, type RuleRow, transforms, wrapperNames } from '@pappus/rule-table';

import { boundRule } from '../courses/bound-rule.js';
import { callIn, type Declaration, declarationsOf, type OptionRow } from './declarations.js';
import { DocstringError, requireFormulaAndSource } from './docstring.js';
import { memoryOf } from './memory.js';

const PEERS: Readonly<Record<Elsewhere, string>> = { torch: 'PyTorch', optax: 'Optax', keras: 'Keras', tfjs: 'TensorFlow.js' };

/** Functions of schedules that are no schedule of the count. */
const BESIDE_SCHEDULES = ['scheduleSvg'];

/**
 * @param sourcesOf the folder with the sources of a package, by the name of its directory
 * @throws {DocstringError} if a docstring lacks what the document shows
 */
export function rulesDocument(sourcesOf: (directory: string) => string): string {
  const sections = [
    ...Object.entries(families).map(([family, { title, rows }]) => familySection(family, title, rows, sourcesOf)),
    listSection('Over any rule', 'wrappers', OVER_RULES, [...declarationsOf(sourcesOf('wrappers')).values()], wrapperNames),
    listSection('Over updates', 'sgd', OVER_UPDATES, [...declarationsOf(sourcesOf('sgd')).values()].filter(({ name }) => name in transforms), Object.keys(transforms)),
    tableSection('Over gradients', 'constraints', OVER_GRADIENTS, [...declarationsOf(sourcesOf('constraints')).values()]),
    tableSection('Schedules', 'schedules', SCHEDULES, [...declarationsOf(sourcesOf('schedules')).values()].filter(({ name }) => !BESIDE_SCHEDULES.includes(name))),
  ];
  const linked = linker();
  const contents = sections.map(({ title, names }) => {
    const section = linked(title);
    return `- ${[section, ...(names.length === 0 ? [] : [names.map(linked).join(', ')])].join(': ')}`;
  });
  return [HEAD, contents.join('\n'), ...sections.map(({ text }) => text), ''].join('\n\n').replace(/\n+$/, '\n');
}

const HEAD = `# Rules

Every update rule, what goes over rules, and every schedule, with formulas, options and the lines of other libraries. This page is written by
\`npx pnpm@12 run rules-document\` from docstrings, from the table of rules and from what each rule keeps when it is called; edit those.

A rule takes the loss, or gradients, the parameters and options, and answers updates: \`adam(loss, params, { learningRate: 1e-3 })\`. In the formulas \`g\` is
the gradient, \`t\` counts steps from 1, and operations go element by element. An option that is a number may be a scalar expression or a function of the count and the
parameter as well, \`({ t, param }) => ...\`: so are schedules, masks and rates by layer written. Every rule has four more options: \`clearNan\`,
which counts NaN in gradients as 0; \`maximize\`, which goes uphill; \`name\`, which the names of its state begin with; and \`t\`, a count of one's own in the
place of the rule's.

Memory is what a rule keeps beside the parameters, with its default options.`;
const OVER_RULES = 'Each takes a rule and answers one, `lookahead(adam, { steps: 5 })(loss, params, { learningRate: 1e-3 })`, so that they go over each other, too.';
const OVER_UPDATES = 'Each takes the updates that a rule answers, and answers others.';
const OVER_GRADIENTS = 'Functions of gradients, before a rule takes them, and of what updates make of parameters, after it.';
const SCHEDULES = 'Functions of the count of steps, which the host evaluates: `adam(loss, params, { learningRate: ({ t }) => warmupCosine(t, { peak: 3e-4, warmup: 500, steps: 20_000 }) })`.';

interface Section {
  readonly title: string;
  /** What has a heading of its own. */
  readonly names: readonly string[];
  readonly text: string;
}

function familySection(family: string, title: string, rows: Readonly<Record<string, RuleRow>>, sourcesOf: (directory: string) => string): Section {
  const declared = declarationsOf(sourcesOf(family));
  const names = Object.keys(rows);
  const text = Object.entries(rows).map(([name, row]) => {
    const declaration = declared.get(name);
    if (declaration === undefined) throw new DocstringError(`${name} has a row in the family ${family}, and its package exports none with a docstring`);
    return ruleSection(declaration, row);
  });
  return { title, names, text: [`## ${title}`, `Package \`@pappus/${family}\`.`, ...text].join('\n\n') };
}

function ruleSection({ name, docstring, options }: Declaration, row: RuleRow): string {
  const { formula, source } = requireFormulaAndSource(name, docstring);
  const lines = Object.entries(PEERS).flatMap(([peer, library]) => {
    const line = Object.entries(row.elsewhere).find(([key]) => key === peer)?.[1];
    return line === undefined ? [] : [`| ${library} | ${code(line)} |`];
  });
  return [
    `### ${name}`,
    docstring.idea,
    fenced('text', formula),
    `**Choose it** ${lowered(row.choose)}`,
    `**Keeps** ${memoryOf(boundRule(name), row.matrices === true)}.`,
    ...docstring.notes,
    optionTable(options),
    ['| library | line |', '|---|---|', `| Pappus | ${code(lineOf(name, docstring.example))} |`, ...lines].join('\n'),
    `Source: ${source}`,
  ].join('\n\n');
}

/** Sections from docstrings alone. */
function listSection(title: string, directory: string, lead: string, all: readonly Declaration[], rows: readonly string[]): Section {
  const missing = rows.filter((name) => !all.some((declaration) => declaration.name === name));
  if (missing.length > 0) throw new DocstringError(`${missing.join(', ')}: a row of the table, and @pappus/${directory} exports none with a docstring`);
  const text = all.map(({ name, docstring: { idea, formula, source, notes, peers, example: shown }, options }) =>
    [
      `### ${name}`,
      idea,
      ...(formula === undefined ? [] : [fenced('text', formula)]),
      ...notes,
      ...(options.length === 0 ? [] : [optionTable(options)]),
      ...(shown === undefined ? [] : [fenced('ts', shown)]),
      ...(peers === undefined ? [] : [`Peers: ${peers}`]),
      ...(source === undefined ? [] : [`Source: ${source}`]),
    ].join('\n\n'),
  );
  return { title, names: all.map(({ name }) => name), text: [`## ${title}`, `Package \`@pappus/${directory}\`. ${lead}`, ...text].join('\n\n') };
}

function tableSection(title: string, directory: string, lead: string, all: readonly Declaration[]): Section {
  const rows = all.map(({ name, docstring: { idea, formula, peers, source, example: shown } }) => {
    const formulas = formula === undefined ? '' : `<br>${formula.split('\n').map((line) => code(line.trim())).join('<br>')}`;
    const others = [...(peers === undefined ? [] : [peers]), ...(source === undefined ? [] : [source])].join(' ');
    return `| \`${name}\` | ${cell(idea)}${formulas} | ${shown === undefined ? '' : shown.split('\n').map(code).join('<br>')} | ${cell(others)} |`;
  });
  return { title, names: [], text: [`## ${title}`, `Package \`@pappus/${directory}\`. ${lead}`, ['| function | what it does | a call | peers and source |', '|---|---|---|---|', ...rows].join('\n')].join('\n\n') };
}

function optionTable(options: readonly OptionRow[]): string {
  const rows = options.map(({ name, fallback, text }) => {
    const shown = fallback ?? fallbackInWords(text);
    return `| \`${name}\` | ${shown === undefined ? '' : shown === 'required' ? shown : code(shown)} | ${cell(text)} |`;
  });
  return ['| option | default | what it is |', '|---|---|---|', ...rows].join('\n');
}

/** The call of a rule in its example, or the first line of that where the rule is handed on. */
function lineOf(name: string, example: string | undefined): string {
  if (example === undefined) throw new DocstringError(`${name}: the docstring has no @example`);
  return callIn(example, name) ?? example;
}

/** The default that the words of a docstring begin with, as in 'Default 0.05, the paper's'. */
function fallbackInWords(text: string): string | undefined {
  return /\bDefault `?('[^']*'|(?:true|false|[\w-]+(?=`))\b|-?\d[\d.]*(?:e-?\d+)?(?=[,;.`)\s]|$))/.exec(text)?.[1]?.replace(/\.$/, '');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** A text in code, in a cell of a table; of several lines only the first has a place there. */
function code(text: string): string {
  return text === '' ? '' : `\`${cell(text.split('\n')[0] ?? '')}\``;
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|');
}

/** The first word small, unless it is a name: after 'Choose it'. */
function lowered(text: string): string {
  return text.replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
}

/** Links to headings, in their order: as GitHub names them, the second of a name with a number. */
function linker(): (heading: string) => string {
  const taken = new Map<string, number>([['rules', 1]]);
  return (heading) => {
    const anchor = heading.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-');
    const before = taken.get(anchor) ?? 0;
    taken.set(anchor, before + 1);
    return `[${heading}](#${anchor}${before === 0 ? '' : `-${before}`})`;
  };
}
