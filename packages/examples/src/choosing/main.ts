/** Finds the best rate of every rule on a task, and writes what it reached into docs/choosing: `pnpm run choosing mnist`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { type RuleName, ruleNames, rules } from '@pappus/rule-table';
import { InvalidArgumentError } from 'commander';

import { runCommand } from '../command.js';
import { replaceSection } from '../marked-section.js';
import { parse, quietCommand } from '../options.js';
import { curvesSvg } from './draw.js';
import { type Found, resultsTable, type Results } from './results.js';
import { searchRate } from './search.js';
import { type TaskName, tasks } from './tasks.js';

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));

await runCommand(async () => {
  let chosen: TaskName = 'mnist';
  let only: readonly RuleName[] = ruleNames;
  const command = quietCommand('pnpm run choosing', 'Finds the best rate of every rule on a task, and writes what it reached into docs/choosing.')
    .argument('<task>', 'mnist or transformer', taskName)
    .option('--only <names>', 'these rules, with commas between them; the others keep their results', ruleList)
    .action((task: TaskName, options: { readonly only?: readonly RuleName[] }) => {
      chosen = task;
      only = options.only ?? ruleNames;
    });
  parse(command, process.argv.slice(2).filter((argument) => argument !== '--'));
  await compare(chosen, only);
});

async function compare(name: TaskName, only: readonly RuleName[]): Promise<void> {
  const task = tasks[name]();
  const file = `${docs}choosing/${name}.json`;
  mkdirSync(`${docs}choosing`, { recursive: true });
  const before: Partial<Results['rules']> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results).rules : {};
  const found: Partial<Record<RuleName, Found>> = { ...before };
  for (const rule of only) {
    const { best, trials } = await searchRate(found[rule]?.rate ?? rules[rule].mnist.learningRate, async (rate) => {
      const result = await task.train(rule, rate);
      return result === undefined ? undefined : { loss: result.loss, result };
    });
    if (best.result === undefined) {
      console.log(`${rule}: diverged at ${trials.map(({ rate }) => rate).join(', ')}`);
      continue;
    }
    found[rule] = { rate: best.rate, ...best.result, tried: trials.map(({ rate, loss }) => ({ rate, loss: Number.isFinite(loss) ? Number(loss.toPrecision(4)) : null })) };
    console.log(`${rule}: ${best.rate}, loss ${best.loss.toFixed(4)}, ${task.measure} ${best.result.heldOut.toFixed(4)}`);
    write(name, { title: task.title, settings: task.settings, measure: task.measure, steps: task.steps, date: new Date().toISOString().slice(0, 10), rules: found });
  }
}

/** Each result at once: a search of all rules is long. */
function write(name: TaskName, results: Results): void {
  writeFileSync(`${docs}choosing/${name}.json`, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(`${docs}choosing/${name}.svg`, curvesSvg(results));
  const page = `${docs}choosing-a-rule.md`;
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), name, `![${results.title}: the loss of every rule at its best rate](choosing/${name}.svg)\n\n${results.settings}; ${results.date}.\n\n${resultsTable(results)}`));
}

function taskName(text: string): TaskName {
  if (text === 'mnist' || text === 'transformer') return text;
  throw new InvalidArgumentError(`Allowed are ${Object.keys(tasks).join(', ')}.`);
}

function ruleList(text: string): readonly RuleName[] {
  return text.split(',').map((name) => {
    const rule = ruleNames.find((known) => known === name.trim());
    if (rule === undefined) throw new InvalidArgumentError(`There is no rule ${name}.`);
    return rule;
  });
}
