// Rules over matrices.
import type { PeerEntries } from './entry.js';

export const matrices: PeerEntries = {};
