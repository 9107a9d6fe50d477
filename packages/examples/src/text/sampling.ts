/** Writes text after a language model, a character at a time. */
import type { Random } from '../random.js';

/**
 * A class drawn with the probabilities `softmax(logits / temperature)`: below 1 the likely become likelier, and at 0 only the
 * likeliest is left, the first of them where several are equal.
 */
export function sample(logits: ArrayLike<number>, temperature: number, random: Random): number {
  const scores = Array.from(logits);
  const top = Math.max(...scores);
  if (temperature === 0) return scores.indexOf(top);
  const weights = scores.map((score) => Math.exp((score - top) / temperature));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  const drawn = weights.findIndex((weight) => (left -= weight) < 0);
  return drawn === -1 ? scores.indexOf(top) : drawn;   // rounding left a rest after the last
}

/** Answers with the logits of the token after each position of a window `[length]`, as `[length, vocabulary]`. */
export type Foretell = (window: Int32Array) => Promise<ArrayLike<number> & { slice(begin: number, end: number): ArrayLike<number> }>;

export interface Continuation {
  /** At least one token, to be continued. */
  readonly prompt: Int32Array;
  /** How many tokens to write. */
  readonly count: number;
  /** Of the model's windows: it sees no more than so many of the last tokens. */
  readonly length: number;
  readonly vocabulary: number;
  readonly temperature: number;
  readonly random: Random;
}

/** The tokens that follow the prompt. A window that is not full yet ends in zeros, which a causal model does not see. */
export async function continuation({ prompt, count, length, vocabulary, temperature, random }: Continuation, foretell: Foretell): Promise<number[]> {
  const tokens = Array.from(prompt);
  if (tokens.length === 0) throw new RangeError('a prompt has at least one token');
  for (let step = 0; step < count; step++) {
    const seen = tokens.slice(-length);
    const window = new Int32Array(length);
    window.set(seen);
    const logits = await foretell(window);
    tokens.push(sample(logits.slice((seen.length - 1) * vocabulary, seen.length * vocabulary), temperature, random));
  }
  return tokens.slice(prompt.length);
}
