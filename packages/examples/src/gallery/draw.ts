/**
 * A surface and the paths over it as an SVG file: those of the classics together in a large panel, and each by itself in a small one, under the heading of its
 * family. The contours and each path are in the file once, and are used at every size.
 */
import { families, type RuleName, type RuleRow, rules } from '@pappus/rule-table';

import { placed } from './layout.js';
import { colours, dot, exponent, ground, label, line, star, stroke } from './marks.js';
import { relief } from './relief.js';
import type { Point, Surface } from './surfaces.js';

/** A path for each rule, in the order of drawing. */
export type Paths = ReadonlyMap<RuleName, readonly Point[]>;

const margin = 20;
const width = 900;
const large = { left: margin, top: 68, width: 600, height: 450 };
const legend = { left: large.left + large.width + 28, top: large.top + 34, step: 46 };
const columns = 6;
const gap = 12;
const small = { width: (width - 2 * margin - (columns - 1) * gap) / columns, above: 18, below: 26 };
const scale = small.width / large.width;
const panelHeight = scale * large.height;
/** A line of a heading, and the room above one. */
const heading = { line: 17, above: 16 };

/** A path as it is drawn. */
interface Drawn {
  readonly name: RuleName;
  readonly points: readonly Point[];
  readonly end: Point;
  readonly row: RuleRow;
}

/** The text of an SVG file with all paths; the same paths give the same text. */
export function surfaceSvg(surface: Surface, paths: Paths): string {
  const drawn = drawnOf(surface, paths);
  const { marks, height } = familyPanels(surface, drawn);
  return svg(surface, drawn, height, [...classics(surface, drawn), ...marks]);
}

/** The same with the large panel alone. */
export function classicsSvg(surface: Surface, paths: Paths): string {
  const drawn = drawnOf(surface, paths).filter(({ row }) => row.gallery.classic === true);
  return svg(surface, drawn, large.top + large.height + margin, classics(surface, drawn));
}

function drawnOf(surface: Surface, paths: Paths): Drawn[] {
  return [...paths].map(([name, points]) => ({ name, points, end: points.at(-1) ?? surface.start, row: rules[name] }));
}

function svg(surface: Surface, drawn: readonly Drawn[], height: number, marks: readonly string[]): string {
  const onMap = projection(surface);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    `  font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13" fill="${colours.text}">`,
    '<defs>',
    `<clipPath id="frame"><rect width="${large.width}" height="${large.height}" rx="4"/></clipPath>`,
    `<g id="relief">${relief(surface, large)}</g>`,
    ...drawn.map(({ name, points, row }) => `<path id="${name}" d="${line(points.map(onMap), row.gallery.classic === true ? 1 : 2)}"/>`),
    '</defs>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="${margin}" y="32" font-size="20" font-weight="bold">${surface.title}</text>`,
    `<text x="${margin}" y="54" fill="${colours.faint}">f(x, y) = ${surface.formula}</text>`,
    ...marks,
    '</svg>',
    '',
  ].join('\n');
}

/** The large panel, and beside it what its colours mean. */
function classics(surface: Surface, all: readonly Drawn[]): string[] {
  const drawn = all.filter(({ row }) => row.gallery.classic === true);
  const onMap = projection(surface);
  const [startX, startY] = onMap(surface.start);
  return [
    `<g transform="translate(${large.left},${large.top})" clip-path="url(#frame)">`,
    '<use href="#relief"/>',
    // The first is the widest, so that those below show at the sides of those above where all go the same way.
    ...drawn.map(({ name }, k) => ground(name, nested(k, drawn.length))),
    ...drawn.map(({ name, row }, k) => stroke(name, row.gallery.colour, nested(k, drawn.length))),
    ...surface.minima.map((minimum) => star(onMap(minimum), 9)),
    ...drawn.map(({ end, row }) => dot(onMap(end), 4, row.gallery.colour, colours.paper, 1.2)),
    dot([startX, startY], 5, colours.paper, colours.text, 2),
    label([startX - 10, startY - 12], 'end', 'start'),
    ...surface.minima.map((minimum) => {
      const [x, y] = onMap(minimum);
      return label([x + 13, y + 19], 'start', 'minimum');
    }),
    '</g>',
    `<text x="${legend.left}" y="${large.top + 12}" fill="${colours.faint}">after ${surface.steps} steps</text>`,
    ...drawn.map(({ name, row, end }, k) => {
      const y = legend.top + k * legend.step;
      return [
        `<line x1="${legend.left}" x2="${legend.left + 22}" y1="${y}" y2="${y}" stroke="${row.gallery.colour}" stroke-width="4" stroke-linecap="round"/>`,
        `<text x="${legend.left + 32}" y="${y + 4}" font-weight="bold">${name}</text>`,
        `<text x="${legend.left + 32}" y="${y + 21}" font-size="12" fill="${colours.faint}">${numbers(surface, row, end)}</text>`,
      ].join('');
    }),
  ];
}

