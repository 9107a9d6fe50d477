/**
 * Random code of routines: loops of all orders in each other, some of which run in vectors, positions of all kinds, locals that outlive their
 * blocks, arrays that several steps share.
 */
import { int, type RoutineBuilder } from '@pappus/core/routines';
import { Dice, LEAST_INT, MOST, MOST_INT, type Num, type Own, type RandomCode, RandomNumbers, type RoutinePlace, type Site } from './random-routine-numbers.js';

/** How often the innermost body of loops in each other is run at most. */
const ROUNDS = 3000;

/** Statements of a routine at most. */
const STATEMENTS = 60;

/** Writes random code over arrays. */
export class RandomRoutine {
  /** The numbers of all statements that were written, outer ones first. */
  readonly statements: string[] = [];
  private readonly numbers: RandomNumbers;

  constructor(
    private readonly b: RoutineBuilder,
    private readonly places: readonly RoutinePlace[],
    private readonly plan: RandomCode,
  ) {
    this.numbers = new RandomNumbers(places, plan);
  }

  private get dice(): Dice {
    return this.numbers.dice;
  }

  /** Code that first writes all elements of what may be written. */
  write(): void {
    const { b } = this;
    for (const [k, { array, type, writable }] of this.places.entries()) {
      if (writable) b.parallel(0, array.size, (i) => array.set(i, type === 'int' ? i.mul(7 * k + 3).sub(k) : i.sub(i.div(13).mul(13)).sub(k).toFloat()));
    }
    const site: Site = { floats: [], integers: [], bools: [], variables: [], own: undefined, even: false, rounds: 1, depth: 0 };
    this.block('', site, 5 + this.dice.below(6));
  }

  private block(number: string, site: Site, count: number): void {
    // A statement has draws of its own: others stay as they are where one is left out.
    const seeds = Array.from({ length: count }, () => this.dice.seed());
    for (const [k, seed] of seeds.entries()) {
      const name = number === '' ? `${k}` : `${number}.${k}`;
      if (this.plan.without.has(name) || this.statements.length >= STATEMENTS) continue;
      this.statements.push(name);
      this.numbers.dice = new Dice(seed);
      this.statement(name, site);
    }
  }

  private statement(number: string, site: Site): void {
    const { dice } = this;
    const simple = [() => this.name(site), () => this.store(site), () => this.store(site), () => this.variable(site), () => this.assign(site)] as const;
    if (site.depth >= 4 || dice.once(2)) return dice.pick(simple)();
    if (site.even) return this.loop(number, site);
    const inner: [() => void, ...(() => void)[]] = [() => this.loop(number, site), () => this.loop(number, site), () => this.choice(number, site), () => this.rounds(number, site), () => this.carried(number, site)];
    if (site.own === undefined) inner.push(() => this.parallel(number, site), () => this.parallel(number, site), () => this.parallel(number, site), () => this.parallel(number, site), () => this.reduce(site), () => this.reduce(site));
    dice.pick(inner)();
  }

  /** A local that is set once. */
  private name(site: Site): void {
    const { b, dice } = this;
    switch (site.even ? dice.pick([0, 2]) : dice.below(4)) {
      case 0: {
        const { num, most } = this.numbers.float(site, 3);
        site.floats.push({ num: b.let(num), most });
        return;
      }
      case 1:
        site.bools.push(b.let(this.numbers.bool(site, 2)));
        return;
      default: {
        const integer = site.even || dice.once(2) ? this.numbers.sum(site) : this.numbers.integer(site, 2);
        site.integers.push({ ...integer, num: b.let(integer.num) });
      }
    }
  }

  /** A local that may be set again. */
  private variable(site: Site): void {
    const { b } = this;
    if (site.even || this.dice.once(2)) {
      const local = b.let(this.numbers.kept(this.numbers.float(site, 2)));
      site.variables.push({ local, type: 'float' });
      site.floats.push({ num: local, most: MOST });
    } else {
      const local = b.let(this.numbers.integer(site, 2).num);
      site.variables.push({ local, type: 'int' });
      site.integers.push({ num: local, low: LEAST_INT, high: MOST_INT, along: 0 });
    }
  }

