/** Runs a script of processes/ in a process of its own, where nothing is compiled, cached or allocated yet. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The numbers that the script prints as one line of JSON. */
export async function runProcess(script: string, contender: string): Promise<Readonly<Record<string, number>>> {
  const path = fileURLToPath(new URL(`./processes/${script}.js`, import.meta.url));
  const { stdout } = await run(process.execPath, ['--expose-gc', path, contender]);
  const answer: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null');
  if (typeof answer !== 'object' || answer === null) throw new TypeError(`processes/${script} printed no numbers.`);
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, Number(value)]));
}
