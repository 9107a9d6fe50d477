// Every recording of what other people's code did, replayed on WebGPU as close to float64 as float32's roundings allow, which another epsilon is not.
import { recordedDataFiles, recordedFile } from '@pappus/test-support';
import { keyOf } from '@pappus/test-support/peers';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, it } from 'vitest';
import { webgpu } from '../../src/webgpu.js';
import { expectFloat32 } from './recorded-float32.js';

const recordings = recordedDataFiles.flatMap((file) => recordedFile(file).trajectories);

describe.runIf(adapterOrComplaint('recordings on WebGPU'))('on WebGPU', () => {
  let made: ReturnType<typeof webgpu> | undefined;
  const cases = recordings.map((recording, k) => ({ title: `${k}: ${keyOf(recording)} ${recording.name}`, recording }));

  it.each(cases)('$title', async ({ recording }) => expectFloat32(recording, await (made ??= webgpu())));
});
