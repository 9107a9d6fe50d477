/** The backends that an example can run on, by name. */
import { cpu } from 'pappus';
import { webgpu } from 'pappus/webgpu';

export const backends = { cpu, webgpu };

export type BackendName = keyof typeof backends;

/** What the functions above answer with. */
export type Backend = Awaited<ReturnType<(typeof backends)[BackendName]>>;

/** What a backend computes on, in words. */
export function describeBackend(backend: Backend): string {
  if (backend.name === 'cpu') return 'the CPU, through WebAssembly';
  const { info } = backend;
  return 'adapter' in info ? `${info.adapter}${info.software ? ', a software adapter: no GPU computes here' : ''}` : backend.name;
}
