// Where tensors lie, for plans that touch no device: blocks of memory that only say what was wanted of them.
import { bodyBuffers, type Affine, type Body, type Buffer, type ElementwiseKernel } from '@pappus/compiler';
import type { Dispatch, PlanContext } from '../../src/run/dispatch.js';
import type { Limits } from '../../src/device/options.js';
import { type Block, LateMemory, type Memory } from '../../src/device/memory.js';
import { tensorBytes } from '../../src/run/windows.js';

export const LIMITS: Limits = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupsPerDimension: 65535,
  maxComputeWorkgroupStorageSize: 16384,
};

export function buffer(id: number, size: number, dtype: Buffer['dtype'] = 'float32', kind: 'temporary' | 'slice' = 'temporary'): Buffer {
  return { id, name: `b${id}`, dtype, size, place: { kind } };
}

/** Tensors of one block side by side, each list in a block of its own. */
export function contextOf(blocks: readonly (readonly Buffer[])[], limits: Partial<Limits> = {}, scratch?: Memory): PlanContext {
  const places = new Map<Buffer, { memory: Block; offset: number }>();
  for (const list of blocks) {
    const memory = new LateMemory();
    let offset = 0;
    for (const b of list) {
      places.set(b, { memory, offset });
      offset += tensorBytes(b);
    }
  }
  const place = (b: Buffer): { memory: Block; offset: number } => {
    const found = places.get(b);
    if (found === undefined) throw new Error(`${b.name} lies nowhere`);
    return found;
  };
  return { limits: { ...LIMITS, ...limits }, subgroupSize: 0, place, offsetRange: () => [0, 0], scratch, gathered: new LateMemory(), guards: undefined, isRead: () => true, planRoutine: undefined, names: new Map(), kernel: 'k0' };
}

/** `to = from + 1`; both at the same places of a nest. */
export function nest(extents: readonly number[], from: Buffer, to: Buffer, read: Affine, write: Affine = read): ElementwiseKernel {
  const body: Body = {
    instructions: [
      { kind: 'load', access: { buffer: from, ...read }, dtype: 'float32' },
      { kind: 'constant', value: 1, dtype: 'float32' },
      { kind: 'apply', op: 'add', args: [0, 1], operand: 'float32', dtype: 'float32' },
    ],
    stores: [{ access: { buffer: to, ...write }, value: 2 }],
  };
  return { kind: 'elementwise', extents, body, update: false, segments: [{ size: extents.reduce((a, b) => a * b, 1), buffers: bodyBuffers(body) }] };
}

/** The range of a dispatch in which an operand begins where it should; undefined if there is none that reaches so many bytes from it on. */
export function rangeOf(dispatch: Dispatch, operand: Buffer, at: { readonly memory: Block; readonly offset: number }, first: number, last: number): Dispatch['ranges'][number] | undefined {
  const offset = dispatch.offsets[dispatch.operands.indexOf(operand)] ?? NaN;
  return dispatch.ranges.find(({ memory, start, bytes }) => memory === at.memory && start + 4 * offset === at.offset && at.offset + 4 * first >= start && at.offset + 4 * last + 4 <= start + bytes);
}
