/** A source of WebGPU adapters that remembers the device that a backend took, so that a copy is measured on the same one. */

export interface Captured {
  readonly gpu: GPU;
  readonly device: () => GPUDevice;
}

export async function capture(): Promise<Captured> {
  const { create } = await import('webgpu');
  const gpu = create([]);
  let taken: GPUDevice | undefined;
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  Object.defineProperty(gpu, 'requestAdapter', {
    value: async (options?: GPURequestAdapterOptions) => {
      const adapter = await requestAdapter(options);
      if (adapter === null) return null;
      const requestDevice = adapter.requestDevice.bind(adapter);
      Object.defineProperty(adapter, 'requestDevice', {
        value: async (descriptor?: GPUDeviceDescriptor) => (taken = await requestDevice(descriptor)),
      });
      return adapter;
    },
  });
  return {
    gpu,
    device: () => {
      if (taken === undefined) throw new Error('no backend has taken a device yet');
      return taken;
    },
  };
}
