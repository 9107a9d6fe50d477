// Rules that keep less than a number for each element.
import type { PeerEntries } from './entry.js';

export const memory: PeerEntries = {};
