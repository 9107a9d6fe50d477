/**
 * Accumulating a reduction: each invocation on its own, sums of floats in short runs whose sums are added with their rounding errors
 * (Knuth's exact sum), so that an error does not grow with the length; then the invocations of a workgroup in a tree, with what they
 * have lost, its last levels within subgroups where the device has them. The order depends on sizes alone.
 */
import type { DType } from '@pappus/core';
import type { ReduceOp } from '@pappus/core/backend';
import { literal, type Shader, valueType } from './shader.js';
import { itemAt } from '@pappus/compiler';

export interface Reduction {
  readonly op: ReduceOp;
  readonly dtype: DType;
}

/**
 * Numbers of one run. With u half a unit in the last place, runs of up to 8 equal numbers are off by 2.5 u at most (the worst of all 2^23
 * significands, tried one by one). What runs, invocations and chunks come to is added with its rounding errors; a partial result is
 * rounded to float32, by u at most, and so is the end. So n equal numbers sum to what is 4 units in the last place off at most, for any n.
 */
const RUN = 8;

/** Of numbers that are partial results: each is added with its rounding error. */
export const PARTIAL_RUN = 1;

/** Arrays of shared memory that a kernel has at most, a KiB each, two for a sum of floats: every device has sixteen. */
const MOST_SHARED = 12;
/** Where there are more reductions than that: how many of one type go through shared memory at a time. */
const AT_A_TIME = 4;

/** A reduction by its number, and its array of shared memory. */
interface Shared {
  readonly k: number;
  readonly reduction: Reduction;
  readonly array: string;
}

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

/** All at once where there is room, or else some of one type after another in the same arrays. */
function inBatches(reductions: readonly Reduction[]): (readonly Shared[])[] {
  if (reductions.length + reductions.filter(isSum).length <= MOST_SHARED) return [reductions.map((reduction, k) => ({ k, reduction, array: `shared${k}` }))];
  const batches: Shared[][] = [];
  for (const dtype of new Set(reductions.map((r) => r.dtype))) {
    const own = [...reductions.entries()].filter(([, r]) => r.dtype === dtype);
    for (let first = 0; first < own.length; first += AT_A_TIME) {
      batches.push(own.slice(first, first + AT_A_TIME).map(([k, reduction], n) => ({ k, reduction, array: `${dtype}Shared${n}` })));
    }
  }
  return batches;
}

function isSum({ op, dtype }: Reduction): boolean {
  return op === 'sum' && dtype === 'float32';
}

/** What a sum's array of shared memory has lost. */
function lostOf(array: string): string {
  return `${array}Low`;
}

/** The accumulators of a kernel, by the number of their reduction. */
export class Accumulators {
  private readonly blocked: boolean;
  /** Invocations whose values are combined without shared memory. */
  private readonly exchanged: number;
  /** Reductions that go through shared memory together. */
  private readonly batches: readonly (readonly Shared[])[];

  /** @param threads invocations that share a result, each `spacing` from the next in a workgroup of `workgroup` */
  constructor(
    private readonly shader: Shader,
    private readonly reductions: readonly Reduction[],
    private readonly threads: number,
    private readonly spacing: number,
    workgroup: number,
    private readonly run = RUN,
  ) {
    this.blocked = reductions.some(isSum);
    // Neighbours exchange values in the order of the tree, so that the bits are the same with subgroups and without.
    const exchanges = spacing === 1 && reductions.every((r) => r.dtype !== 'bool');
    this.exchanged = exchanges ? Math.min(threads, Math.max(1, shader.subgroupSize)) : 1;
    this.batches = threads === this.exchanged ? [] : inBatches(reductions);
    const types = new Map(this.batches.flat().map(({ array, reduction }) => [array, valueType(reduction.dtype, 1)]));
    for (const [array, type] of types) shader.declare(`var<workgroup> ${array}: array<${type}, ${workgroup}>;`);
    const lost = new Set(this.batches.flat().flatMap(({ array, reduction }) => (isSum(reduction) ? [lostOf(array)] : [])));
    for (const array of lost) shader.declare(`var<workgroup> ${array}: array<f32, ${workgroup}>;`);
  }

