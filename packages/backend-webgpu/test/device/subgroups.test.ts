// Subgroups, which are used where they have one size and are neighbours.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { areNeighbours, sizeOfSubgroups } from '../../src/device/subgroups.js';
import { adapter, device } from '../run/device-memory.js';

describe.runIf(adapterOrComplaint('subgroups of WebGPU'))('on a device', () => {
  it('subgroups of another size than is said are no neighbours', async () => {
    // Whether they are neighbours is seen on the device: of a size that is not theirs they are not.
    expect(await areNeighbours(await device(), 1024)).toBe(false);
  });

  it('subgroups of several sizes, or of an odd one, or larger than a workgroup, are none', async () => {
    const own = await adapter();
    const { info } = own;
    const size = (features: readonly string[], least: number, most: number): number => {
      Object.defineProperty(info, 'subgroupMinSize', { value: least, configurable: true });
      Object.defineProperty(info, 'subgroupMaxSize', { value: most, configurable: true });
      Object.defineProperty(own, 'info', { value: info, configurable: true });
      Object.defineProperty(own, 'features', { value: new Set(features), configurable: true });
      return sizeOfSubgroups(own);
    };
    expect([size(['subgroups'], 32, 32), size(['subgroups'], 256, 256), size(['subgroups'], 16, 32), size([], 32, 32), size(['subgroups'], 24, 24), size(['subgroups'], 512, 512)]).toEqual([32, 256, 0, 0, 0, 0]);
  });
});
