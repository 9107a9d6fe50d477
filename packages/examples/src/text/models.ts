/** The language models that the text example offers, each with settings that suit it. */
import type { BuildLanguageModel } from './language-model.js';
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
    build: transformer({ layers: 2, heads: 4, width: 128, expansion: 4 }),
    steps: 2000,
    batch: 16,
    length: 64,
    learningRate: 3e-3,
  },
} as const satisfies Record<string, Choice>;

export type ModelName = keyof typeof models;

export function isModelName(name: string): name is ModelName {
  return name in models;
}
