// Sharpness-aware minimization by hand: the same graph written out with `substitute`.
import { describe, expect, it } from 'vitest';
import { adam, compile, cpu, type Expr, grad, interpreter, sam, sgd, sqrt, substitute, type Variable } from '../../src/index.js';
import { recurrent } from './recurrent.js';

/** The gradients uphill, by the definition. */
function uphill(loss: Expr, params: readonly Variable[], rho: number, adaptive: boolean): readonly Expr[] {
  const here = grad(loss, params);
  const sized = here.map((g, k) => (adaptive ? g.mul(params[k]?.abs() ?? g) : g));
  const norm = sqrt(sized.map((g) => g.square().sum()).reduce((a, b) => a.add(b)));
  const there = params.map((p, k) => p.add((adaptive ? p.square().mul(here[k] ?? p) : (here[k] ?? p)).mul(rho).div(norm)));
  const [worst] = substitute([loss], new Map(params.map((p, k) => [p, there[k] ?? p])));
  return grad(worst, there);
}

describe('sam over a loss with a scan', () => {
  it.each([false, true])('is the graph written out: adaptive %s', async (adaptive) => {
    const rho = adaptive ? 0.5 : 0.05;
    const way = async (by: 'wrapper' | 'hand', rule: typeof sgd | typeof adam): Promise<number[]> => {
      const { inputs, params, loss, values } = recurrent('float64');
      const updates = by === 'wrapper' ? sam(rule, { rho, adaptive, epsilon: 0 })(loss, params, { learningRate: 0.1 }) : rule(uphill(loss, params, rho, adaptive), params, { learningRate: 0.1 });
      const step = await compile({ inputs, updates }, interpreter());
      for (let k = 0; k < 3; k++) await step(values);
      return (await Promise.all(params.map(async (p) => [...(await p.read())]))).flat();
    };
    for (const rule of [sgd, adam]) {
      const [wrapped, written] = [await way('wrapper', rule), await way('hand', rule)];
      // They differ by the order of products: a few 1e-16 of gradients of 1e-3 at least, which adam divides by their size.
      wrapped.forEach((value, i) => expect(Math.abs(value - (written[i] ?? NaN))).toBeLessThan(1e-12));
    }
  });

  it('runs the scan twice forwards and twice backwards', async () => {
    const scans = async (wrapped: boolean): Promise<number> => {
      const { inputs, params, loss, values } = recurrent();
      const rule = wrapped ? sam(sgd) : sgd;
      const step = await compile({ inputs, updates: rule(loss, params, { learningRate: 0.1 }) }, await cpu());
      await step(values);
      return step.program.kernels.filter(({ repeats, operations }) => repeats > 1 && operations.join() === 'matmul').length;
    };
    expect(await scans(true)).toBe(2 * (await scans(false)));
  });

  it('moves nothing at a rho of 0 that the rule would not', async () => {
    const way = async (wrapped: boolean): Promise<number[]> => {
      const { inputs, params, loss, values } = recurrent('float64');
      const rule = wrapped ? sam(sgd, { rho: 0 }) : sgd;
      await (await compile({ inputs, updates: rule(loss, params, { learningRate: 0.1 }) }, interpreter()))(values);
      return (await Promise.all(params.map(async (p) => [...(await p.read())]))).flat();
    };
    expect(await way(true)).toEqual(await way(false));
  });
});
