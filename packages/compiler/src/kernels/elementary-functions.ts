/**
 * The numbers of which the elementary functions are made, for every backend: coefficients of polynomials, constants of argument
 * reduction, and limits beyond which a result is constant. How they are put together is each backend's: on the CPU lanes without
 * branches, in WGSL scalars with branches and bits, where a driver may assume that there is no NaN.
 *
 * Polynomials are listed lowest power first. They are minimax by Remez, from packages/compiler/test/minimax.py, whose names of
 * fits stand beside them; each coefficient is a number of its format.
 */

/** A number in two parts, the first with so few bits that certain products of it are exact. */
export interface TwoParts {
  /** The leading bits. */
  readonly high: number;
  /** The rest, rounded. */
  readonly low: number;
}

/** What a function needs in one format. */
export interface ElementaryFunctions {
  /**
   * ln 2, of which `high` times any exponent of the format is exact, so that x = k ln 2 + r loses nothing
   * (Cody & Waite, Software Manual for the Elementary Functions, 1980, chapter 6).
   */
  readonly ln2: TwoParts;
  /** log 2 to the base 10, in such parts too. */
  readonly log10Of2: TwoParts;
  /** e^x. */
  readonly exp: {
    /** (e^r - 1 - r) / r^2 in r, |r| <= ln 2 / 2. Fit `exp`. */
    readonly tail: readonly number[];
    /** From here on e^x is Infinity when rounded. */
    readonly overflow: number;
    /** Up to here e^x is 0 when rounded. */
    readonly underflow: number;
    /** Of two powers of two so far apart, the smaller adds nothing to the greater; both are normal. */
    readonly negligibleExponent: number;
  };
  /** The hyperbolic tangent. */
  readonly tanh: {
    /** From here on tanh x is 1 when rounded, and e^(-2x) - 1 is -1. */
    readonly saturation: number;
  };
  /** The natural logarithm. */
  readonly log: {
    /** (log((1 + s) / (1 - s)) - 2 s) / s^3 in s^2, for arguments from sqrt(1/2) to sqrt(2). Fit `log`. */
    readonly tail: readonly number[];
    /** The bits of sqrt(1/2), where the mantissa begins. */
    readonly rootHalf: bigint;
  };
  /** The sine. */
  readonly sin: {
    /** (sin r - r) / r^3 in r^2, |r| <= pi/4. Fit `sin`. */
    readonly tail: readonly number[];
  };
  /** The cosine. */
  readonly cos: {
    /** (cos r - 1 + r^2 / 2) / r^4 in r^2, |r| <= pi/4. Fit `cos`. */
    readonly tail: readonly number[];
  };
  /** The variable 1 / (x + c) as in Abramowitz & Stegun, 7.1.25 to 7.1.28, which has x c + 1. */
  readonly erf: {
    /** erf(x) / x - 1 in x^2, of |x| below `join`. Fit `erf small`. */
    readonly small: readonly number[];
    /** The |x| where one form goes over into the other. */
    readonly join: number;
    /** The scaled complement e^(x^2) erfc x in 1 / (x + `center`), above; weighted by e^(-x^2). Fit `erf tail`. */
    readonly complement: readonly number[];
    /** What is added to |x| before it is inverted. */
    readonly center: number;
    /** From here on erf x is 1 when rounded. */
    readonly saturation: number;
  };
}

/** What the functions need in float32. */
export const FLOAT32_FUNCTIONS: ElementaryFunctions = {
  ln2: { high: 0.693145751953125, low: 1.4286068203094173e-6 },
  log10Of2: { high: 0.301025390625, low: 4.605039066518657e-6 },
  exp: {
    tail: [0.5, 0.16666541993618011, 0.04166628047823906, 0.008366628549993038, 0.0013946538092568517],
    overflow: 89,
    underflow: -104,
    negligibleExponent: 30,
  },
  tanh: { saturation: 10 },
  log: { tail: [0.6666666269302368, 0.40000972151756287, 0.2849879264831543, 0.24278812110424042], rootHalf: 0x3f3504f3n },
  sin: { tail: [-0.16666655242443085, 0.008332190103828907, -0.00019518405315466225] },
  cos: { tail: [0.04166664555668831, -0.00138873013202101, 2.4430659323115833e-5] },
  erf: {
    small: [
      0.12837916612625122, -0.3761262893676758, 0.11283618211746216, -0.026855122298002243, 0.005190716590732336,
      -0.0008030509343370795, 7.91918791946955e-5,
    ],
    join: 1,
    complement: [0.0018214063020423055, 0.5194200873374939, 1.5870764255523682, -0.5152254700660706, 10.186081886291504, -7.3850998878479],
    center: 2,
    saturation: 4,
  },
};

