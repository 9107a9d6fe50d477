// The values that Lasagne's own tests publish, by every rule from a loss.
import { publishedValues } from '@pappus/test-support';
import { allClose } from '@pappus/testing';
import { describe, it } from 'vitest';
import { compile, cpu, interpreter, variable } from '../../src/index.js';
import { rules } from './reference-rules.js';

const published = publishedValues();

describe.each(Object.entries(rules))('%s', (name, rule) => {
  it.each([
    ['the interpreter', 'float64', interpreter],
    ['the CPU', 'float64', cpu],
    ['the CPU', 'float32', cpu],
  ] as const)('on %s in %s arrives at the published values', async (_where, dtype, makeBackend) => {
    const [, [options, expected] = [{}, []]] = Object.entries(published.values).find(([key]) => key === name) ?? [];
    const x = variable([...published.initial], { name: 'x', dtype });
    const loss = x.square().mul(variable([0.1, 0.2, 0.3], { dtype })).sum();
    const step = await compile({ updates: rule(loss, [x], options) }, await makeBackend());
    for (let t = 0; t < published.steps; t++) await step();
    // The tolerance that Lasagne's tests have; adagrad's and rmsprop's values are of another epsilon.
    allClose(await x.read(), expected, { rtol: 1e-5, atol: 1e-5, label: name });
  });
});
