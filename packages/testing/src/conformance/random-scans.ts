// Random scans over int32, where arithmetic wraps and nothing is rounded: whatever is fused, shared or updated in place, the bits are those of the definition.
import type { Expr } from '@pappus/core';
import { describe, it } from 'vitest';
import { subjectOf } from '../graphs/build.js';
import { failure } from '../graphs/failure.js';
import type { Graph } from '../graphs/graph.js';
import type { Apply } from '../graphs/operations.js';
import { Recorder } from '../graphs/recorder.js';
import { seedsFrom } from '../thorough.js';
import { disagreementsOf } from './differential.js';
import { drawsOf } from './random-computation.js';
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

/** Grows random expressions over int32, and writes them down. */
class RandomScans {
  private readonly f: Apply;

  constructor(
    private readonly draws: Draws,
    private readonly recorder: Recorder,
  ) {
    this.f = recorder.apply;
  }

  /** An expression of the shape: itself, or made from it. */
  shaped(expr: Expr, shape: readonly number[]): Expr {
    return String(expr.shape) === String(shape) ? expr : this.f('broadcastTo', this.f('sum', expr), shape);
  }

  private grow(pool: [Expr, ...Expr[]], count: number, depth: number): void {
    const { draws, f } = this;
    for (let k = 0; k < count; k++) {
      const a = draws.pick(pool);
      const b = this.shaped(draws.pick(pool), a.shape.map(Number));
      const last = a.rank - 1;
      const choices: [() => Expr, ...(() => Expr)[]] = [
        () => f('add', a, b), () => f('sub', a, b), () => f('mul', a, b), () => f('maximum', a, b), () => f('where', f('gt', a, b), a, b), () => f('neg', a), () => f('transpose', a),
        () => this.recorder.remat((x = a, y = b) => f('sub', f('mul', x, y), y), [a, b]),
      ];
      if (a.rank > 0) {
        choices.push(
          () => f('sum', a, last), () => f('max', a, 0), () => f('slice', a, [null, null, -1]), () => f('sum', f('slice', a, [1, null])), () => f('sum', f('slice', f('concat', [a, b], last), [0, 1])),
          () => f('take', a, f('sum', b), 0, { mode: 'wrap' }),
        );
      }
      if (a.rank === 2) choices.push(() => f('matmul', a, f('transpose', b)), () => f('matmul', f('transpose', a), b));
      if (a.rank > 0 && depth > 0) choices.push(() => this.scan(pool, a, depth - 1));
      pool.push(draws.pick(choices)());
    }
  }

  /** One of the results of a scan over the first axis of a tensor. */
  scan(outside: readonly [Expr, ...Expr[]], input: Expr, depth: number): Expr {
    const { draws, f } = this;
    const initial = Array.from({ length: 1 + draws.below(3) }, () => this.shaped(draws.pick(outside), draws.pick(SHAPES)));
    const reverse = draws.below(2) === 1;
    const result = this.recorder.scan((state, [x = input]) => {
      const pool: [Expr, ...Expr[]] = [x, ...state, ...outside.slice(0, 3)];
      this.grow(pool, 2 + draws.below(6), depth);
      return { carries: initial.map((start) => this.shaped(draws.pick(pool), start.shape.map(Number))), outputs: [draws.pick(pool), draws.pick(pool)] };
    }, { carries: initial, inputs: [input], reverse });
    const all = [...result.carries, ...result.outputs];
    // All that the scan answers counts, some of it only through its sum.
    const [first = input] = all;
    return all.slice(1).reduce((sum, e) => f('add', sum, f('sum', e)), draws.pick([first, ...all]));
  }
}

function randomLoops(seed: number): Graph {
  const draws = new Draws(drawsOf(seed));
  const recorder = new Recorder();
  const scans = new RandomScans(draws, recorder);
  const [x, y] = [recorder.input('x', 'int32', [4, 3]), recorder.input('y', 'int32', [6, 3, 5])];
  const [v, n] = [recorder.variable('v', spread('int32', [3, 5], { seed: 3 })), recorder.variable('n', spread('int32', [], { seed: 4 }))];
  const pool: [Expr, ...Expr[]] = [v, n, x, y, recorder.apply('broadcastTo', recorder.apply('scalar', 3, 'int32'), [2, 3])];
  const results = [x, y, draws.pick(pool)].map((input) => {
    const result = input.rank === 0 ? input : scans.scan(pool, input, 1);
    pool.push(result);
    return result;
  });
  const updates = new Map([[v, scans.shaped(draws.pick(pool), [3, 5])], [n, scans.shaped(draws.pick(pool), [])]]);
  return recorder.graph({ outputs: Object.fromEntries(results.map((r, k) => [`r${k}`, r])), updates }, [1, 2].map((step) => ({ x: spread('int32', [4, 3], { seed: step }), y: spread('int32', [6, 3, 5], { seed: step + 5 }) })));
}

/**
 * Runs the random scans of a seed on the backend.
 *
 * @throws {Error} if the backend and the interpreter differ; the message has the graph as a program, made small
 */
export async function runRandomLoops(seed: number, setting: Setting): Promise<void> {
  const graph = randomLoops(seed);
  const backend = await setting.backend();
  const subject = subjectOf(graph);
  const found = await disagreementsOf(subject, backend, setting.closeness()).catch((error: unknown) => [String(error)]);
  if (found.length > 0) throw new Error(await failure(graph, found, backend, { seed, precision: setting.precision, program: setting.program }));
}

export function randomScans(setting: Setting): void {
  if (!setting.dtypes.includes('int32')) return;
  describe('random scans', () => {
    it('compute what the definition does, bit for bit', async () => {
      for (const seed of seedsFrom(20250311, setting.runs(150))) await runRandomLoops(seed, setting);
    }, 300_000);
  });
}
