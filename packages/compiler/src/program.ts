/** The passes in their order, and what a program says of itself. */
import { type KernelDescription, type ProgramDescription } from '@pappus/core';
import { BYTES_PER_ELEMENT, type Computation } from '@pappus/core/backend';
import { LARGEST_BODY } from './body-size.js';
import { emit } from './emit.js';
import { kernelNames, kernelOperations, kernelTitle } from './kernel-names.js';
import { type Buffer, type Kernel, kernelAccesses, kernelBodies, segmentedParts, type Program, type ProgramOutput } from './kernel.js';
import { lower } from './lower.js';
import { type MemoryLayout, planMemory } from './memory.js';
import { mergeElementwise } from './merge.js';
import { eagerly } from './order.js';
import { withoutReshapes } from './realize.js';
import { isHosted, schedule } from './schedule.js';
import { checkComputation } from './version.js';

/**
 * Compiles a computation for given sizes of its open dimensions, for any backend.
 *
 * @throws {BackendError} if it is of another version of the graph, or of another copy of core
 */
export function compileProgram(computation: Computation, sizes: ReadonlyMap<string, number>, layout: MemoryLayout = {}): Program {
  checkComputation(computation);
  const lowered = lower(computation, sizes);
  const { kernels: emitted, buffers } = emit(schedule({ ...lowered, hosts: true, largestBody: layout.largestBody ?? LARGEST_BODY }));
  const kernels = eagerly(mergeElementwise(emitted));
  const { offsets, bytes, arenas } = planMemory(kernels, layout);
  return {
    kernels,
    buffers: buffers.all,
    variables: lowered.variables,
    host: lowered.graph.host,
    uniforms: uniformsOf(kernels),
    outputs: lowered.outputs.map((tensor, position): ProgramOutput => {
      const { shape, dtype } = tensor;
      const plain = withoutReshapes(tensor);
      if (plain.op.kind === 'host' && isHosted(plain)) return { kind: 'host', index: plain.op.index, shape, dtype };
      if (plain.op.kind === 'constant') return { kind: 'host', index: lowered.graph.host.constant(plain.op.value), shape, dtype };
      return { kind: 'buffer', buffer: buffers.output(position, dtype, shape.reduce((a, b) => a * b, 1)), shape, dtype };
    }),
    hostUpdates: lowered.updates.flatMap(({ variable, value }) => {
      const plain = withoutReshapes(value);
      if (plain.op.kind === 'host') return [{ variable, index: plain.op.index }];
      return plain.op.kind === 'constant' ? [{ variable, index: lowered.graph.host.constant(plain.op.value) }] : [];
    }),
    temporaries: { offsets, bytes },
    arenas,
  };
}

function uniformsOf(kernels: readonly Kernel[]): Program['uniforms'] {
  const found = new Map<string, Program['uniforms'][number]>();
  for (const { instructions } of kernels.flatMap(kernelBodies)) {
    for (const i of instructions) if (i.kind === 'uniform') found.set(`${i.index} ${i.dtype}`, { index: i.index, dtype: i.dtype });
  }
  return [...found.values()];
}

/** The kernels of a program, those inside of a scan in its place with the number of its steps. */
export function describeKernels(kernels: readonly Kernel[]): KernelDescription[] {
  const names = kernelNames(kernels);
  const visit = (list: readonly Kernel[], repeats: number): KernelDescription[] =>
    list.flatMap((kernel) => {
      if (kernel.kind === 'scan') return visit(kernel.kernels, repeats * kernel.count);
      const description = describeKernel(kernel);
      return [{ ...description, label: names.get(kernel) ?? description.label, repeats }];
    });
  return visit(kernels, 1);
}

/** A kernel by itself: outside of a program its label is what it does. */
export function describeKernel(kernel: Kernel): KernelDescription {
  const { reads, writes } = kernelAccesses(kernel);
  const names = (buffers: readonly { readonly name: string }[]): string[] => [...new Set(buffers.map((b) => b.name))];
  return {
    name: kernelTitle(kernel),
    label: kernelTitle(kernel),
    kind: kernel.kind,
    operations: kernelOperations(kernel),
    reads: names(reads),
    writes: names(writes),
    inPlace: names(writes.filter((b) => reads.includes(b))),
    repeats: 1,
    segments: Math.max(1, ...segmentedParts(kernel).map((part) => part.segments.length)),
  };
}

/** What a program says of itself; code is measured in bytes. */
export function describeProgram(program: Program, codeBytes: number, layout: MemoryLayout = {}): ProgramDescription {
  const { elementBytes = BYTES_PER_ELEMENT } = layout;
  const bytes = (kind: Buffer['place']['kind']): number =>
    program.buffers.reduce((sum, b) => (b.place.kind === kind ? sum + b.size * elementBytes[b.dtype] : sum), 0);
  return {
    kernels: describeKernels(program.kernels),
    hostScalars: program.uniforms.map(({ index }) => program.host.describe(index)),
    calls: 1,
    bytes: { inputs: bytes('input'), outputs: bytes('output'), variables: bytes('variable'), temporaries: program.temporaries.bytes, code: codeBytes },
  };
}
