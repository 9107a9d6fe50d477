/**
 * Random numbers of a routine, of what is in scope. All floats are whole and so small that nothing is rounded, whatever the order of a sum;
 * positions are inside of their arrays.
 */
import { choose, float, int, type RoutineBuilder } from '@pappus/core/routines';
import { uniforms } from './values.js';

export type Num = ReturnType<RoutineBuilder['let']> | ReturnType<typeof int>;
export type Local = ReturnType<RoutineBuilder['let']>;
type ArrayRef = ReturnType<RoutineBuilder['array']>;

/** What floats are kept below where they are stored: sums of as many as an array has are whole in float32. */
export const MOST = 1000;

/** What is whole in float32, with room for an addition. */
const EXACT = 2 ** 22;

/** What a sum of a few is not wrapped of. */
const TAME = 2 ** 20;

export const LEAST_INT = -(2 ** 31);
export const MOST_INT = 2 ** 31 - 1;

/** An array that code reaches. */
export interface RoutinePlace {
  readonly array: ArrayRef;
  readonly type: 'float' | 'int';
  /** Whether it may be written. */
  readonly writable: boolean;
}

/** What code is made of. */
export interface RandomCode {
  /** What is drawn. */
  readonly seed: number;
  /** Statements that are left out, by their numbers: `2.0` is the first within the third. */
  readonly without: ReadonlySet<string>;
  /** Whether roots and quotients are rounded as IEEE 754 says. */
  readonly exactQuotients: boolean;
  /** Operands whose elements may be anything, NaN and infinities among them. */
  readonly odd: readonly ArrayRef[];
  /** Operands of int32 that have each of 0, 1, ... once. */
  readonly permutations: readonly ArrayRef[];
}

/** A float whose magnitude is known. */
interface Float {
  readonly num: Num;
  readonly most: number;
}

/** An integer between two bounds; the whole of int32 if it may have wrapped. */
export interface Integer {
  readonly num: Num;
  readonly low: number;
  readonly high: number;
  /** By how much it moves with the index of the loop around that runs in vectors. */
  readonly along: number;
}

/** Where an iteration of a parallel loop writes, and what else nobody does there: an element for each row. */
export interface Own {
  readonly place: RoutinePlace;
  readonly rows: number;
  at(row: Num): Num;
}

/** What code stands in. */
export interface Site {
  readonly floats: Float[];
  readonly integers: Integer[];
  readonly bools: Num[];
  /** Locals that may be set again: floats below `MOST`, integers that may be anything. */
  readonly variables: { readonly local: Local; readonly type: 'float' | 'int' }[];
  /** What a parallel loop writes; undefined outside of one. */
  readonly own: readonly Own[] | undefined;
  /** Whether this is in a loop that is to run in vectors: positions are sums that move by one with its index or stay, and numbers are floats. */
  readonly even: boolean;
  /** How often this is run at most. */
  readonly rounds: number;
  readonly depth: number;
}

/** Draws. */
export class Dice {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = uniforms(seed);
    this.random();
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  once(in_: number): boolean {
    return this.below(in_) === 0;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  of<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  seed(): number {
    return this.below(2 ** 30);
  }
}

/** Draws numbers. */
export class RandomNumbers {
  dice: Dice;

  constructor(
    private readonly places: readonly RoutinePlace[],
    private readonly plan: RandomCode,
  ) {
    this.dice = new Dice(plan.seed);
  }

  /** A position in an array of a size. */
  position(site: Site, size: number): Num {
    return this.within(site, 0, size - 1, 1).num;
  }

  /** A row of so many, which all iterations of a loop that runs in vectors have in common. */
  row(site: Site, rows: number): Num {
    return this.within(site, 0, rows - 1).num;
  }

