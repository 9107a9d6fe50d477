// Runs programs that random graphs are printed as: as files of their own, which find nothing but `pappus`.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { vi } from 'vitest';

const UMBRELLA = fileURLToPath(new URL('../../../../packages/pappus', import.meta.url));

/** What programs print, line by line, each run from a file in an empty directory beside `pappus`. */
export async function printedBy(programs: readonly string[]): Promise<readonly (readonly string[])[]> {
  const directory = await mkdtemp(join(tmpdir(), 'pappus-graph-'));
  const log = vi.spyOn(console, 'log');
  const printed: string[][] = [];
  try {
    await mkdir(join(directory, 'node_modules'));
    await symlink(UMBRELLA, join(directory, 'node_modules', 'pappus'), 'dir');
    for (const [k, program] of programs.entries()) {
      const file = join(directory, `graph-${k}.ts`);
      await writeFile(file, program);
      const lines: string[] = [];
      log.mockImplementation((text: unknown) => void lines.push(...String(text).split('\n')));
      await import(pathToFileURL(file).href);
      printed.push(lines);
    }
  } finally {
    log.mockRestore();
    await rm(directory, { recursive: true });
  }
  return printed;
}
