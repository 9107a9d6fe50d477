/**
 * Accumulating a reduction: each invocation on its own, sums of floats in short runs whose sums are added with their rounding errors
 * (Knuth's exact sum), so that an error does not grow with the length; then the invocations of a workgroup in a tree, its last levels
 * within subgroups where the device has them. The order depends on sizes alone.
 */
import type { DType, ReduceOp } from '@pappus/core';
import { literal, type Shader, valueType } from './shader.js';

export interface Reduction {
  readonly op: ReduceOp;
  readonly dtype: DType;
}

/** Numbers of one run. */
const RUN = 8;

function neutral(shader: Shader, { op, dtype }: Reduction): string {
  const integer = dtype === 'int32';
  const value = { sum: 0, prod: 1, max: integer ? -(2 ** 31) : -Infinity, min: integer ? 2 ** 31 - 1 : Infinity, all: 1, any: 0 }[op];
  return literal(value, dtype, shader);
}

function combine(shader: Shader, { op, dtype }: Reduction, a: string, b: string): string {
  switch (op) {
    case 'sum':
      return `${a} + ${b}`;
    case 'prod':
      return `${a} * ${b}`;
    case 'max':
      return dtype === 'int32' ? `max(${a}, ${b})` : `${shader.helper('maximum')}(${a}, ${b})`;
    case 'min':
      return dtype === 'int32' ? `min(${a}, ${b})` : `${shader.helper('minimum')}(${a}, ${b})`;
    case 'all':
      return `${a} & ${b}`;
    case 'any':
      return `${a} | ${b}`;
  }
}

/** The accumulators of a kernel, by the number of their reduction. */
export class Accumulators {
  private readonly blocked: boolean;
  /** Invocations whose values are combined without shared memory. */
  private readonly exchanged: number;

  /** @param threads invocations that share a result, each `spacing` from the next in a workgroup of `workgroup` */
  constructor(
    private readonly shader: Shader,
    private readonly reductions: readonly Reduction[],
    private readonly threads: number,
    private readonly spacing: number,
    workgroup: number,
  ) {
    this.blocked = reductions.some((r) => this.isSum(r));
    // Neighbours exchange values in the order of the tree, so that the bits are the same with subgroups and without.
    const exchanges = spacing === 1 && reductions.every((r) => r.dtype !== 'bool');
    this.exchanged = exchanges ? Math.min(threads, Math.max(1, shader.subgroupSize)) : 1;
    if (threads === this.exchanged) return;
    for (const [k, { dtype }] of reductions.entries()) shader.declare(`var<workgroup> shared${k}: array<${valueType(dtype, 1)}, ${workgroup}>;`);
  }

  start(): string[] {
    const lines = this.reductions.flatMap((r, k) => {
      const value = neutral(this.shader, r);
      return this.isSum(r) ? [`var total${k} = ${value};`, `var low${k} = ${value};`, `var run${k} = ${value};`] : [`var total${k} = ${value};`];
    });
    return this.blocked ? [...lines, 'var taken = 0u;'] : lines;
  }

  add(values: readonly string[]): string[] {
    const lines = this.reductions.map((r, k) => {
      const target = this.isSum(r) ? `run${k}` : `total${k}`;
      return `${target} = ${combine(this.shader, r, target, values[k] ?? '')};`;
    });
    if (!this.blocked) return lines;
    return [...lines, 'taken += 1u;', `if (taken == ${RUN}u) {`, '  taken = 0u;', ...this.endRuns().map((line) => `  ${line}`), '}'];
  }

  /** What one invocation has, and then what all that share a result have, which the first of them (`member` 0) knows. */
  finish(): string[] {
    const isFinite = this.blocked ? this.shader.helper('isFinite') : '';
    // What is infinite has no rounding error, and its computation none but NaN.
    const whole = this.reductions.flatMap((r, k) => (this.isSum(r) ? [`total${k} = select(total${k}, total${k} + low${k}, ${isFinite}(low${k}));`] : []));
    const own = [...this.endRuns(), ...whole];
    if (this.threads === 1) return own;
    return [...own, ...(this.threads > this.exchanged ? this.throughShared() : []), ...this.withinSubgroups()];
  }

  /** The upper levels of the tree, through shared memory. */
  private throughShared(): string[] {
    const tree = this.reductions.flatMap((r, k) => [
      `  if (member < half) { shared${k}[local] = ${combine(this.shader, r, `shared${k}[local]`, `shared${k}[local + half * ${this.spacing}u]`)}; }`,
    ]);
    return [
      ...this.reductions.map((_, k) => `shared${k}[local] = total${k};`),
      'workgroupBarrier();',
      `for (var half = ${this.threads / 2}u; half >= ${this.exchanged}u; half = half / 2u) {`,
      ...tree,
      '  workgroupBarrier();',
      '}',
      ...this.reductions.map((_, k) => `total${k} = shared${k}[local];`),
    ];
  }

  /** The levels below, by exchange; the first invocation of a result has the right values, the others any. */
  private withinSubgroups(): string[] {
    const lines: string[] = [];
    for (let half = this.exchanged / 2; half >= 1; half /= 2) {
      lines.push(...this.reductions.map((r, k) => `total${k} = ${combine(this.shader, r, `total${k}`, this.shader.further(`total${k}`, half))};`));
    }
    return lines;
  }

  private isSum({ op, dtype }: Reduction): boolean {
    return op === 'sum' && dtype === 'float32';
  }

  private endRuns(): string[] {
    if (!this.blocked) return [];
    const exact = this.shader.helper('exact');
    return this.reductions.flatMap((r, k) =>
      this.isSum(r)
        ? [
            `let sum${k} = ${exact}(total${k} + run${k});`,
            `let part${k} = ${exact}(sum${k} - total${k});`,
            `low${k} += ${exact}(total${k} - ${exact}(sum${k} - part${k})) + ${exact}(run${k} - part${k});`,
            `total${k} = sum${k};`,
            `run${k} = 0.0;`,
          ]
        : [],
    );
  }
}
