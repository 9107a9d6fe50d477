/** Finds the rate at which a rule's path over a surface of the gallery shows best where it goes. */
import type { Backend } from '../backends.js';
import { descend } from '../gallery/path.js';
import type { Point, Surface } from '../gallery/surfaces.js';
import type { AnyOptimizer } from '../optimizers.js';
import { ladder } from './ladder.js';

export interface FoundRate {
  readonly learningRate: number;
  /** From where the path ends to the nearest minimum, in widths of the picture. */
  readonly distance: number;
}

/** As near as the eye can tell, in widths of the picture: a pixel and a half. */
const there = 2.5e-3;

/** The least rate at which the path ends at a minimum without leaving the picture, or else that at which it ends nearest; undefined where all leave it. */
export async function findRate(rule: AnyOptimizer, surface: Surface, backend: Backend, asColumn = false): Promise<FoundRate | undefined> {
  let best: FoundRate | undefined;
  for (const learningRate of ladder) {
    const path = await descend(surface, rule, learningRate, backend, asColumn);
    const end = path.at(-1);
    if (end === undefined || path.length <= surface.steps || !path.every((point) => inPicture(surface, point))) continue;
    const distance = fromMinimum(surface, end);
    if (best === undefined || distance < best.distance) best = { learningRate, distance };
    if (distance < there) break;
  }
  return best;
}

function inPicture({ view: [low, high] }: Surface, { x, y }: Point): boolean {
  return x >= low.x && x <= high.x && y >= low.y && y <= high.y;
}

function fromMinimum({ minima, view: [low, high] }: Surface, { x, y }: Point): number {
  return Math.min(...minima.map((minimum) => Math.hypot(x - minimum.x, y - minimum.y))) / (high.x - low.x);
}
