/** WGSL functions that a product is made of: they answer an element of an operand, with what is fused before, and take a result. */
import { bodyBuffers, type Buffer, type MatmulKernel } from '@pappus/compiler';
import { BodyWriter, unravel } from '../body.js';
import { basesOf } from '../elementwise.js';
import { encode, indent, type Shader, valueType } from '../shader.js';
import { size } from './shape.js';

const names = (prefix: string, axes: readonly number[]): string[] => axes.map((_, k) => `${prefix}${k}`);

/** A function that answers an operand's element, 0 outside of it. */
export function operandFunction(shader: Shader, name: string, kernel: MatmulKernel, side: 'left' | 'right'): string {
  const body = kernel[side];
  const type = valueType(kernel.dtype, 1);
  const [first, second] = side === 'left' ? [kernel.rows, kernel.depth] : [kernel.depth, kernel.columns];
  const sizes = (list: readonly number[]): string[] => list.map((d) => shader.unsigned(d));
  const [n, f, s] = [names('n', kernel.batch), names('f', first), names('s', second)];
  const { lines, base } = basesOf(shader, bodyBuffers(body), (buffer) => shader.offset(buffer));
  const indices = [
    ...unravel('u32(batch)', sizes(kernel.batch), n),
    ...unravel('u32(first)', sizes(first), f),
    ...unravel('u32(second)', sizes(second), s),
  ];
  const writer = new BodyWriter({ shader, indices: [...n, ...f, ...s], axis: -1, base }, body);
  return [
    `fn ${name}(batch: i32, first: i32, second: i32) -> ${type} {`,
    `  if (first >= ${shader.size(size(first))} || second >= ${shader.size(size(second))}) { return ${type}(0); }`,
    indent([...lines, ...indices, ...writer.lines].join('\n')),
    `  return ${writer.value(body.instructions.length - 1)};`,
    '}',
  ].join('\n');
}

/** A function that writes one result and what is fused after it. */
export function resultFunction(shader: Shader, kernel: MatmulKernel, keepProduct: boolean): string {
  const { epilogue, product, dtype } = kernel;
  const sizes = (list: readonly number[]): string[] => list.map((d) => shader.unsigned(d));
  const [n, r, c] = [names('n', kernel.batch), names('r', kernel.rows), names('c', kernel.columns)];
  const own = [...new Set([...bodyBuffers(epilogue), ...(keepProduct ? [product] : [])])];
  const { lines, base } = basesOf(shader, own, (buffer) => shader.offset(buffer));
  const writer = new BodyWriter({ shader, indices: [...n, ...r, ...c], axis: -1, base, results: () => 'result' }, epilogue);
  const indices = [
    ...unravel('u32(batch)', sizes(kernel.batch), n),
    ...unravel('u32(row)', sizes(kernel.rows), r),
    ...unravel('u32(column)', sizes(kernel.columns), c),
  ];
  const [rows, columns] = [shader.size(size(kernel.rows)), shader.size(size(kernel.columns))];
  const plain = (): string => {
    const { binding, type } = shader.slot(product);
    return shader.write(binding, `${base(product)} + (batch * ${rows} + row) * ${columns} + column`, encode('result', type, dtype, 1), { buffer: product, base: base(product) });
  };
  return [
    `fn finish(batch: i32, row: i32, column: i32, result: ${valueType(dtype, 1)}) {`,
    `  if (row >= ${rows} || column >= ${columns}) { return; }`,
    indent([...lines, ...indices, ...(keepProduct ? [plain()] : []), ...writer.lines, ...writer.stores()].join('\n')),
    '}',
  ].join('\n');
}

/** A function that keeps what a part of the depth comes to; `share` counts the parts, and the batch in each. */
export function partFunction(shader: Shader, { dtype, rows: m, columns: n }: MatmulKernel, sums: Buffer): string {
  const { binding, type } = shader.slot(sums);
  const [rows, columns] = [shader.size(size(m)), shader.size(size(n))];
  const at = `${shader.offset(sums)} + (share * ${rows} + row) * ${columns} + column`;
  return [
    `fn finish(share: i32, row: i32, column: i32, result: ${valueType(dtype, 1)}) {`,
    `  if (row >= ${rows} || column >= ${columns}) { return; }`,
    `  ${shader.write(binding, at, encode('result', type, dtype, 1), { buffer: sums, base: shader.offset(sums) })}`,
    '}',
  ].join('\n');
}
