// No bundle weighs more than its ceiling, brings along what it does not use, or is told of as lighter than it is.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { describe, expect, it } from 'vitest';
import { BUNDLES } from '../../src/sizes/bundles.js';
import { PAGE } from '../../src/sizes/page.js';
import { weigh } from '../../src/sizes/weigh.js';

const page = readFileSync(path.join(workspaceRoot, PAGE), 'utf8');

describe.each(BUNDLES.map((bundle) => ({ ...bundle, bundle })))('$name', ({ name, ceiling, absent = [], bundle }) => {
  it(`weighs at most ${ceiling} KB, as ${PAGE} says`, async () => {
    const { atOnce, files, warnings } = await weigh(bundle);
    expect(warnings).toEqual([]);
    expect(atOnce).toBeLessThan(ceiling);
    // A ceiling far above its bundle holds nothing.
    if (ceiling > 5) expect(atOnce).toBeGreaterThan(0.9 * ceiling);
    expect(files.filter((file) => absent.some((directory) => file.startsWith(`packages/${directory}/`)))).toEqual([]);
    // Checks and texts of debug builds come when somebody asks for them.
    expect(files.filter((file) => /debug|find-difference|print-program/.test(file))).toEqual([]);
    const [, told = ''] = page.split('\n').find((line) => line.startsWith(`| ${name} |`))?.split('| ').slice(1) ?? [];
    expect(Math.abs(Number.parseFloat(told) - atOnce), `${PAGE} says ${told}: run \`npx pnpm@12 run sizes\``).toBeLessThan(0.1 + 0.02 * atOnce);
  });
});
