// What a constraint on the norm of all gradients costs: one pass over them, whatever their number, and none more over the parameters.
import { describe, expect, it } from 'vitest';
import { adam, add, compile, cpu, type Expr, grad, interpreter, totalNormConstraint, variable, type Variable } from '../src/index.js';

const SHAPES: readonly (readonly number[])[] = [[7], [], [3, 5], [1], [128], [2, 3, 4], [0], [33, 9]];

/** Parameters of `count` shapes, and the gradients of the sum of their squares. */
function problem(count: number): { readonly params: readonly Variable[]; readonly grads: readonly Expr[] } {
  const params = Array.from({ length: count }, (_, k) => {
    const shape = SHAPES[k % SHAPES.length] ?? [];
    const length = shape.reduce((product, d) => product * d, 1);
    return variable({ data: Float32Array.from({ length }, (_value, i) => Math.sin(i + 3 * k + 1)), shape }, { name: `p${k}` });
  });
  return { params, grads: grad(params.map((p) => p.square().sum()).reduce(add), params) };
}

describe('adam behind totalNormConstraint', () => {
  it.each([1, 2, 3, 8, 40])('is one reduction and one update of %i parameters', async (count) => {
    const { params, grads } = problem(count);
    const train = await compile({ updates: adam(totalNormConstraint(grads, 0.5), params) }, await cpu());
    expect(train.program.kernels.map(({ kind, name }) => [kind, name === 'update'])).toEqual([['reduce', false], ['elementwise', true]]);
    const [reduction, update] = train.program.kernels;
    expect(reduction?.reads).toEqual(params.map((p) => p.name));
    expect(update?.segments).toBe(count);
    expect(update?.inPlace.filter((name) => name.startsWith('p'))).toHaveLength(count);
  });

  it('computes what the interpreter does', async () => {
    const run = async (backend: Awaited<ReturnType<typeof cpu>> | ReturnType<typeof interpreter>): Promise<readonly number[]> => {
      const { params, grads } = problem(16);
      const [constrained, norm] = totalNormConstraint(grads, 0.5, { returnNorm: true });
      const train = await compile({ outputs: { norm }, updates: adam(constrained, params, { learningRate: 0.1 }) }, backend);
      const values = [await (await train()).norm.item()];
      await train();
      for (const param of params) values.push(...(await param.read()));
      return values;
    };
    const [actual, expected] = [await run(await cpu()), await run(interpreter())];
    expect(actual).toHaveLength(expected.length);
    // Two steps of 0.1, each a few roundings of a number near 1.
    for (const [k, value] of expected.entries()) expect(Math.abs((actual[k] ?? NaN) - value)).toBeLessThan(4e-6);
  });
});
