/**
 * A recurrent network: layers of long short-term memory, run over time by `scan`. Hochreiter & Schmidhuber (1997), with the forget
 * gates of Gers et al. (2000), which begin open.
 */
import { concat, glorotUniform, normal, ones, orthogonal, scan, variable, zeros, type Expr, type Variable } from 'pappus';

import { drawSeed } from '../random.js';
import type { BuildLanguageModel } from './language-model.js';

export interface LstmSizes {
  readonly layers: number;
  /** Of the vector that stands for a token. */
  readonly embedding: number;
  /** Of the state of a layer. */
  readonly width: number;
}

export function lstm({ layers, embedding, width }: LstmSizes): BuildLanguageModel {
  return (tokens, { vocabulary }, random) => {
    const params: Variable[] = [];
    const kept = (value: Expr, name: string): Variable => {
      const param = variable(value, { name });
      params.push(param);
      return param;
    };
    const seed = (): { seed: number } => ({ seed: drawSeed(random) });
    const [batch = 1] = tokens.shape;
    const state = zeros([batch, width]);

    // Time comes first, where scan wants it.
    let x = kept(normal([vocabulary, embedding], { std: 1, ...seed() }), 'tokens').take(tokens.transpose());
    for (let layer = 1; layer <= layers; layer++) {
      const ofInput = kept(glorotUniform([layer === 1 ? embedding : width, 4 * width], seed()), `lstm${layer}.input`);
      const ofState = kept(orthogonal([width, 4 * width], seed()), `lstm${layer}.state`);
      const bias = kept(concat([ones([width]), zeros([3 * width])], 0), `lstm${layer}.bias`);
      // What a layer reads is known for all times before the loop: one product.
      const inputs = x.matmul(ofInput).add(bias);
      x = scan(({ hidden, cell }, input) => {
        const gates = input.add(hidden.matmul(ofState));
        const gate = (k: number): Expr => gates.slice(null, [k * width, (k + 1) * width]);
        const nextCell = gate(0).sigmoid().mul(cell).add(gate(1).sigmoid().mul(gate(2).tanh()));
        const next = gate(3).sigmoid().mul(nextCell.tanh());
        return { carry: { hidden: next, cell: nextCell }, outputs: next };
      }, { carry: { hidden: state, cell: state }, inputs }).outputs;
    }
    const weights = kept(normal([width, vocabulary], { std: 0.02, ...seed() }), 'logits.w');
    const logits = x.matmul(weights).add(kept(zeros([vocabulary]), 'logits.b'));
    return { params, logits: logits.transpose([1, 0, 2]) };
  };
}
