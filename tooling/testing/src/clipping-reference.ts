// Clipping as Optax does it: data/optax-clipping.json; data/README.md says where it is from.
import { readFileSync } from 'node:fs';
import type { Recording } from './rules/replay.js';

export interface ClippingTrajectory extends Recording {
  readonly function: 'clip' | 'clip_by_global_norm';
  /** `d`: the largest value, or the largest norm. */
  readonly options: { readonly d: number };
}

/** Gradients clipped, then gradient descent with a learning rate of 0.1. */
export function clippingTrajectories(): readonly ClippingTrajectory[] {
  const text = readFileSync(new URL('../data/optax-clipping.json', import.meta.url), 'utf8');
  const { trajectories } = JSON.parse(text) as { readonly trajectories: readonly ClippingTrajectory[] };
  return trajectories;
}
