// Trajectories that other people's code took, from a file of data/; data/README.md says where each is from.
import { readFileSync } from 'node:fs';
import type { Recording } from './rules/replay.js';

/** What a rule was run with, under the names of the peer that ran it. */
export interface RuleRecording extends Recording {
  readonly function: string;
  readonly options: Readonly<Record<string, number | boolean>>;
}

/** The trajectories of data/`file`.json, of which `null` stands for NaN. */
export function recordings(file: string): readonly RuleRecording[] {
  const text = readFileSync(new URL(`../data/${file}.json`, import.meta.url), 'utf8');
  const { trajectories } = JSON.parse(text, (_key, value: unknown) => (value === null ? NaN : value)) as { readonly trajectories: readonly RuleRecording[] };
  return trajectories;
}
