/** What a language model is to the rest of the example. */
import type { Expr, Variable } from 'pappus';

import type { Random } from '../random.js';

export interface LanguageModel {
  readonly params: readonly Variable[];
  /** `[batch, length, vocabulary]`: of the token after each position, by the tokens up to it. */
  readonly logits: Expr;
}

export interface Sizes {
  /** How many tokens there are. */
  readonly vocabulary: number;
  /** Of the windows: as far as the model looks back. */
  readonly length: number;
}

/** Builds a model over `tokens`, int32 `[batch, length]`; `random` decides the initial weights. */
export type BuildLanguageModel = (tokens: Expr, sizes: Sizes, random: Random) => LanguageModel;