  start(): string[] {
    const lines = this.reductions.flatMap((r, k) => {
      const value = neutral(this.shader, r);
      return isSum(r)
        ? [`var total${k} = ${value};`, `var low${k} = ${value};`, `var run${k} = ${value};`]
        : [`var total${k} = ${value};`];
    });
    return this.blocked ? [...lines, 'var taken = 0u;'] : lines;
  }

  add(values: readonly string[]): string[] {
    const lines = this.reductions.map((r, k) => {
      const target = isSum(r) ? `run${k}` : `total${k}`;
      return `${target} = ${combine(this.shader, r, target, itemAt(values, k, 'scalar'))};`;
    });
    if (!this.blocked) return lines;
    return [...lines, 'taken += 1u;', `if (taken == ${this.run}u) {`, '  taken = 0u;', ...this.endRuns().map((line) => `  ${line}`), '}'];
  }

  /** What one invocation has, and then what all that share a result have, which the first of them (`member` 0) knows. */
  finish(): string[] {
    const isFinite = this.blocked ? this.shader.helper('isFinite') : '';
    // What is infinite has no rounding error, and its computation none but NaN.
    const whole = this.reductions.flatMap((r, k) =>
      isSum(r) ? [`total${k} = select(total${k}, total${k} + low${k}, ${isFinite}(low${k}));`] : [],
    );
    const own = this.endRuns();
    if (this.threads === 1) return [...own, ...whole];
    return [
      ...own,
      ...this.batches.flatMap((batch, n) => [...(n > 0 ? ['workgroupBarrier();'] : []), ...this.throughShared(batch)]),
      ...this.withinSubgroups(),
      ...whole,
    ];
  }

  /** The upper levels of the tree, through shared memory. */
  private throughShared(batch: readonly Shared[]): string[] {
    const other = `[local + half * ${this.spacing}u]`;
    const tree = batch.map(({ k, reduction, array }) =>
      isSum(reduction)
        ? `  if (member < half) { ${this.join(k, `${array}${other}`, `${lostOf(array)}${other}`)} ${array}[local] = total${k}; ${lostOf(array)}[local] = low${k}; }`
        : `  if (member < half) { ${array}[local] = ${combine(this.shader, reduction, `${array}[local]`, `${array}${other}`)}; }`,
    );
    return [
      ...batch.flatMap(({ k, reduction, array }) => [`${array}[local] = total${k};`, ...(isSum(reduction) ? [`${lostOf(array)}[local] = low${k};`] : [])]),
      'workgroupBarrier();',
      `for (var half = ${this.threads / 2}u; half >= ${this.exchanged}u; half = half / 2u) {`,
      ...tree,
      '  workgroupBarrier();',
      '}',
      ...batch.flatMap(({ k, reduction, array }) => [`total${k} = ${array}[local];`, ...(isSum(reduction) ? [`low${k} = ${lostOf(array)}[local];`] : [])]),
    ];
  }

  /** The levels below, by exchange; the first invocation of a result has the right values, the others any. */
  private withinSubgroups(): string[] {
    const lines: string[] = [];
    for (let half = this.exchanged / 2; half >= 1; half /= 2) {
      lines.push(
        ...this.reductions.map((r, k) => {
          const other = this.shader.further(`total${k}`, half);
          return isSum(r)
            ? `{ let far = ${other}; let farLow = ${this.shader.further(`low${k}`, half)}; ${this.join(k, 'far', 'farLow')} }`
            : `total${k} = ${combine(this.shader, r, `total${k}`, other)};`;
        }),
      );
    }
    return lines;
  }

  /** Statements that add another sum and what it has lost. */
  private join(k: number, other: string, lost: string): string {
    const exact = this.shader.helper('exact');
    return (
      `let joint = ${exact}(total${k} + ${other}); let share = ${exact}(joint - total${k}); ` +
      `low${k} += ${lost} + (${exact}(total${k} - ${exact}(joint - share)) + ${exact}(${other} - share)); total${k} = joint;`
    );
  }

  private endRuns(): string[] {
    if (!this.blocked) return [];
    const exact = this.shader.helper('exact');
    return this.reductions.flatMap((r, k) =>
      isSum(r)
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
