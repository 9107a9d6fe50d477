/** The network's training steps in float64 and plain loops: what every contender is compared with. */
import type { Batch, MlpProblem } from './mlp.js';

interface Parameter {
  readonly value: Float64Array;
  readonly grad: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

interface ReferenceLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Parameter;
  readonly biases: Parameter;
}

interface Rates {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

const known = new WeakMap<MlpProblem, number[]>();

/** The loss of each of the first `steps` steps, taken before that step's update. */
export function referenceLosses(problem: MlpProblem, steps: number, rates: Rates): readonly number[] {
  const before = known.get(problem);
  if (before !== undefined && before.length === steps) return before;
  const layers = problem.layers.map(({ inputs, outputs, weights, biases }) => {
    return { inputs, outputs, weights: parameter(weights), biases: parameter(biases) };
  });
  const losses = problem.batches.slice(0, steps).map((batch, i) => {
    const loss = backward(layers, batch, problem.batchSize);
    for (const { weights, biases } of layers) {
      adam(weights, i + 1, rates);
      adam(biases, i + 1, rates);
    }
    return loss;
  });
  known.set(problem, losses);
  return losses;
}

function parameter(initial: Float32Array): Parameter {
  const zeros = (): Float64Array => new Float64Array(initial.length);
  return { value: Float64Array.from(initial), grad: zeros(), m: zeros(), v: zeros() };
}

/** Fills every gradient; answers with the mean cross-entropy. */
function backward(layers: readonly ReferenceLayer[], batch: Batch, rows: number): number {
  const activations = [Float64Array.from(batch.images)];
  layers.forEach((layer, i) => {
    const out = affine(layer, activations[i] ?? new Float64Array(), rows);
    activations.push(i < layers.length - 1 ? out.map((x) => Math.max(x, 0)) : out);
  });
  const logits = activations.at(-1) ?? new Float64Array();
  const top = crossEntropy(logits, batch.labels, rows);
  let { cotangent } = top;
  for (let i = layers.length - 1; i >= 0; i--) {
    const [layer, input] = [layers[i], activations[i]];
    if (layer === undefined || input === undefined) break;
    cotangent = affineBackward(layer, input, cotangent, rows);
    if (i > 0) cotangent = cotangent.map((c, at) => ((input[at] ?? 0) > 0 ? c : 0));
  }
  return top.loss;
}

function affine({ inputs, outputs, weights, biases }: ReferenceLayer, x: Float64Array, rows: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    out.set(biases.value, row * outputs);
    for (let k = 0; k < inputs; k++) {
      const xk = x[row * inputs + k] ?? NaN;
      for (let j = 0; j < outputs; j++) out[row * outputs + j] = (out[row * outputs + j] ?? NaN) + xk * (weights.value[k * outputs + j] ?? NaN);
    }
  }
  return out;
}

/** Fills the layer's gradients; answers with the cotangent of its input. */
function affineBackward(layer: ReferenceLayer, x: Float64Array, cotangent: Float64Array, rows: number): Float64Array<ArrayBuffer> {
  const { inputs, outputs, weights, biases } = layer;
  weights.grad.fill(0);
  biases.grad.fill(0);
  const back = new Float64Array(rows * inputs);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < outputs; j++) biases.grad[j] = (biases.grad[j] ?? NaN) + (cotangent[row * outputs + j] ?? NaN);
    for (let k = 0; k < inputs; k++) {
      const xk = x[row * inputs + k] ?? NaN;
      let sum = 0;
      for (let j = 0; j < outputs; j++) {
        const c = cotangent[row * outputs + j] ?? NaN;
        const at = k * outputs + j;
        weights.grad[at] = (weights.grad[at] ?? NaN) + xk * c;
        sum += (weights.value[at] ?? NaN) * c;
      }
      back[row * inputs + k] = sum;
    }
  }
  return back;
}

function crossEntropy(logits: Float64Array, labels: Int32Array, rows: number): { loss: number; cotangent: Float64Array<ArrayBuffer> } {
  const classes = logits.length / rows;
  const cotangent = new Float64Array(logits.length);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const top = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
    const label = labels[row] ?? -1;
    loss += (Math.log(total) + top - (scores[label] ?? NaN)) / rows;
    scores.forEach((score, j) => {
      cotangent[row * classes + j] = (Math.exp(score - top) / total - (j === label ? 1 : 0)) / rows;
    });
  }
  return { loss, cotangent };
}

/** Kingma & Ba (2014), algorithm 1. */
function adam({ value, grad, m, v }: Parameter, t: number, { learningRate, beta1, beta2, epsilon }: Rates): void {
  for (let i = 0; i < value.length; i++) {
    const g = grad[i] ?? NaN;
    const mNext = beta1 * (m[i] ?? NaN) + (1 - beta1) * g;
    const vNext = beta2 * (v[i] ?? NaN) + (1 - beta2) * g * g;
    m[i] = mNext;
    v[i] = vNext;
    value[i] = (value[i] ?? NaN) - (learningRate * (mNext / (1 - beta1 ** t))) / (Math.sqrt(vNext / (1 - beta2 ** t)) + epsilon);
  }
}
