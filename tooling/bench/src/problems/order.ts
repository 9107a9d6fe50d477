/** Sorting, selection and what is cumulative, of a million numbers or of rows of a thousand. */
import { cummax, cumprod, type Expr, median, searchSorted, sort, topK } from 'pappus';
import { WrongResult } from '../contender.js';
import { uniform } from '../random.js';
import type { Operand, OperationProblem } from './operations.js';

const MANY = 1_000_000;
const SIDE = 1000;
const FEW = [10, 1000];

/** All of them. */
export function order(): readonly OperationProblem[] {
  const many: Operand = { shape: [MANY], data: uniform(MANY, -1, 1, 1) };
  const rows: Operand = { shape: [SIDE, SIDE], data: many.data };
  const odd: Operand = { shape: [MANY + 1], data: uniform(MANY + 1, -1, 1, 2) };
  const factors: Operand = { shape: [MANY], data: uniform(MANY, 0.99, 1.01, 3) };
  const edges: Operand = { shape: [SIDE], data: uniform(SIDE, -1, 1, 4).sort() };
  return [
    {
      ...exactly(() => many.data.toSorted()),
      operation: 'sort', title: 'sort, 1,000,000', operands: [many], pappus: ([x]) => [sort(of(x))], torch: '[torch.sort(x[0])[0]]',
      jaxJs: ({ numpy }, [x]) => [numpy.sort(of(x))],
    },
    {
      ...exactly(() => sortedRows(rows.data)),
      operation: 'sort', title: 'sort, 1000 rows of 1000', operands: [rows], pappus: ([x]) => [sort(of(x))], torch: '[torch.sort(x[0])[0]]',
      jaxJs: ({ numpy }, [x]) => [numpy.sort(of(x))],
    },
    ...FEW.map((k): OperationProblem => ({
      ...exactly(() => many.data.toSorted().reverse().subarray(0, k)),
      operation: 'topK', title: `topK, ${k} of 1,000,000`, operands: [many], pappus: ([x]) => [topK(of(x), k).values], torch: `[torch.topk(x[0], ${k})[0]]`,
      tfjs: (library, [x]) => [library.topk(of(x), k).values],
    })),
    {
      ...exactly(() => [odd.data.toSorted()[MANY / 2] ?? NaN]),
      operation: 'median', title: 'median, 1,000,001', operands: [odd], pappus: ([x]) => [median(of(x))], torch: '[torch.median(x[0])]',
    },
    {
      ...exactly(() => many.data.map((value) => smaller(edges.data, value))),
      operation: 'searchSorted', title: 'searchSorted, 1,000,000 among 1000', operands: [edges, many], pappus: ([a, x]) => [searchSorted(of(a), of(x)).cast('float32')],
      torch: '[torch.searchsorted(x[0], x[1])]',
    },
    {
      operation: 'cumprod', title: 'cumprod, 1,000,000', operands: [factors], pappus: ([x]) => [cumprod(of(x))], torch: '[torch.cumprod(x[0], 0)]',
      error: ([found]) => worst(of(found), running(factors.data, (a, b) => a * b)),
      tolerance: MANY * 2 ** -24,
    },
    {
      ...exactly(() => running(many.data, Math.max)),
      operation: 'cummax', title: 'cummax, 1,000,000', operands: [many], pappus: ([x]: readonly Expr[]) => [cummax(of(x)).values], torch: '[torch.cummax(x[0], 0)[0]]',
    },
  ];
}

/** What is to be found as it is. */
function exactly(expected: () => ArrayLike<number>): Pick<OperationProblem, 'error' | 'tolerance'> {
  return { error: ([found]) => worst(of(found), expected()), tolerance: 0 };
}

function sortedRows(data: Float32Array): Float32Array {
  const rows = data.slice();
  for (let k = 0; k < SIDE; k++) rows.subarray(k * SIDE, (k + 1) * SIDE).sort();
  return rows;
}

/** How many of what is sorted are smaller. */
function smaller(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const at = Math.floor((low + high) / 2);
    if ((sorted[at] ?? NaN) < value) low = at + 1;
    else high = at;
  }
  return low;
}

/** The largest difference as a share of what is expected. */
function worst(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let off = 0;
  for (let k = 0; k < expected.length; k++) {
    const [a, b] = [found[k] ?? NaN, expected[k] ?? NaN];
    if (a !== b) off = Math.max(off, Math.abs(a - b) / Math.abs(b));
  }
  return off;
}

function running(values: Float32Array, add: (a: number, b: number) => number): Float64Array {
  const out = Float64Array.from(values);
  for (let k = 1; k < out.length; k++) out[k] = add(out[k - 1] ?? NaN, out[k] ?? NaN);
  return out;
}

function of<T>(value: T | undefined): T {
  if (value === undefined) throw new WrongResult('an operand or a result is missing');
  return value;
}
