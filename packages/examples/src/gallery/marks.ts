/** What is drawn on a surface beside its contours: paths, points, stars, words. */

export const colours = { text: '#1f2328', faint: '#59636e', paper: '#ffffff' } as const;

/**
 * The commands of a path through pixels, on a grid: what falls on the same point, or goes back and forth between the same two, is there once, so that a path that
 * swings for thousands of steps is as long as what one sees of it.
 */
export function line(pixels: readonly (readonly [number, number])[], grid: number): string {
  const seen = new Set<string>();
  const commands: string[] = [];
  let [last, pen] = ['', ''];
  for (const pixel of pixels) {
    const point = pixel.map((value) => grid * Math.round(value / grid)).join();
    if (point === last) continue;
    if (last !== '' && !seen.has(`${last} ${point}`)) {
      commands.push(...(pen === last ? [] : [`M${last}`]), `L${point}`);
      pen = point;
      seen.add(`${last} ${point}`).add(`${point} ${last}`);
    }
    last = point;
  }
  return commands.length === 0 ? `M${last}` : commands.join('');
}

const shape = 'fill="none" stroke-linejoin="round" stroke-linecap="round"';

/** A light ground for a path, that lifts it off the contours. */
export function ground(id: string, strokeWidth: number): string {
  return `<use href="#${id}" ${shape} stroke="#ffffff" stroke-opacity="0.75" stroke-width="${(2.2 * strokeWidth).toFixed(1)}"/>`;
}

/** A path in its colour. */
export function stroke(id: string, colour: string, strokeWidth: number): string {
  return `<use href="#${id}" ${shape} stroke="${colour}" stroke-width="${strokeWidth.toFixed(1)}"/>`;
}

export function dot([x, y]: readonly [number, number], r: number, fill: string, stroke: string, strokeWidth: number): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r.toFixed(1)}" fill="${fill}" stroke="${stroke}" stroke-width="${strokeWidth.toFixed(1)}"/>`;
}

/** A star of five points, its outer radius r. */
export function star([x, y]: readonly [number, number], r: number): string {
  const points = Array.from({ length: 10 }, (_, k) => {
    const [angle, radius] = [(Math.PI * k) / 5, k % 2 === 0 ? r : 0.42 * r];
    return `${(x + radius * Math.sin(angle)).toFixed(1)},${(y - radius * Math.cos(angle)).toFixed(1)}`;
  });
  return `<polygon points="${points.join(' ')}" fill="#ffffff" stroke="${colours.text}" stroke-width="${(r / 7).toFixed(1)}"/>`;
}

export function label([x, y]: readonly [number, number], anchor: 'start' | 'end', text: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${halo(4)}>${text}</text>`;
}

export function halo(strokeWidth: number): string {
  return `stroke="#ffffff" stroke-opacity="0.85" stroke-width="${strokeWidth}" stroke-linejoin="round" paint-order="stroke"`;
}

/** A number with two decimals, or a digit and a power of ten where it is small. */
export function exponent(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 0.01 && Math.abs(value) < 100 ? value.toFixed(2) : value.toExponential(0);
}
