import { describe, expect, it } from 'vitest';
import { normals, threefry2x32, truncatedNormals, uniforms } from '../../src/values/random.js';

describe('random bits', () => {
  it('are those of Random123: its known answers for threefry2x32 with 20 rounds', () => {
    const answers: readonly (readonly [[number, number], [number, number], [number, number]])[] = [
      [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
      [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
      [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
    ];
    for (const [key, counter, words] of answers) expect(threefry2x32(key, counter)).toEqual(words);
  });

  it('make numbers of [0, 1) that float32 holds, the first ones the same for any count', () => {
    const u = uniforms(3, 1001);
    expect(u.every((x) => x >= 0 && x < 1 && Math.fround(x) === x)).toBe(true);
    expect(uniforms(3, 10)).toEqual(u.slice(0, 10));
    expect(uniforms(3, 10, 1)).not.toEqual(u.slice(0, 10));
    expect(normals(3, 7)).toHaveLength(7);
    expect(normals(3, 7)).toEqual(normals(3, 8).slice(0, 7));
  });

  it('make normal numbers below a limit, the first ones the same for any count', () => {
    const z = truncatedNormals(5, 1000, 0.5);
    expect(z.every((x) => Math.abs(x) <= 0.5)).toBe(true);
    expect(truncatedNormals(5, 7, 0.5)).toEqual(z.slice(0, 7));
  });
});
