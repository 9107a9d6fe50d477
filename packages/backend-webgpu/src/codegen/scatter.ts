/**
 * Scatter kernels: an invocation for each column, that is each element of the axes along which the destination moves by itself; it
 * adds what falls into its column in row-major order. WGSL has no atomic floats, and would not promise their order.
 */
import type { ScatterKernel } from '@pappus/compiler';
import { bodyBuffers } from '@pappus/compiler';
import { sizeOf } from '@pappus/core';
import { BodyWriter, unravel } from './body.js';
import { basesOf } from './loop.js';
import { type Bindings, decode, encode, indent, Shader, type ShaderText, WORKGROUP } from './shader.js';

/** Axes along which nothing but the index says where to add. */
function isIndexed({ body }: ScatterKernel, axis: number): boolean {
  return body.stores.every(({ access }) => (access.strides[axis] ?? 0) === 0);
}

export function scatterColumns(kernel: ScatterKernel): number {
  return kernel.extents.reduce((count, n, axis) => (isIndexed(kernel, axis) ? count : count * n), 1);
}

export function emitScatter(kernel: ScatterKernel, bindings: Bindings): ShaderText {
  const { extents, body, index, stride, last } = kernel;
  const order = bodyBuffers(body);
  const shader = new Shader(bindings, order, 1, sizeOf(extents));
  const { lines, base } = basesOf(shader, order, (buffer) => shader.offset(buffer));
  const names = extents.map((_, k) => `i${k}`);
  const pick = <T>(list: readonly T[], indexed: boolean): T[] => list.filter((_, axis) => isIndexed(kernel, axis) === indexed);
  const writer = new BodyWriter({ shader, indices: names, axis: -1, base }, body);
  const sizes = (indexed: boolean): string[] => pick(extents, indexed).map((n) => shader.unsigned(n));
  const rows = shader.unsigned(sizeOf(pick(extents, true)));
  const [far, end] = [shader.size(stride), shader.size(last)];
  const additions = body.stores.flatMap(({ access, value }, k) => {
    const { binding, type } = shader.slot(access.buffer);
    const { dtype } = access.buffer;
    const reached = { buffer: access.buffer, base: base(access.buffer) };
    const old = decode(shader.read(binding, `to${k}`, reached), type, dtype, 1);
    return [
      `let to${k} = ${writer.position(access)} + clamp(${writer.value(index)}, 0, ${end}) * ${far};`,
      shader.write(binding, `to${k}`, encode(`(${old} + ${writer.value(value)})`, type, dtype, 1), reached),
    ];
  });
  return shader.finish(
    [
      `let id = (wg.y * grid.x + wg.x) * ${WORKGROUP}u + local;`,
      `if (id >= ${shader.number('count')}) { return; }`,
      ...lines,
      ...unravel('id', sizes(false), pick(names, false)),
      `for (var r = 0u; r < ${rows}; r += 1u) {`,
      indent([...unravel('r', sizes(true), pick(names, true)), ...writer.lines, ...additions].join('\n')),
      '}',
    ].join('\n'),
  );
}
