/** Kernels as text: the axes of each, what is computed at each element, and what is in place. */
import { stridesOf } from '@pappus/core/backend';
import { kernelNames, kernelTitle } from '../kernels/kernel-names.js';
import { bodyBuffers, kernelAccesses, readAccesses } from '../kernels/accesses.js';
import type { ElementwiseKernel, Kernel, MatmulKernel, ReduceKernel, ReducePart, RoutineKernel, ScanKernel, ScatterKernel, Segment, Segmented } from '../kernels/kernel.js';
import { affineText, BodyPrinter, place } from './body.js';
import { routineSteps } from './routine.js';
import { bufferWord, bufferWords, plural } from './words.js';
import { itemAt } from '../required.js';

type ScalarWord = ConstructorParameters<typeof BodyPrinter>[0];

/** Each kernel of a program in a paragraph of lines. */
export function formatKernels(kernels: readonly Kernel[], scalarWord: ScalarWord): string[][] {
  const names = kernelNames(kernels);
  const format = (kernel: Kernel, depth: number): string[] => {
    const title = `${names.get(kernel) ?? kernelTitle(kernel)}: ${headline(kernel)}${inPlace(kernel)}${kernel.when === undefined ? '' : `, when ${scalarWord(kernel.when, 'bool')}`}`;
    const inside = kernel.kind === 'scan' ? scanLines(kernel, depth, (each) => format(each, depth + 1)) : kernelLines(kernel, new BodyPrinter(scalarWord));
    return [title, ...indented(inside)];
  };
  return kernels.map((kernel) => format(kernel, 0));
}

type Simple = Exclude<Kernel, ScanKernel>;

function headline(kernel: Kernel): string {
  switch (kernel.kind) {
    case 'elementwise':
    case 'reduce':
    case 'scatter':
      return kernel.kind;
    case 'matmul':
      return `matmul in ${kernel.dtype}`;
    case 'routine':
      return `a routine, ${plural(kernel.items, 'item')}`;
    case 'scan':
      return `its kernels ${plural(kernel.count, 'time')}`;
  }
}

/** What a kernel overwrites of what it reads; of several segments, what one of them does. */
function inPlace(kernel: Kernel): string {
  if (kernel.kind === 'scan' || kernel.kind === 'scatter' || kernel.kind === 'routine') return '';
  const [reads, writes] =
    kernel.kind === 'elementwise'
      ? [readAccesses(kernel.body).map(({ buffer }) => buffer), kernel.body.stores.map(({ access }) => access.buffer)]
      : [kernelAccesses(kernel).reads, kernelAccesses(kernel).writes];
  const both = [...new Set(writes.filter((buffer) => reads.includes(buffer)))];
  return both.length === 0 ? '' : `, in place: ${bufferWords(both)}`;
}

function kernelLines(kernel: Simple, printer: BodyPrinter): string[] {
  switch (kernel.kind) {
    case 'elementwise':
      return elementwiseLines(kernel, printer);
    case 'reduce':
      return reduceLines(kernel, printer);
    case 'matmul':
      return matmulLines(kernel, printer);
    case 'scatter':
      return scatterLines(kernel, printer);
    case 'routine':
      return routineLines(kernel);
  }
}

function elementwiseLines(kernel: ElementwiseKernel, printer: BodyPrinter): string[] {
  const axes = axisNames(kernel.extents.length);
  const { lines, words } = printer.instructions(kernel.body, axes);
  const heading = isSegmented(kernel) ? segmentAxes('for', kernel, axes) : axesText('for', axes, kernel.extents);
  return [...nest(heading, [...lines, ...printer.stores(kernel.body, axes, words)]), ...segmentLines(kernel, printer)];
}

function reduceLines({ parts, reductions, epilogue }: ReduceKernel, printer: BodyPrinter): string[] {
  const [first] = parts;
  const axes = axisNames(first?.extents.length ?? 0);
  const reduced = parts.flatMap((part, k) => {
    const own = axisNames(part.extents.length);
    const { lines, words } = printer.instructions(part.body, own);
    const results = reductions.map(({ op }, r) => `r${r} = ${op}(${k === 0 ? '' : `r${r}, `}${words[itemAt(part.values, r, 'the value of reduction')] ?? '?'})`);
    const over = pick(part, own, true);
    const heading = isSegmented(part) ? segmentAxes('over', part, own) : axesText('over', over.axes, over.extents);
    return [...nest(heading, [...lines, ...results]), ...segmentLines(part, printer)];
  });
  const { lines, words } = printer.instructions(epilogue, axes);
  const kept = first === undefined ? { axes: [], extents: [] } : pick(first, axes, false);
  return nest(axesText('for', kept.axes, kept.extents), [...reduced, ...lines, ...printer.stores(epilogue, axes, words)]);
}

