/**
 * Reduction kernels. A workgroup reduces some results side by side, each by some of its invocations. Where there is too much for
 * one workgroup, each takes a chunk and leaves a partial result, and a second kernel reduces those.
 */
import { bodyBuffers, type Buffer, type ReduceKernel, type ReducePart } from '@pappus/compiler';
import { sizeOf } from '@pappus/core/backend';
import { Accumulators, PARTIAL_RUN, type Reduction } from './accumulator.js';
import { BodyWriter, unravel } from './body.js';
import { basesOf, findRow, rowBase } from './elementwise.js';
import { type Bindings, decode, encode, indent, Shader, type ShaderText, WORKGROUP } from './shader.js';

/** Elements that an invocation takes where results are few, and where they are many. */
const FEW = 32;
const MANY = 1024;
/** Shorter reductions are for one invocation; of longer ones than `LONG` many take part. */
const ALONE = 64;
const LONG = 2048;
/** Workgroups that keep a GPU busy. */
const BUSY = 64;

/** How the work of a reduction is cut. */
export interface ReduceShape {
  /** Results, and elements that are reduced into each. */
  readonly results: number;
  readonly length: number;
  /** Invocations that share a result. */
  readonly members: number;
  /** Whether neighbours in a workgroup share a result, or have results that are neighbours. */
  readonly across: boolean;
  readonly chunks: number;
  /** Elements of a chunk. */
  readonly chunk: number;
}

/** Elements of a chunk of code that runs over several tensors. */
export const SEGMENT_CHUNK = WORKGROUP * FEW;

function shapeOf(results: number, length: number, across: boolean, once = false): ReduceShape {
  // Few kinds, so that sizes share their code.
  const members = length < ALONE ? 1 : across ? (length < LONG ? 16 : WORKGROUP) : length < LONG ? 8 : 32;
  const groups = Math.ceil(results / (WORKGROUP / members));
  const most = members * (groups >= BUSY ? MANY : FEW);
  const chunks = once ? 1 : Math.max(1, Math.ceil(length / most));
  return { results, length, members, across, chunks, chunk: chunks === 1 ? length : most };
}

export function reduceShape({ extents, reduced }: ReducePart): ReduceShape {
  const size = (kind: boolean): number => extents.reduce((n, d, k) => ((reduced[k] ?? false) === kind ? n * d : n), 1);
  return shapeOf(size(false), size(true), reduced.at(-1) !== false);
}

/** Of the second kernel, over `chunks` partial results for each. */
export function partialsShape(results: number, chunks: number): ReduceShape {
  return shapeOf(results, chunks, results === 1, true);
}

export function reduceGroups({ results, members, chunks }: ReduceShape): number {
  return Math.ceil(results / (WORKGROUP / members)) * chunks;
}

/** Partial results, one list of its dtype for each reduction, in the order of their chunks. */
export interface Partials {
  readonly buffers: readonly Buffer[];
  /** Of each reduction. */
  readonly count: number;
}

/** Which result and which share of it an invocation has: `result`, `member`, and whether there is such a result. */
function placement(shader: Shader, shape: ReduceShape): string[] {
  const { results, members, across, chunks } = shape;
  const side = WORKGROUP / members;
  return [
    'let group = wg.y * grid.x + wg.x;',
    `if (group >= ${shader.unsigned(reduceGroups(shape))}) { return; }`,
    `let results = ${shader.unsigned(results)};`,
    ...(chunks === 1
      ? [`let tile = group * ${side}u;`, 'let chunkNumber = 0u;']
      : [`let tile = (group / ${shader.unsigned(chunks)}) * ${side}u;`, `let chunkNumber = group % ${shader.unsigned(chunks)};`]),
    across ? `let member = local % ${members}u;` : `let member = local / ${side}u;`,
    `let wanted = tile + ${across ? `local / ${members}u` : `local % ${side}u`};`,
    'let live = wanted < results;',
    'let result = min(wanted, results - 1u);',
  ];
}

function accumulatorsOf(shader: Shader, reductions: readonly Reduction[], { members, across }: ReduceShape, run?: number): Accumulators {
  return new Accumulators(shader, reductions, members, across ? 1 : WORKGROUP / members, WORKGROUP, run);
}

function epilogueLines(shader: Shader, kernel: ReduceKernel, names: readonly string[], base: (b: Buffer) => string): string[] {
  const writer = new BodyWriter({ shader, indices: names, axis: -1, base, prefix: 'r', results: (k) => `total${k}` }, kernel.epilogue);
  return ['if (live && member == 0u) {', indent([...writer.lines, ...writer.stores()].join('\n')), '}'];
}

/** Where the first of those that share a result leaves it, for a second kernel. */
function partialLines(shader: Shader, { buffers }: Partials, at: string): string[] {
  const lines = buffers.map((buffer, k) => {
    const { binding, type } = shader.slot(buffer);
    return shader.write(binding, `${shader.offset(buffer)} + i32(${at})`, encode(`total${k}`, type, buffer.dtype, 1), { buffer, base: shader.offset(buffer) });
  });
  return ['if (live && member == 0u) {', indent(lines.join('\n')), '}'];
}

/** Names of the axes of a part: those of kept ones from the result, those of reduced ones from the element. */
function axisNames({ extents }: ReducePart): string[] {
  return extents.map((_, k) => `i${k}`);
}

