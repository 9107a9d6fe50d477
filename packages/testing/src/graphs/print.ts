// Prints a graph as a program that one can paste into a file and run: it computes the graph on a backend and by the definition.
import { formatNumber } from '@pappus/core/backend';
import { type Argument, type Body, type Graph, type GivenTensor, type Id, idsOf, type Leaf, type Step } from './graph.js';

/** How a program gets its backend. */
export interface BackendInPrograms {
  /** The module that exports it. Default `pappus`. */
  readonly from?: string;
  /** The function that makes it. Default `cpu`. */
  readonly name?: string;
  /** What it is called with. Default nothing. */
  readonly args?: string;
}

/** What compiles and runs a graph, in every program. */
const ALWAYS = ['compile', 'interpreter', 'type Backend'];

/**
 * A graph as a TypeScript program: inputs and variables with their values, a statement for each step, and for each result two lines with
 * its values by the backend and by the interpreter.
 */
export function printGraph(graph: Graph, { from = 'pappus', name = 'cpu', args = '' }: BackendInPrograms = {}): string {
  const program = new Program(graph);
  const body = [...graph.leaves.map((leaf) => program.leaf(leaf)), ...program.steps(graph.steps)];
  const inputs = graph.leaves.filter((leaf) => leaf.kind === 'input').map((leaf) => leaf.name);
  const variables = graph.leaves.filter((leaf) => leaf.kind === 'variable').map((leaf) => leaf.name);
  const outputs = Object.entries(graph.outputs).map(([output, id]) => `${output}: ${program.nameOf(id)}`);
  const updates = graph.updates.map(([variable, value]) => `[${program.nameOf(variable)}, ${program.nameOf(value)}]`);
  const names = [...ALWAYS, ...program.imports, ...(from === 'pappus' ? [name] : [])];
  const spec = [`inputs: ${recordOf(inputs)}`, `outputs: ${recordOf(outputs)}`, ...(updates.length === 0 ? [] : [`updates: new Map([${updates.join(', ')}])`])];
  return [
    `import { ${[...new Set(names)].sort(byName).join(', ')} } from 'pappus';`,
    ...(from === 'pappus' ? [] : [`import { ${name} } from '${from}';`]),
    '',
    'async function run(backend: Backend): Promise<string[]> {',
    ...body.map((line) => `  ${line}`),
    `  const compiled = await compile({ ${spec.join(', ')} }, backend);`,
    '  const lines: string[] = [];',
    '  for (const values of [',
    ...graph.calls.map((call) => `    ${recordOf(Object.entries(call).map(([input, value]) => `${input}: ${tensor(value)}`))},`),
    '  ]) {',
    '    for (const [name, output] of Object.entries(await compiled(values))) lines.push(`${name}: ${(await output.read()).join(\', \')}`);',
    ...(variables.length === 0 || updates.length === 0 ? [] : [`    for (const held of [${variables.join(', ')}]) lines.push(\`\${held.name}: \${(await held.read()).join(', ')}\`);`]),
    '  }',
    '  return lines;',
    '}',
    '',
    'const message = (error: unknown): string[] => [String(error)];',
    `const actual = await run(await ${name}(${args})).catch(message);`,
    'const expected = await run(interpreter()).catch(message);',
    'for (let k = 0; k < Math.max(actual.length, expected.length); k++) console.log(`backend      ${actual[k]}\\ninterpreter  ${expected[k]}`);',
    '',
  ].join('\n');
}

function byName(a: string, b: string): number {
  return a.replace('type ', '') < b.replace('type ', '') ? -1 : 1;
}