  /** An integer between bounds, which may move along with a loop that runs in vectors by no more than said. */
  within(site: Site, least: number, most: number, along = 0): Integer {
    const { dice } = this;
    if (most <= least) return known(least);
    const size = most - least + 1;
    if (dice.once(6)) return known(dice.between(least, most));
    for (let tries = site.even ? 8 : 1; tries > 0; tries--) {
      const drawn = !site.even && dice.once(4) ? this.integer(site, 2) : this.sum(site);
      const { num, low, high } = drawn;
      // Now and then a loop does not run in vectors for a single position or bound.
      if (site.even && drawn.along !== 0 && drawn.along !== along && !dice.once(16)) continue;
      if (high - low < size && Math.max(Math.abs(low), Math.abs(high)) < TAME) {
        const by = dice.between(least - low, most - high);
        return { num: by < 0 && dice.once(2) ? num.sub(-by) : num.add(by), low: low + by, high: high + by, along: drawn.along };
      }
      if (site.even) continue;
      const inside = dice.once(2) ? num.max(least).min(most) : num.sub(num.div(size).mul(size)).abs().add(least);
      return { num: inside, low: least, high: most, along: 0 };
    }
    return known(dice.between(least, most));
  }

  /** A sum of integers times constants. */
  sum(site: Site): Integer {
    const { dice } = this;
    const first = dice.between(-9, 9);
    let { num, low, high, along } = known(first);
    const tame = site.integers.filter((integer) => Math.max(Math.abs(integer.low), Math.abs(integer.high)) < TAME);
    for (let terms = dice.below(4); terms > 0; terms--) {
      // What was named last is the index of the innermost loop, most often.
      const term = dice.once(2) ? (dice.once(2) ? tame.at(-1) : tame.findLast((integer) => integer.along === 1)) : dice.of(tame);
      if (term === undefined) continue;
      const times = dice.pick([1, 1, 1, 2, 3, 7, -1, -1, -2]);
      const product = times === 1 ? term.num : term.num.mul(times);
      along += term.along * times;
      num = dice.once(2) ? num.add(product) : product.add(num);
      const ends = [term.low * times, term.high * times];
      [low, high] = [low + Math.min(...ends), high + Math.max(...ends)];
    }
    return { num, low, high, along };
  }

  integer(site: Site, depth: number): Integer {
    const { dice } = this;
    if (depth === 0 || dice.once(4)) {
      const named = dice.of(site.integers);
      if (named !== undefined && !dice.once(3)) return { ...named, along: 0 };
      const value = dice.once(8) ? dice.pick([LEAST_INT, MOST_INT, 65537, -46341]) : dice.between(-9, 40);
      return known(value);
    }
    const a = (): Integer => this.integer(site, depth - 1);
    switch (dice.below(9)) {
      case 0: {
        const loaded = this.load(site, 'int');
        return loaded === undefined ? a() : { num: loaded, low: LEAST_INT, high: MOST_INT, along: 0 };
      }
      case 1: {
        const [x, y] = [a(), a()];
        return ranged(x.num.add(y.num), [x.low + y.low, x.high + y.high]);
      }
      case 2: {
        const [x, y] = [a(), a()];
        return ranged(x.num.sub(y.num), [x.low - y.high, x.high - y.low]);
      }
      case 3: {
        const [x, y] = [a(), a()];
        return ranged(x.num.mul(y.num), [x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high]);
      }
      case 4: {
        const [x, y] = [a(), a()];
        const most = Math.max(Math.abs(x.low), Math.abs(x.high));
        return ranged(x.num.div(dice.once(2) ? y.num : dice.pick([-1, 2, 3, 7, -5])), [-most, most]);
      }
      case 5: {
        const [x, y] = [a(), a()];
        return dice.once(2) ? ranged(x.num.min(y.num), [Math.min(x.low, y.low), Math.min(x.high, y.high)]) : ranged(x.num.max(y.num), [Math.max(x.low, y.low), Math.max(x.high, y.high)]);
      }
      case 6: {
        const x = a();
        return dice.once(2) ? ranged(x.num.neg(), [-x.high, -x.low]) : ranged(x.num.abs(), [0, Math.max(Math.abs(x.low), Math.abs(x.high))]);
      }
      case 7: {
        const [x, y] = [a(), a()];
        return ranged(choose(this.bool(site, depth - 1), x.num, y.num), [Math.min(x.low, y.low), Math.max(x.high, y.high)]);
      }
      default:
        return this.sum(site);
    }
  }

