/** Makes a noisy series, such as the loss of each step, readable. */

/**
 * An exponential moving average: mean <- mean + (value - mean) max(1 - decay, 2 / (count + 1)), so that it starts at the
 * first value and soon forgets it.
 * Answers the mean after each value. With `decay` 0.98 it looks back over about 50 values.
 */
export function smoother(decay = 0.98): (value: number) => number {
  let mean = 0;
  let count = 0;
  return (value) => {
    count++;
    mean += (value - mean) * Math.max(1 - decay, 2 / (count + 1));
    return mean;
  };
}
