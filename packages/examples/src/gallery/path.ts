/** Where an update rule goes on a surface. */
import { compile, variable } from 'pappus';

import type { Backend } from '../backends.js';
import type { AnyOptimizer } from '../optimizers.js';
import type { Point, Surface } from './surfaces.js';

/** The position before the first step and after each, until it is no number. */
export async function descend(
  surface: Surface,
  rule: AnyOptimizer,
  learningRate: number,
  backend: Backend,
): Promise<Point[]> {
  const [x, y] = [surface.start.x, surface.start.y].map((value) => variable(value, { dtype: 'float64' }));
  if (x === undefined || y === undefined) return [];
  const step = await compile({ updates: rule(surface.loss(x, y), [x, y], { learningRate }) }, backend);
  const points = [surface.start];
  for (let t = 0; t < surface.steps; t++) {
    await step();
    const point = { x: await x.item(), y: await y.item() };
    if (!Number.isFinite(point.x + point.y)) break;
    points.push(point);
  }
  return points;
}
