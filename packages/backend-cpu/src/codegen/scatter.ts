/** Scatter kernels: additions at computed positions, in row-major order, so that the bits are the same in every run. */
import type { ScatterKernel } from '@pappus/compiler';
import { BodyEmitter, type Environment } from './body-emitter.js';
import { forAll, forEach } from './loop.js';

export function emitScatter(environment: Environment, kernel: ScatterKernel): void {
  const { f, lanes } = environment;
  const extents = kernel.extents.length === 0 ? [1] : kernel.extents;
  if (extents.includes(0)) return;
  const axis = extents.length - 1;
  const extent = extents[axis] ?? 1;
  const { body, index, last, stride } = kernel;
  const emitter = new BodyEmitter(environment, body, axis, [axis]);
  const step = (valid: number): void => {
    emitter.accumulate(emitter.compute(valid), index, last, stride, valid);
    emitter.advance(axis, valid);
  };
  forAll(f, extents.slice(0, -1), (outer) => {
    emitter.enter([...outer, undefined]);
    if (extent >= lanes) forEach(f, Math.floor(extent / lanes), () => step(lanes));
    if (extent % lanes > 0) step(extent % lanes);
  });
}
