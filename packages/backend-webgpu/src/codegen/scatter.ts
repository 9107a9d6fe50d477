/**
 * Scatter kernels, three one after the other. The first forgets the lists of the last kernel. The second, one workgroup, notes for each
 * position on the indexed axes the one before it with the same index, and for each index the last: a list. In the third an invocation
 * for each list and each element of its row sums the list and adds it once. WGSL has no atomic floats, and would not promise their order.
 */
import { type Body, bodyBuffers, type Buffer, codeOf, indexedAxes, itemAt, type ScatterKernel } from '@pappus/compiler';
import { sizeOf } from '@pappus/core/backend';
import { Accumulators } from './accumulator.js';
import { BodyWriter, unravel } from './body.js';
import { basesOf } from './elementwise.js';
import { type Bindings, decode, encode, indent, Shader, type ShaderText, WORKGROUP } from './shader.js';

/** Where the lists are. */
export interface ScatterLists {
  /** For each index the last position that has it, -1 if there is none. */
  readonly last: Buffer;
  /** For each position the one before it with the same index, -1 if there is none. */
  readonly before: Buffer;
}

/** What is added, and where it goes; and the index alone. */
interface Parts {
  /** Of the indexed axes. */
  readonly positions: number;
  /** Of the others: elements of a row. */
  readonly columns: number;
  readonly added: Body;
  readonly index: Body;
}

export function scatterParts(kernel: ScatterKernel): Parts {
  const indexed = indexedAxes(kernel);
  const size = (chosen: boolean): number => sizeOf(kernel.extents.filter((_, axis) => indexed[axis] === chosen));
  const added = codeOf(kernel.body, itemAt(kernel.body.stores, 0, 'store').value);
  const stores = kernel.body.stores.map(({ access }) => ({ access, value: added.instructions.length - 1 }));
  return { positions: size(true), columns: size(false), added: { ...added, stores }, index: codeOf(kernel.body, kernel.index) };
}

/** Every index has no list. */
export function emitForget({ count }: ScatterKernel, bindings: Bindings, { last }: ScatterLists): ShaderText {
  const shader = new Shader(bindings, [last], 1, count);
  const { binding, type } = shader.slot(last);
  return shader.finish(
    [
      `let id = (wg.y * grid.x + wg.x) * ${WORKGROUP}u + local;`,
      `if (id >= ${shader.number('count')}) { return; }`,
      shader.write(binding, `${shader.offset(last)} + i32(id)`, encode('-1i', type, 'int32', 1), { buffer: last, base: shader.offset(last) }),
    ].join('\n'),
  );
}

/** A piece of code in a shader: the names of its indices, and where its tensors begin. */
interface Place {
  readonly shader: Shader;
  readonly names: readonly string[];
  readonly base: (buffer: Buffer) => string;
}

const INDEX_PREFIX = 'k';

/** The statements that compute an index, and its name; they may follow each other in blocks of their own. */
function indexLines({ shader, names, base }: Place, index: Body): { readonly lines: readonly string[]; readonly value: string } {
  const writer = new BodyWriter({ shader, indices: names, axis: -1, base, prefix: INDEX_PREFIX }, index);
  return { lines: writer.lines, value: writer.value(index.instructions.length - 1) };
}

/** By a workgroup, as many positions at a time as it has invocations. */
export function emitLink(kernel: ScatterKernel, bindings: Bindings, lists: ScatterLists): ShaderText {
  const { index, positions } = scatterParts(kernel);
  const order = [...bodyBuffers(index), lists.last, lists.before];
  const shader = new Shader(bindings, order, 1, positions);
  const { lines, base } = basesOf(shader, order, (buffer) => shader.offset(buffer));
  const { names, extents } = axesOf(kernel, true);
  const all = kernel.extents.map((_, k) => `i${k}`);
  const own = indexLines({ shader, names: all, base }, index);
  shader.declare(`var<workgroup> keys: array<i32, ${WORKGROUP}>;`);
  const last = memory(shader, lists.last, base);
  const before = memory(shader, lists.before, base);
  const count = shader.unsigned(positions);
  return shader.finish(
    [
      ...lines,
      `for (var start = 0u; start < ${count}; start += ${WORKGROUP}u) {`,
      indent(
        [
          'let position = start + local;',
          'var key = -1;',
          `if (position < ${count}) {`,
          indent([...unravel('position', sizes(shader, extents), names), ...own.lines, `if (bitcast<u32>(${own.value}) < ${shader.unsigned(kernel.count)}) { key = ${own.value}; }`].join('\n')),
          '}',
          'keys[local] = key;',
          'workgroupBarrier();',
          'var isLast = key >= 0;',
          'if (key >= 0) {',
          '  var earlier = -1;',
          '  for (var k = local; k > 0u; k -= 1u) {',
          '    if (keys[k - 1u] == key) { earlier = i32(start + k - 1u); break; }',
          '  }',
          `  if (earlier < 0) { earlier = ${last.read('key')}; }`,
          `  ${before.write('i32(position)', 'earlier')}`,
          `  for (var k = local + 1u; k < ${WORKGROUP}u; k += 1u) {`,
          '    if (keys[k] == key) { isLast = false; break; }',
          '  }',
          '}',
          'storageBarrier();',
          'workgroupBarrier();',
          `if (isLast) { ${last.write('key', 'i32(position)')} }`,
          'storageBarrier();',
          'workgroupBarrier();',
        ].join('\n'),
      ),
      '}',
    ].join('\n'),
  );
}

