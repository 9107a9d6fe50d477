/** The language models that the text example offers, each with settings that suit it. */
import type { BuildLanguageModel } from './language-model.js';
import { lstm } from './lstm.js';
import { transformer } from './transformer.js';

export interface Choice {
  readonly title: string;
  readonly build: BuildLanguageModel;
  readonly steps: number;
  /** Windows of one step. */
  readonly batch: number;
  readonly length: number;
  readonly learningRate: number;
}

export const models = {
  transformer: {
    title: 'transformer',
    build: transformer({ layers: 3, heads: 4, width: 64, expansion: 4 }),
    steps: 3000,
    batch: 16,
    length: 64,
    learningRate: 5e-3,
  },
  lstm: {
    title: 'LSTM',
    build: lstm({ layers: 1, embedding: 64, width: 192 }),
    steps: 3000,
    batch: 16,
    length: 64,
    learningRate: 1e-2,
  },
} as const satisfies Record<string, Choice>;

export type ModelName = keyof typeof models;

export function isModelName(name: string): name is ModelName {
  return name in models;
}
