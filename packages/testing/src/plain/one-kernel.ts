/** A kernel by itself, as a program of which every buffer is a variable that begins with what a buffer held: any backend can run it. */
import { type DType, variable, type Variable } from '@pappus/core';
import { type Access, type Body, bodyBuffers, type Buffer, HostProgram, type Kernel, kernelAccesses, segmentedParts, type Program, type Segment } from '@pappus/compiler';
import { copied, copyOf, type Run } from './kernels.js';

/** A kernel and what there was when it ran. */
export interface Moment {
  /** The kernel. */
  readonly kernel: Kernel;
  /** What its buffers and the host's scalars held before. */
  readonly run: Run;
}

/** The kernel with what its buffers hold now. */
export function momentOf(kernel: Kernel, { memory, scalars }: Run): Moment {
  const { reads, writes } = kernelAccesses(kernel);
  const used = new Set([...reads, ...writes]);
  const held = copied(new Map([...memory].filter(([buffer]) => used.has(buffer))));
  // Of what nobody has written, a bool may be any byte, and a variable holds it as true.
  for (const [{ dtype }, values] of held) if (dtype === 'bool') values.set(values.map((value) => (value === 0 ? 0 : 1)));
  return { kernel, run: { memory: held, scalars: Float64Array.from(scalars) } };
}

/** A program of one kernel. */
export interface KernelProgram {
  /** The program. */
  readonly program: Program;
  /** The variable of each buffer. */
  readonly variables: ReadonlyMap<Buffer, Variable>;
}

/** The program, and the variable of each buffer. */
export function programOfKernel({ kernel, run }: Moment): KernelProgram {
  const host = new HostProgram();
  const uniforms = new Map<string, Program['uniforms'][number]>();
  const variables = new Map<Buffer, Variable>();
  const places = new Map<Buffer, Buffer>();
  for (const [buffer, values] of run.memory) {
    const held = variable({ data: copyOf(buffer.dtype, values), shape: [buffer.size] }, { name: buffer.name, dtype: buffer.dtype });
    variables.set(buffer, held);
    places.set(buffer, { id: places.size, name: buffer.name, dtype: buffer.dtype, size: buffer.size, place: { kind: 'variable', variable: held } });
  }
  const uniform = (index: number, dtype: DType): number => {
    const moved = host.constant(run.scalars[index] ?? NaN);
    uniforms.set(`${moved} ${dtype}`, { index: moved, dtype });
    return moved;
  };
  const place = (buffer: Buffer): Buffer => {
    const known = places.get(buffer);
    if (known !== undefined) return known;
    if (buffer.place.kind !== 'slice') throw new Error(`nothing says what ${buffer.name} holds`);
    const part = { ...buffer, id: places.size };
    places.set(buffer, part);
    return part;
  };
  const moved = { ...moveKernel(kernel, place, uniform), when: kernel.when === undefined ? undefined : uniform(kernel.when, 'bool') };
  return {
    variables,
    program: {
      kernels: [moved],
      buffers: [...places.values()],
      variables: [...variables.values()],
      host,
      uniforms: [...uniforms.values()],
      outputs: [],
      hostUpdates: [],
      temporaries: { offsets: new Map(), bytes: 0 },
      arenas: arenasOf(moved),
    },
  };
}

/** Of each operand of code over several tensors, those tensors: side by side, as the memory plan would have them. */
function arenasOf(kernel: Kernel): Variable[][] {
  const seen = new Set<Buffer>();
  return segmentedParts(kernel).flatMap(({ body, segments }) =>
    bodyBuffers(body).flatMap((_, operand) => {
      const side = segments.flatMap(({ buffers }) => buffers[operand] ?? []);
      if (new Set(side).size !== side.length || side.some((buffer) => seen.has(buffer))) return [];
      for (const buffer of side) seen.add(buffer);
      return [side.flatMap(({ place }) => (place.kind === 'variable' ? [place.variable] : []))];
    }),
  );
}

/** The kernel over other buffers, with other places for the host's scalars. */
function moveKernel(kernel: Kernel, place: (buffer: Buffer) => Buffer, uniform: (index: number, dtype: DType) => number): Kernel {
  const access = (a: Access): Access => ({ ...a, buffer: place(a.buffer) });
  const body = ({ instructions, stores }: Body): Body => ({
    instructions: instructions.map((i) => {
      if (i.kind === 'load' || i.kind === 'gather') return { ...i, access: access(i.access) };
      return i.kind === 'uniform' ? { ...i, index: uniform(i.index, i.dtype) } : i;
    }),
    stores: stores.map((s) => ({ ...s, access: access(s.access) })),
  });
  const segments = (list: readonly Segment[]): Segment[] => list.map(({ size, buffers, scalars }) => ({ size, buffers: buffers.map(place), ...(scalars === undefined ? {} : { scalars: scalars.map(({ index, dtype }) => ({ index: uniform(index, dtype), dtype })) }) }));
  switch (kernel.kind) {
    case 'elementwise':
      return { ...kernel, body: body(kernel.body), segments: segments(kernel.segments) };
    case 'reduce':
      return { ...kernel, parts: kernel.parts.map((part) => ({ ...part, body: body(part.body), segments: segments(part.segments) })), epilogue: body(kernel.epilogue) };
    case 'matmul':
      return { ...kernel, left: body(kernel.left), right: body(kernel.right), epilogue: body(kernel.epilogue), product: place(kernel.product) };
    case 'scatter':
      return { ...kernel, body: body(kernel.body) };
    case 'routine':
      return { ...kernel, buffers: kernel.buffers.map(place) };
    case 'scan':
      return { ...kernel, kernels: kernel.kernels.map((inner) => moveKernel(inner, place, uniform)), slices: kernel.slices.map((s) => ({ ...s, buffer: place(s.buffer), of: place(s.of) })) };
  }
}
