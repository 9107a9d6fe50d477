/** Prints the numbers of a rule's row in tooling/rule-table: `pnpm run rule-courses NAME...`. */
import type { Problem } from '@pappus/rule-table';
import { problems } from '@pappus/testing/problems';
import { OptimizerError, PappusError, variable } from 'pappus';

import { backends } from '../backends.js';
import { runCommand } from '../command.js';
import { surfaces } from '../gallery/surfaces.js';
import { OptionError, parse, quietCommand } from '../options.js';
import type { AnyOptimizer } from '../optimizers.js';
import { boundRule, type Options } from './bound-rule.js';
import { findCourse, type FoundCourse } from './course.js';
import { findRate } from './gallery-rate.js';

/** As many as the longest courses of the table. */
const most: Readonly<Record<Problem, number>> = { quadratic: 1000, rosenbrock: 6000 };

await runCommand(async () => {
  let names: readonly string[] = [];
  let options: Options = {};
  const command = quietCommand('pnpm run rule-courses', 'Finds the numbers of a row of tooling/rule-table: courses for the suite, rates for the gallery.')
    .argument('<names...>', 'rules, as pappus exports them')
    .option('--options <json>', 'what they are given beside the rate, as {"momentum": 0.5}; default: what the row says')
    .action((given: readonly string[], { options: json }: { readonly options?: string }) => {
      names = given;
      if (json !== undefined) options = parsedOptions(json);
    });
  parse(command, process.argv.slice(2).filter((argument) => argument !== '--'));
  for (const name of names) await printRow(name, boundRule(name, options));
});

async function printRow(name: string, rule: AnyOptimizer): Promise<void> {
  const began = performance.now();
  const backend = await backends.cpu();
  console.log(`${name}: {`);
  const asColumn = refusesVectors(rule);
  if (asColumn) console.log('  // a column in the place of a vector, which it refuses');
  try {
    const courses: string[] = [];
    for (const problem of ['quadratic', 'rosenbrock'] as const) courses.push(described(problem, await findCourse(rule, problems[problem], most[problem], backend, asColumn)));
    console.log(`  suite: {\n${courses.join('\n')}\n  },`);
    const rates: string[] = [];
    const notes: string[] = [];
    for (const surface of Object.values(surfaces)) {
      const found = await findRate(rule, surface, backend, asColumn);
      rates.push(`${surface.name}: ${found === undefined ? 'NaN' : found.learningRate}`);
      notes.push(found === undefined ? `${surface.name}: every path leaves the picture` : `${surface.name}: ends ${(100 * found.distance).toPrecision(2)}% of the width off`);
    }
    console.log(`  gallery: { learningRates: { ${rates.join(', ')} } }, // ${notes.join('; ')}`);
  } catch (error) {
    if (!(error instanceof PappusError)) throw error;
    console.log(`  // skipped, since it refuses these problems or options: ${error.message}`);
  }
  console.log(`}, // ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** Whether it takes matrices alone; what it refuses for another reason it refuses as a column, too. */
function refusesVectors(rule: AnyOptimizer): boolean {
  const w = variable([1, 2], { name: 'w' });
  try {
    rule(w.square().sum(), [w], { learningRate: 0.1 });
    return false;
  } catch (error) {
    if (!(error instanceof OptimizerError)) throw error;
    return true;
  }
}

function described(problem: Problem, found: FoundCourse): string {
  switch (found.kind) {
    case 'arrives':
      return `    ${problem}: { learningRate: ${found.course.learningRate}, steps: ${found.course.steps} },`;
    case 'falls short':
      return `    ${problem}: { learningRate: ${found.course.learningRate}, steps: ${found.course.steps}, enough: ${found.course.enough} }, // no rate arrives: say why, or leave it out`;
    case 'diverges':
      return `    // ${problem}: every rate diverges`;
  }
}

function parsedOptions(json: string): Options {
  const value = parsedJson(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new OptionError('--options takes an object, as {"momentum": 0.5}.');
  return Object.fromEntries(
    Object.entries<unknown>({ ...value }).map(([key, option]) => {
      if (typeof option !== 'number' && typeof option !== 'boolean' && typeof option !== 'string') throw new OptionError(`--options: ${key} must be a number, a text, true or false.`);
      return [key, option];
    }),
  );
}

function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new OptionError(`--options is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
