// What every section of the conformance suite is given: the backend, its dtypes, and how close it must come.
import type { Backend, DType } from '@pappus/core';
import { type Closeness, expectAgreement, type Subject } from './differential.js';
import { type Cases, CASES, someOf } from '../thorough.js';
import type { Precision } from './elementwise-error.js';
import type { BackendInPrograms } from '../graphs/print.js';
import { Recording } from './recording.js';
import { samples } from './values.js';

/** The dtypes of numbers that are rounded. */
export type FloatDType = 'float32' | 'float64';

/** What the suite is told of a backend. */
export interface ConformanceOptions {
  /** The dtypes that the backend has. */
  readonly dtypes: readonly DType[];
  /** The largest relative error of one operation, by float dtype: a few units in the last place. */
  readonly tolerance: {
    /** In float32. */
    readonly float32: number;
    /** In float64. */
    readonly float64: number;
  };
  /** Whether infinities, NaN, subnormals and the sign of zero are those of IEEE 754. Default true. */
  readonly extremes?: boolean;
  /** Whether numbers below the normal range are kept, and not taken for 0. Default true. */
  readonly subnormals?: boolean;
  /** Steps of the deepest computations when all cases are run. Default 3,000; fewer where a driver takes long. */
  readonly depth?: number;
  /** Whether a kernel takes long to compile: then only a third of the random computations are run where some are. Default false. */
  readonly slow?: boolean;
  /** How many cases of a test are run. Default as the configuration of the run says. */
  readonly cases?: Cases;
  /** How a program gets the backend, where a random graph fails and is printed as one. Default `cpu()` of `pappus`. */
  readonly program?: BackendInPrograms;
}

/** How the tolerance of one operation grows for a computation of many. */
export interface Slack {
  /** Operations whose errors add up. Default 1. */
  readonly factor?: number;
  readonly scale?: number;
  readonly signedZeros?: boolean;
}

/** Of float32. */
const SMALLEST_NORMAL = 2 ** -126;

export class Setting {
  readonly dtypes: readonly DType[];
  readonly floats: readonly FloatDType[];
  readonly extremes: boolean;
  readonly depth: number;
  /** What the computations held that the backends of this suite were given. */
  readonly recording = new Recording();
  private readonly cases: Cases;
  private made: Promise<Backend> | undefined;

  constructor(
    private readonly makeBackend: () => Promise<Backend>,
    private readonly options: ConformanceOptions,
  ) {
    this.dtypes = options.dtypes;
    this.floats = (['float32', 'float64'] as const).filter((dtype) => options.dtypes.includes(dtype));
    this.extremes = options.extremes ?? true;
    this.cases = options.cases ?? CASES;
    const deepest = options.depth ?? 3000;
    this.depth = this.thorough ? deepest : deepest / 5;
  }

  /** One backend for the whole suite. */
  backend(): Promise<Backend> {
    this.made ??= this.another();
    return this.made;
  }

  get thorough(): boolean {
    return this.cases === 'all';
  }

  /** All cases, or `count` of them where some are run; those of another `turn` are others. */
  some<T>(list: readonly T[], count: number, turn = 0): readonly T[] {
    return someOf(list, count, turn, this.cases);
  }

  /** How many random computations, of as many as there are when all cases are run. */
  runs(all: number): number {
    return Math.ceil(all / { all: 1, some: this.options.slow === true ? 30 : 10, few: 30 }[this.cases]);
  }

  /** How a program gets the backend. */
  get program(): BackendInPrograms {
    return this.options.program ?? {};
  }

  /** What the backend promises of one operation. */
  get precision(): Precision {
    const exactQuotients = this.options.subnormals !== false;
    // Sums and products are rounded to the nearest by IEEE 754; WGSL lets either neighbour be taken.
    const arithmetic = exactQuotients ? { float32: 2 ** -24, float64: 2 ** -53 } : { float32: 2 ** -23, float64: 2 ** -52 };
    return { elementary: this.options.tolerance, arithmetic, exactQuotients, flushed: exactQuotients ? 0 : SMALLEST_NORMAL };
  }

  /** Another backend of the same kind. */
  async another(): Promise<Backend> {
    return this.recording.on(await this.makeBackend());
  }

  /** Numbers of a dtype to compute with. */
  samples(dtype: DType, seed?: number): number[] {
    const all = samples(dtype, this.extremes, seed);
    return this.options.subnormals === false && dtype === 'float32' ? all.filter((x) => x === 0 || !(Math.abs(x) < SMALLEST_NORMAL)) : all;
  }

  closeness({ factor = 1, scale = 0, signedZeros = false }: Slack = {}): Closeness {
    const { float32, float64 } = this.options.tolerance;
    const tiny = this.options.subnormals === false ? SMALLEST_NORMAL : 0;
    return { relative: { float32: float32 * factor, float64: float64 * factor }, scale, tiny, signedZeros: signedZeros && this.extremes };
  }

  /** Fails unless the backend computes what the interpreter does. */
  async agree(subject: Subject, slack: Slack = {}): Promise<void> {
    await expectAgreement(subject, await this.backend(), this.closeness(slack));
  }
}
