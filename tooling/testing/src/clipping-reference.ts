// Clipping as Optax does it: data/optax-clipping.json; data/README.md says where it is from.
import { recordings } from './recordings.js';
import type { Recording } from './rules/replay.js';

export interface ClippingTrajectory extends Recording {
  readonly function: 'clip' | 'clip_by_global_norm';
  /** `d`: the largest value, or the largest norm. */
  readonly options: { readonly d: number };
}

/** Gradients clipped, then gradient descent with a learning rate of 0.1. */
export function clippingTrajectories(): readonly ClippingTrajectory[] {
  return recordings('optax-clipping').map(({ function: name, options: { d }, ...recording }) => {
    if ((name !== 'clip' && name !== 'clip_by_global_norm') || typeof d !== 'number') throw new Error(`optax-clipping.json has ${name} of ${d}`);
    return { ...recording, function: name, options: { d } };
  });
}
