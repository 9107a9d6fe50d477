import { createHash } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { batches, dataset, decodeIdx, loadMnist, take, type Dataset } from '../../src/mnist/data.js';

describe('decodeIdx', () => {
  const word = (value: number): number[] => [0, 0, value >> 8, value & 255];
  const header = (rank: number, ...words: number[]): number[] => [0, 0, 8, rank, ...words.flatMap(word)];

  it('reads the shape, big-endian, and the data', () => {
    const idx = decodeIdx(Uint8Array.from([...header(2, 2, 3), 1, 2, 3, 4, 5, 255]));
    expect(idx.shape).toEqual([2, 3]);
    expect([...idx.data]).toEqual([1, 2, 3, 4, 5, 255]);
    expect(decodeIdx(Uint8Array.from([...header(1, 300), ...new Array<number>(300).fill(9)])).shape).toEqual([300]);
  });

  it('reads from within a larger buffer', () => {
    const bytes = Uint8Array.from([7, 7, ...header(1, 2), 4, 5]).subarray(2);
    expect([...decodeIdx(bytes).data]).toEqual([4, 5]);
  });

  it('refuses what is no such file', () => {
    expect(() => decodeIdx(Uint8Array.from([0x1f, 0x8b, 8, 0]))).toThrow('not an IDX file');
    expect(() => decodeIdx(Uint8Array.from([0, 0, 0x0d, 1, 0, 0, 0, 0]))).toThrow('type 13');
    expect(() => decodeIdx(Uint8Array.from([0, 0, 8, 3, 0, 0]))).toThrow('ends before its dimensions');
    expect(() => decodeIdx(Uint8Array.from([...header(2, 2, 3), 1, 2]))).toThrow('shape [2, 3] with 2 bytes, not 6');
  });
});

describe('dataset', () => {
  it('refuses labels that are not as many as the images', () => {
    const images = { shape: [2, 1, 1], data: Uint8Array.of(1, 2) };
    expect(() => dataset(images, { shape: [3], data: Uint8Array.of(1, 2, 3) })).toThrow('2 images with labels of shape [3]');
  });
});

describe('batches', () => {
  const images = Uint8Array.of(0, 51, 102, 153, 204, 255, 1, 2, 3, 4);
  const set: Dataset = { count: 5, pixels: 2, images, labels: Uint8Array.of(1, 2, 3, 4, 5) };

  it('cuts the set in order, the rest into a smaller one, with pixels in [0, 1]', () => {
    const [first, second, third, ...none] = batches(set, 2);
    expect(none).toEqual([]);
    expect(first).toEqual({ size: 2, images: Float32Array.of(0, 0.2, 0.4, 0.6), labels: Int32Array.of(1, 2) });
    expect(second?.labels).toEqual(Int32Array.of(3, 4));
    expect(third).toEqual({ size: 1, images: Float32Array.of(3 / 255, 4 / 255), labels: Int32Array.of(5) });
  });

  it('follows a given order', () => {
    const [first] = batches(set, 5, Uint32Array.of(4, 2, 0, 1, 3));
    expect(first?.labels).toEqual(Int32Array.of(5, 3, 1, 2, 4));
    expect(first?.images).toEqual(Float32Array.of(3 / 255, 4 / 255, 0.8, 1, 0, 0.2, 0.4, 0.6, 1 / 255, 2 / 255));
  });

  it('takes the first samples of a set', () => {
    const two = take(set, 2);
    expect([two.count, [...two.labels], [...two.images]]).toEqual([2, [1, 2], [0, 51, 102, 153]]);
    expect(take(set, 9).count).toBe(5);
  });
});

describe('loadMnist', () => {
  let train: Dataset;
  let test: Dataset;
  beforeAll(() => ({ train, test } = loadMnist()));

  it('has 60,000 images to train on and 10,000 to test with, of 28 x 28', () => {
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    expect([train.pixels, train.images.length, test.images.length]).toEqual([784, 47_040_000, 7_840_000]);
  });

  it('begins with the labels everyone knows', () => {
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it('has the published number of each digit', () => {
    const histogram = (labels: Uint8Array): number[] =>
      Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    expect(histogram(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(histogram(test.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  it('has the mean 0.1307 and the standard deviation 0.3081 that everyone normalizes by', () => {
    let sum = 0;
    let squares = 0;
    for (const pixel of train.images) {
      sum += pixel;
      squares += pixel * pixel;
    }
    const mean = sum / train.images.length;
    expect(mean / 255).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / train.images.length - mean ** 2) / 255).toBeCloseTo(0.3081, 4);
  });

  it('is the original, bit for bit: the MD5 sums of the files by LeCun, Cortes and Burges', () => {
    const word = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
    const md5 = (shape: number[], data: Uint8Array): string =>
      createHash('md5').update(Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap(word)])).update(data).digest('hex');
    expect(md5([60_000, 28, 28], train.images)).toBe('6bbc9ace898e44ae57da46a324031adb');
    expect(md5([60_000], train.labels)).toBe('a25bea736e30d166cdddb491f175f624');
    expect(md5([10_000, 28, 28], test.images)).toBe('2646ac647ad5339dbf082846283269ea');
    expect(md5([10_000], test.labels)).toBe('27ae3e4e09519cfbb04c329615203637');
  });
});