/** What the functions need in float64. */
export const FLOAT64_FUNCTIONS: ElementaryFunctions = {
  ln2: { high: 0.6931471805598903, low: 5.497923018708371e-14 },
  log10Of2: { high: 0.30102999566395283, low: 2.8363394551044964e-14 },
  exp: {
    tail: [
      0.5000000000000006, 0.16666666666666685, 0.0416666666665734, 0.00833333333331453, 0.0013888888932511367,
      0.00019841269903243458, 2.4801504243306542e-5, 2.755722768919256e-6, 2.76264193535887e-7, 2.511457855837842e-8,
    ],
    overflow: 710,
    underflow: -746,
    negligibleExponent: 60,
  },
  tanh: { saturation: 20 },
  log: {
    tail: [
      0.6666666666666735, 0.3999999999940935, 0.28571428743689, 0.2222219842837185, 0.18183572406141515, 0.15313830328764144,
      0.14798282636569965,
    ],
    rootHalf: 0x3fe6a09e667f3bcdn,
  },
  sin: {
    tail: [
      -0.16666666666666632, 0.008333333333322457, -0.00019841269829815137, 2.7557313688181707e-6, -2.5050756806281595e-8,
      1.5896686862067197e-10,
    ],
  },
  cos: {
    tail: [
      0.0416666666666666, -0.0013888888888874441, 2.4801587289636504e-5, -2.755731438757949e-7, 2.087572707968872e-9,
      -1.1359803755094583e-11,
    ],
  },
  erf: {
    small: [
      0.12837916709551256, -0.3761263890318334, 0.11283791670936531, -0.026866170641866693, 0.005223977595805053,
      -0.0008548325433648463, 0.00012055278798131942, -1.4924430504264075e-5, 1.644369244815567e-6, -1.618033455159823e-7,
      1.3600386535405238e-8, -7.576660451347451e-10,
    ],
    join: 1,
    complement: [
      2.8658717406840465e-5, 0.5629402431434285, 1.1529469971480262, 1.6881639027109427, 5.006489072049642, -8.615405849566157,
      38.93629716620872, -92.48172511825484, 73.7566236607649, 39.68034115213324, -102.64313054951394, 49.829700922653714,
    ],
    center: 2,
    saturation: 6,
  },
};

/**
 * atanh s in float64 beyond float64, for a power whose logarithm needs about 64 bits: s + s z (`third` + z p(z)) in z = s^2, where p is
 * (atanh(s) / s - 1 - z / 3) / z^2. Fit `pow tail`.
 */
export const WIDE_ATANH: {
  /** 1 / 3. */
  readonly third: TwoParts;
  /** p, lowest power first. */
  readonly tail: readonly number[];
} = {
  third: { high: 0.3333333333333333, low: 1.850371707708594e-17 },
  tail: [
    0.1999999999999999, 0.14285714285721934, 0.111111111088893, 0.09090909422868183, 0.07692279145312494, 0.06668135183107378,
    0.058378262811012584, 0.05991441053138364,
  ],
};

/** Where |y| is greater, x^y is 0, 1 or Infinity as with this exponent. */
export const LARGEST_EXPONENT = 2 ** 64;

/** Where |x| is less, these functions of a float32 x are x when rounded. */
export const FLOAT32_IDENTITY_BELOW = { sin: 1e-4, tan: 1e-4, log1p: 1e-9 } as const;

/** pi/2 in parts: k times each but the last is exact where k pi/2 is the nearest to an |x| up to `limit` (Cody & Waite, chapter 8). */
export interface HalfPi<P extends readonly number[]> {
  /** The greatest part first. */
  readonly parts: P;
  /** The largest |x| for which the products are exact. */
  readonly limit: number;
}

/** For angles in float32: parts of 11 bits, exact times a k of 13 bits. */
export const HALF_PI_11: HalfPi<readonly [number, number, number, number]> = {
  parts: [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5633440682570896e-12],
  limit: 2 ** 13,
};

/** For float32 angles in float64: parts of 26 bits, exact times a k of 27 bits. */
export const HALF_PI_26: HalfPi<readonly [number, number, number]> = {
  parts: [1.5707963109016418, 1.5893254712295857e-8, 6.123233995736766e-17],
  limit: 2 ** 27,
};

/** For float64 angles in two float64 numbers: parts of 33 bits, exact times a k of 20 bits. */
export const HALF_PI_33: HalfPi<readonly [number, number, number, number]> = {
  parts: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
  limit: 2 ** 20,
};

/**
 * The first 1216 bits of 2/pi after the point, in hexadecimal, for angles beyond the limits: from them comes x 2/pi modulo 4
 * (Payne & Hanek, Radian reduction for trigonometric functions, 1983).
 */
export const TWO_OVER_PI =
  'a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424d' +
  'd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639' +
  '835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f46' +
  '3f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab';
