/** How well a classifier does: its accuracy, and which digits it takes for which. */
import Table from 'cli-table3';

import { percent } from '../progress.js';

/** `counts[actual][predicted]`, and the part of all samples that lies on the diagonal. */
export interface ConfusionMatrix {
  readonly counts: readonly (readonly number[])[];
  readonly accuracy: number;
}

/** Counts the pairs of label and prediction; both are class numbers from 0 to `classes` - 1. */
export function confusionMatrix(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes: number): ConfusionMatrix {
  if (labels.length !== predictions.length) {
    throw new RangeError(`${labels.length} labels with ${predictions.length} predictions`);
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let right = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const actual = labels[sample] ?? NaN;
    const predicted = predictions[sample] ?? NaN;
    const row = counts[actual];
    if (row?.[predicted] === undefined) {
      throw new RangeError(`label ${actual}, prediction ${predicted}: not two of ${classes} classes`);
    }
    row[predicted]++;
    if (actual === predicted) right++;
  }
  return { counts, accuracy: labels.length === 0 ? 0 : right / labels.length };
}

/** What `logits` [n, classes] predict: the column of each row's greatest value, the first one where several are equal. */
export function argMaxRows(logits: ArrayLike<number>, classes: number): Uint8Array {
  return Uint8Array.from({ length: logits.length / classes }, (_, row) => {
    let best = 0;
    for (let column = 1; column < classes; column++) {
      if ((logits[row * classes + column] ?? NaN) > (logits[row * classes + best] ?? NaN)) best = column;
    }
    return best;
  });
}

/** The matrix as a table: a row for each digit as it is, a column for each as it was read, and the recall of each row. */
export function confusionTable({ counts }: ConfusionMatrix): string {
  const digits = counts.map((_, digit) => String(digit));
  const table = new Table({
    head: ['digit', ...digits, 'recall'],
    colAligns: ['right', ...digits.map(() => 'right' as const), 'right'],
    style: { head: [], border: [], compact: true },
  });
  counts.forEach((row, digit) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const recall = total === 0 ? '-' : `${((100 * (row[digit] ?? 0)) / total).toFixed(1)} %`;
    table.push([String(digit), ...row.map((count) => (count === 0 ? '.' : String(count))), recall]);
  });
  return table.toString();
}

/** What an update rule reached. */
export interface Accuracy {
  readonly name: string;
  readonly learningRate: number;
  /** In [0, 1]. */
  readonly accuracy: number;
}

/** The accuracies as a table in Markdown, in their order. */
export function accuracyTable(accuracies: readonly Accuracy[]): string {
  const rows = accuracies.map(({ name, learningRate, accuracy }) => `| \`${name}\` | ${learningRate} | ${percent(accuracy)} |`);
  return ['| rule | learning rate | test accuracy after one epoch |', '|---|---|---|', ...rows].join('\n');
}
