/**
 * Matrix products: a workgroup computes a tile of the result from tiles of both operands in shared memory, an invocation a block of it
 * in registers. What is fused before runs where tiles are filled, what is fused after where results are written.
 */
import { bodyBuffers, type Buffer, type MatmulKernel } from '@pappus/compiler';
import { BodyWriter, unravel } from './body.js';
import { basesOf } from './loop.js';
import { type Bindings, encode, indent, Shader, type ShaderText, valueType, WORKGROUP } from './shader.js';

/** Steps along the depth that are in shared memory at a time; after so many of those, sums of floats begin a new run. */
const DEPTH = 16;
const TILES_OF_A_RUN = 8;

/** A workgroup is `side` by `side` invocations, each with a block of `vectors` by `vectors` times 4 by 4. */
interface Tile {
  readonly side: number;
  readonly vectors: number;
}

/** The axes of a product by their role. */
type ProductAxes = Pick<MatmulKernel, 'batch' | 'rows' | 'columns' | 'depth'>;

const size = (axes: readonly number[]): number => axes.reduce((a, b) => a * b, 1);

/** Large tiles where there are enough of them to keep a GPU busy. */
function tileOf(axes: ProductAxes, sharedBytes: number): Tile {
  const [m, n] = [size(axes.rows), size(axes.columns)];
  const tiles = (edge: number): number => Math.ceil(m / edge) * Math.ceil(n / edge) * size(axes.batch);
  if (tiles(128) >= 64 && Math.min(m, n) >= 128 && sharedBytes >= 4 * DEPTH * 256) return { side: 16, vectors: 2 };
  return Math.min(m, n) >= 64 ? { side: 16, vectors: 1 } : { side: 8, vectors: 1 };
}

const names = (prefix: string, axes: readonly number[]): string[] => axes.map((_, k) => `${prefix}${k}`);

const edgeOf = ({ side, vectors }: Tile): number => side * vectors * 4;

export function matmulGroups(kernel: MatmulKernel, sharedBytes: number): number {
  if (isSmall(kernel)) return Math.ceil(size([...kernel.batch, ...kernel.rows, ...kernel.columns]) / WORKGROUP);
  const edge = edgeOf(tileOf(kernel, sharedBytes));
  return Math.ceil(size(kernel.rows) / edge) * Math.ceil(size(kernel.columns) / edge) * size(kernel.batch);
}

