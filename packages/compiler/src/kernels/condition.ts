/**
 * Conditions under which kernels run: yes or no of scalars of the host, joined by `and` and `or`. Two that say the same are seen to, as far as
 * whoever runs a kernel in vain, or not at all, depends on it.
 */
import type { HostProgram } from '../lower/host.js';

/** Scalars that must hold, k + 1 for instruction k of the host program, or must not, -(k + 1); ascending. */
type Term = readonly number[];

/** One of its terms at least holds. */
export type Condition = readonly Term[];

export const ALWAYS: Condition = [[]];
export const NEVER: Condition = [];

/** So many scalars at most are told apart: conditions stay small. */
const MOST_SCALARS = 8;

/** What steps are counted by: in core up to the largest int32. */
const COUNTING: ReadonlySet<string> = new Set(['add', 'sub', 'minimum', 'cast']);

/** The conditions of one program. */
export class Conditions {
  private readonly scalars = new Set<number>();

  constructor(private readonly host: HostProgram) {}

  /** That an instruction of the host, a bool, holds; undefined if the program has too many that conditions could be made of. */
  of(index: number): Condition | undefined {
    const instruction = this.host.instructions[index];
    if (instruction?.kind === 'constant') return instruction.value === 0 ? NEVER : ALWAYS;
    if (instruction?.kind === 'apply') {
      const [a, b] = instruction.args;
      // Their operands are bool, as is what they give.
      if (instruction.op === 'not' && a !== undefined) return mapped(this.of(a), negated);
      if ((instruction.op === 'and' || instruction.op === 'or') && a !== undefined && b !== undefined) {
        const [left, right] = [this.of(a), this.of(b)];
        if (left === undefined || right === undefined) return undefined;
        return instruction.op === 'and' ? both(left, right) : either(left, right);
      }
    }
    if (!this.scalars.has(index) && this.scalars.size === MOST_SCALARS) return undefined;
    this.scalars.add(index);
    return [[index + 1]];
  }

  /**
   * A condition without what fails in one step alone, such as that a step count is not 1: it holds wherever the given one does, and hardly more
   * often. What runs then for nothing runs once, and in all other steps shares a kernel with what always runs.
   */
  mostly(condition: Condition): Condition {
    const kept = condition.map((term) => term.filter((k) => k > 0 || !this.holdsOnce(-k - 1)));
    return kept.every((term, at) => term.length === condition[at]?.length) ? condition : simplified(kept);
  }

  /** Whether a scalar compares a variable, or a count made of one by sums, with a number. */
  private holdsOnce(index: number): boolean {
    const { instructions } = this.host;
    const instruction = instructions[index];
    if (instruction?.kind !== 'apply' || instruction.op !== 'eq') return false;
    const isNumber = (at: number): boolean => instructions[at]?.kind === 'constant';
    const isCount = (at: number): boolean => {
      const counted = instructions[at];
      if (counted?.kind === 'variable') return true;
      if (counted?.kind !== 'apply' || !COUNTING.has(counted.op)) return false;
      return counted.args.some(isCount) && counted.args.every((arg) => isNumber(arg) || isCount(arg));
    };
    return instruction.args.some(isNumber) && instruction.args.some(isCount);
  }

  /** The instruction of the host that says whether a condition holds; undefined if it always does. */
  indexOf(condition: Condition): number | undefined {
    if (isAlways(condition)) return undefined;
    const { host } = this;
    const joined = (op: 'and' | 'or', parts: readonly number[], none: number): number =>
      parts.length === 0 ? host.constant(none) : parts.reduce((a, b) => host.apply(op, [a, b], 'bool', 'bool'));
    const literal = (k: number): number => (k > 0 ? k - 1 : host.apply('not', [-k - 1], 'bool', 'bool'));
    return joined('or', condition.map((term) => joined('and', term.map(literal), 1)), 0);
  }
}

export function isAlways(condition: Condition): boolean {
  return condition.some((term) => term.length === 0);
}

export function both(a: Condition, b: Condition): Condition {
  if (isAlways(a)) return b;
  if (isAlways(b)) return a;
  return simplified(a.flatMap((left) => b.flatMap((right) => {
    const term = [...new Set([...left, ...right])].sort((x, y) => x - y);
    return term.some((k) => term.includes(-k)) ? [] : [term];
  })));
}

export function either(a: Condition, b: Condition): Condition {
  if (a === b || isAlways(a)) return a;
  return isAlways(b) ? b : simplified([...a, ...b]);
}

export function negated(condition: Condition): Condition {
  return condition.reduce<Condition>((all, term) => both(all, term.map((k) => [-k])), ALWAYS);
}

/** Whether b holds wherever a does. */
export function implies(a: Condition, b: Condition): boolean {
  return both(a, negated(b)).length === 0;
}

/** What does not depend on a scalar does not name it: `a or (not a and b)` is `a or b`. */
function simplified(terms: readonly Term[]): Condition {
  let list = terms;
  for (;;) {
    const shorter = list.map((term) => {
      const needless = term.find((k) => list.some((other) => other.includes(-k) && other.every((l) => l === -k || term.includes(l))));
      return needless === undefined ? term : term.filter((k) => k !== needless);
    });
    const within = (a: Term, b: Term): boolean => a.every((k) => b.includes(k));
    const kept = shorter.filter((term, at) => !shorter.some((other, k) => k !== at && within(other, term) && (k < at || !within(term, other))));
    if (kept.length === list.length && shorter.every((term, k) => term === list[k])) return [...kept].sort(inOrder);
    list = kept;
  }
}

function inOrder(a: Term, b: Term): number {
  for (const [k, left] of a.entries()) {
    const right = b[k];
    if (right === undefined) return 1;
    if (left !== right) return left - right;
  }
  return a.length - b.length;
}

function mapped(condition: Condition | undefined, change: (condition: Condition) => Condition): Condition | undefined {
  return condition === undefined ? undefined : change(condition);
}
