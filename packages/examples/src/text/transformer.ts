/**
 * A transformer that decodes: layers of causal self-attention and of two dense layers, each added to what it reads, which is
 * normalized first as in GPT-2. Vaswani et al. (2017), arXiv:1706.03762. Positions are told by distances alone: Press, Smith & Lewis
 * (2021), arXiv:2108.12409, which learns from less text than vectors of positions do.
 */
import { iota, layerNorm, literal, normal, ones, scaledDotProductAttention, variable, zeros, type Expr, type Variable } from 'pappus';

import { drawSeed } from '../random.js';
import type { BuildLanguageModel } from './language-model.js';

export interface TransformerSizes {
  readonly layers: number;
  readonly heads: number;
  /** Of the vector that stands for a position. */
  readonly width: number;
  /** Of the dense layers inside, as a multiple of the width. */
  readonly expansion: number;
}

export function transformer({ layers, heads, width, expansion }: TransformerSizes): BuildLanguageModel {
  return (tokens, { vocabulary, length }, random) => {
    const params: Variable[] = [];
    const kept = (value: Expr, name: string): Variable => {
      const param = variable(value, { name });
      params.push(param);
      return param;
    };
    const weights = (shape: [number, number], std: number, name: string): Variable => kept(normal(shape, { std, seed: drawSeed(random) }), name);
    const normalized = (x: Expr, name: string): Expr =>
      layerNorm(x, { scale: kept(ones([width]), `${name}.scale`), bias: kept(zeros([width]), `${name}.bias`) });
    const dense = (x: Expr, [inputs, outputs]: [number, number], name: string, std = 1 / Math.sqrt(inputs)): Expr =>
      x.matmul(weights([inputs, outputs], std, `${name}.w`)).add(kept(zeros([outputs]), `${name}.b`));
    // So many branches are added up that each begins as one part of them.
    const branch = (inputs: number): number => 1 / Math.sqrt(2 * layers * inputs);
    const apart = (x: Expr): Expr => x.reshape([...tokens.shape, heads, width / heads]).transpose([0, 2, 1, 3]);

    const mask = distanceBias(heads, length);
    let x = weights([vocabulary, width], 0.1, 'tokens').take(tokens);
    for (let layer = 1; layer <= layers; layer++) {
      const read = normalized(x, `attention${layer}.norm`);
      const [query, key, value] = (['query', 'key', 'value'] as const).map((name) =>
        apart(read.matmul(weights([width, width], 1 / Math.sqrt(width), `attention${layer}.${name}`))));
      if (query === undefined || key === undefined || value === undefined) break;
      const attended = scaledDotProductAttention(query, key, value, { causal: true, mask }).transpose([0, 2, 1, 3]).reshape(x.shape);
      x = x.add(dense(attended, [width, width], `attention${layer}.out`, branch(width)));
      const hidden = expansion * width;
      const inner = dense(normalized(x, `dense${layer}.norm`), [width, hidden], `dense${layer}.in`).gelu({ approximate: 'tanh' });
      x = x.add(dense(inner, [hidden, width], `dense${layer}.out`, branch(hidden)));
    }
    return { params, logits: dense(normalized(x, 'norm'), [width, vocabulary], 'logits', 0.02) };
  };
}

/**
 * `[heads, length, length]`: a key loses `slope` of its score for each position that it lies back. The slopes fall by one
 * factor from 2, to 1/32 where there are 4 heads; they are steeper than those of the paper, whose tokens are words, so that a head can read
 * neighbouring characters from the start.
 */
function distanceBias(heads: number, length: number): Expr {
  const slopes = Float32Array.from({ length: heads }, (_, head) => 2 ** (1 - (8 * head) / heads));
  const back = iota([length, length], 0).sub(iota([length, length], 1)).cast('float32');
  return back.mul(literal(slopes, [heads, 1, 1], 'float32')).neg();
}
