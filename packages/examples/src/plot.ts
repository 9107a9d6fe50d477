/** The learning curve as an SVG file: the training loss of each step, and the accuracies of each epoch below it. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

import { smoother } from './smoothing.js';

export interface LearningCurve {
  readonly title: string;
  readonly subtitle: string;
  readonly stepsPerEpoch: number;
  /** The loss of each step, of all epochs. */
  readonly losses: readonly number[];
  /** Of each epoch, in [0, 1]. */
  readonly trainAccuracies: readonly number[];
  readonly testAccuracies: readonly number[];
}

const width = 760;
const header = 56;
const panel = 300;
const height = header + 2 * panel;
/** A logarithmic axis has no place for zero. */
const leastLoss = 1e-8;
const colours = { raw: '#c9d3e0', training: '#3267a8', test: '#d1571f', ink: '#222222', faint: '#666666' };

/** The curve as the text of an SVG file. */
export function learningCurveSvg(curve: LearningCurve): string {
  const { document } = parseHTML('<!DOCTYPE html><html><body></body></html>');
  const shared = { document, width, height: panel, marginLeft: 60, marginRight: 24, marginBottom: 44 };
  const epochs = curve.trainAccuracies.length;
  const ticks = { ticks: Math.min(epochs, 12), tickFormat: 'd' };
  const x = { label: 'epoch →', labelAnchor: 'right', domain: [0, epochs], ...ticks } as const;

  const smooth = smoother();
  const steps = curve.losses.map((loss, index) => ({
    epoch: (index + 1) / curve.stepsPerEpoch,
    loss: Math.max(loss, leastLoss),
    smoothed: Math.max(smooth(loss), leastLoss),
  }));
  const loss = Plot.plot({
    ...shared,
    className: 'curve-of-loss', // where none is given, Plot draws one at random
    x: { ...x, label: null },
    y: { type: 'log', label: '↑ training loss', tickFormat: '~g', ticks: 6, grid: true },
    marks: [
      Plot.lineY(steps, { x: 'epoch', y: 'loss', stroke: colours.raw, strokeWidth: 0.6 }),
      Plot.lineY(steps, { x: 'epoch', y: 'smoothed', stroke: colours.training, strokeWidth: 1.8 }),
    ],
  });

  const series = [
    { name: 'training', values: curve.trainAccuracies, colour: colours.training },
    { name: 'test', values: curve.testAccuracies, colour: colours.test },
  ];
  const accuracy = Plot.plot({
    ...shared,
    className: 'curve-of-accuracy',
    x,
    y: { label: '↑ accuracy, %', grid: true, nice: true },
    marks: series.flatMap(({ values, colour }) => {
      const points = values.map((value, index) => ({ epoch: index + 1, accuracy: 100 * value }));
      return [
        Plot.lineY(points, { x: 'epoch', y: 'accuracy', stroke: colour, strokeWidth: 1.8 }),
        Plot.dot(points, { x: 'epoch', y: 'accuracy', fill: colour, r: 3.5 }),
      ];
    }),
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
    placed(accuracy, header + panel),
    legend(series, header + panel),
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
