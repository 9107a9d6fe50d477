/**
 * Sizes of axes: a number, or a polynomial with integer coefficients in named open dimensions that a call binds
 * (`batch`, `batch*time`, `time - 1`), and in what is left of one where a slice is cut short (`max(0, time - 5)`, `floor(time / 2)`).
 * Open dimensions are interned: equal polynomials are the same object.
 */
import { BRAND, type Brand, brand, brandOf, requireOwn } from './brand.js';
import { GraphError, ShapeError } from '../errors.js';
import { show } from '../arguments/show.js';

/** A monomial, its names sorted and joined by `*`, to its coefficient; the empty monomial is the constant term. */
type Terms = ReadonlyMap<string, number>;

const DIMENSION = brand('dimension');
/** What stands in a polynomial beside names: `max(0, of)`, or `floor(of / divisor)`. */
interface Part {
  readonly of: OpenDimension;
  readonly divisor: number | undefined;
}

/** Parts by their texts, which are their names in a polynomial. */
const parts = new Map<string, Part>();

/** A size that only a call has: a polynomial in named dimensions. Equal ones are the same object. */
export class OpenDimension {
  private constructor(
    /** The coefficient of each monomial, its names joined by `*`; that of the empty one is the constant term. */
    readonly terms: Terms,
    private readonly text: string,
  ) {}

  private static readonly known = new Map<string, OpenDimension>();

  /** The canonical dimension of these terms: a plain number if no name is left. */
  static of(terms: Iterable<readonly [string, number]>): Dimension {
    const kept = [...terms].filter(([, coefficient]) => coefficient !== 0).sort(([a], [b]) => compareMonomials(a, b));
    if (kept.length === 0) return 0;
    const [first] = kept;
    if (kept.length === 1 && first !== undefined && first[0] === '') return first[1];
    const text = kept.map(([monomial, coefficient], k) => formatTerm(monomial, coefficient, k === 0)).join('');
    let dimension = OpenDimension.known.get(text);
    if (dimension === undefined) {
      dimension = new OpenDimension(new Map(kept), text);
      OpenDimension.known.set(text, dimension);
    }
    return dimension;
  }

  /** @internal */
  get [BRAND](): Brand {
    return DIMENSION;
  }

  /** The polynomial, as in `batch*time - 1`; sizes are told apart by it. */
  toString(): string {
    return this.text;
  }

  /** A template string shows it; arithmetic would make NaN of it, or another name. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.text;
    throw new ShapeError(`JavaScript's operators do not take the open size ${this.text}, which only a call has; reshape works one size out of the others, given as -1`);
  }
}

/** The size of an axis: a number, or open until a call binds it. */
export type Dimension = number | OpenDimension;

/** What a user writes for an axis: a size, the name of an open dimension, or a dimension taken from another shape. */
export type DimensionLike = number | string | OpenDimension;

/** @param operation the function that was called, for messages */
export function dimension(like: DimensionLike, operation?: string): Dimension {
  const prefix = operation === undefined ? '' : `${operation}: `;
  if (typeof like === 'number') {
    if (!Number.isSafeInteger(like) || like < 0) throw new ShapeError(`${prefix}a size must be a whole number of at least 0, not ${like}`);
    return like;
  }
  if (typeof like === 'string') {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(like)) {
      throw new ShapeError(`${prefix}'${like}' is no name for an open dimension; use letters, digits and _, such as 'batch'`);
    }
    return OpenDimension.of([[like, 1]]);
  }
  requireOwn(like, operation ?? 'a shape');
  const given: unknown = like;
  if (brandOf(given) !== undefined && given instanceof OpenDimension) return given;
  throw new ShapeError(`${prefix}a size must be a number, the name of an open dimension or a size of another shape, not ${show(given)}`);
}

const termsOf = (d: Dimension): Terms => (typeof d === 'number' ? new Map([['', d]]) : d.terms);

export function addDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const sum = new Map(termsOf(a));
  for (const [monomial, coefficient] of termsOf(b)) sum.set(monomial, (sum.get(monomial) ?? 0) + coefficient);
  return OpenDimension.of(sum);
}

export function subtractDimensions(a: Dimension, b: Dimension): Dimension {
  return addDimensions(a, multiplyDimensions(b, -1));
}

export function multiplyDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const product = new Map<string, number>();
  for (const [m, c] of termsOf(a)) {
    for (const [n, d] of termsOf(b)) {
      const monomial = [...names(m), ...names(n)].sort().join('*');
      product.set(monomial, (product.get(monomial) ?? 0) + c * d);
    }
  }
  return OpenDimension.of(product);
}

export function productOfDimensions(dimensions: readonly Dimension[]): Dimension {
  return dimensions.reduce(multiplyDimensions, 1);
}

/** `a / b` where b is a number or a single term and divides every term of a; undefined otherwise. */
export function divideDimensions(a: Dimension, b: Dimension): Dimension | undefined {
  if (a === b && a !== 0) return 1;
  const divisor = [...termsOf(b)];
  const [head] = divisor;
  if (divisor.length !== 1 || head === undefined || head[1] === 0) return undefined;
  const [monomial, coefficient] = head;
  const quotient: [string, number][] = [];
  for (const [m, c] of termsOf(a)) {
    const rest = names(m);
    for (const name of names(monomial)) {
      const at = rest.indexOf(name);
      if (at < 0) return undefined;
      rest.splice(at, 1);
    }
    if (c % coefficient !== 0) return undefined;
    quotient.push([rest.join('*'), c / coefficient]);
  }
  return OpenDimension.of(quotient);
}

