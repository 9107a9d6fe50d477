/**
 * A surface and the paths over it as an SVG file: those of the first rules of each family in one large panel, and each by itself in a small
 * one, which is the legend too. The contours and each path are in the file once, and are used at both sizes.
 */
import * as Plot from '@observablehq/plot';
import { families, type RuleName, type RuleRow, rules } from '@pappus/rule-table';
import { parseHTML } from 'linkedom';

import type { Point, Surface } from './surfaces.js';

/** A path for each rule, in the order of drawing. */
export type Paths = ReadonlyMap<RuleName, readonly Point[]>;

const large = { left: 24, top: 76, width: 640, height: 480 };
const gap = 14;
/** Small panels stand in rows below the large one, those of a family beside each other. */
const perRow = 8;
const heading = 20;
const small = { width: 106, height: 79.5 };
const scale = small.width / large.width;
const block = small.height + heading + gap;
const width = large.left + perRow * (small.width + gap) + 24 - gap;
const colours = { text: '#1f2328', faint: '#656d76', paper: '#ffffff' };
/** From the valleys to the heights. */
const terrain = ['#2f5d8a', '#5f8fb8', '#9dbfd8', '#cfe0ea', '#eaf0f2', '#f6f4ee', '#efe6d6', '#e2d2b8'];
const contours = 16;

/** A rule as it is drawn. */
interface Drawn {
  readonly name: RuleName;
  readonly points: readonly Point[];
  readonly colour: string;
  readonly end: Point;
}

