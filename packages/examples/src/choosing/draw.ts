/** The losses of all rules at their best rates as an SVG file: a panel for each family, with Adam's in each. */
import { families, type RuleName } from '@pappus/rule-table';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

import type { Results } from './results.js';

const columns = 3;
const panel = { width: 320, height: 210, legend: 106 };
const header = 50;
const colours = ['#1f6fb4', '#d1571f', '#2e9e4f', '#7a3fb0', '#c2255c', '#8c5a2b', '#17a2b8', '#e3a008', '#5c677d', '#e45fae', '#0b7285', '#364fc7', '#a61e4d', '#5f3dc4', '#66a80f', '#d9480f', '#087f5b', '#862e9c'];
const ink = { text: '#222222', faint: '#9aa3ad' };

/** The text of an SVG file; the same results give the same text. */
export function curvesSvg(results: Results): string {
  const shown = Object.values(families).flatMap(({ title, rows }) => {
    const names = namesOf(rows).filter((name) => results.rules[name] !== undefined);
    return names.length === 0 ? [] : [{ title, names }];
  });
  const all = shown.flatMap(({ names }) => names.flatMap((name) => results.rules[name]?.curve ?? []));
  const [low, high] = [Math.min(...all), Math.min(Math.max(...all), 3 * (results.rules.adam?.curve[0] ?? Infinity))];
  const height = header + Math.ceil(shown.length / columns) * panel.height;
  const width = columns * panel.width;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="11" fill="${ink.text}">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="16" y="24" font-size="16" font-weight="bold">${results.title}: the loss of each rule at its best rate</text>`,
    `<text x="16" y="41" fill="#666666">grey: Adam; the loss is smoothed, both axes are the same in all panels</text>`,
    ...shown.map(({ title, names }, k) => drawn(results, title, names, { x: (k % columns) * panel.width, y: header + Math.floor(k / columns) * panel.height, domain: [low, high] })),
    '</svg>',
    '',
  ].join('\n');
}

function drawn(results: Results, title: string, names: readonly RuleName[], at: { readonly x: number; readonly y: number; readonly domain: readonly [number, number] }): string {
  const { document } = parseHTML('<!DOCTYPE html><html><body></body></html>');
  const pointsOf = (name: RuleName): { step: number; loss: number }[] => {
    const curve = results.rules[name]?.curve ?? [];
    return curve.map((loss, k) => ({ step: ((k + 1) * results.steps) / curve.length, loss }));
  };
  const plot = Plot.plot({
    document,
    className: `curves-${at.x}-${at.y}`,
    width: panel.width,
    height: panel.height,
    marginLeft: 44,
    marginTop: 30,
    marginBottom: 24,
    marginRight: panel.legend,
    x: { domain: [0, results.steps], ticks: 3, label: null },
    y: { type: 'log', domain: [...at.domain], ticks: 4, tickFormat: '~g', label: null, grid: true, clamp: true },
    marks: [
      Plot.lineY(pointsOf('adam'), { x: 'step', y: 'loss', stroke: ink.faint, strokeWidth: 2.5 }),
      ...names.map((name, k) => Plot.lineY(pointsOf(name), { x: 'step', y: 'loss', stroke: colours[k % colours.length] ?? ink.text, strokeWidth: 1.5 })),
    ],
  });
  plot.setAttribute('x', String(at.x));
  plot.setAttribute('y', String(at.y));
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const legend = names.map((name, k) => {
    const y = at.y + 40 + 9.6 * k;
    return `<text x="${at.x + panel.width - panel.legend + 4}" y="${y.toFixed(1)}" font-size="${fontSize(name)}" fill="${colours[k % colours.length] ?? ink.text}">${name}</text>`;
  });
  return [plot.outerHTML, `<text x="${at.x + 44}" y="${at.y + 20}" font-weight="bold">${title.replaceAll('&', '&amp;')}</text>`, ...legend].join('\n');
}

/** As large as fits beside a panel; a letter is about 0.6 as wide as the font is high. */
function fontSize(name: string): number {
  return Math.min(8.5, Math.floor((10 * (panel.legend - 6)) / (0.6 * name.length)) / 10);
}

function namesOf(rows: Readonly<Partial<Record<RuleName, unknown>>>): readonly RuleName[] {
  return Object.keys(rows) as RuleName[];
}
