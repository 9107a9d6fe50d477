/** One table from peers' functions to our calls, and the replaying of recordings by it. */
export { awaited } from './awaited.js';
export { AwaitedError, PeerOptionError } from './options.js';
export { isAwaited, type Replayed, replayRecorded } from './replay.js';
export { entryOf, keyOf, peerKeys } from './table.js';
export type { Recorded, RecordedFile, Tensors } from '../recorded-file.js';
export { allowedShare, type Deviation, worstDeviation } from '../share-of-change.js';
