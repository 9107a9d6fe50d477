// What tests of linear algebra compute with: recorded cases, seeded numbers, closeness.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { literal } from '../../../src/graph/construct.js';
import type { Expr } from '../../../src/graph/expr.js';
import { evaluate } from '../../../src/run/evaluate.js';
import { checkGradient, checkSecondDerivatives, tensor as valueOf } from '../../gradients/finite-differences.js';
import { sizeOf } from '../../../src/graph/shape.js';

/** A tensor as a recorded case has it. */
export interface RecordedTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A case that torch has computed. */
export interface RecordedCase {
  readonly name: string;
  /** Relative to the largest element of a result. */
  readonly tolerance: number;
  tensor(name: string): RecordedTensor;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((x) => typeof x === 'number');

function tensorOf(value: unknown): RecordedTensor {
  if (!isObject(value) || !isNumbers(value['shape']) || !isNumbers(value['data'])) throw new Error('a recorded tensor has no shape or no data');
  return { shape: value['shape'], data: value['data'] };
}

/** The cases of an operation in tooling/testing/data/linalg.json; its README says where they are from. */
export function recorded(operation: string): readonly RecordedCase[] {
  const file: unknown = JSON.parse(readFileSync(new URL('../../../../../tooling/testing/data/linalg.json', import.meta.url), 'utf8'));
  if (!isObject(file) || !Array.isArray(file['linalg'])) throw new Error('linalg.json has no cases');
  const all: readonly unknown[] = file['linalg'];
  return all.flatMap((one) => {
    if (!isObject(one) || one['op'] !== operation) return [];
    return [{ name: String(one['name']), tolerance: Number(one['tolerance']), tensor: (name: string) => tensorOf(name === 'a' ? { shape: one['shape'], data: one['a'] } : one[name]) }];
  });
}

export const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
export const f32 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float32');
export const tensor = ({ shape, data }: RecordedTensor): Expr => f64(data, shape);

export async function numbers(expr: Expr): Promise<number[]> {
  return [...(await evaluate(expr)).data];
}

/** The largest magnitude. */
export const largest = (values: readonly number[]): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Fails unless every number is within `tolerance` times the largest magnitude of those expected. */
export function expectClose(found: readonly number[], wanted: readonly number[], tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  const scale = largest(wanted);
  for (const [k, x] of wanted.entries()) expect(Math.abs((found[k] ?? NaN) - x), `element ${k}: ${found[k]}, not ${x}`).toBeLessThanOrEqual(tolerance * scale);
}

/** Fails unless an expression has the numbers that torch 2.13.0 printed. */
export async function expectNumbers(expr: Expr, wanted: readonly number[], tolerance = 1e-13): Promise<void> {
  expectClose(await numbers(expr), wanted, tolerance);
}

/** Numbers between -1 and 1, always the same for a seed: a multiply-with-carry by Marsaglia. */
export function seeded(seed: number, count: number): number[] {
  let z = 362436069 ^ seed;
  let w = 521288629 ^ (seed * 7919);
  return Array.from({ length: count }, () => {
    z = (36969 * (z & 0xffff) + (z >>> 16)) | 0;
    w = (18000 * (w & 0xffff) + (w >>> 16)) | 0;
    return (((z << 16) + (w & 0xffff)) >>> 0) / 2 ** 31 - 1;
  });
}

/** Throws unless the first and second derivatives of `f` are its finite differences at one place. */
export function checkDerivativesOnce(f: (...args: Expr[]) => Expr, shapes: readonly (readonly number[])[]): void {
  const values = shapes.map((shape, k) => valueOf(shape, seeded(k + 1, sizeOf(shape))));
  checkGradient(f, values);
  checkSecondDerivatives(f, values);
}
