/** What a program says of itself, for people and tests. */
import { type KernelDescription, type ProgramDescription } from '@pappus/core';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { kernelNames, kernelOperations, kernelTitle } from './kernel-names.js';
import { kernelAccesses } from './accesses.js';
import type { Buffer, Kernel, Program } from './kernel.js';
import { segmentedParts } from './kernel-parts.js';
import type { HostProgram } from '../lower/host.js';
import type { MemoryLayout } from '../memory/memory.js';
import { required } from '../required.js';

/**
 * The kernels of a program, those inside of a scan in its place with the number of its steps.
 *
 * @param host of the program, whose scalars say when kernels run; without it that is left out
 */
export function describeKernels(kernels: readonly Kernel[], host?: HostProgram): KernelDescription[] {
  const names = kernelNames(kernels);
  const visit = (list: readonly Kernel[], repeats: number, around?: number): KernelDescription[] =>
    list.flatMap((kernel) => {
      const { when = around } = kernel;
      if (kernel.kind === 'scan') return visit(kernel.kernels, repeats * kernel.count, when);
      const condition = host === undefined || when === undefined ? {} : { when: host.describe(when) };
      return [{ ...describeKernel(kernel), label: required(names.get(kernel), 'the name of a kernel'), repeats, ...condition }];
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
    kernels: describeKernels(program.kernels, program.host),
    hostScalars: program.uniforms.map(({ index }) => program.host.describe(index)),
    calls: 1,
    bytes: { inputs: bytes('input'), outputs: bytes('output'), variables: bytes('variable'), temporaries: program.temporaries.bytes, code: codeBytes },
  };
}
