// Conditions beside their truth tables: what is joined says what its parts say, and what says the same is the same.
import { describe, expect, it } from 'vitest';
import { ALWAYS, both, type Condition, Conditions, either, implies, isAlways, negated, NEVER } from '../../src/kernels/condition.js';
import { HostProgram } from '../../src/index.js';
import { required } from '../../src/required.js';

/** Three bools of the host, and what is made of them. */
function setting(): { host: HostProgram; conditions: Conditions; a: number; b: number; c: number; apply: (op: 'and' | 'or' | 'not', ...args: number[]) => number; of: (index: number) => Condition } {
  const host = new HostProgram();
  const conditions = new Conditions(host);
  const [a, b, c] = [host.input(0), host.input(1), host.input(2)];
  return { host, conditions, a, b, c, apply: (op, ...args) => host.apply(op, args, 'bool', 'bool'), of: (index) => required(conditions.of(index), 'a condition') };
}

/** What an instruction of the host is, for each of the eight values of its inputs. */
function truth(host: HostProgram, index: number | undefined): boolean[] {
  return Array.from({ length: 8 }, (_, bits) => index === undefined || host.evaluate((k) => (bits >> k) & 1, () => NaN)[index] === 1);
}

/** A random formula over three inputs. */
function formula({ apply, a, b, c }: Pick<ReturnType<typeof setting>, 'apply' | 'a' | 'b' | 'c'>, draw: () => number, depth: number): number {
  const next = (): number => formula({ apply, a, b, c }, draw, depth - 1);
  if (depth === 0) return [a, b, c][Math.floor(draw() * 3)] ?? a;
  const kind = draw();
  return kind < 0.2 ? apply('not', next()) : apply(kind < 0.6 ? 'and' : 'or', next(), next());
}

function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('conditions', () => {
  it('hold where what they are made of does', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const all = setting();
      const draw = draws(seed);
      const { host, conditions, of } = all;
      const [p, q] = [formula(all, draw, 3), formula(all, draw, 3)];
      const [x, y] = [truth(host, p), truth(host, q)];
      const said = (condition: Condition): boolean[] => truth(host, conditions.indexOf(condition));
      expect(said(of(p))).toEqual(x);
      expect(said(both(of(p), of(q)))).toEqual(x.map((v, k) => v && y[k] === true));
      expect(said(either(of(p), of(q)))).toEqual(x.map((v, k) => v || y[k] === true));
      expect(said(negated(of(p)))).toEqual(x.map((v) => !v));
      expect(implies(of(p), of(q))).toBe(x.every((v, k) => !v || y[k] === true));
    }
  });

  it('that say the same are one scalar of the host, which is there already where it can be', () => {
    const { host, conditions, a, b, c, apply, of } = setting();
    const index = (condition: Condition): number | undefined => conditions.indexOf(condition);
    expect(index(of(a))).toBe(a);
    expect(index(both(of(a), of(b)))).toBe(apply('and', a, b));
    expect(index(both(of(b), of(a)))).toBe(apply('and', a, b));
    expect(index(either(both(of(a), of(b)), of(a)))).toBe(a);
    expect(index(either(both(of(a), of(b)), both(of(a), negated(of(b)))))).toBe(a);
    expect(index(either(of(a), both(negated(of(a)), of(b))))).toBe(index(either(of(b), of(a))));
    expect(index(negated(negated(of(c))))).toBe(c);
    expect(isAlways(either(of(a), negated(of(a))))).toBe(true);
    expect(both(of(a), negated(of(a)))).toEqual(NEVER);
    expect([index(ALWAYS), host.constantAt(required(index(NEVER), 'never'))]).toEqual([undefined, 0]);
    expect([of(host.constant(1)), of(host.constant(0))]).toEqual([ALWAYS, NEVER]);
  });

  it('are of eight scalars at most', () => {
    const { host, conditions } = setting();
    const found = Array.from({ length: 10 }, (_, k) => conditions.of(host.input(k)));
    expect(found.map((condition) => condition !== undefined)).toEqual([...Array<boolean>(8).fill(true), false, false]);
    expect(conditions.of(host.apply('or', [host.input(0), host.input(9)], 'bool', 'bool'))).toBeUndefined();
    expect(conditions.of(host.apply('and', [host.input(0), host.input(1)], 'bool', 'bool'))).toBeDefined();
  });
});
