// Programs of documents run as they stand in somebody else's project: one after the other in one Node, whose start would take longest.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';
import { runModule } from '../consumer.js';
import type { Snippet } from './snippets.js';

export interface Outcome {
  readonly printed: string;
  /** What it threw, with where. */
  readonly error?: string;
}

/** What each of them printed, by its place. */
export async function runPrograms(project: string, programs: readonly Snippet[]): Promise<ReadonlyMap<string, Outcome>> {
  const modules = programs.map(({ place, file }) => [place, `./${file.replace(/\.ts$/, '.js')}`] as const);
  for (const [k, { source }] of programs.entries()) {
    await writeFile(path.join(project, modules[k]?.[1] ?? ''), (await transform(source, { loader: 'ts' })).code);
  }
  const runner = `
    import { format } from 'node:util';
    const outcomes = [];
    for (const [place, module] of ${JSON.stringify(modules)}) {
      const lines = [];
      console.log = (...values) => lines.push(format(...values));
      try {
        await import(module);
        outcomes.push([place, { printed: lines.join('\\n') }]);
      } catch (error) {
        outcomes.push([place, { printed: lines.join('\\n'), error: String(error?.stack ?? error) }]);
      }
    }
    process.stdout.write(JSON.stringify(outcomes));`;
  return new Map(JSON.parse(await runModule(project, 'run-programs.js', runner)) as [string, Outcome][]);
}