/** A function that answers an operand's element, 0 outside of it. */
function operandFunction(shader: Shader, name: string, kernel: MatmulKernel, side: 'left' | 'right', axes: ProductAxes): string {
  const body = kernel[side];
  const type = valueType(kernel.dtype, 1);
  const [first, second] = side === 'left' ? [axes.rows, axes.depth] : [axes.depth, axes.columns];
  const sizes = (list: readonly number[]): string[] => list.map((d) => shader.unsigned(d));
  const [n, f, s] = [names('n', axes.batch), names('f', first), names('s', second)];
  const { lines, base } = basesOf(shader, bodyBuffers(body), (buffer) => shader.offset(buffer));
  const indices = [
    ...unravel('u32(batch)', sizes(axes.batch), n), ...unravel('u32(first)', sizes(first), f), ...unravel('u32(second)', sizes(second), s),
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
function resultFunction(shader: Shader, kernel: MatmulKernel, axes: ProductAxes, keepProduct: boolean): string {
  const { epilogue, product, dtype } = kernel;
  const sizes = (list: readonly number[]): string[] => list.map((d) => shader.unsigned(d));
  const [n, r, c] = [names('n', axes.batch), names('r', axes.rows), names('c', axes.columns)];
  const own = [...new Set([...bodyBuffers(epilogue), ...(keepProduct ? [product] : [])])];
  const { lines, base } = basesOf(shader, own, (buffer) => shader.offset(buffer));
  const writer = new BodyWriter({ shader, indices: [...n, ...r, ...c], axis: -1, base, results: () => 'result' }, epilogue);
  const indices = [
    ...unravel('u32(batch)', sizes(axes.batch), n), ...unravel('u32(row)', sizes(axes.rows), r), ...unravel('u32(column)', sizes(axes.columns), c),
  ];
  const [rows, columns] = [shader.size(size(axes.rows)), shader.size(size(axes.columns))];
  const plain = (): string => {
    const { binding, type } = shader.slot(product);
    return shader.write(binding, `${base(product)} + (batch * ${rows} + row) * ${columns} + column`, encode('result', type, dtype, 1));
  };
  return [
    `fn finish(batch: i32, row: i32, column: i32, result: ${valueType(dtype, 1)}) {`,
    `  if (row >= ${rows} || column >= ${columns}) { return; }`,
    indent([...lines, ...indices, ...(keepProduct ? [plain()] : []), ...writer.lines, ...writer.stores()].join('\n')),
    '}',
  ].join('\n');
}

/** Multiplications up to which every invocation computes one result by itself. */
const SMALL = 2 ** 15;

function isSmall({ batch, rows, columns, depth }: ProductAxes): boolean {
  return size(batch) * size(rows) * size(columns) * size(depth) <= SMALL;
}

/** A result for each invocation, its sum in runs. */
function emitSmall(shader: Shader, kernel: MatmulKernel, axes: ProductAxes): ShaderText {
  const zero = `${valueType(kernel.dtype, 1)}(0)`;
  const columns = shader.unsigned(size(axes.columns));
  const perBatch = `(${shader.unsigned(size(axes.rows))} * ${columns})`;
  const run = DEPTH * TILES_OF_A_RUN;
  return shader.finish(
    [
      `let id = (wg.y * grid.x + wg.x) * ${WORKGROUP}u + local;`,
      `if (id >= ${shader.unsigned(size([...axes.batch, ...axes.rows, ...axes.columns]))}) { return; }`,
      `let batch = i32(id / ${perBatch});`,
      `let row = i32((id % ${perBatch}) / ${columns});`,
      `let column = i32(id % ${columns});`,
      `var total = ${zero};`,
      `var sum = ${zero};`,
      `for (var depth = 0; depth < ${shader.size(size(axes.depth))}; depth += 1) {`,
      '  sum += leftAt(batch, row, depth) * rightAt(batch, depth, column);',
      `  if (depth % ${run} == ${run - 1}) { total += sum; sum = ${zero}; }`,
      '}',
      'finish(batch, row, column, total + sum);',
    ].join('\n'),
  );
}

/** Fills a tile of shared memory, vectors of four along the result's axis; neighbours read what lies side by side. */
function fill(name: string, call: (along: string, depth: string) => string, edge: number, threads: number, alongDepth: boolean): string[] {
  const vectors = edge / 4;
  const total = vectors * DEPTH;
  const [along, depth] = alongDepth ? [`e / ${DEPTH}u`, `e % ${DEPTH}u`] : [`e % ${vectors}u`, `e / ${vectors}u`];
  return [
    `for (var e = local; e < ${total}u; e += ${threads}u) {`,
    `  let v = ${along};`,
    `  let d = ${depth};`,
    `  let along = ${name}First + i32(v) * 4;`,
    '  var four: Four;',
    `  for (var k = 0; k < 4; k += 1) { four[k] = ${call('along + k', 'depth + i32(d)')}; }`,
    `  ${name}[d * ${vectors}u + v] = four;`,
    '}',
  ];
}

/** Whether an operand's elements lie side by side along the depth rather than along the result. */
function runsAlongDepth(kernel: MatmulKernel, side: 'left' | 'right', axes: ProductAxes): boolean {
  const first = axes.batch.length + (side === 'left' ? axes.rows.length : axes.depth.length) - 1;
  const second = first + (side === 'left' ? axes.depth.length : axes.columns.length);
  const [depth, along] = side === 'left' ? [second, first] : [first, second];
  const count = (axis: number): number => kernel[side].instructions.filter((i) => i.kind === 'load' && i.access.strides[axis] === 1).length;
  return count(depth) > count(along);
}

/** @param keepProduct whether the plain product is read later */
export function emitMatmul(kernel: MatmulKernel, bindings: Bindings, operands: readonly Buffer[], keepProduct: boolean, sharedBytes: number): ShaderText {
  const axes: ProductAxes = kernel;
  const shader = new Shader(bindings, operands, 1, size([...axes.batch, ...axes.rows, ...axes.columns]) * size(axes.depth));
  shader.declare(operandFunction(shader, 'leftAt', kernel, 'left', axes));
  shader.declare(operandFunction(shader, 'rightAt', kernel, 'right', axes));
  shader.declare(resultFunction(shader, kernel, axes, keepProduct));
  if (isSmall(axes)) return emitSmall(shader, kernel, axes);
  const tile = tileOf(axes, sharedBytes);
  const { side, vectors } = tile;
  const edge = edgeOf(tile);
  const threads = side * side;
  const scalar = valueType(kernel.dtype, 1);
  const [rows, columns, depth] = [size(axes.rows), size(axes.columns), size(axes.depth)];
  const rowTiles = shader.unsigned(Math.ceil(rows / edge));
  const columnTiles = shader.unsigned(Math.ceil(columns / edge));
  shader.declare(`alias Four = vec4<${scalar}>;`);
  shader.declare(`var<workgroup> left: array<Four, ${(DEPTH * edge) / 4}>;\nvar<workgroup> right: array<Four, ${(DEPTH * edge) / 4}>;`);
  const blocked = kernel.dtype === 'float32' && depth > DEPTH * TILES_OF_A_RUN;
  const block = Array.from({ length: vectors * 4 }, (_, row) => Array.from({ length: vectors }, (_unused, v) => `${row}_${v}`)).flat();
  const zero = 'Four()';
  const multiply = [
    ...Array.from({ length: vectors }, (_, v) => `let l${v} = left[d * ${edge / 4}u + ly + ${v * side}u];`),
    ...Array.from({ length: vectors }, (_, v) => `let r${v} = right[d * ${edge / 4}u + lx + ${v * side}u];`),
    ...Array.from({ length: vectors * 4 }, (_, row) =>
      Array.from({ length: vectors }, (_unused, v) => `sum${row}_${v} += l${Math.floor(row / 4)}[${row % 4}] * r${v};`)).flat(),
  ];
  const endRun = blocked ? block.map((name) => `total${name} += sum${name}; sum${name} = ${zero};`) : [];
  const final = blocked ? 'total' : 'sum';
  // Row by row of the blocks through shared memory, so that neighbours write side by side, and the code after the product is there once.
  const results = [
    `for (var row = 0; row < ${vectors * 4}; row += 1) {`,
    '  switch row {',
    ...Array.from({ length: vectors * 4 }, (_, row) => [
      `    ${row === vectors * 4 - 1 ? 'default' : `case ${row}`}: {`,
      ...Array.from({ length: vectors }, (_unused, v) => `      left[ly * ${edge / 4}u + lx + ${v * side}u] = ${final}${row}_${v};`),
      '    }',
    ]).flat(),
    '  }',
    '  workgroupBarrier();',
    `  for (var e = local; e < ${side * edge}u; e += ${threads}u) {`,
    `    finish(batch, leftFirst + (i32(e / ${edge}u) + (row / 4) * ${side}) * 4 + row % 4, rightFirst + i32(e % ${edge}u), left[e / 4u][e & 3u]);`,
    '  }',
    '  workgroupBarrier();',
    '}',
  ];
  return shader.finish(
    [
      'let group = wg.y * grid.x + wg.x;',
      `let tiles = ${rowTiles} * ${columnTiles};`,
      `if (group >= tiles * ${shader.unsigned(size(axes.batch))}) { return; }`,
      'let batch = i32(group / tiles);',
      `let leftFirst = i32((group / ${columnTiles}) % ${rowTiles}) * ${edge};`,
      `let rightFirst = i32(group % ${columnTiles}) * ${edge};`,
      `let lx = local % ${side}u;`,
      `let ly = local / ${side}u;`,
      ...block.map((name) => `var sum${name} = ${zero};`),
      ...(blocked ? block.map((name) => `var total${name} = ${zero};`) : []),
      `for (var depth = 0; depth < ${shader.size(depth)}; depth += ${DEPTH}) {`,
      indent(
        [
          ...fill('left', (along, at) => `leftAt(batch, ${along}, ${at})`, edge, threads, runsAlongDepth(kernel, 'left', axes)),
          ...fill('right', (along, at) => `rightAt(batch, ${at}, ${along})`, edge, threads, runsAlongDepth(kernel, 'right', axes)),
          'workgroupBarrier();',
          `for (var d = 0u; d < ${DEPTH}u; d += 1u) {`,
          indent(multiply.join('\n')),
          '}',
          'workgroupBarrier();',
          ...(blocked ? [`if ((depth / ${DEPTH}) % ${TILES_OF_A_RUN} == ${TILES_OF_A_RUN - 1}) {`, indent(endRun.join('\n')), '}'] : []),
        ].join('\n'),
      ),
      '}',
      ...endRun,
      ...results,
    ].join('\n'),
    threads,
  );
}
