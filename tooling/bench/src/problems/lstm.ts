/** The recurrent network of the text example: a layer of long short-term memory over windows of tokens, and a dense layer. */
import { adam, compile, crossEntropy, input, interpreter, scan, variable, zeros, type Expr, type Variable } from 'pappus';
import { randomSource, uniform } from '../random.js';
import { hyperparameters } from './adam.js';
import type { Checked, Parameter, TrainingProblem } from './training.js';
import type { Windows } from './transformer.js';

export interface LstmSizes {
  readonly vocabulary: number;
  readonly length: number;
  readonly batch: number;
  readonly embedding: number;
  readonly width: number;
}

export interface LstmProblem extends TrainingProblem<Windows> {
  readonly sizes: LstmSizes;
}

/** The parameters, or what a library made of each. The gates are columns in the order forget, input, candidate, output. */
export interface Network<T> {
  /** `[vocabulary, embedding]` */
  readonly tokens: T;
  /** `[embedding, 4 width]`, `[width, 4 width]` and `[4 width]` */
  readonly ofInput: T;
  readonly ofState: T;
  readonly bias: T;
  /** `[width, vocabulary]` and `[vocabulary]` */
  readonly dense: { readonly weights: T; readonly bias: T };
}

export function network<T>(list: readonly T[]): Network<T> {
  const [tokens, ofInput, ofState, bias, weights, last] = list;
  if (tokens === undefined || ofInput === undefined || ofState === undefined || bias === undefined || weights === undefined || last === undefined) {
    throw new RangeError(`The network has 6 parameters, not ${list.length}.`);
  }
  return { tokens, ofInput, ofState, bias, dense: { weights, bias: last } };
}

export function lstmProblem(sizes: LstmSizes, batches = 8): LstmProblem {
  const { vocabulary, length, batch, embedding, width } = sizes;
  const shapes: readonly (readonly [shape: readonly number[], bound: number])[] = [
    [[vocabulary, embedding], 1],
    [[embedding, 4 * width], Math.sqrt(3 / embedding)],
    [[width, 4 * width], Math.sqrt(3 / width)],
    [[4 * width], 1],
    [[width, vocabulary], Math.sqrt(3 / width)],
    [[vocabulary], 0.1],
  ];
  const parameters = shapes.map(([shape, bound], i): Parameter => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return { name: `parameter ${i}`, shape, values: uniform(size, -bound, bound, i + 1) };
  });
  const random = randomSource(99);
  const drawn = (): Int32Array<ArrayBuffer> => Int32Array.from({ length: batch * length }, () => Math.floor(vocabulary * random()));
  return { sizes, parameters, batches: Array.from({ length: batches }, () => ({ tokens: drawn(), targets: drawn() })) };
}

export interface LstmGraph {
  readonly inputs: { readonly tokens: Expr; readonly targets: Expr };
  readonly loss: Expr;
  readonly params: readonly Variable[];
}

/** The network in Pappus: what its contender compiles, and what the interpreter evaluates for the reference. Time is the first axis. */
export function lstmGraph({ sizes: { batch, length, width }, parameters }: LstmProblem): LstmGraph {
  const tokens = input('int32', [length, batch]);
  const targets = input('int32', [length, batch]);
  const params = parameters.map(({ name, shape, values }) => variable({ data: values, shape }, { name }));
  const { tokens: table, ofInput, ofState, bias, dense } = network(params);
  const state = zeros([batch, width]);
  const { outputs } = scan(({ hidden, cell }, read) => {
    const gates = read.add(hidden.matmul(ofState));
    const gate = (k: number): Expr => gates.slice(null, [k * width, (k + 1) * width]);
    const nextCell = gate(0).sigmoid().mul(cell).add(gate(1).sigmoid().mul(gate(2).tanh()));
    const next = gate(3).sigmoid().mul(nextCell.tanh());
    return { carry: { hidden: next, cell: nextCell }, outputs: next };
  }, { carry: { hidden: state, cell: state }, inputs: table.take(tokens).matmul(ofInput).add(bias) });
  return { inputs: { tokens, targets }, loss: crossEntropy(outputs.matmul(dense.weights).add(dense.bias), targets), params };
}

/** The problem with a small one of all its parts, and the latter's reference. */
export function checkedLstm(problem: LstmProblem): Checked<LstmProblem> {
  const small = lstmProblem({ vocabulary: 11, length: 5, batch: 3, embedding: 6, width: 8 });
  let known: Promise<readonly number[]> | undefined;
  const losses = async (steps: number): Promise<readonly number[]> => {
    const { inputs, loss, params } = lstmGraph(small);
    const step = await compile({ inputs, outputs: { loss }, updates: adam(loss, params, hyperparameters) }, interpreter());
    const taken: number[] = [];
    for (const { tokens, targets } of small.batches.slice(0, steps)) taken.push(await (await step({ tokens, targets })).loss.item());
    return taken;
  };
  return { problem, small, reference: (steps) => (known ??= losses(steps)) };
}
