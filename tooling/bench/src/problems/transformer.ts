/** The transformer of the text example: its sizes, its parameters, windows of random tokens, and the reference in float64. */
import {
  adam, compile, crossEntropy, input, interpreter, iota, layerNorm, literal, scaledDotProductAttention, variable, type Expr, type Variable,
} from 'pappus';
import { randomSource, uniform } from '../random.js';
import { hyperparameters } from './adam.js';
import type { Checked, Parameter, TrainingProblem } from './training.js';

export interface TransformerSizes {
  readonly vocabulary: number;
  readonly length: number;
  readonly batch: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly hidden: number;
}

/** Both `[batch, length]`. */
export interface Windows {
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly targets: Int32Array<ArrayBuffer>;
}

export interface TransformerProblem extends TrainingProblem<Windows> {
  readonly sizes: TransformerSizes;
}

interface Norm<T> {
  readonly scale: T;
  readonly bias: T;
}

interface Dense<T> {
  readonly weights: T;
  readonly bias: T;
}

export interface Arranged<T> {
  readonly tokens: T;
  readonly layers: readonly {
    readonly attentionNorm: Norm<T>;
    readonly query: T;
    readonly key: T;
    readonly value: T;
    readonly attended: Dense<T>;
    readonly denseNorm: Norm<T>;
    readonly inner: Dense<T>;
    readonly outer: Dense<T>;
  }[];
  readonly norm: Norm<T>;
  readonly logits: Dense<T>;
}

/** Asks for every parameter once, in their one order: the shape, and the bound of what it starts from. */
function arrange<T>({ vocabulary, layers, width, hidden }: TransformerSizes, take: (shape: readonly number[], low: number, high: number) => T): Arranged<T> {
  const even = (shape: readonly number[], bound: number): T => take(shape, -bound, bound);
  const norm = (): Norm<T> => ({ scale: take([width], 0.9, 1.1), bias: even([width], 0.1) });
  const matrix = (inputs: number, outputs: number): T => even([inputs, outputs], Math.sqrt(3 / inputs));
  const dense = (inputs: number, outputs: number): Dense<T> => ({ weights: matrix(inputs, outputs), bias: even([outputs], 0.1) });
  return {
    tokens: even([vocabulary, width], 0.2),
    layers: Array.from({ length: layers }, () => ({
      attentionNorm: norm(),
      query: matrix(width, width),
      key: matrix(width, width),
      value: matrix(width, width),
      attended: dense(width, width),
      denseNorm: norm(),
      inner: dense(width, hidden),
      outer: dense(hidden, width),
    })),
    norm: norm(),
    logits: dense(width, vocabulary),
  };
}

/** The parameters of a problem, or what a library made of each, by their place in the network. */
export function arranged<T>({ sizes }: TransformerProblem, list: readonly T[]): Arranged<T> {
  let at = 0;
  return arrange(sizes, () => {
    const found = list[at++];
    if (found === undefined) throw new RangeError(`The network has more than ${list.length} parameters.`);
    return found;
  });
}

export function transformerProblem(sizes: TransformerSizes, batches = 8): TransformerProblem {
  const parameters: Parameter[] = [];
  arrange(sizes, (shape, low, high) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    parameters.push({ name: `parameter ${parameters.length}`, shape, values: uniform(size, low, high, parameters.length + 1) });
  });
  const random = randomSource(99);
  const drawn = (): Int32Array<ArrayBuffer> => Int32Array.from({ length: sizes.batch * sizes.length }, () => Math.floor(sizes.vocabulary * random()));
  return { sizes, parameters, batches: Array.from({ length: batches }, () => ({ tokens: drawn(), targets: drawn() })) };
}

/** How much of a score each head takes away for each position of distance: those of the example, after arXiv:2108.12409. */
function slopes(heads: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: heads }, (_, head) => 2 ** (1 - (8 * head) / heads));
}

/** Below any score. */
const lowest = -1e9;

/** `[heads, length, length]`: what is added to the scores, for libraries that add both the distances and the mask at once. */
export function scoreBias({ heads, length }: TransformerSizes): Float32Array<ArrayBuffer> {
  const ofHead = slopes(heads);
  return Float32Array.from({ length: heads * length ** 2 }, (_, at) => {
    const age = (Math.floor(at / length) % length) - (at % length);
    return age < 0 ? lowest : -age * (ofHead[Math.floor(at / length ** 2)] ?? NaN);
  });
}

export interface TransformerGraph {
  readonly inputs: { readonly tokens: Expr; readonly targets: Expr };
  readonly loss: Expr;
  readonly params: readonly Variable[];
}

/** The network in Pappus: what its contender compiles, and what the interpreter evaluates for the reference. */
export function transformerGraph(problem: TransformerProblem): TransformerGraph {
  const { batch, length, heads, width } = problem.sizes;
  const tokens = input('int32', [batch, length]);
  const targets = input('int32', [batch, length]);
  const params = problem.parameters.map(({ name, shape, values }) => variable({ data: values, shape }, { name }));
  const network = arranged(problem, params);
  const dense = (x: Expr, { weights, bias }: Dense<Expr>): Expr => x.matmul(weights).add(bias);
  const apart = (x: Expr): Expr => x.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3]);
  const ages = iota([length, length], 0).sub(iota([length, length], 1)).cast('float32');
  const mask = ages.mul(literal(slopes(heads), [heads, 1, 1], 'float32')).neg();
  let x = network.tokens.take(tokens);
  for (const { attentionNorm, query, key, value, attended, denseNorm, inner, outer } of network.layers) {
    const read = layerNorm(x, attentionNorm);
    const [q, k, v] = [apart(read.matmul(query)), apart(read.matmul(key)), apart(read.matmul(value))];
    const joined = scaledDotProductAttention(q, k, v, { causal: true, mask }).transpose([0, 2, 1, 3]).reshape([batch, length, width]);
    x = x.add(dense(joined, attended));
    x = x.add(dense(dense(layerNorm(x, denseNorm), inner).gelu({ approximate: 'tanh' }), outer));
  }
  return { inputs: { tokens, targets }, loss: crossEntropy(dense(layerNorm(x, network.norm), network.logits), targets), params };
}

/** The problem with a small one of all its parts, and the latter's reference. */
export function checkedTransformer(problem: TransformerProblem): Checked<TransformerProblem> {
  const small = transformerProblem({ ...problem.sizes, vocabulary: 11, length: 6, batch: 3, heads: 2, width: 8, hidden: 20 });
  let known: Promise<readonly number[]> | undefined;
  const losses = async (steps: number): Promise<readonly number[]> => {
    const { inputs, loss, params } = transformerGraph(small);
    const step = await compile({ inputs, outputs: { loss }, updates: adam(loss, params, hyperparameters) }, interpreter());
    const taken: number[] = [];
    for (const { tokens, targets } of small.batches.slice(0, steps)) taken.push(await (await step({ tokens, targets })).loss.item());
    return taken;
  };
  return { problem, small, reference: (steps) => (known ??= losses(steps)) };
}
