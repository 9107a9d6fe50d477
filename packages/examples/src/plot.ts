/** The learning curve as an SVG file: the training loss of each step, and what was measured between steps below it. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

import { smoother } from './smoothing.js';

/** Something measured on the training set, or on data that no step learned from. */
export interface Series {
  readonly name: 'training' | 'test' | 'held-out';
  /** In the order of their time, which is in the curve's unit. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export interface LearningCurve {
  readonly title: string;
  readonly subtitle: string;
  /** What time is counted in, such as `epoch`. */
  readonly unit: string;
  readonly stepsPerUnit: number;
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** The axis of the lower panel. */
  readonly measure: string;
  readonly series: readonly Series[];
}

const width = 760;
const header = 56;
const panel = 300;
const height = header + 2 * panel;
/** A logarithmic axis has no place for zero. */
const leastLoss = 1e-8;
const colours = { raw: '#c9d3e0', training: '#3267a8', test: '#d1571f', 'held-out': '#d1571f', ink: '#222222', faint: '#666666' };
/** More would run into each other. */
const mostTicks = 12;

/** The curve as the text of an SVG file. */
export function learningCurveSvg(curve: LearningCurve): string {
  const { document } = parseHTML('<!DOCTYPE html><html><body></body></html>');
  const shared = { document, width, height: panel, marginLeft: 60, marginRight: 24, marginBottom: 44 };
  const end = curve.losses.length / curve.stepsPerUnit;
  const ticks = { ticks: Math.min(Math.ceil(end), mostTicks), tickFormat: 'd' };
  const x = { label: `${curve.unit} →`, labelAnchor: 'right', domain: [0, end], ...ticks } as const;

  const smooth = smoother();
  const steps = curve.losses.map((loss, index) => ({
    at: (index + 1) / curve.stepsPerUnit,
    loss: Math.max(loss, leastLoss),
    smoothed: Math.max(smooth(loss), leastLoss),
  }));
  const loss = Plot.plot({
    ...shared,
    className: 'curve-of-loss', // where none is given, Plot draws one at random
    x: { ...x, label: null },
    y: { type: 'log', label: '↑ training loss', tickFormat: '~g', ticks: 6, grid: true },
    marks: [
      Plot.lineY(steps, { x: 'at', y: 'loss', stroke: colours.raw, strokeWidth: 0.6 }),
      Plot.lineY(steps, { x: 'at', y: 'smoothed', stroke: colours.training, strokeWidth: 1.8 }),
    ],
  });

  const measured = Plot.plot({
    ...shared,
    className: 'curve-of-measure',
    x,
    y: { label: curve.measure, grid: true, nice: true },
    marks: curve.series.flatMap(({ name, points }) => [
      Plot.lineY(points, { x: 'at', y: 'value', stroke: colours[name], strokeWidth: 1.8 }),
      Plot.dot(points, { x: 'at', y: 'value', fill: colours[name], r: 3.5 }),
    ]),
  });

  const entries = [{ name: 'each step', colour: colours.raw }, { name: 'smoothed', colour: colours.training }];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    `  font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12" fill="${colours.ink}">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="20" y="26" font-size="16" font-weight="bold">${escape(curve.title)}</text>`,
    `<text x="20" y="46" fill="${colours.faint}">${escape(curve.subtitle)}</text>`,
    placed(loss, header),
    legend(entries, header),
    placed(measured, header + panel),
    legend(curve.series.map(({ name }) => ({ name, colour: colours[name] })), header + panel),
    '</svg>',
    '',
  ].join('\n');
}

function placed(plot: Element, y: number): string {
  plot.setAttribute('y', String(y));
  plot.setAttribute('font-size', '12');
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return plot.outerHTML;
}

function legend(entries: readonly { readonly name: string; readonly colour: string }[], top: number): string {
  const step = 96;
  return entries
    .map(({ name, colour }, index) => {
      const x = width - 24 - step * (entries.length - index);
      const y = top + 14;
      const line = `<path d="M${x},${y}h22" stroke="${colour}" stroke-width="3"/>`;
      return `${line}<text x="${x + 28}" y="${y + 4}">${escape(name)}</text>`;
    })
    .join('');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
