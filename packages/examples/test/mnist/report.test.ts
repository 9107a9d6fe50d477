import { describe, expect, it } from 'vitest';

import { accuracyTable, argMaxRows, confusionMatrix, confusionTable } from '../../src/mnist/report.js';

describe('confusionMatrix', () => {
  it('counts by label and prediction', () => {
    const { counts, accuracy } = confusionMatrix([0, 0, 0, 1, 1, 2], [0, 0, 2, 1, 0, 2], 3);
    expect(counts).toEqual([
      [2, 0, 1],
      [1, 1, 0],
      [0, 0, 1],
    ]);
    expect(accuracy).toBe(4 / 6);
  });

  it('refuses what does not fit together', () => {
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow('2 labels with 1 predictions');
    expect(() => confusionMatrix([2], [0], 2)).toThrow('label 2, prediction 0: not two of 2 classes');
    expect(() => confusionMatrix([0], [2], 2)).toThrow('label 0, prediction 2: not two of 2 classes');
  });
});

describe('argMaxRows', () => {
  it('takes the first greatest of each row', () => {
    expect([...argMaxRows([1, 3, 2, -5, -4, -4, 7, 7, 0], 3)]).toEqual([1, 1, 0]);
  });
});

describe('confusionTable', () => {
  it('shows each row with its recall', () => {
    const table = confusionTable(confusionMatrix([0, 0, 0, 1, 1], [0, 0, 1, 1, 1], 2));
    const rows = table.split('\n').filter((row) => row.includes('│'));
    const cells = rows.map((row) => row.split('│').slice(1, -1).map((cell) => cell.trim()));
    expect(cells).toEqual([
      ['digit', '0', '1', 'recall'],
      ['0', '2', '1', '66.7 %'],
      ['1', '.', '2', '100.0 %'],
    ]);
  });

  it('has no escape codes, so that it can be piped', () => {
    expect(confusionTable(confusionMatrix([0], [0], 2))).not.toContain('\u001b');
  });
});

describe('accuracyTable', () => {
  it('is a table in Markdown', () => {
    expect(accuracyTable([{ name: 'sgd', learningRate: 0.5, accuracy: 0.91234 }])).toBe(
      '| rule | learning rate | test accuracy after one epoch |\n|---|---|---|\n| `sgd` | 0.5 | 91.23 % |',
    );
  });
});
