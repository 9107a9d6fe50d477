// Random loops over int32, where arithmetic wraps and nothing is rounded: whatever is fused, shared or updated in place, the bits are those of the definition.
import { concat, type Expr, remat, scalar, scan } from '@pappus/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { expectAgreement, leaf, type Subject } from './differential.js';
import type { Setting } from './setting.js';
import { spread } from './values.js';

const SHAPES: readonly [readonly number[], ...(readonly number[])[]] = [[], [3], [5], [3, 5], [5, 3], [3, 3], [1, 4]];

/** Takes decisions from a list of numbers, over and over. */
class Draws {
  private at = 0;

  constructor(private readonly numbers: readonly number[]) {}

  below(n: number): number {
    const number = this.numbers[this.at++ % this.numbers.length] ?? 0;
    return (number + this.at) % n;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}

/** An expression of the shape: itself, or made from it. */
function shaped(expr: Expr, shape: readonly number[]): Expr {
  return String(expr.shape) === String(shape) ? expr : expr.sum().broadcastTo(shape);
}

function grow(draws: Draws, pool: [Expr, ...Expr[]], count: number, depth: number): void {
  for (let k = 0; k < count; k++) {
    const a = draws.pick(pool);
    const b = shaped(draws.pick(pool), a.shape.map(Number));
    const last = a.rank - 1;
    const choices: [() => Expr, ...(() => Expr)[]] = [
      () => a.add(b), () => a.sub(b), () => a.mul(b), () => a.maximum(b), () => a.gt(b).where(a, b), () => a.neg(), () => a.transpose(),
      () => remat((x, y) => x.mul(y).sub(y), a, b),
    ];
    if (a.rank > 0) {
      choices.push(() => a.sum(last), () => a.max(0), () => a.slice([null, null, -1]), () => a.slice([1, null]).sum(), () => concat([a, b], last).slice([0, 1]).sum(), () => a.take(b.sum(), 0, { mode: 'wrap' }));
    }
    if (a.rank === 2) choices.push(() => a.matmul(b.transpose()), () => a.transpose().matmul(b));
    if (a.rank > 0 && depth > 0) choices.push(() => loop(draws, pool, a, depth - 1));
    pool.push(draws.pick(choices)());
  }
}

/** One of the results of a loop over the first axis of a tensor. */
function loop(draws: Draws, outside: readonly [Expr, ...Expr[]], input: Expr, depth: number): Expr {
  const initial = Array.from({ length: 1 + draws.below(3) }, (_, k): [string, Expr] => [`c${k}`, shaped(draws.pick(outside), draws.pick(SHAPES))]);
  const reverse = draws.below(2) === 1;
  const { carry, outputs } = scan((state, x) => {
    const pool: [Expr, ...Expr[]] = [x, ...Object.values(state), ...outside.slice(0, 3)];
    grow(draws, pool, 2 + draws.below(6), depth);
    return {
      carry: Object.fromEntries(initial.map(([name, start]) => [name, shaped(draws.pick(pool), start.shape.map(Number))])),
      outputs: { a: draws.pick(pool), b: draws.pick(pool) },
    };
  }, { carry: Object.fromEntries(initial), inputs: input, reverse });
  const all = [...Object.values(carry), ...Object.values(outputs)];
  // All that the loop answers counts, some of it only through its sum.
  const [first = input] = all;
  return all.slice(1).reduce((sum, e) => sum.add(e.sum()), draws.pick([first, ...all]));
}

function subjectOf(numbers: readonly number[]): Subject {
  return {
    steps: [1, 2].map((seed) => ({ x: spread('int32', [4, 3], { seed }), y: spread('int32', [6, 3, 5], { seed: seed + 5 }) })),
    variables: { v: spread('int32', [3, 5], { seed: 3 }), n: spread('int32', [], { seed: 4 }) },
    build: ({ inputs, variables }) => {
      const draws = new Draws(numbers);
      const [v, n] = [leaf(variables, 'v'), leaf(variables, 'n')];
      const pool: [Expr, ...Expr[]] = [v, n, leaf(inputs, 'x'), leaf(inputs, 'y'), scalar(3, 'int32').broadcastTo([2, 3])];
      const results = [leaf(inputs, 'x'), leaf(inputs, 'y'), draws.pick(pool)].map((input) => {
        const result = input.rank === 0 ? input : loop(draws, pool, input, 1);
        pool.push(result);
        return result;
      });
      return { outputs: Object.fromEntries(results.map((r, k) => [`r${k}`, r])), updates: new Map([[v, shaped(draws.pick(pool), [3, 5])], [n, shaped(draws.pick(pool), [])]]) };
    },
  };
}

export function randomScans(setting: Setting): void {
  if (!setting.dtypes.includes('int32')) return;
  describe('random loops', () => {
    it('compute what the definition does, bit for bit', async () => {
      await fc.assert(
        fc.asyncProperty(fc.noBias(fc.array(fc.nat(1e6), { minLength: 60, maxLength: 200 })), async (numbers) => {
          await expectAgreement(subjectOf(numbers), await setting.backend(), setting.closeness());
        }),
        { seed: 20250311, numRuns: setting.runs(150), interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
      );
    }, 300_000);
  });
}
