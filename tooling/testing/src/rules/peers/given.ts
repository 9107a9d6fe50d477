// What an entry is given of a recording: its parameters as variables, and all that a step brings as inputs.
import { type Expr, input, type InputValue, type Optimizer, sin, type Variable, variable } from 'pappus';
import type { PeerRecord, Recorded, Tensors } from '../recorded-file.js';
import { type FloatDType, typedArray } from '@pappus/testing/rules';
import { named } from './call.js';

/** How a recording is run. */
export interface GivenOptions {
  readonly dtype: FloatDType;
  /** Where the parameters start. Default: as recorded. */
  readonly from?: 'initial' | 'zero';
  /** Multiplies the recorded gradients. Default 1. */
  readonly gradientScale?: number;
}

/** An input of a step, and its value in each, counted from 0. */
export interface StepInput {
  readonly expr: Expr;
  readonly at: (step: number) => InputValue;
}

/** The rule that a wrapper goes over. */
export interface Base {
  /** Its function at the peer. */
  readonly name: string;
  /** Its options, under the peer's names. */
  readonly options: PeerRecord;
  /** Ours, with these. */
  readonly rule: Optimizer;
}

export class Given {
  /** The parameters: variables that start where the recording does. */
  readonly params: readonly Variable[];
  /** Inputs that the entry has asked for, by name. */
  readonly inputs = new Map<string, StepInput>();
  private gradientInputs: readonly Expr[] | undefined;

  /** @param base the recording's base, where it has one */
  constructor(
    readonly recording: Recorded,
    private readonly options: GivenOptions,
    readonly base: Base | undefined,
  ) {
    const { dtype, from = 'initial' } = options;
    const start = (values: readonly number[]): readonly number[] => (from === 'zero' ? values.map(() => 0) : values);
    const made = recording.shapes.map((shape, p) => variable({ data: typedArray(dtype, start(recording.initial[p] ?? [])), shape }, { name: `w${p}` }));
    this.params = named(made, 'params');
  }

  /** The recorded gradients of each step. */
  get grads(): readonly Expr[] {
    const { gradients } = this.recording;
    if (gradients === undefined) throw new Error('the recording has no gradients: they follow from `loss`');
    const { gradientScale = 1 } = this.options;
    return (this.gradientInputs ??= named(this.tensorsPerStep('g', (t, p) => (gradients[t]?.[p] ?? []).map((value) => gradientScale * value)), 'grads'));
  }

  /** The loss of each step: where the recording has a problem its expression, whose gradients can be taken, else a scalar input. */
  get loss(): Expr {
    const { problem, losses } = this.recording;
    if (problem !== undefined) return this.problemLoss(problem);
    if (losses === undefined) throw new Error('the recording has neither losses nor a problem');
    return this.perStep('loss', (t) => losses[t] ?? NaN);
  }

  /** The diagonals of Hessians, and whether the step has them: 1 or 0. Where it has none they are 0. */
  get hessians(): { readonly values: readonly Expr[]; readonly given: Expr } {
    const { hessians, shapes, initial } = this.recording;
    if (hessians === undefined) throw new Error('the recording has no Hessians');
    const zeros = shapes.map((_, p) => (initial[p] ?? []).map(() => 0));
    const values = named(this.tensorsPerStep('h', (t, p) => (hessians.get(t + 1) ?? zeros)[p] ?? []), 'hessians');
    return { values, given: this.perStep('hessiansGiven', (t) => (hessians.has(t + 1) ? 1 : 0)) };
  }

  /**
   * A scalar that each step is given: a recorded number, or one computed here with a peer's rounding.
   *
   * @param at its value in a step, counted from 0
   */
  perStep(name: string, at: (step: number) => number): Expr {
    const expr = named(input('float64', []), name);
    this.inputs.set(name, { expr, at });
    return expr;
  }

  /** A tensor of each parameter's shape that each step is given. */
  tensorsPerStep(name: string, at: (step: number, parameter: number) => readonly number[]): readonly Expr[] {
    const { dtype } = this.options;
    const inputs = this.recording.shapes.map((shape, p) => {
      const expr = named(input(dtype, shape), `${name}${p}`);
      this.inputs.set(`${name}${p}`, { expr, at: (step) => typedArray(dtype, at(step, p)) });
      return expr;
    });
    return named(inputs, name);
  }

  private problemLoss({ a, c }: { readonly a: Tensors; readonly c: Tensors }): Expr {
    const { dtype } = this.options;
    const constant = (values: readonly number[], p: number): Expr => variable({ data: typedArray(dtype, values), shape: this.recording.shapes[p] ?? [] }, { dtype });
    const parts = this.params.map((x, p) => constant(a[p] ?? [], p).mul(x.square()).mul(0.5).add(constant(c[p] ?? [], p).mul(sin(x))).sum());
    return named(parts.reduce((sum, part) => sum.add(part)), 'loss');
  }
}