/** A whole part: to its end, or in chunks to partial results. */
export function emitReduce(
  kernel: ReduceKernel,
  part: ReducePart,
  bindings: Bindings,
  operands: readonly Buffer[],
  subgroupSize: number,
  partials?: Partials,
): ShaderText {
  const shape = reduceShape(part);
  const shader = new Shader(bindings, operands, 1, shape.results * shape.length, subgroupSize);
  const names = axisNames(part);
  const pick = <T>(list: readonly T[], reduced: boolean): T[] => list.filter((_, axis) => (part.reduced[axis] ?? false) === reduced);
  const sizes = (reduced: boolean): string[] => pick(part.extents, reduced).map((n) => shader.unsigned(n));
  const used = [...new Set([...bodyBuffers(part.body), ...(partials === undefined ? bodyBuffers(kernel.epilogue) : [])])];
  const { lines, base } = basesOf(shader, used, (buffer) => shader.offset(buffer));
  const sums = accumulatorsOf(shader, kernel.reductions, shape);
  const writer = new BodyWriter({ shader, indices: names, axis: -1, base }, part.body);
  const body = [
    ...placement(shader, shape),
    ...lines,
    ...unravel('result', sizes(false), pick(names, false)),
    ...sums.start(),
    `let begin = chunkNumber * ${shader.unsigned(shape.chunk)};`,
    `let stop = min(begin + ${shader.unsigned(shape.chunk)}, ${shader.unsigned(shape.length)});`,
    `for (var e = begin + member; e < stop; e += ${shape.members}u) {`,
    indent(
      [...unravel('e', sizes(true), pick(names, true)), ...writer.lines, ...sums.add(part.values.map((v) => writer.value(v)))].join('\n'),
    ),
    '}',
    ...sums.finish(),
  ];
  const end =
    partials === undefined
      ? epilogueLines(
          shader,
          kernel,
          names.map((name, axis) => (part.reduced[axis] === true ? '0' : name)),
          base,
        )
      : partialLines(shader, partials, '(chunkNumber * results + result)');
  return shader.finish([...body, ...end].join('\n'));
}

/** One of several parts, or code that runs over several tensors: a chunk of one tensor for each workgroup, to partial results. */
export function emitReduceSegments(
  kernel: ReduceKernel,
  part: ReducePart,
  bindings: Bindings,
  operands: readonly Buffer[],
  subgroupSize: number,
  partials: Partials,
  byTable: boolean,
): ShaderText {
  const shader = new Shader(bindings, operands, 1, sizeOf(part.extents), subgroupSize);
  const order = bodyBuffers(part.body);
  if (byTable) shader.endsInTable(order, order.length + 3);
  const { lines, base } = basesOf(shader, order, byTable ? rowBase(order) : (buffer) => shader.offset(buffer));
  const names = axisNames(part);
  const sums = new Accumulators(shader, kernel.reductions, WORKGROUP, 1, WORKGROUP);
  const writer = new BodyWriter({ shader, indices: names, axis: -1, base }, part.body);
  const indices = unravel(
    'e',
    part.extents.map((n) => shader.unsigned(n)),
    names,
  );
  // Behind the columns of the tensors is the number of the row's first partial result.
  const ends = bindings.checked === true ? order.length : 0;
  const find = byTable ? findRow(shader, order.length + 1 + ends) : [`let count = ${shader.number('count')};`, 'let groupInRow = group;'];
  const firstPartial = byTable ? `table[row + ${2 + order.length}u]` : shader.number('base');
  return shader.finish(
    [
      'let group = wg.y * grid.x + wg.x;',
      'let member = local;',
      ...find,
      // A grid may have workgroups to spare; they reduce nothing, and write nothing.
      `let live = groupInRow * ${SEGMENT_CHUNK}u < count;`,
      ...lines,
      ...sums.start(),
      `let stop = select(0u, min((groupInRow + 1u) * ${SEGMENT_CHUNK}u, count), live);`,
      `for (var e = groupInRow * ${SEGMENT_CHUNK}u + member; e < stop; e += ${WORKGROUP}u) {`,
      indent([...indices, ...writer.lines, ...sums.add(part.values.map((v) => writer.value(v)))].join('\n')),
      '}',
      ...sums.finish(),
      ...partialLines(shader, partials, `(groupInRow + ${firstPartial})`),
    ].join('\n'),
  );
}

/** Partial results to the end. */
export function emitPartials(
  kernel: ReduceKernel,
  bindings: Bindings,
  operands: readonly Buffer[],
  subgroupSize: number,
  partials: Partials,
): ShaderText {
  const [part] = kernel.parts;
  const results = part === undefined ? 1 : reduceShape(part).results;
  const shader = new Shader(bindings, operands, 1, partials.count, subgroupSize);
  const shape = partialsShape(results, partials.count / results);
  const { lines, base } = basesOf(shader, [...new Set([...partials.buffers, ...bodyBuffers(kernel.epilogue)])], (buffer) =>
    shader.offset(buffer),
  );
  const kept = part?.extents.map((n, k) => (part.reduced[k] === true ? 1 : n)) ?? [];
  const names = kept.map((_, k) => `i${k}`);
  const sums = accumulatorsOf(shader, kernel.reductions, shape, PARTIAL_RUN);
  const loaded = partials.buffers.map((buffer) => {
    const { binding, type } = shader.slot(buffer);
    return decode(shader.read(binding, `${base(buffer)} + i32(e * results + result)`, { buffer, base: base(buffer) }), type, buffer.dtype, 1);
  });
  return shader.finish(
    [
      ...placement(shader, shape),
      ...lines,
      ...unravel(
        'result',
        kept.map((n) => shader.unsigned(n)),
        names,
      ),
      ...sums.start(),
      `for (var e = member; e < ${shader.unsigned(shape.length)}; e += ${shape.members}u) {`,
      indent(sums.add(loaded).join('\n')),
      '}',
      ...sums.finish(),
      ...epilogueLines(shader, kernel, names, base),
    ].join('\n'),
  );
}
