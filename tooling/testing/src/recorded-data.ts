// The trajectories of data/ that other people's code took; data/README.md says where each is from.
import { readFileSync } from 'node:fs';
import { parseRecordedFile, type RecordedFile } from './rules/recorded-file.js';

/** The files of trajectories in data/, without their ending. */
export const recordedDataFiles = ['lasagne-dandelion', 'torch-optim', 'optax', 'newer-rules'] as const;

export type RecordedDataFile = (typeof recordedDataFiles)[number];

const read = new Map<RecordedDataFile, RecordedFile>();

/** A file of data/, read once. */
export function recordedFile(file: RecordedDataFile): RecordedFile {
  const known = read.get(file) ?? parseRecordedFile(readFileSync(new URL(`../data/${file}.json`, import.meta.url), 'utf8'), `${file}.json`);
  read.set(file, known);
  return known;
}
