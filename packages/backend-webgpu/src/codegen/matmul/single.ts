/** Products of which every invocation computes one result by itself: a small one, or what is left of one that was computed in parts. */
import type { Buffer, MatmulKernel } from '@pappus/compiler';
import { decode, indent, type Shader, type ShaderText, valueType, WORKGROUP } from '../shader.js';
import { resultsOf, RUN, size } from './shape.js';

function emitEach(shader: Shader, kernel: MatmulKernel, lines: readonly string[]): ShaderText {
  const columns = shader.unsigned(size(kernel.columns));
  const perBatch = `(${shader.unsigned(size(kernel.rows))} * ${columns})`;
  return shader.finish(
    [
      `let id = (wg.y * grid.x + wg.x) * ${WORKGROUP}u + local;`,
      `if (id >= ${shader.unsigned(resultsOf(kernel))}) { return; }`,
      `let batch = i32(id / ${perBatch});`,
      `let row = i32((id % ${perBatch}) / ${columns});`,
      `let column = i32(id % ${columns});`,
      `var total = ${valueType(kernel.dtype, 1)}(0);`,
      ...lines,
      'finish(batch, row, column, total);',
    ].join('\n'),
  );
}

/** The sum in runs. */
export function emitSingle(shader: Shader, kernel: MatmulKernel): ShaderText {
  const zero = `${valueType(kernel.dtype, 1)}(0)`;
  return emitEach(shader, kernel, [
    `var sum = ${zero};`,
    `for (var depth = 0; depth < ${shader.size(size(kernel.depth))}; depth += 1) {`,
    '  sum += leftAt(batch, row, depth) * rightAt(batch, depth, column);',
    `  if (depth % ${RUN} == ${RUN - 1}) { total += sum; sum = ${zero}; }`,
    '}',
    'total += sum;',
  ]);
}

/** The sums of the parts, in their order. */
export function emitPartSums(shader: Shader, kernel: MatmulKernel, sums: Buffer, parts: number): ShaderText {
  const { binding, type } = shader.slot(sums);
  const results = shader.unsigned(resultsOf(kernel));
  return emitEach(shader, kernel, [
    `for (var part = 0u; part < ${shader.unsigned(parts)}; part += 1u) {`,
    indent(`total += ${decode(shader.read(binding, `${shader.offset(sums)} + i32(part * ${results} + id)`, { buffer: sums, base: shader.offset(sums) }), type, kernel.dtype, 1)};`),
    '}',
  ]);
}
