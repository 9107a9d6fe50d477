// Every recording of what other people's code did, replayed on WebGPU as close to float64 as float32's roundings allow, which another epsilon is not.
import { recordedDataFiles, recordedFile } from '@pappus/testing';
import { keyOf } from '@pappus/testing/peers';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../../src/webgpu.js';
import { float32Tolerance, float32Way, otherEpsilons } from './recorded-float32.js';

const recordings = recordedDataFiles.flatMap((file) => recordedFile(file).trajectories);

describe.runIf(adapterOrComplaint('recordings on WebGPU'))('on WebGPU', () => {
  let made: ReturnType<typeof webgpu> | undefined;
  const cases = recordings.map((recording, k) => ({ title: `${k}: ${keyOf(recording)} ${recording.name}`, recording }));

  it.each(cases)('$title', async ({ recording }) => {
    const backend = await (made ??= webgpu());
    for (const gradientScale of [1, 2 ** -20]) {
      expect(await float32Way(recording, backend, gradientScale), `gradients times ${gradientScale}`).toBeLessThanOrEqual(float32Tolerance(recording));
    }
    for (const other of otherEpsilons(recording)) {
      const ways = [];
      for (const gradientScale of [1, 2 ** -20]) ways.push(await float32Way(recording, backend, gradientScale, other));
      expect(Math.max(...ways), JSON.stringify(other.options)).toBeGreaterThan(float32Tolerance(recording));
    }
  });
});
