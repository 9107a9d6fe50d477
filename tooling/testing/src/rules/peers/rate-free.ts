// Rules without a rate to tune, and those that need the loss.
import type { PeerEntries } from './entry.js';

export const rateFree: PeerEntries = {};