function recordOf(fields: readonly string[]): string {
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function tensor({ dtype, shape, data }: GivenTensor): string {
  return `{ data: ${data.constructor.name}.of(${Array.from(data, (x) => formatNumber(x, dtype)).join(', ')}), shape: [${shape.join(', ')}] }`;
}

function isUsed(id: Id, { steps, results }: Body): boolean {
  return results.includes(id) || steps.some((step) => idsOf(step).includes(id));
}

/** The names of carries, inputs and outputs of scans. */
const field = (index: number): string => `p${index}`;

class Program {
  /** The functions that are called. */
  readonly imports = new Set<string>();
  private readonly names = new Map<Id, string>();

  constructor(graph: Graph) {
    for (const { id, name } of graph.leaves) this.names.set(id, name);
  }

  nameOf(id: Id): string {
    return this.names.get(id) ?? `t${id}`;
  }

  leaf(leaf: Leaf): string {
    this.imports.add(leaf.kind);
    if (leaf.kind === 'input') return `const ${leaf.name} = input('${leaf.dtype}', [${leaf.shape.map((d) => (typeof d === 'string' ? `'${d}'` : d)).join(', ')}], '${leaf.name}');`;
    return `const ${leaf.name} = variable(${tensor(leaf.value)}, { name: '${leaf.name}', dtype: '${leaf.value.dtype}' });`;
  }

  steps(steps: readonly Step[]): string[] {
    return steps.flatMap((step) => this.step(step));
  }

  private step(step: Step): string[] {
    const name = this.nameOf(step.id);
    switch (step.kind) {
      case 'call':
        return [`const ${name} = ${this.call(step)};`];
      case 'part':
        return [`const ${name} = ${this.nameOf(step.scan)}.${step.of}.${field(step.index)};`];
      case 'remat':
        this.imports.add('remat');
        return [
          `const ${name} = remat((${step.body.parameters.map((id) => (isUsed(id, step.body) ? this.nameOf(id) : `_${this.nameOf(id)}`)).join(', ')}) => {`,
          ...this.inside(step.body, this.nameOf(step.body.results[0] ?? step.id)),
          `}, ${step.operands.map((id) => this.nameOf(id)).join(', ')});`,
        ];
      case 'scan': {
        this.imports.add('scan');
        const { carries, inputs, reverse, body } = step;
        const pattern = (ids: readonly Id[]): string => recordOf(ids.map((id, k) => `${field(k)}: ${this.nameOf(id)}`));
        // What a body does not use has no name in it.
        const named = (ids: readonly Id[]): string => recordOf(ids.flatMap((id, k) => (isUsed(id, body) ? [`${field(k)}: ${this.nameOf(id)}`] : [])));
        const [held, given] = [named(body.parameters.slice(0, carries.length)), named(body.parameters.slice(carries.length))];
        const parameters = given !== '{}' ? `${held === '{}' ? '_carry' : held}, ${given}` : held === '{}' ? '' : held;
        const options = [`carry: ${pattern(carries)}`, ...(inputs.length === 0 ? [] : [`inputs: ${pattern(inputs)}`]), ...(reverse ? ['reverse: true'] : [])];
        return [
          `const ${name} = scan((${parameters}) => {`,
          ...this.inside(body, recordOf([`carry: ${pattern(body.results.slice(0, carries.length))}`, `outputs: ${pattern(body.results.slice(carries.length))}`])),
          `}, { ${options.join(', ')} });`,
        ];
      }
    }
  }

  private call({ operation, args }: Extract<Step, { kind: 'call' }>): string {
    const [called = operation, ...result] = operation.split('.');
    this.imports.add(called);
    return [`${called}(${args.map((arg) => this.argument(arg)).join(', ')})`, ...result].join('.');
  }

  private inside(body: Body, result: string): string[] {
    return [...this.steps(body.steps), `return ${result};`].map((line) => `  ${line}`);
  }

  private argument(arg: Argument): string {
    if (typeof arg === 'number') return formatNumber(arg, 'float64');
    if (typeof arg === 'string') return `'${arg}'`;
    if (arg === null || typeof arg === 'boolean') return String(arg);
    switch (arg.kind) {
      case 'value':
        return this.nameOf(arg.id);
      case 'size':
        // The size is there; the type of a list does not say so.
        return `${this.nameOf(arg.id)}.shape[${arg.axis}] ?? 1`;
      case 'list':
        return `[${arg.entries.map((entry) => this.argument(entry)).join(', ')}]`;
      case 'options':
        return recordOf(Object.entries(arg.fields).map(([key, value]) => `${key}: ${this.argument(value)}`));
    }
  }
}
