// The reference numbers of data/lasagne-dandelion.json, typed; data/README.md says where they are from.
import { readFileSync } from 'node:fs';
import type { ReferenceRule, ReferenceTransform } from '@pappus/rule-table';

/** Options under our names: `learningRate`, `beta1`, `clearNan`, ... Absent means the peer's default. */
export type Hyperparameters = Readonly<Record<string, number | boolean>>;

interface TrajectoryData {
  /** Unique; made for test titles. */
  readonly name: string;
  readonly peer: 'Dandelion' | 'Lasagne';
  /** One shape for each parameter. */
  readonly shapes: readonly (readonly number[])[];
  /** `initial[parameter]`, row-major. */
  readonly initial: readonly (readonly number[])[];
  /** `gradients[step][parameter]`, row-major. */
  readonly gradients: readonly (readonly (readonly number[])[])[];
  /** `expected[step][parameter]`: the parameters after that step. */
  readonly expected: readonly (readonly (readonly number[])[])[];
  /** Where the learning rate is symbolic: its value at each step. */
  readonly learningRatePerStep?: readonly number[];
  readonly note?: string;
}

/** A rule by itself. */
export interface RuleTrajectory extends TrajectoryData {
  readonly function: ReferenceRule;
  readonly options: Hyperparameters;
}

/** Momentum over another rule: on every parameter, on those listed, or on every key of the base rule's updates. */
export interface MomentumTrajectory extends TrajectoryData {
  readonly function: ReferenceTransform;
  readonly options: {
    readonly base: ReferenceRule;
    readonly baseOptions: Hyperparameters;
    readonly momentum: number;
    readonly params?: readonly number[] | 'keys';
  };
}

/** Gradients rescaled to a total norm, then a rule. */
export interface TotalNormTrajectory extends TrajectoryData {
  readonly function: 'total_norm_constraint';
  readonly options: { readonly maxNorm: number; readonly then: ReferenceRule; readonly thenOptions: Hyperparameters };
}

export interface TrajectoryByFunction extends Record<ReferenceRule, RuleTrajectory>, Record<ReferenceTransform, MomentumTrajectory> {
  total_norm_constraint: TotalNormTrajectory;
}

export type Trajectory = TrajectoryByFunction[keyof TrajectoryByFunction];

export interface NormConstraintCase {
  readonly function: 'norm_constraint';
  readonly shape: readonly number[];
  readonly options: { readonly maxNorm: number; readonly normAxes?: readonly number[] };
  readonly input: readonly number[];
  readonly expected: readonly number[];
}

export interface TotalNormConstraintCase {
  readonly function: 'total_norm_constraint';
  readonly shapes: readonly (readonly number[])[];
  readonly options: { readonly maxNorm: number; readonly returnNorm: boolean };
  readonly inputs: readonly (readonly number[])[];
  readonly expected: readonly (readonly number[])[];
  /** The total norm of `inputs`. */
  readonly norm: number;
}

export type ConstraintCase = NormConstraintCase | TotalNormConstraintCase;

/** The parameter after `steps` steps on `loss`, for each rule: its options and three numbers. */
export interface PublishedValues {
  readonly source: string;
  readonly loss: string;
  readonly initial: readonly number[];
  readonly steps: number;
  readonly tolerance: string;
  readonly values: Readonly<Record<ReferenceRule, readonly [Hyperparameters, readonly number[]]>>;
}

interface ReferenceFile {
  readonly trajectories: readonly Trajectory[];
  readonly constraints: readonly ConstraintCase[];
  readonly published: PublishedValues;
}

let file: ReferenceFile | undefined;

/** Reads the file once. JSON has no NaN: it is written as null. */
function reference(): ReferenceFile {
  file ??= JSON.parse(
    readFileSync(new URL('../data/lasagne-dandelion.json', import.meta.url), 'utf8'),
    (_key, value: unknown) => (value === null ? NaN : value),
  ) as ReferenceFile;
  return file;
}

/**
 * Trajectories of Lasagne's and Dandelion's own code, in float64: all of them, or those of one function.
 *
 * @example for (const { options, expected } of trajectories('adam')) ...
 */
export function trajectories(): readonly Trajectory[];
export function trajectories<F extends keyof TrajectoryByFunction>(name: F): readonly TrajectoryByFunction[F][];
export function trajectories(name?: keyof TrajectoryByFunction): readonly Trajectory[] {
  const all = reference().trajectories;
  return name === undefined ? all : all.filter((trajectory) => trajectory.function === name);
}

/** Lasagne's and Dandelion's norm constraints on inputs of one to five dimensions. */
export const constraintCases = (): readonly ConstraintCase[] => reference().constraints;

/**
 * The values in Lasagne's own tests, a smoke test: hold them to the `tolerance` they name. Those of adagrad and rmsprop were
 * computed with epsilon outside the root, and Lasagne's formula differs from them by up to 7.3e-6.
 */
export const publishedValues = (): PublishedValues => reference().published;
