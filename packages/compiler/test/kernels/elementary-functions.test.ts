/** The numbers of the elementary functions: what each polynomial and each constant should be, and that no backend writes its own. */
import { readdirSync, readFileSync } from 'node:fs';
import {
  type ElementaryFunctions,
  FLOAT32_FUNCTIONS,
  FLOAT32_IDENTITY_BELOW,
  FLOAT64_FUNCTIONS,
  HALF_PI_11,
  HALF_PI_26,
  HALF_PI_33,
  TWO_OVER_PI,
  WIDE_ATANH,
} from '@pappus/compiler';
import { describe, expect, it, test } from 'vitest';

type Series = (n: number) => number;

const polynomial = (x: number, coefficients: readonly number[]): number => coefficients.reduceRight((sum, c) => sum * x + c, 0);

/** The sum of a power series, smallest terms first. */
const seriesAt = (x: number, coefficient: Series, terms = 120): number =>
  Array.from({ length: terms }, (_, n) => coefficient(n) * x ** n).reduceRight((sum, term) => sum + term, 0);

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** The largest distance of a polynomial from a series over an interval, times the weight of what it stands beside. */
function distance(coefficients: readonly number[], series: Series, from: number, to: number, weight: (x: number) => number): number {
  const points = Array.from({ length: 257 }, (_, k) => from + ((to - from) * k) / 256);
  return Math.max(...points.map((x) => weight(x) * Math.abs(polynomial(x, coefficients) - seriesAt(x, series))));
}

/** Numbers as integers, times 2^SCALE. */
const SCALE = 1400n;

function abs(x: bigint): bigint {
  return x < 0n ? -x : x;
}

/** A float64 number, exactly. */
function exactly(x: number): bigint {
  let exponent = 0n;
  let integer = x;
  while (!Number.isInteger(integer)) {
    integer *= 2;
    exponent++;
  }
  return BigInt(integer) << (SCALE - exponent);
}

/** Significant bits of a float64 number. */
function bitsOf(x: number): number {
  return abs(exactly(x)).toString(2).replace(/0+$/, '').length;
}

// Taylor's series of what the docstrings say, in the variable that they name.
const expTail: Series = (n) => 1 / factorial(n + 2);
const logTail: Series = (n) => 2 / (2 * n + 3);
const atanhTail: Series = (n) => 1 / (2 * n + 5);
const sinTail: Series = (n) => (-1) ** (n + 1) / factorial(2 * n + 3);
const cosTail: Series = (n) => (-1) ** n / factorial(2 * n + 4);
const erfTail: Series = (n) => ((2 / Math.sqrt(Math.PI)) * (-1) ** n) / (factorial(n) * (2 * n + 1)) - (n === 0 ? 1 : 0);

const largestR = Math.LN2 / 2;
const largestZ = ((Math.SQRT2 - 1) / (Math.SQRT2 + 1)) ** 2;
const quarter = (Math.PI / 4) ** 2;

/** How far from its series a tail may be, so that the function that it is a part of keeps the precision of the format. */
const formats: readonly (readonly [string, ElementaryFunctions, precision: number])[] = [
  ['float32', FLOAT32_FUNCTIONS, 2 ** -24],
  ['float64', FLOAT64_FUNCTIONS, 2 ** -53],
];

describe.each(formats)('%s', (format, functions, precision) => {
  const largestExponent = format === 'float32' ? 151 : 1076;
  const fractionBits = format === 'float32' ? 23 : 52;

  it('has tails that are the series of their functions', () => {
    expect(distance(functions.exp.tail, expTail, -largestR, largestR, Math.abs)).toBeLessThan(precision);
    expect(distance(functions.log.tail, logTail, 0, largestZ, (z) => z / 2)).toBeLessThan(precision);
    expect(distance(functions.sin.tail, sinTail, 0, quarter, (z) => z)).toBeLessThan(precision);
    expect(distance(functions.cos.tail, cosTail, 0, quarter, (z) => z * z)).toBeLessThan(precision);
    expect(distance(functions.erf.small, erfTail, 0, functions.erf.join ** 2, () => 1)).toBeLessThan(2 * precision);
  });

  it('has a complement of erf that goes on where the small arguments end', () => {
    const { complement, center, join } = functions.erf;
    for (const x of [join, 1.25, 1.5, 2]) {
      const erf = x * (1 + seriesAt(x * x, erfTail));
      expect(Math.abs(1 - Math.exp(-x * x) * polynomial(1 / (x + center), complement) - erf)).toBeLessThan(format === 'float32' ? precision : 64 * precision);
    }
  });

  it('has an ln 2 whose first part times any exponent is exact', () => {
    const { high, low } = functions.ln2;
    expect(high + low).toBeCloseTo(Math.LN2, format === 'float32' ? 12 : 15);
    expect(bitsOf(high) + Math.ceil(Math.log2(largestExponent))).toBeLessThanOrEqual(fractionBits + 1);
  });

  it('has a log 2 to the base 10 in such parts', () => {
    const { high, low } = functions.log10Of2;
    expect(high + low).toBeCloseTo(Math.log10(2), format === 'float32' ? 12 : 15);
    // 10 to the power of the sum, 2, is within the precision of both parts.
    expect(Math.abs((low - (Math.LN2 / Math.LN10 - high)) / Math.log10(2))).toBeLessThan(format === 'float32' ? 2 ** -40 : 2 ** -52);
    expect(bitsOf(high) + Math.ceil(Math.log2(largestExponent))).toBeLessThanOrEqual(fractionBits + 1);
  });

  it('has the bits of sqrt(1/2)', () => {
    const bits = format === 'float32' ? BigInt(new Uint32Array(Float32Array.of(Math.SQRT1_2).buffer)[0] ?? 0) : (new BigUint64Array(Float64Array.of(Math.SQRT1_2).buffer)[0] ?? 0n);
    expect(functions.log.rootHalf).toBe(bits);
  });

  it('has limits beyond which results are constant', () => {
    const rounded = (x: number): number => (format === 'float32' ? Math.fround(x) : x);
    expect(rounded(Math.exp(functions.exp.overflow))).toBe(Infinity);
    expect(rounded(Math.exp(functions.exp.underflow))).toBe(0);
    expect(rounded(Math.tanh(functions.tanh.saturation))).toBe(1);
    expect(rounded(Math.expm1(-2 * functions.tanh.saturation))).toBe(-1);
    expect(rounded(1 + 2 ** -functions.exp.negligibleExponent)).toBe(1);
    // erfc x < e^(-x^2) / (x sqrt pi)
    const { saturation } = functions.erf;
    expect(rounded(1 - Math.exp(-(saturation ** 2)) / (saturation * Math.sqrt(Math.PI)))).toBe(1);
  });
});

