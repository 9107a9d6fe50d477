/** Where an update rule goes on a surface. */
import { type RuleName, type RuleRow, rules } from '@pappus/rule-table';
import { compile, type Expr, variable, type Variable } from 'pappus';

import type { Backend } from '../backends.js';
import type { AnyOptimizer } from '../optimizers.js';
import type { Point, Surface } from './surfaces.js';

/** What a rule moves: the coordinates as scalars, or as the column of a matrix. */
interface Position {
  readonly params: readonly Variable[];
  readonly coordinates: readonly [x: Expr, y: Expr];
  readonly read: () => Promise<Point>;
}

/** Whether a rule takes matrices alone. */
export function movesMatrices(name: RuleName): boolean {
  const { matrices }: RuleRow = rules[name];
  return matrices === true;
}

/** The position before the first step and after each, until it is no number. */
export async function descend(
  surface: Surface,
  rule: AnyOptimizer,
  learningRate: number,
  backend: Backend,
  asMatrix = false,
): Promise<Point[]> {
  const { params, coordinates: [x, y], read } = asMatrix ? column(surface.start) : scalars(surface.start);
  const step = await compile({ updates: rule(surface.loss(x, y), params, { learningRate }) }, backend);
  const points = [surface.start];
  for (let t = 0; t < surface.steps; t++) {
    await step();
    const point = await read();
    if (!Number.isFinite(point.x + point.y)) break;
    points.push(point);
  }
  return points;
}

function scalars(start: Point): Position {
  const x = variable(start.x, { dtype: 'float64' });
  const y = variable(start.y, { dtype: 'float64' });
  return { params: [x, y], coordinates: [x, y], read: async () => ({ x: await x.item(), y: await y.item() }) };
}

function column(start: Point): Position {
  const both = variable([[start.x], [start.y]], { dtype: 'float64' });
  const read = async (): Promise<Point> => {
    const [x = NaN, y = NaN] = await both.read();
    return { x, y };
  };
  return { params: [both], coordinates: [both.slice(0).sum(), both.slice(1).sum()], read };
}
