// Memory that the programs of one function share: as large as the largest needs, all or nothing, and outputs that may still be read stay.
import { describe, expect, it } from 'vitest';
import { FunctionMemory } from '../src/function-memory.js';
import { CpuMemory } from '../src/memory.js';

const none = { undo: (): void => undefined };

function made(): { readonly memory: CpuMemory; readonly shared: FunctionMemory; readonly admit: (work: number, outputs: number) => void } {
  const memory = new CpuMemory();
  const shared = new FunctionMemory(memory);
  return { memory, shared, admit: (work, outputs) => void shared.reserve({ work, outputs }, () => none) };
}

describe('what programs share', () => {
  it('is as large as the largest needs', () => {
    const { shared, admit } = made();
    admit(6400, 640);
    expect([shared.work.bytes, shared.outputs.bytes]).toEqual([6400, 640]);
    const { work, outputs } = shared;
    admit(64, 64);
    expect([shared.work, shared.outputs]).toEqual([work, outputs]);
    admit(64_000, 64);
    expect([shared.work.bytes, shared.outputs]).toEqual([64_000, outputs]);
    // A little more is an eighth more.
    admit(64_001, 64);
    expect(shared.work.bytes).toBe(72_000);
  });

  it('that has moved has no tenant', () => {
    const { shared, admit } = made();
    admit(640, 640);
    const tenant = {};
    shared.lastProgram = tenant;
    admit(640, 640);
    expect(shared.lastProgram).toBe(tenant);
    admit(6400, 640);
    expect(shared.lastProgram).toBeUndefined();
    shared.lastProgram = tenant;
    admit(640, 6400);
    expect(shared.lastProgram).toBeUndefined();
  });

  it('keeps the outputs of the last run until the next has its inputs', () => {
    const { memory, shared, admit } = made();
    admit(64, 640);
    shared.forgetFormer();
    const first = shared.outputs;
    admit(64, 6400);
    admit(64, 64_000);
    expect(first.isReleased).toBe(false);
    const used = memory.usedBytes;
    shared.forgetFormer();
    expect(first.isReleased).toBe(true);
    expect(memory.usedBytes).toBe(used - 640);
    // Those between, that no run has written, are gone.
    expect(memory.usedBytes).toBe(64 + 64_000);
  });

  it('is all or nothing', () => {
    const { memory, shared, admit } = made();
    admit(640, 640);
    const [used, work, outputs] = [memory.usedBytes, shared.work, shared.outputs];
    expect(() => shared.reserve({ work: 64, outputs: 6400 }, () => { throw new RangeError('more'); })).toThrow('more');
    expect([memory.usedBytes, shared.work, shared.outputs]).toEqual([used, work, outputs]);
    let undone = 0;
    expect(() => shared.reserve({ work: 2 ** 32, outputs: 6400 }, () => ({ undo: () => undone++ }))).toThrow('no room');
    expect([undone, memory.usedBytes, shared.work.bytes, shared.outputs]).toEqual([1, used, 640, outputs]);
    expect(shared.isUsed).toBe(true);
    shared.leave();
    expect([shared.isUsed, memory.usedBytes]).toEqual([false, 0]);
  });

  it('has constants in common, as long as one uses them', () => {
    const { memory, shared, admit } = made();
    admit(0, 0);
    const used = memory.usedBytes;
    const data = new Float32Array(16);
    const region = shared.constant(data, 64);
    expect(shared.constant(data, 64)).toBe(region);
    expect(shared.constant(new Float32Array(16), 64)).not.toBe(region);
    shared.releaseConstant(data);
    expect(region.isReleased).toBe(false);
    shared.releaseConstant(data);
    expect([region.isReleased, memory.usedBytes]).toEqual([true, used + 64]);
  });
});
