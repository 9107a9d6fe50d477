/** Pappus, the way its README says: a graph, compiled once for the CPU backend. */
import { adam, compile, cpu, crossEntropy, input, variable, type Expr, type TypedArray, type Variable } from 'pappus';
import type { Adapter } from '../contender.js';
import { adamContender, hyperparameters } from '../problems/adam.js';
import { cnnGraph } from '../problems/cnn.js';
import { lstmGraph } from '../problems/lstm.js';
import { matmulContender } from '../problems/matmul.js';
import { mlpContender, type Batch } from '../problems/mlp.js';
import { trainingContender, type TrainingRun } from '../problems/training.js';
import { transformerGraph, type Windows } from '../problems/transformer.js';

const name = 'Pappus';

const notSetUp = (): never => {
  throw new Error('Call setup() first.');
};

interface TrainingStep {
  readonly inputs: Readonly<Record<string, Expr>>;
  readonly loss: Expr;
  readonly updates: ReadonlyMap<Variable, Expr>;
}

/** Compiles a step, which is given a batch as its inputs. */
function trainingRun<B>(build: () => TrainingStep, inputsOf: (batch: B) => Readonly<Record<string, TypedArray>>): TrainingRun<B> {
  let train: (batch: B) => Promise<number> = notSetUp;
  return {
    async setup() {
      const { inputs, loss, updates } = build();
      const run = await compile({ inputs, outputs: { loss }, updates }, await cpu());
      train = async (batch) => (await run(inputsOf(batch))).loss.item();
    },
    train: (batch) => train(batch),
    dispose() {
      train = notSetUp;
    },
  };
}

export const pappus: Adapter = {
  name,

  async init() {
    await cpu();
  },

  adam(problem) {
    let params: readonly Variable[] = [];
    let grads: readonly Variable[] = [];
    let step: () => Promise<unknown> = notSetUp;
    const variables = (values: readonly Float32Array<ArrayBuffer>[]): Variable[] =>
      values.map((data) => variable({ data, shape: [data.length] }));
    return adamContender(name, problem, {
      async setup() {
        params = variables(problem.params);
        grads = variables(problem.grads);
        // Gradients from elsewhere, at rest on the backend: variables, which no update touches.
        const run = await compile({ updates: adam(grads, params, hyperparameters) }, await cpu());
        step = () => run();
      },
      async setGradients(values) {
        await Promise.all(grads.map((grad, i) => grad.set(values[i] ?? notSetUp())));
      },
      step: () => step(),
      read: () => Promise.all(params.map(async (param) => Float32Array.from(await param.read()))),
      dispose() {
        [params, grads, step] = [[], [], notSetUp];
      },
    });
  },

  mlp(problem) {
    let train: (batch: Batch) => Promise<number> = notSetUp;
    return mlpContender(name, problem, {
      async setup() {
        const images = input('float32', ['batch', problem.widths[0] ?? 0]);
        const labels = input('int32', ['batch']);
        const layers = problem.layers.map(({ inputs, outputs, weights, biases }) => ({
          weights: variable({ data: weights, shape: [inputs, outputs] }),
          biases: variable({ data: biases, shape: [outputs] }),
        }));
        const logits = layers.reduce((x, { weights, biases }, i) => {
          const out = x.matmul(weights).add(biases);
          return i < layers.length - 1 ? out.relu() : out;
        }, images);
        const loss = crossEntropy(logits, labels);
        const params = layers.flatMap(({ weights, biases }) => [weights, biases]);
        const updates = adam(loss, params, hyperparameters);
        const run = await compile({ inputs: { images, labels }, outputs: { loss }, updates }, await cpu());
        train = async (batch) => (await run({ images: batch.images, labels: batch.labels })).loss.item();
      },
      train: (batch) => train(batch),
      dispose() {
        train = notSetUp;
      },
    });
  },

  cnn: (checked) => trainingContender(name, checked, (problem) => trainingRun(() => {
    const { loss, params, ...graph } = cnnGraph(problem);
    return { ...graph, loss, updates: problem.learns ? adam(loss, params, hyperparameters) : new Map() };
  }, ({ images, labels }: Batch) => ({ images, labels }))),

  lstm: (checked) => trainingContender(name, checked, (problem) => trainingRun(() => {
    const { loss, params, ...graph } = lstmGraph(problem);
    return { ...graph, loss, updates: adam(loss, params, hyperparameters) };
  }, ({ tokens, targets }: Windows) => ({ tokens, targets }))),

  transformer: (checked) => trainingContender(name, checked, (problem) => trainingRun(() => {
    const { loss, params, ...graph } = transformerGraph(problem);
    return { ...graph, loss, updates: adam(loss, params, hyperparameters) };
  }, ({ tokens, targets }: Windows) => ({ tokens, targets }))),

  matmul(problem) {
    let step: () => Promise<unknown> = notSetUp;
    let read: () => Promise<Float32Array> = notSetUp;
    return matmulContender(name, problem, {
      async setup() {
        const a = variable({ data: problem.a, shape: [problem.rows, problem.n] });
        const b = variable({ data: problem.b, shape: [problem.n, problem.n] });
        const run = await compile({ outputs: { product: a.matmul(b) } }, await cpu());
        step = () => run();
        read = async () => Float32Array.from(await (await run()).product.read());
      },
      step: () => step(),
      read: () => read(),
      dispose() {
        [step, read] = [notSetUp, notSetUp];
      },
    });
  },

  bundle: {
    source: `
      import { adam, compile, cpu, crossEntropy, input, variable, zeros } from 'pappus';
      const images = input('float32', ['batch', 784]);
      const labels = input('int32', ['batch']);
      const w = variable(zeros([784, 10]));
      const loss = crossEntropy(images.matmul(w), labels);
      export const train = await compile({ inputs: { images, labels }, outputs: { loss }, updates: adam(loss, [w]) }, await cpu());`,
  },
};
