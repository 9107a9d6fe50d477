/** What a body's values can never be, whatever the tensors hold: where -0 cannot be, a maximum takes fewer instructions. */
import type { Body, Instruction } from '@pappus/compiler';

/** The instructions of a body whose values are never -0, by their places. */
export function neverMinusZero({ instructions }: Body): ReadonlySet<number> {
  // Of 0 and more and never -0, or NaN of either sign: what products and roots of such are, too.
  const nonNegative = new Set<number>();
  const found = new Set<number>();
  for (const [k, instruction] of instructions.entries()) {
    if (isNonNegative(instruction, nonNegative)) nonNegative.add(k);
    if (nonNegative.has(k) || isNeverMinusZero(instruction, found)) found.add(k);
  }
  return found;
}

function isNonNegative(i: Instruction, known: ReadonlySet<number>): boolean {
  if (i.kind === 'constant') return i.value >= 0 && !Object.is(i.value, -0);
  if (i.kind !== 'apply') return false;
  const [a = -1, b = -1] = i.args;
  switch (i.op) {
    case 'abs':
    case 'exp':
    case 'sigmoid':
      return true;
    case 'sqrt':
      return known.has(a);
    case 'mul':
      return a === b || (known.has(a) && known.has(b));
    case 'add':
    case 'div':
    case 'minimum':
      return known.has(a) && known.has(b);
    case 'maximum':
      return known.has(a) || known.has(b);
    default:
      return false;
  }
}

function isNeverMinusZero(i: Instruction, known: ReadonlySet<number>): boolean {
  if (i.kind === 'constant') return !Object.is(i.value, -0);
  if (i.kind !== 'apply') return false;
  const [a = -1, b = -1] = i.args;
  switch (i.op) {
    // What cancels is 0: a sum is -0 only of two, and a difference only of -0 and 0.
    case 'add':
      return known.has(a) || known.has(b);
    case 'sub':
    case 'sqrt':
      return known.has(a);
    default:
      return false;
  }
}
