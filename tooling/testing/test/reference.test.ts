import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allClose } from '@pappus/testing';
import { constraintCases, publishedValues, trajectories } from '../src/index.js';

describe('reference data', () => {
  it('says of every file where it is from', () => {
    const data = new URL('../data/', import.meta.url);
    const rows = [...readFileSync(new URL('README.md', data), 'utf8').matchAll(/^\| ([\w.-]+) \|/gm)].map(([, file]) => file);
    const files = readdirSync(data).filter((file) => file.endsWith('.json'));
    expect(files.filter((file) => !rows.includes(file))).toEqual([]);
  });

  it('holds what it says: shapes, steps and parameters agree', () => {
    expect(trajectories()).toHaveLength(44);
    expect(constraintCases()).toHaveLength(9);
    for (const { name, shapes, initial, gradients, expected } of trajectories()) {
      const sizes = shapes.map((shape) => shape.reduce((size, length) => size * length, 1));
      expect(initial.map((values) => values.length), name).toEqual(sizes);
      expect(expected.length, name).toBe(gradients.length);
      for (const step of [...gradients, ...expected]) expect(step.map((values) => values.length), name).toEqual(sizes);
    }
  });

  it('reads null as NaN', () => {
    const clearing = trajectories('sgd').find(({ options }) => options['clearNan'] === true);
    expect(clearing?.gradients.flat(2).some(Number.isNaN)).toBe(true);
    expect(clearing?.expected.flat(2).some(Number.isNaN)).toBe(false);
  });

  it('is what plain gradient descent gives', () => {
    for (const { name, options, learningRatePerStep, initial, gradients, expected } of trajectories('sgd')) {
      let params = initial;
      gradients.forEach((step, t) => {
        const rate = learningRatePerStep?.[t] ?? Number(options['learningRate'] ?? 1e-4);
        params = params.map((values, p) =>
          values.map((value, i) => value - rate * (step[p]?.[i] || 0)),
        );
        expected[t]?.forEach((values, p) => allClose(params[p] ?? [], values, { rtol: 1e-12, atol: 1e-15, label: `${name}, step ${t}` }));
      });
    }
  });

  it('has published values for every rule', () => {
    expect(publishedValues().values.adam).toEqual([{ learningRate: 0.01 }, [0.90034972009036, 0.90034967993061, 0.90034966654402]]);
  });
});
