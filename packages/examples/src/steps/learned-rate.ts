/** Learns a learning rate while it trains: by the gradient of a held-out loss through an unrolled loop of steps. */
import { adam, compile, exp, type Expr, grad, input, mergeUpdates, sgd, substitute, variable, type Variable } from 'pappus';

import type { Backend } from '../backends.js';
import { batches, type Dataset } from '../mnist/data.js';
import { models, pixels } from '../mnist/models.js';
import { permutation, seeded } from '../random.js';

export interface LearnedRateTask {
  /** What the inner steps learn from, and what the rate is judged by. */
  readonly train: Dataset;
  readonly heldOut: Dataset;
  /** Steps of gradient descent that are looked through at a time. */
  readonly unrolled: number;
  readonly batch: number;
  /** Where the rate begins. */
  readonly learningRate: number;
  /** Of the rule that moves the logarithm of the rate. */
  readonly rateOfTheRate: number;
  /** How often the rate moves. */
  readonly rounds: number;
  readonly seed: number;
  readonly backend: Backend;
}

/** After a round: the rate, and the loss of the held-out batch. */
export interface Round {
  readonly learningRate: number;
  readonly heldOutLoss: number;
}

/**
 * Softmax regression by gradient descent with rate e^r. Each round unrolls some steps: the updates of the next batch, over the weights that
 * the step before answers, by `substitute`. The held-out loss at the end is an expression of r, whose gradient Adam follows.
 */
export async function learnRate(task: LearnedRateTask): Promise<readonly Round[]> {
  const { unrolled, batch, rounds, backend } = task;
  const random = seeded(task.seed);
  const inputs: Record<string, Expr> = {};
  const batchOf = (name: string): { readonly images: Expr; readonly labels: Expr } => ({
    images: (inputs[`images of ${name}`] = input('float32', [batch, pixels])),
    labels: (inputs[`labels of ${name}`] = input('int32', [batch])),
  });
  const held = batchOf('held-out');
  const { params, loss: heldOut } = models.softmax(held.images, held.labels, random);
  const logRate = variable(Math.log(task.learningRate), { name: 'logRate' });

  let at: ReadonlyMap<Variable, Expr> = new Map(params.map((param) => [param, param]));
  for (let k = 0; k < unrolled; k++) {
    const { images, labels } = batchOf(String(k));
    const [loss] = substitute([heldOut], new Map([[held.images, images], [held.labels, labels]]));
    const updates = sgd(loss, params, { learningRate: exp(logRate) });
    const next = substitute(params.map((param) => updates.get(param) ?? param), at);
    at = new Map(params.map((param, p) => [param, next[p] ?? param]));
  }
  const [after] = substitute([heldOut], at);
  const rule = adam(grad(after, [logRate]), [logRate], { learningRate: task.rateOfTheRate });
  const step = await compile({ inputs, outputs: { heldOutLoss: after, learningRate: exp(logRate) }, updates: mergeUpdates(at, rule) }, backend);

  const learned: Round[] = [];
  const next = endless(task.train, batch, random);
  const judges = endless(task.heldOut, batch, random);
  for (let round = 0; round < rounds; round++) {
    const names = ['held-out', ...Array.from({ length: unrolled }, (_, k) => String(k))];
    const values = names.flatMap((name): [string, Float32Array | Int32Array][] => {
      const { images, labels } = name === 'held-out' ? judges() : next();
      return [[`images of ${name}`, images], [`labels of ${name}`, labels]];
    });
    const outputs = await step(Object.fromEntries(values));
    learned.push({ learningRate: await outputs.learningRate.item(), heldOutLoss: await outputs.heldOutLoss.item() });
  }
  return learned;
}

/** Full batches of a set in an order of chance, again and again. */
function endless(set: Dataset, size: number, random: ReturnType<typeof seeded>): () => { readonly images: Float32Array; readonly labels: Int32Array } {
  let current = batches(set, size, permutation(set.count, random));
  return () => {
    for (;;) {
      const found = current.next();
      if (found.done !== true && found.value.size === size) return found.value;
      current = batches(set, size, permutation(set.count, random));
    }
  };
}
