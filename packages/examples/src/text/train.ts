/** Trains a language model: one compiled function for the step, one to judge it, one to let it write. */
import { adam, compile, crossEntropy, type Expr, grad, input, substitute, totalNormConstraint, type Updates, type Variable } from 'pappus';

import type { Backend } from '../backends.js';
import { DivergedError } from '../diverged-error.js';
import type { Progress } from '../progress.js';
import { seeded } from '../random.js';
import { smoother } from '../smoothing.js';
import type { BuildLanguageModel } from './language-model.js';
import { perplexity } from './perplexity.js';
import { continuation } from './sampling.js';
import { randomWindows } from './windows.js';

export interface Task {
  readonly build: BuildLanguageModel;
  /** Tokens to learn from, and tokens that come after them, to be judged by. */
  readonly train: Int32Array;
  readonly heldOut: Int32Array;
  readonly vocabulary: number;
  readonly length: number;
  readonly batch: number;
  /** How often to judge, after equal numbers of steps. */
  readonly stages: number;
  readonly stepsPerStage: number;
  /** The highest; see {@link rateAt}. */
  readonly learningRate: number;
  readonly seed: number;
  readonly backend: Backend;
  /** What the parameters become. Default: Adam, of gradients that are shortened where they are long. */
  readonly updates?: (loss: Expr, params: readonly Variable[], learningRate: Expr) => Updates;
  /** Where the model is judged and writes, for a rule that is not evaluated at its parameters. Default: at the parameters. */
  readonly evaluatedAt?: (updates: Updates) => ReadonlyMap<Expr, Expr>;
  readonly progress?: Progress;
}

export interface Result {
  /** The mean cross-entropy of each step, in nats. */
  readonly losses: readonly number[];
  /** Of the held-out tokens, after each stage. */
  readonly perplexities: readonly number[];
  /** How many numbers were learned. */
  readonly parameters: number;
  /** Goes on from a prompt; the same seed writes the same. */
  write(prompt: Int32Array, options: { readonly count: number; readonly temperature: number; readonly seed: number }): Promise<number[]>;
}

const warmUp = 0.05;

/** The learning rate of a step, counted from 0, as a part of the highest: up in a straight line, then down in one. */
export function rateAt(step: number, steps: number): number {
  const rising = Math.max(1, Math.round(warmUp * steps));
  return step < rising ? (step + 1) / rising : (steps - step) / (steps - rising + 1);
}

/** A gradient longer than this is shortened; most are shorter. */
const longestGradient = 1;
/** Of Adam: its second moment looks back over 100 steps, where a training has few. */
const beta2 = 0.99;

function clippedAdam(loss: Expr, params: readonly Variable[], learningRate: Expr): Updates {
  return adam(totalNormConstraint(grad(loss, params), longestGradient), params, { learningRate, beta2 });
}

/** Trains, with Adam where nothing else is said. What it answers depends on the task alone, to the last digit. */
export async function trainLanguageModel(task: Task): Promise<Result> {
  const { length, batch, vocabulary, backend, progress } = task;
  const random = seeded(task.seed);
  const tokens = input('int32', ['batch', length]);
  const targets = input('int32', ['batch', length]);
  const learningRate = input('float32');
  const { params, logits } = task.build(tokens, { vocabulary, length }, random);
  const loss = crossEntropy(logits, targets);
  const updates = (task.updates ?? clippedAdam)(loss, params, learningRate);

  const step = await compile(
    { inputs: { tokens, targets, learningRate }, outputs: { loss }, updates },
    backend,
  );
  const [evaluated] = substitute([logits], task.evaluatedAt?.(updates) ?? new Map<Expr, Expr>());
  const judge = await compile({ inputs: { tokens, targets }, outputs: { losses: crossEntropy(evaluated, targets, { reduction: 'none' }) } }, backend);
  const foretell = await compile({ inputs: { tokens }, outputs: { logits: evaluated } }, backend);

  const steps = task.stages * task.stepsPerStage;
  const losses: number[] = [];
  const perplexities: number[] = [];
  const smooth = smoother();
  for (let stage = 1; stage <= task.stages; stage++) {
    let smoothed = NaN;
    for (let ofStage = 1; ofStage <= task.stepsPerStage; ofStage++) {
      const windows = randomWindows(task.train, batch, length, random);
      const rate = task.learningRate * rateAt(losses.length, steps);
      const outputs = await step({ tokens: windows.tokens, targets: windows.targets, learningRate: rate });
      const current = await outputs.loss.item();
      if (!Number.isFinite(current)) throw new DivergedError(losses.length + 1, current);
      losses.push(current);
      smoothed = smooth(current);
      progress?.step({ stage, step: ofStage, figures: `loss ${smoothed.toFixed(4)}`, samples: losses.length * batch * length });
    }
    const reached = await perplexity(task.heldOut, length, batch, async (windows) =>
      (await judge({ tokens: windows.tokens, targets: windows.targets })).losses.read());
    perplexities.push(reached);
    progress?.stage(stage, `loss ${smoothed.toFixed(4)}  held-out perplexity ${reached.toFixed(3)}`);
  }
  return {
    losses,
    perplexities,
    parameters: params.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),
    write: (prompt, { count, temperature, seed }) =>
      continuation({ prompt, count, temperature, length, vocabulary, random: seeded(seed) }, async (window) =>
        (await foretell({ tokens: window })).logits.read()),
  };
}