/** The small panels, and how high the picture is with them. */
function familyPanels(surface: Surface, drawn: readonly Drawn[]): { readonly marks: readonly string[]; readonly height: number } {
  const byName = new Map<string, Drawn>(drawn.map((one) => [one.name, one]));
  const blocks = placed(Object.values(families).map(({ title, rows }) => ({ title, names: Object.keys(rows).filter((name) => byName.has(name)) })).filter(({ names }) => names.length > 0), columns);
  const xOf = (column: number): number => margin + column * (small.width + gap);
  const lines = new Map<number, number>();
  for (const { title, heading: { row, columns: wide } } of blocks) lines.set(row, Math.max(lines.get(row) ?? 0, wrapped(title, wide * (small.width + gap)).length));
  const tops: number[] = [];
  let y = large.top + large.height + 14;
  const rowCount = Math.max(0, ...blocks.flatMap(({ places }) => [...places.values()].map(({ row }) => row + 1)));
  for (let row = 0; row < rowCount; row++) {
    const headed = lines.get(row);
    if (headed !== undefined) y += heading.above + headed * heading.line;
    tops.push(Math.round(y));
    y += small.above + panelHeight + small.below;
  }
  const marks = blocks.flatMap(({ title, heading: { column, row, columns: wide }, places }) => {
    const top = tops[row] ?? NaN;
    const [x, words] = [xOf(column), wrapped(title, wide * (small.width + gap))];
    return [
      `<line x1="${x.toFixed(1)}" x2="${(xOf(column + wide) - gap).toFixed(1)}" y1="${top - 1}" y2="${top - 1}" stroke="#d1d9e0"/>`,
      ...words.map((text, k) => `<text x="${x.toFixed(1)}" y="${top - 7 - (words.length - 1 - k) * heading.line}" font-size="14" font-weight="bold">${text}</text>`),
      ...[...places].flatMap(([name, place]) => {
        const one = byName.get(name);
        return one === undefined ? [] : [panel(surface, one, xOf(place.column), (tops[place.row] ?? NaN) + small.above)];
      }),
    ];
  });
  return { marks, height: Math.ceil(y + margin - 8) };
}

/** One rule by itself, with its name above and its numbers below. */
function panel(surface: Surface, { name, row, end }: Drawn, x: number, y: number): string {
  const onMap = projection(surface);
  return [
    `<text x="${x.toFixed(1)}" y="${y - 5}" font-size="${fitted(name, 12)}" font-weight="bold">${name}</text>`,
    `<g transform="translate(${x.toFixed(1)},${y}) scale(${scale.toFixed(4)})" clip-path="url(#frame)">`,
    '<use href="#relief"/>',
    ground(name, 1.7 / scale) + stroke(name, row.gallery.colour, 1.7 / scale),
    ...surface.minima.map((minimum) => star(onMap(minimum), 5 / scale)),
    dot(onMap(end), 3 / scale, row.gallery.colour, colours.paper, 1 / scale),
    dot(onMap(surface.start), 2.6 / scale, colours.paper, colours.text, 1.4 / scale),
    '</g>',
    `<text x="${x.toFixed(1)}" y="${Math.round(y + panelHeight + 13)}" font-size="11" fill="${colours.faint}">${numbers(surface, row, end)}</text>`,
  ].join('\n');
}

function numbers(surface: Surface, row: RuleRow, end: Point): string {
  const { [surface.name]: rate } = row.gallery.learningRates;
  const loss = surface.height(end.x, end.y);
  return `rate ${rate < 1e-4 ? rate.toExponential() : rate}, ${Number.isFinite(loss) ? `loss ${exponent(loss)}` : 'diverged'}`;
}

/** The width of one of the paths in the large panel. */
function nested(k: number, count: number): number {
  return 1.6 + 0.35 * (count - 1 - k);
}

/** The size at which a name in bold is no wider than a small panel. */
function fitted(name: string, size: number): number {
  return Math.min(size, Math.floor((10 * small.width) / (0.68 * name.length)) / 10);
}

/** A heading in lines that are not wider. */
function wrapped(title: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of title.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && 8.2 * longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** From a point of the surface to the pixels of the large panel. */
function projection({ view: [low, high] }: Surface): (point: Point) => [number, number] {
  return ({ x, y }) => [(large.width * (x - low.x)) / (high.x - low.x), (large.height * (high.y - y)) / (high.y - low.y)];
}
