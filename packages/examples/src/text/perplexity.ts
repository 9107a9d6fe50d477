/** How well a language model foretells a text: the perplexity of the targets that it had at least half a window to prepare for. */
import { halfOverlapping, type Windows } from './windows.js';

/** Answers with the negative logarithm of the probability of every target, `[size, length]`. */
export type Judge = (windows: Windows) => Promise<ArrayLike<number>>;

/**
 * `exp(mean of -ln p(target))`: 1 for a model that knows every character, the vocabulary's size for one that knows none. Each
 * window is judged by its second half, so a target has from `length / 2 + 1` to `length` characters of its text before it.
 *
 * @param batch windows that are judged together
 */
export async function perplexity(text: Int32Array, length: number, batch: number, judge: Judge): Promise<number> {
  let [sum, targets] = [0, 0];
  for (const windows of halfOverlapping(text, batch, length)) {
    const losses = await judge(windows);
    for (let at = 0; at < windows.targets.length; at++) {
      if (at % length < length / 2) continue;
      sum += losses[at] ?? NaN;
      targets++;
    }
  }
  return Math.exp(sum / targets);
}
