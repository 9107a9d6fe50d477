/** Elementwise kernels: one invocation for each vector of four where all that is written lies in whole vectors, else for each element. */
import { strideAlong, type Body, bodyBuffers, type Buffer, type ElementwiseKernel, extentAlong, type Instruction, type Uniform } from '@pappus/compiler';
import { sizeOf } from '@pappus/core/backend';
import { type BodySite, BodyWriter, isAligned, unravel } from './body.js';
import { type Bindings, type Lanes, Shader, type ShaderText, WORKGROUP } from './shader.js';

/** How many elements an invocation computes. A slice of another tensor begins with a vector only if all of its slices do. */
export function elementwiseLanes({ extents, body }: ElementwiseKernel): Lanes {
  if (bodyBuffers(body).some(({ place, size }) => place.kind === 'slice' && size % 4 !== 0)) return 1;
  const axis = extents.length - 1;
  const extent = extentAlong(extents, axis);
  const whole = (size: number): boolean => (axis === 0 ? size === extent : extent % 4 === 0);
  const fits = body.stores.every(({ access }) => access.strides[axis] === 1 && isAligned(access, axis) && whole(access.buffer.size));
  return axis >= 0 && fits && (extent % 4 === 0 || body.instructions.every((i) => staysInside(i, axis))) ? 4 : 1;
}

/** Whether what is read for the lanes behind a last element fills up the tensor's last vector, or is read anyway. */
function staysInside(i: Instruction, axis: number): boolean {
  if (i.kind !== 'load' && i.kind !== 'gather') return true;
  const stride = strideAlong(i.access.strides, axis);
  return stride === 0 || (i.kind === 'load' && stride === 1 && isAligned(i.access, axis));
}

/**
 * The statements that find an invocation's row in the table: those of a workgroup all belong to one row. A row is the number of
 * its first workgroup, its length, and the element at which each tensor begins.
 */
export function findRow(shader: Shader, columns: number): string[] {
  const table = shader.table();
  const width = columns + 2;
  return [
    'var first = 0u;',
    `var end = ${shader.number('rows')};`,
    'while (end - first > 1u) {',
    '  let middle = (first + end) / 2u;',
    `  if (${table}[middle * ${width}u] <= group) { first = middle; } else { end = middle; }`,
    '}',
    `let row = first * ${width}u;`,
    `let groupInRow = group - ${table}[row];`,
    `let count = ${table}[row + 1u];`,
  ];
}

/** Where a tensor begins, by the row. */
export function rowBase(order: readonly Buffer[]): (buffer: Buffer) => string {
  return (buffer) => `i32(table[row + ${2 + order.indexOf(buffer)}u])`;
}

/** Every tensor's beginning as a named value, so that the code below is readable. */
export function basesOf(
  shader: Shader,
  buffers: readonly Buffer[],
  base: (buffer: Buffer) => string,
): { readonly lines: string[]; readonly base: (buffer: Buffer) => string } {
  const name = (buffer: Buffer): string => `at${shader.operands.indexOf(buffer)}`;
  return { lines: buffers.map((buffer) => `let ${name(buffer)} = ${base(buffer)};`), base: name };
}

/**
 * @param order the buffers of the code, as of its segments
 * @param rows how many columns of a table say where scalars of the host are, and those scalars; undefined where there is no table
 */
export function emitElementwise(kernel: ElementwiseKernel, bindings: Bindings, order: readonly Buffer[], rows?: { readonly parameters: number; readonly scalars: readonly Uniform[] }): ShaderText {
  const lanes = elementwiseLanes(kernel);
  const { extents, body } = kernel;
  const shader = new Shader(bindings, order, lanes, sizeOf(extents));
  const ends = bindings.checked === true ? order.length : 0;
  const byTable = rows !== undefined;
  for (const { index, dtype } of rows?.scalars ?? []) shader.placeOf({ kind: 'uniform', index, dtype });
  if (byTable) shader.endsInTable(order, order.length + 2);
  const find = byTable ? findRow(shader, order.length + ends + rows.parameters) : [`let count = ${shader.number('count')};`, 'let groupInRow = group;'];
  const { lines, base } = basesOf(shader, order, byTable ? rowBase(order) : (buffer) => shader.offset(buffer));
  const axes = extents.length > 1 ? extents.map((_, k) => `i${k}`) : ['i0'];
  const indices =
    extents.length > 1 ? unravel('id', stepsOf(shader, extents), axes, lanes) : [`let i0 = i32(id)${lanes === 4 ? ' * 4' : ''};`];
  // A nest may be cut along its first axis.
  if (!byTable && extents.length > 0) {
    axes[0] = 'first';
    indices.push(`let first = i0 + i32(${shader.number('start')});`);
  }
  return shader.finish(
    [
      'let group = wg.y * grid.x + wg.x;',
      ...find,
      `let id = groupInRow * ${WORKGROUP}u + local;`,
      'if (id >= count) { return; }',
      ...lines,
      ...indices,
      ...bodyLines(body, { shader, indices: axes, axis: lanes === 4 ? extents.length - 1 : -1, base, parameter: (k) => shader.wordAt(`table[row + ${2 + order.length + ends + k}u]`) }),
    ].join('\n'),
  );
}

/** Extents as expressions, the last in steps of the shader's lanes. */
function stepsOf(shader: Shader, extents: readonly number[]): string[] {
  return extents.map((n, k) => shader.unsigned(k === extents.length - 1 ? n / shader.lanes : n));
}

function bodyLines(body: Body, site: BodySite): string[] {
  const writer = new BodyWriter(site, body);
  return [...writer.lines, ...writer.stores()];
}