/** An invocation for each position and each element of a row: those at the last position of an index go through its list. */
export function emitScatter(kernel: ScatterKernel, bindings: Bindings, lists: ScatterLists): ShaderText {
  const { index, added, columns } = scatterParts(kernel);
  const order = [...new Set([...bodyBuffers(index), ...bodyBuffers(added), lists.last, lists.before])];
  const shader = new Shader(bindings, order, 1, sizeOf(kernel.extents));
  const { lines, base } = basesOf(shader, order, (buffer) => shader.offset(buffer));
  const all = kernel.extents.map((_, k) => `i${k}`);
  const place = { shader, names: all, base };
  const [row, column] = [axesOf(kernel, true), axesOf(kernel, false)];
  const own = indexLines(place, index);
  const writer = new BodyWriter({ shader, indices: all, axis: -1, base }, added);
  const value = writer.value(added.instructions.length - 1);
  const dtype = added.stores[0]?.access.buffer.dtype ?? 'float32';
  const sum = new Accumulators(shader, [{ op: 'sum', dtype }], 1, 1, WORKGROUP);
  const last = memory(shader, lists.last, base);
  const before = memory(shader, lists.before, base);
  const wide = shader.unsigned(columns);
  const atRow = (position: string): string[] => unravel(position, sizes(shader, row.extents), row.names);
  const far = shader.size(kernel.stride);
  const additions = added.stores.flatMap(({ access }, k) => {
    const { binding, type } = shader.slot(access.buffer);
    const reached = { buffer: access.buffer, base: base(access.buffer) };
    const old = decode(shader.read(binding, `to${k}`, reached), type, dtype, 1);
    return [`let to${k} = ${writer.position(access)} + to * ${far};`, shader.write(binding, `to${k}`, encode(`(${old} + total0)`, type, dtype, 1), reached)];
  });
  return shader.finish(
    [
      `let id = (wg.y * grid.x + wg.x) * ${WORKGROUP}u + local;`,
      `if (id >= ${shader.number('count')}) { return; }`,
      ...lines,
      `let begin = id / ${wide};`,
      'var to = -1;',
      '{',
      indent([...atRow('begin'), ...own.lines, `if (bitcast<u32>(${own.value}) < ${shader.unsigned(kernel.count)}) { to = ${own.value}; }`].join('\n')),
      '}',
      'if (to < 0) { return; }',
      `if (${last.read('to')} != i32(begin)) { return; }`,
      ...unravel(`(id % ${wide})`, sizes(shader, column.extents), column.names),
      ...sum.start(),
      'var position = i32(begin);',
      'while (position >= 0) {',
      indent([...atRow('u32(position)'), ...writer.lines, ...sum.add([value]), `position = ${before.read('position')};`].join('\n')),
      '}',
      ...sum.finish(),
      ...additions,
    ].join('\n'),
  );
}

/** The names and extents of the axes that are indexed, or of the others. */
function axesOf(kernel: ScatterKernel, indexed: boolean): { readonly names: readonly string[]; readonly extents: readonly number[] } {
  const chosen = indexedAxes(kernel);
  const pick = <T>(list: readonly T[]): T[] => list.filter((_, axis) => chosen[axis] === indexed);
  return { names: pick(kernel.extents.map((_, k) => `i${k}`)), extents: pick(kernel.extents) };
}

function sizes(shader: Shader, extents: readonly number[]): string[] {
  return extents.map((n) => shader.unsigned(n));
}

/** Reading and writing numbers of a list. */
function memory(
  shader: Shader,
  buffer: Buffer,
  base: (buffer: Buffer) => string,
): { readonly read: (at: string) => string; readonly write: (at: string, value: string) => string } {
  const { binding, type } = shader.slot(buffer);
  const reached = { buffer, base: base(buffer) };
  return {
    read: (at) => decode(shader.read(binding, `${reached.base} + ${at}`, reached), type, 'int32', 1),
    write: (at, value) => shader.write(binding, `${reached.base} + ${at}`, encode(value, type, 'int32', 1), reached),
  };
}
