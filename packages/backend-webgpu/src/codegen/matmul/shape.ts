/** How a matrix product is cut into tiles and parts. */
import type { MatmulKernel } from '@pappus/compiler';
import { WORKGROUP } from '../shader.js';

/** Steps along the depth that are in shared memory at a time; after so many of those, sums of floats begin a new run. */
export const DEPTH = 16;
export const TILES_OF_A_RUN = 8;
export const RUN = DEPTH * TILES_OF_A_RUN;

/** Workgroups that keep a GPU busy, and the least depth that is worth one of them. */
const BUSY = 64;
const LEAST_PART = 4 * RUN;

/** A workgroup is `side` by `side` invocations, each with a block of `vectors` by `vectors` times 4 by 4. */
export interface Tile {
  readonly side: number;
  readonly vectors: number;
}

/** The axes of a product by their role. */
export type ProductAxes = Pick<MatmulKernel, 'batch' | 'rows' | 'columns' | 'depth'>;

export const size = (axes: readonly number[]): number => axes.reduce((a, b) => a * b, 1);

/** Large tiles where there are enough of them to keep a GPU busy. */
function tileOf(axes: ProductAxes, sharedBytes: number): Tile {
  const [m, n] = [size(axes.rows), size(axes.columns)];
  const tiles = (edge: number): number => Math.ceil(m / edge) * Math.ceil(n / edge) * size(axes.batch);
  if (tiles(128) >= 64 && Math.min(m, n) >= 128 && sharedBytes >= 4 * DEPTH * 256) return { side: 16, vectors: 2 };
  return Math.min(m, n) >= 64 ? { side: 16, vectors: 1 } : { side: 8, vectors: 1 };
}

export const edgeOf = ({ side, vectors }: Tile): number => side * vectors * 4;

/** How the work of a product is cut. */
export interface MatmulShape {
  /** Undefined where every invocation computes one result by itself. */
  readonly tile: Tile | undefined;
  /** Parts of the depth, each so deep, for workgroups of their own. */
  readonly parts: number;
  readonly part: number;
  readonly groups: number;
}

/** Multiplications, and depth, up to which every invocation computes one result by itself. */
const SMALL = 2 ** 15;
const SHALLOW = 2 ** 10;

export function resultsOf({ batch, rows, columns }: ProductAxes): number {
  return size([...batch, ...rows, ...columns]);
}

export function matmulShape(axes: ProductAxes, sharedBytes: number): MatmulShape {
  const results = resultsOf(axes);
  const depth = size(axes.depth);
  if (results * depth <= SMALL && depth <= SHALLOW) return { tile: undefined, parts: 1, part: depth, groups: Math.ceil(results / WORKGROUP) };
  const tile = tileOf(axes, sharedBytes);
  const edge = edgeOf(tile);
  const tiles = Math.ceil(size(axes.rows) / edge) * Math.ceil(size(axes.columns) / edge) * size(axes.batch);
  const wanted = Math.min(Math.ceil(BUSY / Math.max(1, tiles)), Math.floor(depth / LEAST_PART));
  if (wanted < 2) return { tile, parts: 1, part: depth, groups: tiles };
  const part = Math.ceil(depth / wanted / RUN) * RUN;
  const parts = Math.ceil(depth / part);
  return { tile, parts, part, groups: tiles * parts };
}
