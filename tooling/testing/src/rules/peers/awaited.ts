// The recorded functions that nothing of ours follows yet. Who adds an entry takes its line out, which a test asks for; in the end there is none.

/** Keys of the table that are to come, by the file that they belong in. */
export const awaited: readonly string[] = [
  // adam-newer.ts: needs RAdam, look-ahead and centred gradients
  'pytorch_optimizer pytorch_optimizer.Ranger',
];