/** `max(0, d)`. */
export function atLeastZero(d: Dimension): Dimension {
  if (typeof d === 'number') return Math.max(0, d);
  const terms = [...d.terms];
  if (terms.every(([, coefficient]) => coefficient > 0)) return d;
  if (terms.every(([, coefficient]) => coefficient < 0)) return 0;
  // max(0, max(0, x) - y) is max(0, x - y), where y is not negative.
  const inner = terms.find(([name, coefficient]) => coefficient === 1 && parts.get(name)?.divisor === undefined && parts.has(name));
  const part = inner === undefined ? undefined : parts.get(inner[0]);
  if (part !== undefined && terms.every((term) => term === inner || term[1] < 0)) {
    return atLeastZero(addDimensions(part.of, OpenDimension.of(terms.filter((term) => term !== inner))));
  }
  // Of x and -x one is written by the other, so that equal sizes are equal polynomials: max(0, x) - max(0, -x) is x.
  if ((terms[0]?.[1] ?? 0) < 0) return addDimensions(d, atLeastZero(multiplyDimensions(d, -1)));
  return named(`max(0, ${d.toString()})`, { of: d, divisor: undefined });
}

/** The smaller of two. */
export function smaller(a: Dimension, b: Dimension): Dimension {
  return subtractDimensions(a, atLeastZero(subtractDimensions(a, b)));
}

/** `floor(d / divisor)`, for a whole divisor of at least 1. */
export function floorDivide(d: Dimension, divisor: number): Dimension {
  if (typeof d === 'number') return Math.floor(d / divisor);
  const whole = OpenDimension.of([...d.terms].map(([name, coefficient]) => [name, Math.floor(coefficient / divisor)]));
  const rest = subtractDimensions(d, multiplyDimensions(whole, divisor));
  if (typeof rest === 'number') return addDimensions(whole, Math.floor(rest / divisor));
  return addDimensions(whole, named(`floor((${rest.toString()}) / ${divisor})`, { of: rest, divisor }));
}

function named(text: string, part: Part): Dimension {
  parts.set(text, part);
  return OpenDimension.of([[text, 1]]);
}

const usualSizes = new Map<OpenDimension, Dimension>();

/** The dimension where no slice is cut short: `time - 5` for `max(0, time - 5)`. */
function usual(d: Dimension): Dimension {
  if (typeof d === 'number') return d;
  const known = usualSizes.get(d);
  if (known !== undefined) return known;
  let sum: Dimension = 0;
  for (const [monomial, coefficient] of d.terms) {
    const factors = names(monomial).map((name): Dimension => {
      const part = parts.get(name);
      if (part === undefined) return OpenDimension.of([[name, 1]]);
      const of = usual(part.of);
      if (part.divisor !== undefined) return floorDivide(of, part.divisor);
      return typeof of === 'number' ? Math.max(0, of) : of;
    });
    sum = addDimensions(sum, multiplyDimensions(productOfDimensions(factors), coefficient));
  }
  usualSizes.set(d, sum);
  return sum;
}

/**
 * Whether two sizes are equal where no slice is cut short. A graph takes them for equal; whether they are in a call is found by
 * `checkSizes`.
 */
export function fits(a: Dimension, b: Dimension): boolean {
  return a === b || usual(a) === usual(b);
}

/** The names that a dimension depends on. */
export function openNames(d: Dimension): string[] {
  if (typeof d === 'number') return [];
  const found = [...d.terms.keys()].flatMap(names).flatMap((name) => {
    const part = parts.get(name);
    return part === undefined ? [name] : openNames(part.of);
  });
  return [...new Set(found)];
}

/** The size of a dimension once its names are bound. */
export function bindDimension(d: Dimension, sizes: ReadonlyMap<string, number>): number {
  const size = bindPosition(d, sizes);
  if (size < 0) throw new ShapeError(`the dimension ${String(d)} is ${size} for the sizes given`);
  return size;
}

/** The value of a position on an axis, which lies before the first element where a reversed axis is empty. */
export function bindPosition(d: Dimension, sizes: ReadonlyMap<string, number>): number {
  if (typeof d === 'number') return d;
  let position = 0;
  for (const [monomial, coefficient] of d.terms) {
    position += names(monomial).reduce((product, name) => {
      const part = parts.get(name);
      const bound = part === undefined ? sizes.get(name) : valueOf(part, sizes);
      if (bound === undefined) throw new GraphError(`the open dimension '${name}' has no size: no input has it`);
      return product * bound;
    }, coefficient);
  }
  return position;
}

function valueOf({ of, divisor }: Part, sizes: ReadonlyMap<string, number>): number {
  const value = bindPosition(of, sizes);
  return divisor === undefined ? Math.max(0, value) : Math.floor(value / divisor);
}

/** The factors of a monomial: names, and parts, which have `*` within parentheses only. */
function names(monomial: string): string[] {
  if (monomial === '') return [];
  if (!monomial.includes('(')) return monomial.split('*');
  const factors: string[] = [];
  let [start, depth] = [0, 0];
  for (let at = 0; at < monomial.length; at++) {
    const character = monomial[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '*' && depth === 0) {
      factors.push(monomial.slice(start, at));
      start = at + 1;
    }
  }
  return [...factors, monomial.slice(start)];
}

/** Higher degrees first, then by name, what is cut short behind, the constant last. */
function compareMonomials(a: string, b: string): number {
  return names(b).length - names(a).length || Number(a.includes('(')) - Number(b.includes('(')) || (a < b ? -1 : a > b ? 1 : 0);
}

function formatTerm(monomial: string, coefficient: number, first: boolean): string {
  const magnitude = Math.abs(coefficient);
  const body = monomial === '' ? String(magnitude) : magnitude === 1 ? monomial : `${magnitude}*${monomial}`;
  if (first) return coefficient < 0 ? `-${body}` : body;
  return coefficient < 0 ? ` - ${body}` : ` + ${body}`;
}