  bool(site: Site, depth: number): Num {
    const { dice } = this;
    if (!site.even && (depth === 0 || dice.once(5))) {
      const named = dice.of(site.bools);
      if (named !== undefined) return named;
    }
    const inner = Math.max(0, depth - 1);
    if (depth > 0 && dice.once(2)) {
      const [a, b] = [this.bool(site, inner), this.bool(site, inner)];
      return dice.pick([() => a.and(b), () => a.or(b), () => a.not(), () => a.eq(b)])();
    }
    if (!site.even && dice.once(2)) {
      const [a, b] = [this.integer(site, inner).num, this.integer(site, inner).num];
      return dice.pick([() => a.lt(b), () => a.le(b), () => a.eq(b), () => a.gt(b), () => a.ge(b)])();
    }
    const odd = dice.of(this.plan.odd);
    if (odd !== undefined && dice.once(3)) {
      const element = odd.at(this.position(site, odd.size));
      return dice.pick([() => element.isNan(), () => element.lt(0), () => element.ge(1).not()])();
    }
    const [a, b] = [this.float(site, inner).num, this.float(site, inner).num];
    return dice.pick([() => a.lt(b), () => a.le(b), () => a.eq(b), () => a.gt(b), () => a.ge(b), () => a.isNan()])();
  }

  float(site: Site, depth: number): Float {
    const { dice } = this;
    if (depth === 0 || dice.once(4)) {
      const named = dice.of(site.floats);
      if (named !== undefined && !dice.once(3)) return named;
      const value = dice.between(-9, 9);
      return { num: float(value), most: Math.abs(value) };
    }
    const a = (most = EXACT): Float => this.bounded(this.float(site, depth - 1), most);
    switch (dice.below(11)) {
      case 0:
      case 1:
      case 2: {
        const loaded = this.load(site, 'float');
        return loaded === undefined ? a() : { num: loaded, most: MOST };
      }
      case 3: {
        const [x, y] = [a(EXACT / 2), a(EXACT / 2)];
        return { num: dice.once(2) ? x.num.add(y.num) : x.num.sub(y.num), most: x.most + y.most };
      }
      case 4: {
        const [x, y] = [a(2 ** 11), a(2 ** 11)];
        return { num: x.num.mul(y.num), most: x.most * y.most };
      }
      case 5: {
        const [x, y] = [a(), a()];
        return { num: dice.once(2) ? x.num.min(y.num) : x.num.max(y.num), most: Math.max(x.most, y.most) };
      }
      case 6: {
        const x = a();
        return { ...x, num: dice.once(2) ? x.num.neg() : x.num.abs() };
      }
      case 7: {
        const [x, y] = [a(), a()];
        return { num: choose(this.bool(site, depth - 1), x.num, y.num), most: Math.max(x.most, y.most) };
      }
      case 8:
        return site.even ? a() : { num: this.integer(site, depth - 1).num.max(-MOST).min(MOST).toFloat(), most: MOST };
      case 9: {
        if (!this.plan.exactQuotients) return a();
        const x = a(2 ** 11);
        const by = dice.pick([2, 3, -7]);
        return dice.once(2) ? { num: x.num.mul(x.num).sqrt(), most: x.most } : { num: x.num.mul(by).div(by), most: x.most };
      }
      default: {
        const odd = dice.of(this.plan.odd);
        if (odd === undefined) return a();
        const element = odd.at(this.position(site, odd.size));
        return { num: choose(element.isNan(), dice.between(-3, 3), element.max(-MOST).min(MOST)), most: MOST };
      }
    }
  }

  /** An element that no other iteration of a parallel loop writes. */
  private load(site: Site, type: 'float' | 'int'): Num | undefined {
    const { dice } = this;
    const place = dice.of(this.places.filter((each) => each.type === type));
    if (place === undefined) return undefined;
    const own = site.own?.find((each) => each.place === place);
    return place.array.at(own === undefined ? this.position(site, place.array.size) : own.at(this.row(site, own.rows)));
  }

  /** A float that may be stored. */
  kept(value: Float): Num {
    return this.bounded(value, MOST).num;
  }

  private bounded(value: Float, most: number): Float {
    return value.most <= most ? value : { num: value.num.max(-most).min(most), most };
  }
}

/** An integer between the least and the largest of some, if none of them wraps. */
function ranged(num: Num, ends: readonly number[]): Integer {
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return low < LEAST_INT || high > MOST_INT ? { num, low: LEAST_INT, high: MOST_INT, along: 0 } : { num, low, high, along: 0 };
}

/** A constant. */
function known(value: number): Integer {
  return { num: int(value), low: value, high: value, along: 0 };
}
