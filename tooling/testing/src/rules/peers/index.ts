/** One table from peers' functions to our calls, and the replaying of recordings by it. */
export { NoRuleError, PeerOptionError } from './options.js';
export { type Replayed, replayRecorded } from './replay.js';
export { entryOf, keyOf, peerKeys } from './table.js';
export type { Recorded, RecordedFile, Tensors } from '../recorded-file.js';
export { allowedShare, type Deviation, worstDeviation } from '../share-of-change.js';
