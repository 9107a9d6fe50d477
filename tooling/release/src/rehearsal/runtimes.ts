// The engines in which a program of a project is run: versions of Node, Deno and Bun, which npm has as packages.
import { run, runNpx } from '../commands.js';

/** By the first number of their versions; the newest of each is taken. */
const NODE_VERSIONS = ['20', '22', '24'] as const;

/** Asks a runtime that npx fetches where its executable is, once. */
function executable(packages: string, command: string, args: readonly string[]): () => Promise<string> {
  let found: Promise<string> | undefined;
  return () => (found ??= runNpx(['-p', packages, command, ...args], process.cwd()).then((printed) => printed.trim()));
}

export const deno = executable('deno@2', 'deno', ['eval', 'console.log(Deno.execPath())']);
export const bun = executable('bun@1', 'bun', ['-e', 'console.log(process.execPath)']);

export interface Runtime {
  readonly name: string;
  /** Runs a module of the project, and answers what it printed. */
  run(file: string, directory: string, env: Readonly<Record<string, string>>): Promise<string>;
}

const nodes = NODE_VERSIONS.map((version) => ({ name: `Node ${version}`, node: executable(`node@${version}`, 'node', ['-p', 'process.execPath']) }));

/** What runs the file of a project that imports. */
export const RUNTIMES: readonly Runtime[] = [
  ...nodes.map(({ name, node }) => ({ name, run: async (file: string, directory: string, env: Readonly<Record<string, string>>) => run(await node(), [file], directory, env) })),
  { name: 'Deno', run: async (file, directory, env) => run(await deno(), ['run', '--allow-all', file], directory, env) },
  { name: 'Bun', run: async (file, directory, env) => run(await bun(), [file], directory, env) },
];

/** What runs the file of a project that requires: every Node that is supported can require ES modules. */
export const REQUIRING: readonly Runtime[] = nodes.map(({ name, node }) => ({
  name: `require ${name.slice('Node '.length)}`,
  run: async (file, directory, env) => run(await node(), [file], directory, env),
}));