test('the tail of a wide atanh is its series, and its third is a third', () => {
  expect(distance(WIDE_ATANH.tail, atanhTail, 0, largestZ, (z) => z * z)).toBeLessThan(2 ** -63);
  const { high, low } = WIDE_ATANH.third;
  expect(abs(3n * (exactly(high) + exactly(low)) - (1n << SCALE)) < 1n << (SCALE - 106n)).toBe(true);
});

test('functions of a float32 that are its own below a limit', () => {
  for (const [name, exact] of [['sin', Math.sin], ['tan', Math.tan], ['log1p', Math.log1p]] as const) {
    const x = Math.fround(FLOAT32_IDENTITY_BELOW[name]);
    expect(Math.fround(exact(x)), name).toBe(x);
  }
});

describe('pi/2', () => {
  const twoOverPi = BigInt(`0x${TWO_OVER_PI}`);

  it.each([
    ['of 11 bits', HALF_PI_11, 24, 57],
    ['of 26 bits', HALF_PI_26, 53, 100],
    ['of 33 bits', HALF_PI_33, 53, 143],
  ] as const)('in parts %s is what 2/pi is the reciprocal of', (_, { parts, limit }, significand, precision) => {
    const sum = parts.map(exactly).reduce((a, b) => a + b, 0n);
    const product = (sum * twoOverPi) >> 1216n;
    expect(abs(product - (1n << SCALE)) < 1n << (SCALE - BigInt(precision))).toBe(true);
    const bitsOfK = Math.floor(limit / (Math.PI / 2)).toString(2).length;
    for (const part of parts.slice(0, -1)) expect(bitsOf(part) + bitsOfK).toBeLessThanOrEqual(significand);
  });

  it('is the one of which 2/pi has 1216 bits', () => {
    // Machin (1706): pi = 16 atan(1/5) - 4 atan(1/239).
    const inverseTangent = (n: bigint): bigint => {
      let sum = 0n;
      let power = (1n << SCALE) / n;
      for (let k = 1n; power !== 0n; k += 2n) {
        sum += (k % 4n === 1n ? power : -power) / k;
        power /= n * n;
      }
      return sum;
    };
    const pi = 16n * inverseTangent(5n) - 4n * inverseTangent(239n);
    expect((((2n << SCALE) << 1216n) / pi).toString(16)).toBe(TWO_OVER_PI);
  });
});

/**
 * Literals that say something of a function, and not of bits or lanes. In TypeScript and WGSL alike, integers of up to four digits count
 * and shift, greater ones that are a run of ones in binary mask; powers of two, and one and a half of them, scale.
 */
function coefficientsIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const literals = code.match(/(?<![\w.$])(?:0x[0-9a-f]+|[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)[nfu]?\b|(?<=')[0-9a-f]{8,}(?=')/gi) ?? [];
  return literals.filter((literal) => {
    if (/^[0-9]{1,4}[nu]?$/.test(literal)) return false;
    if (/^(?:0x[0-9a-f]+|[0-9]+)[nu]?$/i.test(literal)) return !/^0*1*0*$/.test(BigInt(literal.replace(/[nu]$/, '')).toString(2));
    const value = Number(literal.replace(/[fu]$/, ''));
    return value !== 0 && ![1, 1.5].some((unit) => Number.isInteger(Math.log2(value / unit)));
  });
}

describe('backends write no coefficient of their own', () => {
  const files = ['backend-cpu', 'backend-webgpu'].flatMap((name) => {
    const folder = new URL(`../../../${name}/src/math/`, import.meta.url);
    return readdirSync(folder).map((file) => [`${name}/src/math/${file}`, readFileSync(new URL(file, folder), 'utf8')] as const);
  });

  it.each(files)('%s', (_, source) => {
    expect(coefficientsIn(source)).toEqual([]);
  });

  it.each(['0.5 * 0.1666', '0x3f3504f3', '`${x} * 1.5703125`', "'a2f9836e4e44'", 'clamp(x, -104.0, 89.0)', '2e-3', '16252987n'])('but %s would be found', (source) => {
    expect(coefficientsIn(source)).not.toEqual([]);
  });
});
