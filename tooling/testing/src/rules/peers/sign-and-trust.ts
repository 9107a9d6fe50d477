// Signs of gradients, and steps that are scaled by norms of parameters.
import type { PeerEntries } from './entry.js';

export const signAndTrust: PeerEntries = {};
