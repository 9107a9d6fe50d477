// Adam's kin: decay decoupled, Nesterov's momentum, bounds, rectified and slow averages.
import type { PeerEntries } from './entry.js';

export const adamKin: PeerEntries = {};
