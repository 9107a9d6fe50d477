/**
 * What a compiler of shaders must not see. SPIR-V's optimizer, which SwiftShader and others run, takes floats for real numbers: x * 0
 * and 0 / x become 0, x + 0, (x - y) + y and (x / y) y become x, the constants of (x + c) + d and (x c) / d become one. NaN, infinities,
 * signs of zero and what rounds away are lost. Such operands go through bits that it cannot know; no others do, which cost nothing.
 */
import type { Instruction } from '@pappus/compiler';

/** How an operand is written: as it is, as a zero by its bits, or through its bits. */
export type Opacity = 'none' | 'zero' | 'bits';

type Apply = Extract<Instruction, { kind: 'apply' }>;

const SUMS: readonly string[] = ['add', 'sub'];
const PRODUCTS: readonly string[] = ['mul', 'div'];

/** For each operand of an operation of a body, how it is written. */
export function opaqueOperands(operation: Apply, body: readonly Instruction[]): Opacity[] {
  const family = familyOf(operation);
  return operation.args.map((arg, k) => {
    const value = body[arg];
    const beside = operation.args[1 - k];
    if (family === undefined || value === undefined || beside === undefined) return 'none';
    if (value.kind === 'constant' && value.value === 0) return 'zero';
    if (value.kind !== 'apply') return 'none';
    if (familyOf(value) === family && value.args.some((inner) => inner === beside || bothConstant(body[inner], body[beside]))) return 'bits';
    // a b + a c becomes a (b + c); one of the two is enough.
    return k === 0 && family === SUMS && haveFactor(value, body[beside]) ? 'bits' : 'none';
  });
}

/** Sums or products of floats, which the rules of the optimizer go over together. */
function familyOf({ op, operand }: Apply): readonly string[] | undefined {
  return operand === 'float32' ? [SUMS, PRODUCTS].find((ops) => ops.includes(op)) : undefined;
}

function bothConstant(a: Instruction | undefined, b: Instruction | undefined): boolean {
  return a?.kind === 'constant' && b?.kind === 'constant';
}

function haveFactor(a: Apply, b: Instruction | undefined): boolean {
  return a.op === 'mul' && b?.kind === 'apply' && b.op === 'mul' && a.args.some((factor) => b.args.includes(factor));
}
