/** Windows of a text, each with the characters that follow its own: what a language model learns from and is judged by. */
import type { Random } from '../random.js';

/** Both `[size, length]`, row by row; the target of a position is the token after it. */
export interface Windows {
  readonly size: number;
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
}

/** Windows that begin where `random` says. */
export function randomWindows(text: Int32Array, size: number, length: number, random: Random): Windows {
  requireWindow(text, length);
  return windowsAt(text, length, Array.from({ length: size }, () => Math.floor(random() * (text.length - length))));
}

/**
 * Windows one after the other, in batches of at most `size`. Each begins half a window after the one before, so that the second
 * halves of all of them hold every target of the text once, but for the first half window and what the end leaves over.
 */
export function* halfOverlapping(text: Int32Array, size: number, length: number): Generator<Windows> {
  requireWindow(text, length);
  const stride = length / 2;
  const count = Math.floor((text.length - length - 1) / stride) + 1;
  for (let first = 0; first < count; first += size) {
    yield windowsAt(text, length, Array.from({ length: Math.min(size, count - first) }, (_, k) => stride * (first + k)));
  }
}

function requireWindow(text: Int32Array, length: number): void {
  if (!Number.isInteger(length / 2) || length < 2) throw new RangeError(`windows have an even length, not ${length}`);
  if (text.length <= length) throw new RangeError(`a text of ${text.length} tokens has no window of ${length} and the token after it`);
}

function windowsAt(text: Int32Array, length: number, starts: readonly number[]): Windows {
  const tokens = new Int32Array(starts.length * length);
  const targets = new Int32Array(starts.length * length);
  for (const [row, start] of starts.entries()) {
    tokens.set(text.subarray(start, start + length), row * length);
    targets.set(text.subarray(start + 1, start + length + 1), row * length);
  }
  return { size: starts.length, tokens, targets };
}
