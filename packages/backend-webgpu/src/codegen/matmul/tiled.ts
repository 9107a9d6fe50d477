/** Products in tiles. */
import type { MatmulKernel } from '@pappus/compiler';
import { indent, type Shader, type ShaderText, valueType } from '../shader.js';
import { DEPTH, edgeOf, type MatmulShape, RUN, size, type Tile, TILES_OF_A_RUN } from './shape.js';

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
function runsAlongDepth(kernel: MatmulKernel, side: 'left' | 'right'): boolean {
  const first = kernel.batch.length + (side === 'left' ? kernel.rows.length : kernel.depth.length) - 1;
  const second = first + (side === 'left' ? kernel.depth.length : kernel.columns.length);
  const [depth, along] = side === 'left' ? [second, first] : [first, second];
  const count = (axis: number): number => kernel[side].instructions.filter((i) => i.kind === 'load' && i.access.strides[axis] === 1).length;
  return count(depth) > count(along);
}

/** Calls `finish` with every result, or with what a part of the depth comes to. */
export function emitTiled(shader: Shader, kernel: MatmulKernel, tile: Tile, { parts, part }: MatmulShape): ShaderText {
  const { side, vectors } = tile;
  const edge = edgeOf(tile);
  const threads = side * side;
  const scalar = valueType(kernel.dtype, 1);
  const [batches, rows, columns, depth] = [size(kernel.batch), size(kernel.rows), size(kernel.columns), size(kernel.depth)];
  const rowTiles = shader.unsigned(Math.ceil(rows / edge));
  const columnTiles = shader.unsigned(Math.ceil(columns / edge));
  shader.declare(`alias Four = vec4<${scalar}>;`);
  shader.declare(`var<workgroup> left: array<Four, ${(DEPTH * edge) / 4}>;\nvar<workgroup> right: array<Four, ${(DEPTH * edge) / 4}>;`);
  const blocked = kernel.dtype === 'float32' && part > RUN;
  const block = Array.from({ length: vectors * 4 }, (_, row) => Array.from({ length: vectors }, (_unused, v) => `${row}_${v}`)).flat();
  const zero = 'Four()';
  const share = parts === 1 ? 'batch' : 'share';
  const multiply = [
    ...Array.from({ length: vectors }, (_, v) => `let l${v} = left[d * ${edge / 4}u + ly + ${v * side}u];`),
    ...Array.from({ length: vectors }, (_, v) => `let r${v} = right[d * ${edge / 4}u + lx + ${v * side}u];`),
    ...Array.from({ length: vectors * 4 }, (_, row) =>
      Array.from({ length: vectors }, (_unused, v) => `sum${row}_${v} += l${Math.floor(row / 4)}[${row % 4}] * r${v};`),
    ).flat(),
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
    `    finish(${share}, leftFirst + (i32(e / ${edge}u) + (row / 4) * ${side}) * 4 + row % 4, rightFirst + i32(e % ${edge}u), left[e / 4u][e & 3u]);`,
    '  }',
    '  workgroupBarrier();',
    '}',
  ];
  return shader.finish(
    [
      'let group = wg.y * grid.x + wg.x;',
      `let tiles = ${rowTiles} * ${columnTiles};`,
      `if (group >= tiles * ${shader.unsigned(batches * parts)}) { return; }`,
      `let ${share} = i32(group / tiles);`,
      ...(parts === 1 ? [] : [`let batch = share % ${shader.size(batches)};`]),
      `let leftFirst = i32((group / ${columnTiles}) % ${rowTiles}) * ${edge};`,
      `let rightFirst = i32(group % ${columnTiles}) * ${edge};`,
      `let lx = local % ${side}u;`,
      `let ly = local / ${side}u;`,
      ...block.map((name) => `var sum${name} = ${zero};`),
      ...(blocked ? block.map((name) => `var total${name} = ${zero};`) : []),
      ...(parts === 1
        ? [`for (var depth = 0; depth < ${shader.size(depth)}; depth += ${DEPTH}) {`]
        : [
            `let begin = (share / ${shader.size(batches)}) * ${shader.size(part)};`,
            `let stop = min(begin + ${shader.size(part)}, ${shader.size(depth)});`,
            `for (var depth = begin; depth < stop; depth += ${DEPTH}) {`,
          ]),
      indent(
        [
          ...fill('left', (along, at) => `leftAt(batch, ${along}, ${at})`, edge, threads, runsAlongDepth(kernel, 'left')),
          ...fill('right', (along, at) => `rightAt(batch, ${at}, ${along})`, edge, threads, runsAlongDepth(kernel, 'right')),
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
