// One table from peers' functions to our calls, of the entries that the files beside this one have.
import type { Recorded } from '../recorded-file.js';
import { adamKin } from './adam-kin.js';
import { adamNewer } from './adam-newer.js';
import { adamRules } from './adam-rules.js';
import { classic } from './classic.js';
import type { Entry, PeerEntries } from './entry.js';
import { lasagne } from './lasagne.js';
import { matrices } from './matrices.js';
import { memory } from './memory.js';
import { PeerOptions } from './options.js';
import { others } from './others.js';
import { rateFree } from './rate-free.js';
import { sign } from './sign.js';
import { signAndTrust } from './sign-and-trust.js';
import { sophiaH } from './sophia.js';
import { wrappers } from './wrappers.js';

/** A number that stands by itself among arguments. */
const LITERAL = /(?<=[(,]\s*)-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?=\s*[),])/gi;

/** The entries of all files. Who adds a file adds it here. */
const FILES: readonly PeerEntries[] = [
  adamKin,
  adamNewer,
  adamRules,
  classic,
  lasagne,
  matrices,
  memory,
  others,
  rateFree,
  sign,
  signAndTrust,
  sophiaH,
  wrappers,
];

/** The entries of all files by peer and function. @throws if two have the same */
function merged(files: readonly PeerEntries[]): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const file of files) {
    for (const [peer, functions] of Object.entries(file)) {
      for (const [name, entry] of Object.entries(functions)) {
        const key = keyOf({ peer, function: name });
        if (entries.has(key)) throw new Error(`two entries are for ${key}`);
        entries.set(key, entry);
      }
    }
  }
  return entries;
}

/** Where a recording's entry stands in the table. */
export function keyOf(recording: Pick<Recorded, 'peer' | 'function'>): string {
  return `${recording.peer} ${recording.function.replace(LITERAL, '#')}`;
}

const table = merged(FILES);

/** The entry of a recording, if there is one. */
export function entryOf(recording: Pick<Recorded, 'peer' | 'function'>): Entry | undefined {
  return table.get(keyOf(recording));
}

/** All keys of the table. */
export const peerKeys: readonly string[] = [...table.keys()];

/** The options of a recording for its entry to read. */
export function optionsOf({ peer, function: name, options, defaults }: Pick<Recorded, 'peer' | 'function' | 'options' | 'defaults'>, entry: Entry): PeerOptions {
  const literals = [...name.matchAll(LITERAL)].map(([literal]) => Number(literal));
  return new PeerOptions(`${peer} ${name}`, options, { ...entry.defaults, ...defaults }, literals);
}
