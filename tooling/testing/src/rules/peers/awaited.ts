// The recorded functions that nothing of ours follows yet. Who adds an entry takes its line out, which a test asks for; in the end there is none.

/** Keys of the table that are to come, by the file that they belong in. */
export const awaited: readonly string[] = [
  'pytorch_optimizer pytorch_optimizer.Ranger',
  // sign-and-trust.ts
  // memory.ts
  // matrices.ts
  'torch.optim Muon',
  'optax muon',
  'muon muon.Muon (SingleDeviceMuon)',
  'pytorch_optimizer pytorch_optimizer.Muon',
  // others.ts
  'pytorch_optimizer pytorch_optimizer.SophiaH',
  // wrappers.ts: gradients
];
