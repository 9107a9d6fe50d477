/** Where an update rule goes on a surface. */
import { compile, variable } from 'pappus';

import type { Backend } from '../backends.js';
import type { AnyOptimizer } from '../optimizers.js';
import type { Point, Surface } from './surfaces.js';

/**
 * The position before the first step and after each, until it is no number.
 *
 * @param asColumn for a rule that takes matrices alone: the position is a column; else two scalars
 */
export async function descend(surface: Surface, rule: AnyOptimizer, learningRate: number, backend: Backend, asColumn = false): Promise<Point[]> {
  const { start } = surface;
  const params = asColumn ? [variable([[start.x], [start.y]], { dtype: 'float64' })] : [start.x, start.y].map((value) => variable(value, { dtype: 'float64' }));
  const [x, y] = asColumn ? params.flatMap((column) => [column.slice(0).sum(), column.slice(1).sum()]) : params;
  if (x === undefined || y === undefined) return [];
  const step = await compile({ updates: rule(surface.loss(x, y), params, { learningRate }) }, backend);
  const points = [start];
  for (let t = 0; t < surface.steps; t++) {
    await step();
    const position = (await Promise.all(params.map((param) => param.read()))).flatMap((values) => Array.from(values));
    const point = { x: position[0] ?? NaN, y: position[1] ?? NaN };
    if (!Number.isFinite(point.x + point.y)) break;
    points.push(point);
  }
  return points;
}
