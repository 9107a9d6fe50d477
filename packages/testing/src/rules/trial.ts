// A rule at work on parameters of given shapes, its gradients given step by step.
import {
  type Backend,
  compile,
  type CompiledFunction,
  type Expr,
  type Hyperparameter,
  input,
  type InputValue,
  type TypedArray,
  type Updates,
  type Variable,
  variable,
} from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';

/** The dtypes that a rule can be tested in. */
export type FloatDType = 'float32' | 'float64';

/** The options of every rule. */
export interface TestedOptions {
  /** A number, or a scalar expression. */
  readonly learningRate: Hyperparameter;
  /** Whether NaN in gradients counts as 0. */
  readonly clearNan?: boolean;
}

/** Any update rule: every one takes a learning rate, and whether NaN in gradients counts as 0. */
export type TestedRule = (
  lossOrGrads: Expr | readonly Expr[],
  params: readonly Variable[],
  options: TestedOptions,
) => Updates;

export type Shapes = Readonly<Record<string, readonly number[]>>;
/** The gradient's element of a parameter in a step. */
export type GradientElement = (parameter: number, element: number, step: number) => number;

export interface TrialOptions {
  readonly dtype: FloatDType;
  /** Parameters, by name. */
  readonly shapes: Shapes;
  /** A number, or how it is given: as an input of the step, or as a variable that is set. */
  readonly rate: number | 'input' | 'variable';
  readonly clearNan?: boolean;
  /** Default: numbers between -1 and 1. */
  readonly start?: (element: number, parameter: number) => number;
}

/** Numbers between -1 and 1, none of them 0, by no simple law. */
export const wave = (parameter: number, element: number, step: number): number => Math.sin(1 + 3.7 * parameter + 1.3 * element + 2.9 * step);

/** Numbers as a tensor of the dtype holds them. */
export function typedArray(dtype: FloatDType, values: readonly number[]): Float32Array | Float64Array {
  return dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
}

export class Trial {
  private constructor(
    readonly params: readonly Variable[],
    readonly updates: Updates,
    private readonly options: TrialOptions,
    private readonly rate: Variable | undefined,
    private readonly run: CompiledFunction<Readonly<Record<string, Expr>>, unknown>,
    private steps = 0,
  ) {}

  static async begin(rule: TestedRule, backend: Backend, options: TrialOptions): Promise<Trial> {
    const { dtype, shapes, clearNan, start = (element: number) => wave(0, element, 0) } = options;
    const params = Object.entries(shapes).map(([name, shape], p) => {
      const values = Array.from({ length: sizeOf(shape) }, (_, element) => start(element, p));
      return variable({ data: typedArray(dtype, values), shape }, { name });
    });
    const inputs: Record<string, Expr> = Object.fromEntries(params.map(({ name, shape }) => [`gradient of ${name}`, input(dtype, shape)]));
    const grads = Object.values(inputs);
    const rate = options.rate === 'variable' ? variable(0, { name: 'rate', dtype: 'float64' }) : undefined;
    const learningRate = typeof options.rate === 'number' ? options.rate : (rate ?? (inputs['rate'] = input('float64', [])));
    const updates = rule(grads, params, { learningRate, ...(clearNan === undefined ? {} : { clearNan }) });
    return new Trial(params, updates, options, rate, await compile({ inputs, updates }, backend));
  }

  /** One step; `rate` is for those whose rate is no number. */
  async step(gradient: GradientElement = wave, rate = NaN): Promise<void> {
    const values: Record<string, InputValue> = {};
    for (const [p, { name, shape }] of this.params.entries()) {
      const elements = Array.from({ length: sizeOf(shape) }, (_, element) => gradient(p, element, this.steps));
      values[`gradient of ${name}`] = typedArray(this.options.dtype, elements);
    }
    if (this.options.rate === 'input') values['rate'] = rate;
    await this.rate?.set(rate);
    await this.run(values);
    this.steps++;
  }

  /** The values of the parameters and the state, by name. */
  async values(): Promise<Readonly<Record<string, TypedArray>>> {
    const entries = [...this.updates.keys()].map(async (key) => [key.name, await key.read()] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** What a step runs. */
  get program(): CompiledFunction<Readonly<Record<string, Expr>>, unknown>['program'] {
    return this.run.program;
  }

  /** The value of one parameter. */
  async param(index = 0): Promise<number[]> {
    return Array.from((await this.params[index]?.read()) ?? []);
  }
}
