/** What the search of rates found, and its table. */
import { type RuleName, ruleNames } from '@pappus/rule-table';

import { percent } from '../progress.js';
import type { Reached } from './tasks.js';

/** The best rate of a rule, what it reached, and all that was tried; null where a training diverged. */
export interface Found extends Reached {
  readonly rate: number;
  readonly tried: readonly { readonly rate: number; readonly loss: number | null }[];
}

/** Of one task. */
export interface Results {
  readonly title: string;
  readonly settings: string;
  readonly measure: string;
  readonly steps: number;
  readonly date: string;
  readonly rules: Readonly<Partial<Record<RuleName, Found>>>;
}

/** A table in Markdown, the least loss first. */
export function resultsTable({ measure, rules }: Results): string {
  const rows = ruleNames.flatMap((name) => {
    const found = rules[name];
    return found === undefined ? [] : [{ name, ...found }];
  });
  const lines = rows
    .sort((a, b) => a.loss - b.loss)
    .map(({ name, rate, loss, heldOut, tried }) => `| \`${name}\` | ${rate} | ${loss.toFixed(4)} | ${measure.includes('accuracy') ? percent(heldOut) : heldOut.toFixed(2)} | ${besideIt(rate, tried, -1)} | ${besideIt(rate, tried, 1)} |`);
  return ['| rule | best rate | loss at the end | ' + measure + ' | loss a rung lower | a rung higher |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

/** What the neighbour of a rate on the ladder reached, where it was tried. */
function besideIt(rate: number, tried: Found['tried'], direction: 1 | -1): string {
  const rates = tried.filter((trial) => direction * (trial.rate - rate) > 0).sort((a, b) => direction * (a.rate - b.rate));
  const [nearest] = rates;
  if (nearest === undefined) return '';
  return nearest.loss === null ? 'diverges' : nearest.loss.toFixed(4);
}
