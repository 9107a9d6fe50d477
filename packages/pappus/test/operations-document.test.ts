// docs/operations.md names everything that an expression can be made of.
import * as core from '@pappus/core';
import { describe, expect, it } from 'vitest';
import text from '../../../docs/operations.md';

/** Functions of core that make no tensors: they compile, describe, or are for rules. */
const OTHERS = new Set([
  ...['compile', 'evaluate', 'interpreter', 'describe', 'print', 'printProgram', 'show', 'grad', 'gradients', 'mergeUpdates', 'requireUpdates', 'defineOptimizer', 'defineTransform'],
  ...['checkOptions', 'hyperparameter', 'addScaled', 'averageLength', 'biasCorrection', 'substitute', 'liftBeside', 'requireFloat', 'requireNumbers', 'requireTensor', 'requireTensors'],
  ...['formatShape', 'isFloat', 'normalizeAxes', 'normalizeAxis'],
]);

/** Without what NumPy and torch call the operations: in the table of their names, ours are the first column. */
const [before = '', theirs = ''] = text.split('## The names of NumPy and torch');
const [table = '', after = ''] = theirs.split('\n## ');
const ours = [before, ...table.split('\n').map((line) => line.split('|')[1]), after].join('\n');
const named = new Set([...ours.matchAll(/`([a-z]\w*)`/g)].map(([, name]) => name));

describe('docs/operations.md', () => {
  it('names every operation, and nothing that there is not', () => {
    const functions = Object.entries(core).flatMap(([name, value]) => (typeof value === 'function' && /^[a-z]/.test(name) ? [name] : []));
    expect(functions.filter((name) => !OTHERS.has(name) && !named.has(name))).toEqual([]);
    const known: readonly string[] = functions;
    expect([...named].filter((name) => name !== 'step' && name !== 'grad' && !known.includes(name ?? ''))).toEqual([]);
  });
});
