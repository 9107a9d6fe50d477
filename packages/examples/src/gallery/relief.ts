/** The ground of a picture: the contours of a surface, filled. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

import type { Surface } from './surfaces.js';

/** From the valleys to the heights. */
const terrain = ['#2f5d8a', '#5f8fb8', '#9dbfd8', '#cfe0ea', '#eaf0f2', '#f6f4ee', '#efe6d6', '#e2d2b8'];
const contours = 16;

/** The contours, filled, as the content of an SVG element. */
export function relief({ view: [low, high], scale: scaled, height: heightAt }: Surface, { width, height }: { readonly width: number; readonly height: number }): string {
  const { document } = parseHTML('<!DOCTYPE html><html><body></body></html>');
  const area = { x1: low.x, x2: high.x, y1: low.y, y2: high.y, thresholds: contours, pixelSize: 4 };
  const plot = Plot.plot({
    document,
    className: 'relief',
    width,
    height,
    margin: 0,
    x: { domain: [low.x, high.x], axis: null },
    y: { domain: [low.y, high.y], axis: null },
    color: { type: 'linear', range: terrain },
    marks: [
      Plot.contour({ ...area, fill: (x: number, y: number) => scaled(heightAt(x, y)), stroke: '#ffffff', strokeWidth: 0.5, strokeOpacity: 0.7 }),
    ],
  });
  const marks = plot.querySelector('g')?.outerHTML ?? '';
  return marks.replace(/(?<=[ML])[^A-Z"]+(?:L[^A-Z"]+)*/g, (ring) => straightened(ring.split('L').map((pair) => pair.split(',').map(Number))));
}

/** A line without the points that lie within a fifth of a pixel of the way past them, as the arguments of a path's commands. */
function straightened(points: readonly (readonly number[])[]): string {
  const kept: (readonly number[])[] = [];
  let skipped: (readonly number[])[] = [];
  for (const [k, point] of points.entries()) {
    const [from, to] = [kept.at(-1), points[k + 1]];
    if (from !== undefined && to !== undefined && [...skipped, point].every((between) => distance(between, from, to) < 0.2)) skipped.push(point);
    else {
      kept.push(point);
      skipped = [];
    }
  }
  return kept.map((pair) => pair.map((value) => String(Math.round(10 * value) / 10)).join()).join('L');
}

/** Of a point from the line through two others, or from the first where they are one. */
function distance([x = NaN, y = NaN]: readonly number[], [x0 = NaN, y0 = NaN]: readonly number[], [x1 = NaN, y1 = NaN]: readonly number[]): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = Math.hypot(dx, dy);
  return length === 0 ? Math.hypot(x - x0, y - y0) : Math.abs(dx * (y - y0) - dy * (x - x0)) / length;
}
