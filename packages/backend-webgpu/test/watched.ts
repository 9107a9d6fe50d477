// A WebGPU that is watched: what is created, encoded and submitted on its devices; and one whose answers can be changed.
import { create } from 'webgpu';

export interface Counts {
  dispatches: number;
  passes: number;
  submits: number;
  buffers: number;
  bindGroups: number;
  pipelines: number;
  writes: number;
}

/** Has a method of an object do something else; it is given the method itself. */
export function replace<T extends object, K extends keyof T>(target: T, name: K, by: (original: T[K]) => T[K]): void {
  const original: unknown = target[name];
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- what bind answers has no type of its own
  const bound: T[K] = typeof original === 'function' ? original.bind(target) : original;
  Object.defineProperty(target, name, { value: by(bound), configurable: true, writable: true });
}

/** A source of adapters whose devices are handed to `change` first. */
export function changed(change: (device: GPUDevice) => void): GPU {
  const gpu = create([]);
  replace(gpu, 'requestAdapter', (request) => async (options) => {
    const adapter = await request(options);
    if (adapter !== null) {
      replace(adapter, 'requestDevice', (requestDevice) => async (descriptor) => {
        const device = await requestDevice(descriptor);
        change(device);
        return device;
      });
    }
    return adapter;
  });
  return gpu;
}

/**
 * A WebGPU on whose devices there is no room for buffers of which `full` says so: as where memory runs out, such a buffer is not
 * valid, and whether it is an error scope tells.
 */
export function crowded(full: (descriptor: GPUBufferDescriptor) => boolean): GPU {
  return changed((device) => {
    let missed = false;
    const scopes: string[] = [];
    replace(device, 'pushErrorScope', (push) => (filter) => (scopes.push(filter), push(filter)));
    replace(device, 'popErrorScope', (pop) => async () => {
      const told = scopes.pop() === 'out-of-memory' && missed;
      if (told) missed = false;
      const error = await pop();
      return told ? { message: 'no room' } : error;
    });
    replace(device, 'createBuffer', (make) => (descriptor) => {
      if (!full(descriptor)) return make(descriptor);
      missed = true;
      // Usages that do not go together make a buffer that is not valid; the complaint of it belongs to nobody.
      device.pushErrorScope('validation');
      const invalid = make({ ...descriptor, usage: 0x1 | 0x80 });
      void device.popErrorScope();
      return invalid;
    });
  });
}

export function watched(): { readonly gpu: GPU; readonly counts: Counts; readonly devices: readonly GPUDevice[]; readonly reset: () => void } {
  const none: Counts = { dispatches: 0, passes: 0, submits: 0, buffers: 0, bindGroups: 0, pipelines: 0, writes: 0 };
  const counts = { ...none };
  const devices: GPUDevice[] = [];
  const gpu = changed((device) => {
    devices.push(device);
    replace(device, 'createBuffer', (make) => (d) => (counts.buffers++, make(d)));
    replace(device, 'createBindGroup', (make) => (d) => (counts.bindGroups++, make(d)));
    replace(device, 'createComputePipeline', (make) => (d) => (counts.pipelines++, make(d)));
    replace(device, 'createComputePipelineAsync', (make) => (d) => (counts.pipelines++, make(d)));
    replace(device.queue, 'submit', (submit) => (c) => (counts.submits++, submit(c)));
    replace(device, 'createCommandEncoder', (make) => (d) => {
      const encoder = make(d);
      replace(encoder, 'beginComputePass', (begin) => (p) => {
        counts.passes++;
        const pass = begin(p);
        replace(pass, 'dispatchWorkgroups', (dispatch) => (x, y, z) => (counts.dispatches++, dispatch(x, y, z)));
        return pass;
      });
      return encoder;
    });
    const { queue } = device;
    const write = queue.writeBuffer.bind(queue);
    Object.defineProperty(queue, 'writeBuffer', { value: (...args: Parameters<typeof write>) => (counts.writes++, write(...args)) });
  });
  return { gpu, counts, devices, reset: () => Object.assign(counts, none) };
}
