// What is of no family.
import type { PeerEntries } from './entry.js';

export const others: PeerEntries = {};