/** The text of an SVG file; the same paths give the same text. */
export function surfaceSvg(surface: Surface, paths: Paths): string {
  const drawn = new Map([...paths].map(([name, points]) => [name, { name, points, colour: rules[name].gallery.colour, end: points.at(-1) ?? surface.start }]));
  const together = [...drawn.values()].filter(({ name }) => isClassic(name));
  const onMap = projection(surface);
  const [startX, startY] = onMap(surface.start);
  const all = [
    '<use href="#relief"/>',
    ...together.map(({ name, colour }) => stroked(name, colour, 2)),
    ...surface.minima.map((minimum) => star(onMap(minimum), 9)),
    ...together.map(({ end, colour }) => dot(onMap(end), 4, colour, colours.paper, 1.2)),
    dot([startX, startY], 5, colours.paper, colours.text, 2),
    label([startX - 10, startY - 12], 'end', 'start'),
    ...surface.minima.map((minimum) => {
      const [x, y] = onMap(minimum);
      return label([x + 13, y + 19], 'start', 'minimum');
    }),
  ];
  const aside = large.left + large.width + 28;
  const legend = together.map(({ name, colour }, k) => {
    const y = large.top + 44 + 22 * k;
    return `<path d="M${aside},${y - 4}h22" stroke="${colour}" stroke-width="3"/><text x="${aside + 30}" y="${y}">${name}</text>`;
  });
  const { panels, bottom } = smallPanels(surface, drawn, onMap);
  const height = bottom + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    `  font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13" fill="${colours.text}">`,
    '<defs>',
    `<clipPath id="frame"><rect width="${large.width}" height="${large.height}" rx="4"/></clipPath>`,
    `<g id="relief">${relief(surface)}</g>`,
    ...[...drawn.values()].map(({ name, points }) => `<path id="${name}" d="${line(points.map(onMap), isClassic(name) ? 1 : 4)}"/>`),
    '</defs>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="${large.left}" y="34" font-size="20" font-weight="bold">${surface.title}</text>`,
    `<text x="${large.left}" y="58" fill="${colours.faint}">f(x, y) = ${surface.formula}</text>`,
    `<text x="${aside}" y="${large.top + 14}" fill="${colours.faint}">the classic rules; below every rule by itself,</text>`,
    `<text x="${aside}" y="${large.top + 30}" fill="${colours.faint}">its rate, and the loss after ${surface.steps} steps</text>`,
    ...legend.map((entry) => `<g transform="translate(0,22)">${entry}</g>`),
    `<g transform="translate(${large.left},${large.top})" clip-path="url(#frame)">`,
    ...all,
    '</g>',
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

/** Those of Lasagne and Dandelion. */
function isClassic(name: RuleName): boolean {
  const { reference }: RuleRow = rules[name];
  return reference !== undefined;
}

/** Every rule by itself, in rows under the name of its family, and where they end. */
function smallPanels(surface: Surface, drawn: ReadonlyMap<RuleName, Drawn>, onMap: (point: Point) => [number, number]): { readonly panels: readonly string[]; readonly bottom: number } {
  const panels: string[] = [];
  let top = large.top + large.height + 34;
  for (const { title, rows } of Object.values(families)) {
    const own = [...drawn.values()].filter(({ name }) => Object.hasOwn(rows, name));
    if (own.length === 0) continue;
    panels.push(`<text x="${large.left}" y="${top}" font-size="14" font-weight="bold">${title}</text>`);
    for (const [k, one] of own.entries()) panels.push(smallPanel(surface, one, onMap, [large.left + (k % perRow) * (small.width + gap), top + 8 + Math.floor(k / perRow) * block]));
    top += 8 + Math.ceil(own.length / perRow) * block + 20;
  }
  return { panels, bottom: top - 20 };
}

function smallPanel(surface: Surface, { name, colour, end }: Drawn, onMap: (point: Point) => [number, number], [x, top]: readonly [number, number]): string {
  const y = top + heading;
  // The longest names are as wide as a panel.
  const size = name.length > 14 ? 8.5 : 10.5;
  return [
    `<text x="${x}" y="${y - 5}" font-size="${size}"><tspan font-weight="bold" fill="${colour}">${name}</tspan>`,
    `<tspan fill="${colours.faint}" dx="3">${rules[name].gallery.learningRates[surface.name]}</tspan></text>`,
    `<g transform="translate(${x},${y}) scale(${scale.toFixed(4)})" clip-path="url(#frame)">`,
    '<use href="#relief"/>',
    stroked(name, colour, 1.4 / scale),
    ...surface.minima.map((minimum) => star(onMap(minimum), 4 / scale)),
    dot(onMap(end), 2.6 / scale, colour, colours.paper, 1 / scale),
    dot(onMap(surface.start), 2.2 / scale, colours.paper, colours.text, 1.2 / scale),
    '</g>',
    `<text x="${x + small.width - 4}" y="${y + small.height - 5}" font-size="9" text-anchor="end" fill="${colours.text}" ${halo(3)}>${exponent(surface.height(end.x, end.y))}</text>`,
  ].join('\n');
}

/** From a point of the surface to the pixels of the large panel. */
function projection({ view: [low, high] }: Surface): (point: Point) => [number, number] {
  return ({ x, y }) => [
    (large.width * (x - low.x)) / (high.x - low.x),
    (large.height * (high.y - y)) / (high.y - low.y),
  ];
}

/** The contours, filled, as the content of an SVG element. */
function relief({ view: [low, high], scale: scaled, height: heightAt }: Surface): string {
  const { document } = parseHTML('<!DOCTYPE html><html><body></body></html>');
  const area = { x1: low.x, x2: high.x, y1: low.y, y2: high.y, thresholds: contours, pixelSize: 4 };
  const plot = Plot.plot({
    document,
    className: 'relief',
    width: large.width,
    height: large.height,
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

/** The commands of a path through pixels, of which those are left out that are not `apart` pixels away from the one before. */
function line(pixels: readonly (readonly [number, number])[], apart: number): string {
  const kept: (readonly [number, number])[] = [];
  for (const [k, [x, y]] of pixels.entries()) {
    const last = kept.at(-1);
    if (last === undefined || k === pixels.length - 1 || Math.hypot(x - last[0], y - last[1]) >= apart) kept.push([x, y]);
  }
  return kept.map(([x, y], k) => `${k === 0 ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`).join('');
}

/** A path in its colour, on a light ground that lifts it off the contours. */
function stroked(name: RuleName, colour: string, strokeWidth: number): string {
  const shape = 'fill="none" stroke-linejoin="round" stroke-linecap="round"';
  const ground = `<use href="#${name}" ${shape} stroke="#ffffff" stroke-opacity="0.75" stroke-width="${(2.2 * strokeWidth).toFixed(1)}"/>`;
  return `${ground}<use href="#${name}" ${shape} stroke="${colour}" stroke-width="${strokeWidth.toFixed(1)}"/>`;
}

function dot([x, y]: readonly [number, number], r: number, fill: string, stroke: string, strokeWidth: number): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r.toFixed(1)}" fill="${fill}" stroke="${stroke}" stroke-width="${strokeWidth.toFixed(1)}"/>`;
}

/** A star of five points, its outer radius r. */
function star([x, y]: readonly [number, number], r: number): string {
  const points = Array.from({ length: 10 }, (_, k) => {
    const [angle, radius] = [(Math.PI * k) / 5, k % 2 === 0 ? r : 0.42 * r];
    return `${(x + radius * Math.sin(angle)).toFixed(1)},${(y - radius * Math.cos(angle)).toFixed(1)}`;
  });
  return `<polygon points="${points.join(' ')}" fill="#ffffff" stroke="${colours.text}" stroke-width="${(r / 7).toFixed(1)}"/>`;
}

function label([x, y]: readonly [number, number], anchor: 'start' | 'end', text: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${halo(4)}>${text}</text>`;
}

function halo(strokeWidth: number): string {
  return `stroke="#ffffff" stroke-opacity="0.85" stroke-width="${strokeWidth}" stroke-linejoin="round" paint-order="stroke"`;
}

/** A number with two decimals, or a digit and a power of ten where it is small. */
function exponent(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 0.01 && Math.abs(value) < 100 ? value.toFixed(2) : value.toExponential(0);
}
