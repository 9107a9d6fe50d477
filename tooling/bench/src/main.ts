/** pnpm bench [--only NAME]... [--rounds N] [--json FILE]: Pappus, its rivals and the ceiling, measured side by side in one run. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { WrongResult } from './contender.js';
import { adapters } from './contenders/index.js';
import { judge, machine, table } from './report.js';
import type { Report } from './report.js';
import { loadWorkloads } from './workload.js';
import type { Workload } from './workload.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '21' },
    json: { type: 'string' },
  },
});

const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`--rounds takes a whole number from 1 on, not "${values.rounds}".`);

try {
  const chosen = choose(await loadWorkloads(), values.only);
  const about = machine();
  print(`${about.machine}\nNode ${about.node}, ${about.date}, load ${about.load.toFixed(2)}, one thread, float32, ${rounds} rounds\n`);
  for (const adapter of adapters) await adapter.init();
  const workloads: Report['workloads'][number][] = [];
  for (const { name, title, run } of chosen) {
    const measured = { name, title, rows: judge(await run({ rounds, adapters })) };
    workloads.push(measured);
    print(`${table(measured)}\n`);
  }
  const verdicts = workloads.flatMap(({ rows }) => rows.flatMap(({ verdict }) => verdict ?? []));
  print(`Targets: ${verdicts.filter((verdict) => verdict === 'pass').length} of ${verdicts.length} met.`);
  const report: Report = { ...about, workloads };
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
} catch (error) {
  if (!(error instanceof WrongResult)) throw error;
  print(`Nothing is timed that computes something else: ${error.message}`);
  process.exitCode = 1;
}

function choose(workloads: readonly Workload[], names: readonly string[]): readonly Workload[] {
  const unknown = names.filter((name) => !workloads.some((workload) => workload.name === name));
  if (unknown.length > 0) {
    throw new RangeError(`--only knows ${workloads.map(({ name }) => name).join(', ')}; not ${unknown.join(', ')}.`);
  }
  return names.length === 0 ? workloads : workloads.filter(({ name }) => names.includes(name));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
