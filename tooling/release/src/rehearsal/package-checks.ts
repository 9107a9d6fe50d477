// What the tools that look at packages say of a tarball: publint, strictly, and "are the types wrong?" for packages of ES modules alone.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { runNode } from '../commands.js';
import type { Tarball } from '../tarballs.js';

const require = createRequire(import.meta.url);
const attw = path.join(path.dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js');

/**
 * What there is to complain of in any of the tarballs, looked at as many at a time as the machine has cores.
 *
 * @param newTypes the packages whose types nobody has looked at
 */
export async function complaintsOfAll(tarballs: readonly Tarball[], newTypes: readonly string[]): Promise<readonly string[]> {
  const left = [...tarballs];
  const complaints: string[] = [];
  const lookAtRest = async (): Promise<void> => {
    for (let tarball = left.shift(); tarball !== undefined; tarball = left.shift()) complaints.push(...(await lint(tarball)), ...(newTypes.includes(tarball.name) ? await lookAtTypes(tarball) : []));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lookAtRest));
  return complaints;
}

/** Of publint, strictly; suggestions are no complaints. */
async function lint({ name, file }: Tarball): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: Uint8Array.from(readFileSync(file)).buffer } });
  return messages.filter(({ type }) => type !== 'suggestion').map((message) => `${name}: publint: ${formatMessage(message, pkg) ?? message.code}`);
}

/** Of attw. `esm-only`: what CommonJS and the resolution of Node 10 would find is not asked. */
async function lookAtTypes({ name, file }: Tarball): Promise<readonly string[]> {
  const looked = runNode([attw, file, '--profile', 'esm-only', '--format', 'ascii', '--no-color'], path.dirname(file));
  return looked.then(
    () => [],
    (error: unknown) => [`${name}: attw: ${String(error)}`],
  );
}
