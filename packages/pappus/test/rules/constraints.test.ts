// The constraints on what Lasagne's own code answered, on the interpreter and the CPU; the projections on both.
import { type ConstraintCase, constraintCases } from '@pappus/test-support';
import { allClose } from '@pappus/testing';
import { describe, expect, it } from 'vitest';
import {
  type Backend, box, clipByNorm, compile, cpu, evaluate, type Expr, grad, input, interpreter, momentum,
  nonNegative, normConstraint, sgd, simplex, totalNormConstraint, unitNorm, type Variable, variable,
} from '../../src/index.js';

/** A norm of up to 60 squares and a quotient: a few roundings of 6e-8, or of 1e-16. */
const settings = [
  ['the interpreter', 'float64', interpreter, 1e-12],
  ['the CPU', 'float64', cpu, 1e-12],
  ['the CPU', 'float32', cpu, 1e-6],
] as const;

type DType = 'float32' | 'float64';

async function outputsOf(outputs: readonly Expr[], backend: Backend): Promise<number[][]> {
  const step = await compile({ outputs: Object.fromEntries(outputs.map((expr, k) => [`y${k}`, expr])) }, backend);
  return Promise.all(Object.values(await step()).map(async (output) => Array.from(await output.read())));
}

const given = (values: readonly number[], shape: readonly number[], dtype: DType): Variable =>
  variable({ data: Float64Array.from(values), shape }, { dtype });

function constrained(testCase: ConstraintCase, dtype: DType): { outputs: readonly Expr[]; expected: readonly (readonly number[])[] } {
  if (testCase.function === 'norm_constraint') {
    const { maxNorm, ...options } = testCase.options;
    return { outputs: [normConstraint(given(testCase.input, testCase.shape, dtype), maxNorm, options)], expected: [testCase.expected] };
  }
  const xs = testCase.inputs.map((values, k) => given(values, testCase.shapes[k] ?? [], dtype));
  const [scaled, norm] = totalNormConstraint(xs, testCase.options.maxNorm, { returnNorm: true });
  return { outputs: [...scaled, norm], expected: [...testCase.expected, [testCase.norm]] };
}

const cases = constraintCases().map((testCase, k) => ({ name: `${k}: ${testCase.function} ${JSON.stringify(testCase.options)}`, testCase }));

describe.each(settings)('on %s in %s', (_where, dtype, makeBackend, rtol) => {
  it('there are nine cases', () => expect(cases).toHaveLength(9));

  it.each(cases)("is Lasagne's: $name", async ({ testCase }) => {
    const { outputs, expected } = constrained(testCase, dtype);
    const actual = await outputsOf(outputs, await makeBackend());
    for (const [k, values] of expected.entries()) allClose(actual[k] ?? [], values, { rtol, label: `tensor ${k}` });
  });

  it('projects as the interpreter does', async () => {
    const matrix = given(Array.from({ length: 60 }, (_, i) => Math.sin(i * i)), [6, 10], dtype);
    const outputs = [nonNegative(matrix), box(matrix, -0.25, 0.5), unitNorm(matrix), clipByNorm(matrix, 2), simplex(matrix), simplex(matrix, { axis: 0, total: 3 })];
    // What float32 made of the numbers, so that the projections start from the same.
    const expected = await Promise.all(outputs.map(async (expr) => (await evaluate(expr)).data));
    const actual = await outputsOf(outputs, await makeBackend());
    for (const [k, values] of expected.entries()) allClose(actual[k] ?? [], values, { rtol, atol: rtol / 4, label: `projection ${k}` });
  });

  it('sums to 1 over a long axis', async () => {
    const x = given(Array.from({ length: 3000 }, (_, i) => Math.sin(i) / (1 + (i % 7))), [3, 1000], dtype);
    const [projected = []] = await outputsOf([simplex(x)], await makeBackend());
    for (let row = 0; row < 3; row++) {
      const sum = projected.slice(1000 * row, 1000 * (row + 1)).reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(rtol);
    }
    expect(Math.min(...projected)).toBe(0);
  });

  it('takes a limit that changes between steps, and compiles once', async () => {
    const backend = await makeBackend();
    let prepared = 0;
    const prepare = backend.prepare.bind(backend);
    backend.prepare = (...args) => {
      prepared++;
      return prepare(...args);
    };
    const w = given([3, 4], [2], dtype);
    const limit = input(dtype, [], 'limit');
    const step = await compile({ inputs: { limit }, updates: sgd(totalNormConstraint([w], limit, { epsilon: 0 }), [w], { learningRate: 1 }) }, backend);
    await step({ limit: 1 });
    allClose(await w.read(), [2.4, 3.2], { rtol });
    await step({ limit: 3 });
    allClose(await w.read(), [0.6, 0.8], { rtol: 2 * rtol });
    expect(prepared).toBe(1);
  });

  it('stands in one line: one entry of the updates, and gradients before a rule', async () => {
    const w = given([3, 4], [2, 1], dtype);
    const b = given([0], [1], dtype);
    const loss = w.sum().mul(100).add(b.sum());
    const updates = momentum(totalNormConstraint(grad(loss, [w, b]), 1), [w, b], { learningRate: 1 });
    updates.modify(w, (next) => normConstraint(next, 2));
    await (await compile({ updates }, await makeBackend()))();
    const [length, x, y] = [Math.sqrt(20_001), 3, 4];
    const moved = [x - 100 / length, y - 100 / length] as const;
    const norm = Math.hypot(...moved);
    allClose(await w.read(), moved.map((value) => (value * 2) / norm), { rtol: 10 * rtol, atol: 1e-6 });
    allClose(await b.read(), [-1 / length], { rtol: 10 * rtol, atol: 1e-8 });
  });
});
