/**
 * Random bits from a counter: Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011). The bits depend on the key and the counter alone, so any backend can make them in any order. Here on the host, for
 * first values; in the graph they are in operations/random-bits.ts.
 */

/** How far each round of a group of four rotates; groups take turns. */
export const ROTATIONS: readonly (readonly number[])[] = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];
/** Skein's key schedule parity, 32 bits. */
export const PARITY = 0x1bd11bda;

/** Two 32-bit words for a key of two words and a counter of two words. */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const schedule = [key[0], key[1], PARITY ^ key[0] ^ key[1]];
  const word = (k: number): number => schedule[k % 3] ?? 0;
  let x = (counter[0] + word(0)) | 0;
  let y = (counter[1] + word(1)) | 0;
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[group % 2] ?? []) {
      x = (x + y) | 0;
      y = ((y << rotation) | (y >>> (32 - rotation))) ^ x;
    }
    x = (x + word(group + 1)) | 0;
    y = (y + word(group + 2) + group + 1) | 0;
  }
  return [x >>> 0, y >>> 0];
}

/** Words as numbers of [0, 1). */
function unit([x, y]: readonly [number, number]): [number, number] {
  return [(x >>> 8) * 2 ** -24, (y >>> 8) * 2 ** -24];
}

/** `count` numbers of [0, 1), multiples of 2^-24, which float32 holds exactly. */
export function uniforms(seed: number, count: number, stream = 0): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 2) {
    const [x, y] = unit(threefry2x32([seed | 0, stream], [i / 2, 0]));
    values[i] = x;
    if (i + 1 < count) values[i + 1] = y;
  }
  return values;
}

/** Two independent numbers of the standard normal distribution for two of [0, 1) (Box & Muller 1958). */
function boxMuller(u: number, v: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(1 - u));
  const angle = 2 * Math.PI * v;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** `count` numbers of the standard normal distribution. */
export function normals(seed: number, count: number): Float64Array {
  const u = uniforms(seed, count + (count % 2), 1);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 2) values.set(boxMuller(u[i] ?? 0, u[i + 1] ?? 0).slice(0, count - i), i);
  return values;
}

/**
 * `count` numbers of the standard normal distribution between -limit and limit: each index tries one pair of normals after
 * the other until one is inside, so that no value depends on how many the others took.
 */
export function truncatedNormals(seed: number, count: number, limit: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    for (let attempt = 0; ; attempt++) {
      const inside = boxMuller(...unit(threefry2x32([seed | 0, 2], [i, attempt]))).find((z) => Math.abs(z) <= limit);
      if (inside !== undefined) return inside;
    }
  });
}