  private assign(site: Site): void {
    const variable = this.dice.of(site.variables);
    if (variable === undefined) return this.store(site);
    if (variable.type === 'int') return this.b.set(variable.local, this.dice.once(2) ? this.numbers.sum(site).num : this.numbers.integer(site, 2).num);
    this.b.set(variable.local, this.numbers.kept(this.numbers.float(site, 3)));
  }

  private store(site: Site): void {
    const { dice } = this;
    if (site.own !== undefined) {
      const own = dice.of(site.own);
      if (own === undefined) return this.name(site);
      const at = own.at(this.numbers.row(site, own.rows));
      own.place.array.set(at, this.value(own.place, site));
      return;
    }
    const place = dice.of(this.places.filter(({ writable }) => writable));
    if (place === undefined) return;
    const at = this.numbers.position(site, place.array.size);
    place.array.set(at, this.value(place, site));
  }

  private value({ type }: RoutinePlace, site: Site): Num {
    return type === 'float' ? this.numbers.kept(this.numbers.float(site, 3)) : this.numbers.integer(site, 3).num;
  }

  /** A loop upwards or downwards; what it names at last may be read behind it, if it goes round at all. */
  private loop(number: string, site: Site): void {
    const { b, dice } = this;
    const { from, to, low, high, surely } = this.bounds(site);
    const names = this.inside(site, high - low + 1);
    const body = (i: Num): void => {
      names.integers.push({ num: i, low, high: Math.max(low, high), along: 0 });
      this.block(number, names, 1 + dice.below(4));
    };
    const isDown = dice.once(3);
    if (isDown) b.forDown(from, to, body);
    else b.for(from, to, body);
    if (!surely || this.dice.once(2)) return;
    // All but the index, which is the first of what the body adds. What integers outlive does not run in vectors.
    if (!site.even || this.dice.once(8)) site.integers.push(...names.integers.slice(site.integers.length + 1));
    site.floats.push(...names.floats.slice(site.floats.length));
  }

  /** A loop whose first round alone names a number, which all read. */
  private carried(number: string, site: Site): void {
    const { b, dice } = this;
    const count = dice.between(2, 5);
    const inside = this.inside(site, count);
    const from = dice.between(-2, 2);
    b.for(from, from + count, (i) => {
      const within: Site = { ...inside, integers: [...site.integers, { num: i, low: from, high: from + count - 1, along: 0 }] };
      b.if(i.eq(from), () => {
        const first = this.numbers.sum(within);
        inside.integers.push({ ...first, num: b.let(first.num) });
      });
      inside.integers.push({ num: i, low: from, high: from + count - 1, along: 0 });
      this.block(number, inside, dice.between(1, 3));
    });
  }

  private choice(number: string, site: Site): void {
    const { b, dice } = this;
    const condition = this.numbers.bool(site, 2);
    const both = dice.once(2);
    const seed = dice.seed();
    b.if(condition, () => this.block(number, this.inside(site, 1), 1 + dice.below(3)), () => {
      if (!both) return;
      this.numbers.dice = new Dice(seed);
      this.block(`${number}.or`, this.inside(site, 1), 1 + this.dice.below(2));
    });
  }

  /** As long as a count is low, and what else there may be. */
  private rounds(number: string, site: Site): void {
    const { b, dice } = this;
    const count = dice.below(5);
    const round = b.let(int(0));
    const isGoing = round.lt(count);
    const inside = this.inside(site, count);
    inside.integers.push({ num: round, low: 0, high: Math.max(0, count - 1), along: 0 });
    b.while(dice.once(2) ? isGoing : isGoing.and(this.numbers.bool(site, 1)), () => {
      this.block(number, inside, 1 + dice.below(3));
      b.set(round, round.add(1));
    });
  }

  /** A loop whose iterations each write what is theirs. */
  private parallel(number: string, site: Site): void {
    const { b, dice } = this;
    const size = dice.pick([2, 3, 4, 5, 8, 9, 16, 17, 23, 40]);
    const { from, to, low, high } = this.bounds(site, size);
    const inside = this.inside(site, high - low + 1);
    b.parallel(from, to, (i) => {
      const even = dice.once(2);
      const own = this.places.flatMap((place) => {
        const found = place.writable && !dice.once(4) && (!even || place.type === 'float') ? this.ownOf(place, i, low, Math.max(low, high), even) : undefined;
        return found === undefined ? [] : [found];
      });
      const within: Site = { ...inside, own, even, variables: [], integers: [...inside.integers, { num: i, low, high: Math.max(low, high), along: 1 }] };
      this.block(number, within, 1 + dice.below(5));
    });
  }

