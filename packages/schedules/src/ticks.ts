/** Round numbers along an axis, and how they are written. */

/** A place on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/**
 * About so many multiples of 1, 2 or 5 times a power of ten.
 *
 * @param outside whether the first and last one enclose the range, which else encloses them
 */
export function ticksOf([low, high]: readonly [number, number], about: number, outside = true): readonly Tick[] {
  // A range of one value gets some room.
  const room = high > low ? 0 : Math.abs(high) || 1;
  const [bottom, top] = [low - (low === 0 ? 0 : room), high + room];
  const rough = (top - bottom) / about;
  const power = Math.floor(Math.log10(rough));
  const unit = 10 ** power;
  const step = ([1, 2, 5].find((m) => m * unit >= rough * 0.999) ?? 10) * unit;
  const [first, last] = outside ? [Math.floor(bottom / step + 1e-9), Math.ceil(top / step - 1e-9)] : [Math.ceil(bottom / step - 1e-9), Math.floor(top / step + 1e-9)];
  // From whole numbers, so that rounding does not add up.
  return Array.from({ length: last - first + 1 }, (_, k) => {
    const value = Number(((first + k) * step).toPrecision(15));
    return { value, label: labelOf(value, step) };
  });
}

/** Powers of ten that enclose a range of numbers above 0, thinned out to ten at most. */
export function logarithmicTicks([low, high]: readonly [number, number]): readonly Tick[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(Math.ceil(Math.log10(high) - 1e-9), first + 1);
  const every = Math.ceil((last - first) / 10);
  return Array.from({ length: Math.ceil((last - first) / every) + 1 }, (_, k) => {
    const power = first + k * every;
    return { value: 10 ** power, label: power >= -3 && power <= 5 ? decimals(10 ** power, Math.max(0, -power)) : `1e${power}` };
  });
}

/** A number beside others that are a step apart, with the digits that tell them apart: 0.002, 20000, 3e-7. */
function labelOf(value: number, step: number): string {
  if (value === 0) return '0';
  const digits = -Math.floor(Math.log10(step) + 1e-9);
  if (digits > 4 || Math.abs(value) >= 1e6) {
    const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    return `${decimals(value / 10 ** exponent, Math.max(0, exponent + digits))}e${exponent}`;
  }
  return decimals(value, Math.max(0, digits));
}

/** With so many decimals at most, and no zeros at the end. */
export function decimals(value: number, most: number): string {
  const text = value.toFixed(Math.min(most, 20));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
