/** A program as text: what it takes, its buffers and where they lie, what the host computes, its kernels, and its code if that is given. */
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { alignedBytes, type MemoryLayout } from '../memory/memory.js';
import type { Buffer, Kernel, Program, ScanKernel } from '../kernels/kernel.js';
import { formatKernels } from './kernels.js';
import { bufferWord, grouped, plural, table } from './words.js';

/** What a backend has made of a program. */
export interface BackendCode {
  /** What it is: `WebAssembly`. */
  readonly language: string;
  /** The code, of any number of lines. */
  readonly text: string;
}

/** Options of `formatProgram`: how the backend lays out memory, and its code. */
export interface FormatOptions extends MemoryLayout {
  /** What the backend has made of the program. Default: it is left out. */
  readonly code?: BackendCode;
}

/** The text of a program: the same for the same program. */
export function formatProgram(program: Program, { code, ...layout }: FormatOptions = {}): string {
  const scalars = new Map(program.uniforms.map(({ index, dtype }, k) => [`${index} ${dtype}`, `s${k}`]));
  const paragraphs = [
    [summary(program, layout)],
    bufferLines(program, layout),
    hostLines(program),
    ...formatKernels(program.kernels, (index, dtype) => scalars.get(`${index} ${dtype}`) ?? '?'),
    afterLines(program),
    ...(code === undefined ? [] : [[`${code.language}:`, '', code.text.trimEnd()]]),
  ];
  return paragraphs.flatMap((lines) => (lines.length === 0 ? [] : [`${lines.join('\n')}\n`])).join('\n');
}

function bytesOf({ size, dtype }: Buffer, { elementBytes = BYTES_PER_ELEMENT }: MemoryLayout): number {
  return size * elementBytes[dtype];
}

type PlaceKind = Buffer['place']['kind'];

/** What memory is called in the summary, in the order of listings; a part of a buffer has none of its own. */
const MEMORY: Readonly<Record<Exclude<PlaceKind, 'slice'>, string>> = {
  variable: 'of variables',
  input: 'of inputs',
  data: 'of constants',
  output: 'of outputs',
  temporary: 'of temporaries',
};

/** `3 kernels; 1,234 bytes: 1,000 of variables, 234 of inputs`. */
function summary({ kernels, buffers, temporaries }: Program, layout: MemoryLayout): string {
  const bytes = new Map<string, number>();
  for (const buffer of buffers) {
    if (buffer.place.kind === 'slice' || buffer.place.kind === 'temporary') continue;
    const what = MEMORY[buffer.place.kind];
    bytes.set(what, (bytes.get(what) ?? 0) + bytesOf(buffer, layout));
  }
  bytes.set(MEMORY.temporary, temporaries.bytes);
  const kinds = Object.values(MEMORY).flatMap((what) => {
    const own = bytes.get(what);
    return own === undefined || own === 0 ? [] : [`${grouped(own)} ${what}`];
  });
  const total = [...bytes.values()].reduce((sum, each) => sum + each, 0);
  return `${plural(countOf(kernels), 'kernel')}; ${plural(total, 'byte')}${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}`;
}

/** Kernels, those in scans counted once and scans not. */
function countOf(kernels: readonly Kernel[]): number {
  return kernels.reduce((sum, kernel) => sum + (kernel.kind === 'scan' ? countOf(kernel.kernels) : 1), 0);
}

function bufferLines(program: Program, layout: MemoryLayout): string[] {
  const { buffers, temporaries, arenas } = program;
  const wholes = new Map(scansOf(program.kernels).flatMap(({ slices }) => slices.map(({ buffer, of }) => [buffer, of])));
  const where = (buffer: Buffer): string => {
    const { kind } = buffer.place;
    switch (kind) {
      case 'temporary': {
        const offset = temporaries.offsets.get(buffer);
        return offset === undefined ? 'temporary, unused' : `temporary, at bytes ${offset} to ${offset + alignedBytes(buffer, layout) - 1}`;
      }
      case 'slice': {
        const of = wholes.get(buffer);
        return of === undefined ? 'part of another' : `part of ${bufferWord(of)}`;
      }
      case 'data':
        return 'constant';
      case 'input':
      case 'output':
      case 'variable':
        return kind;
    }
  };
  const inOrder = [...Object.keys(MEMORY), 'slice'].flatMap((kind) => buffers.filter(({ place }) => place.kind === kind));
  const rows = inOrder.map((buffer) => [bufferWord(buffer), buffer.dtype, grouped(buffer.size), plural(bytesOf(buffer, layout), 'byte'), where(buffer)]);
  const beside = arenas.filter((arena) => arena.length > 1).map((arena) => `side by side: ${arena.map(bufferWord).join(', ')}`);
  return rows.length === 0 ? [] : ['buffers:', ...[...table(rows, [2, 3]), ...beside].map((line) => `  ${line}`)];
}

function scansOf(kernels: readonly Kernel[]): ScanKernel[] {
  return kernels.flatMap((kernel) => (kernel.kind === 'scan' ? [kernel, ...scansOf(kernel.kernels)] : []));
}

function hostLines({ uniforms, host }: Program): string[] {
  if (uniforms.length === 0) return [];
  return ['host scalars, in float64, before the kernels:', ...uniforms.map(({ index, dtype }, k) => `  s${k} = ${host.describe(index)} as ${dtype}`)];
}

function afterLines({ outputs, hostUpdates, host }: Program): string[] {
  const lines = [
    ...outputs.flatMap((output) => (output.kind === 'host' ? [`  ${output.name} = ${host.describe(output.index)} as ${output.dtype}`] : [])),
    ...hostUpdates.map(({ variable, index }) => `  ${variable.name} = ${host.describe(index)} as ${variable.dtype}`),
  ];
  return lines.length === 0 ? [] : ['on the host, after the kernels:', ...lines];
}