  /** Elements of an array that are those of an iteration: a column, a row, or where a permutation says. */
  private ownOf(place: RoutinePlace, i: Num, low: number, high: number, even: boolean): Own | undefined {
    const { dice } = this;
    const span = high - low + 1;
    const { size } = place.array;
    if (span > size) return undefined;
    const width = dice.once(4) ? size : dice.between(span, Math.min(size, span + dice.below(9)));
    const shift = dice.between(0, width - span) - low;
    const rows = Math.floor(size / width);
    const column = (row: Num): Num => row.mul(width);
    switch (even && !dice.once(6) ? 4 : dice.below(8)) {
      case 0:
        return { place, rows, at: (row) => column(row).add(int(width - 1).sub(i.add(shift))) };
      case 1: {
        const columns = Math.floor(size / span);
        return { place, rows: columns, at: (row) => i.sub(low).mul(columns).add(row) };
      }
      case 2: {
        const order = dice.of(this.plan.permutations);
        if (order === undefined || order.size < span || order.size > size) return undefined;
        return { place, rows: Math.floor(size / order.size), at: (row) => order.at(i.sub(low)).add(row.mul(order.size)) };
      }
      case 3:
        return { place, rows, at: (row) => column(row).add(i.mul(2).div(2).add(shift)) };
      default:
        return { place, rows, at: (row) => (dice.once(2) ? column(row).add(i).add(shift) : i.add(column(row).add(shift))) };
    }
  }

  private reduce(site: Site): void {
    const { b, dice } = this;
    const { from, to, low, high } = this.bounds(site, dice.pick([1, 4, 9, 17, 40, 150]));
    const inside: Site = { ...this.inside(site, high - low + 1), even: dice.once(2) };
    const kinds: ('float' | 'int')[] = [];
    const results = b.reduce(from, to, (i) => {
      inside.integers.push({ num: i, low, high: Math.max(low, high), along: 1 });
      return Array.from({ length: dice.between(1, 3) }, () => {
        const kind = !inside.even && dice.once(3) ? 'int' : 'float';
        kinds.push(kind);
        return { op: dice.pick(['sum', 'sum', 'max', 'min']), value: kind === 'float' ? this.numbers.kept(this.numbers.float(inside, 2)) : this.numbers.integer(inside, 2).num };
      });
    });
    for (const [k, local] of results.entries()) {
      if (kinds[k] === 'int') site.integers.push({ num: local, low: LEAST_INT, high: MOST_INT, along: 0 });
      // Of none a maximum is infinite.
      else site.floats.push({ num: b.let(local.max(-MOST).min(MOST)), most: MOST });
    }
  }

  /** What code in a step may name, which is not there behind it. */
  private inside(site: Site, rounds: number): Site {
    const { floats, integers, bools, variables } = site;
    return { ...site, floats: [...floats], integers: [...integers], bools: [...bools], variables: [...variables], rounds: site.rounds * Math.max(1, rounds), depth: site.depth + 1 };
  }

  /** Bounds of a loop, and those of its index. */
  private bounds(site: Site, size = this.dice.pick([0, 1, 2, 3, 5, 9])): { readonly from: Num | number; readonly to: Num | number; readonly low: number; readonly high: number; readonly surely: boolean } {
    const { b, dice } = this;
    const most = Math.min(size, Math.max(1, Math.floor(ROUNDS / site.rounds)));
    const shift = dice.pick([0, 0, 0, 1, 5, -1, -3, 100]);
    const [low, high] = [shift, shift + most - 1];
    if (dice.once(2)) return { from: low, to: low + most, low, high, surely: most > 0 };
    // No round, and nothing below what it ends at.
    if (dice.once(20)) return { from: low, to: b.let(int(LEAST_INT)), low, high, surely: false };
    const bound = (): Num => {
      const { num } = this.numbers.within(site, low, high + 1, dice.once(4) ? 1 : 0);
      return dice.once(2) ? num : b.let(num);
    };
    const from = dice.once(2) ? low : bound();
    return { from, to: typeof from !== 'number' && dice.once(2) ? high + 1 : bound(), low, high, surely: false };
  }
}