/** The axes of a part that are reduced, or those that are not. */
function pick({ extents, reduced }: ReducePart, axes: readonly string[], wanted: boolean): { readonly axes: readonly string[]; readonly extents: readonly number[] } {
  const chosen = <T>(list: readonly T[]): T[] => list.filter((_, axis) => (reduced[axis] ?? false) === wanted);
  return { axes: chosen(axes), extents: chosen(extents) };
}

function matmulLines({ batch, rows, columns, depth, left, right, product, epilogue }: MatmulKernel, printer: BodyPrinter): string[] {
  const names = {
    batch: numbered('batch', batch.length),
    rows: numbered('row', rows.length),
    columns: numbered('column', columns.length),
    depth: numbered('depth', depth.length),
  };
  const axes = [...names.batch, ...names.rows, ...names.columns];
  const extents = [...batch, ...rows, ...columns];
  const a = printer.instructions(left, [...names.batch, ...names.rows, ...names.depth]);
  const b = printer.instructions(right, [...names.batch, ...names.depth, ...names.columns]);
  const sum = `r0 = sum(mul(${a.words.at(-1) ?? '?'}, ${b.words.at(-1) ?? '?'}))`;
  const after = printer.instructions(epilogue, axes);
  const overwritten = epilogue.stores.some(({ access }) => access.buffer === product);
  const strides = stridesOf(extents).map((stride, axis) => (extents[axis] === 1 ? 0 : stride));
  const plain = { buffer: product, offset: 0, strides };
  return nest(axesText('for', axes, extents), [
    ...nest(axesText('over', names.depth, depth), [...a.lines, ...b.lines, sum]),
    ...(overwritten ? [] : [`${place(plain, axes)} = r0`]),
    ...after.lines,
    ...printer.stores(epilogue, axes, after.words),
  ]);
}

function scatterLines({ extents, body, index, stride, count }: ScatterKernel, printer: BodyPrinter): string[] {
  const axes = axisNames(extents.length);
  const { lines, words } = printer.instructions(body, axes);
  const word = words[index] ?? '?';
  const added = body.stores.map(({ access, value }) => `${place(access, axes, { word, stride })} += ${words[value] ?? '?'} if 0 <= ${word} < ${count}`);
  return nest(axesText('for', axes, extents), [...lines, ...added]);
}

function routineLines({ code, buffers }: RoutineKernel): string[] {
  const arrays = code.arrays.map(({ name, size }, k) => `${name.replaceAll(' ', '_')} is ${size} elements of ${bufferWord(itemAt(buffers, k, 'buffer'))}`);
  return [...arrays, ...routineSteps(code)];
}

function scanLines({ count, kernels, slices }: ScanKernel, depth: number, format: (kernel: Kernel) => readonly string[]): string[] {
  const step = depth === 0 ? 't' : `t${depth}`;
  const parts = slices.map(({ buffer, of, start, stride }) => {
    const from = affineText({ offset: start, strides: [stride] }, [step]);
    return `${bufferWord(buffer)} is ${bufferWord(of)} from element ${from} on`;
  });
  return nest(`for ${step} < ${count}`, [...parts, ...kernels.flatMap(format)]);
}

function isSegmented({ segments }: Segmented): boolean {
  return segments.length > 1;
}

function segmentAxes(word: string, { segments }: Segmented, axes: readonly string[]): string {
  return `${word} ${axes[0] ?? 'i'} < size, in each of ${segments.length} segments`;
}

/** The tensors of every segment, in the places of those that the code names. */
function segmentLines(part: Segmented, printer: BodyPrinter): string[] {
  if (!isSegmented(part)) return [];
  const named = bodyBuffers(part.body);
  const row = ({ size, buffers, scalars = [] }: Segment): string =>
    [`size ${size}: ${bufferWords(buffers)}`, ...scalars.map(({ index, dtype }, k) => `n${k} = ${printer.scalarWord(index, dtype)}`)].join(', ');
  return [`segments, of ${bufferWords(named)}:`, ...indented(part.segments.map(row))];
}

function axesText(word: string, axes: readonly string[], extents: readonly number[]): string | undefined {
  return extents.length === 0 ? undefined : `${word} ${extents.map((extent, axis) => `${axes[axis] ?? '?'} < ${extent}`).join(', ')}`;
}

/** Lines under their axes, or by themselves. */
function nest(heading: string | undefined, lines: readonly string[]): string[] {
  return heading === undefined ? [...lines] : [`${heading}:`, ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

const LETTERS = ['i', 'j', 'k', 'l', 'm', 'n'];

function axisNames(rank: number): string[] {
  return rank <= LETTERS.length ? LETTERS.slice(0, rank) : numbered('i', rank);
}

function numbered(word: string, count: number): string[] {
  return count === 1 ? [word] : Array.from({ length: count }, (_, k) => `${word}${k}`);
}
