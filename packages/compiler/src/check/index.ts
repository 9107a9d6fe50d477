/** Whether programs keep the rules of the kernel language: for tests, and for debug builds. */
import { BackendError } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import type { HostProgram } from '../lower/host.js';
import { kernelAccesses } from '../kernels/accesses.js';
import type { Buffer, Kernel, Program } from '../kernels/kernel.js';
import { kernelUniforms } from '../kernels/kernel-parts.js';
import { alignedBytes, type MemoryLayout } from '../memory/memory.js';
import { checkConditions } from './conditions.js';
import { checkKernels } from './kernels.js';
import { RULES, type Violation } from './rules.js';

export { type ProgramRule, RULES, type Violation } from './rules.js';

/** A program of the compiler that breaks a rule of the kernel language. */
export class BrokenProgramError extends BackendError {
  constructor(
    /** All that is broken. */
    readonly violations: readonly Violation[],
    after?: string,
  ) {
    const lines = violations.slice(0, 10).map(({ rule, kernel, what }) => `${kernel === undefined ? '' : `${kernel}: `}${what} (${rule}: ${RULES[rule]})`);
    super(`the compiler has made a broken program${after === undefined ? '' : ` in the pass '${after}'`}; please report the computation\n${lines.join('\n')}`);
  }
}

/**
 * Checks kernels after a pass.
 *
 * @param pass its name, for the error
 * @param host the program that uniforms are of, where it is known
 * @throws {BrokenProgramError} if they break a rule, with all that they break
 */
export function checkPass(pass: string, kernels: readonly Kernel[], host?: HostProgram): void {
  const violations = checkKernels(kernels, host);
  if (violations.length > 0) throw new BrokenProgramError(violations, pass);
}

/**
 * Checks a whole program: its kernels, where temporaries lie, outputs, and what the host does.
 *
 * @param layout as it was compiled with
 * @throws {BrokenProgramError} if it breaks a rule, with all that it breaks
 */
export function checkProgram(program: Program, layout: MemoryLayout = {}): void {
  const violations = [...checkKernels(program.kernels, program.host), ...uniforms(program), ...checkConditions(program), ...memory(program, layout), ...outputs(program), ...hosts(program)];
  if (violations.length > 0) throw new BrokenProgramError(violations);
}

function* uniforms(program: Program): Generator<Violation> {
  const listed = new Set(program.uniforms.map(({ index, dtype }) => `${index} ${dtype}`));
  for (const { index } of program.uniforms) {
    if (program.host.instructions[index] === undefined) yield { rule: 'uniforms', what: `the program lists scalar ${index} of the host, which has ${program.host.instructions.length}` };
  }
  // What says whether a kernel runs has a rule of its own.
  for (const { index, dtype } of program.kernels.flatMap((kernel) => kernelUniforms({ ...kernel, when: undefined }))) {
    if (!listed.has(`${index} ${dtype}`)) yield { rule: 'uniforms', what: `scalar ${index} of ${dtype} is read and not listed` };
  }
}

/** When a buffer is in use: from the first kernel that touches it to the last, scans written out once. */
interface Life {
  first: number;
  last: number;
}

function* memory({ kernels, temporaries }: Program, layout: MemoryLayout): Generator<Violation> {
  const lives = livesOf(kernels);
  const placed: { readonly buffer: Buffer; readonly start: number; readonly end: number; readonly life: Life }[] = [];
  for (const [buffer, life] of lives) {
    if (buffer.place.kind !== 'temporary') continue;
    const start = temporaries.offsets.get(buffer);
    if (start === undefined) {
      yield { rule: 'memory', what: `${buffer.name} has no place` };
      continue;
    }
    const end = start + alignedBytes(buffer, layout);
    if (start < 0 || end > temporaries.bytes) yield { rule: 'memory', what: `${buffer.name} is from ${start} to ${end} in a block of ${temporaries.bytes} bytes` };
    placed.push({ buffer, start, end, life });
  }
  placed.sort((a, b) => a.start - b.start);
  for (const [k, a] of placed.entries()) {
    for (const b of placed.slice(k + 1)) {
      if (b.start >= a.end) break;
      if (a.life.first <= b.life.last && b.life.first <= a.life.last) yield { rule: 'memory', what: `${a.buffer.name} and ${b.buffer.name} share bytes ${b.start} to ${Math.min(a.end, b.end)} while both are in use` };
    }
  }
}

function livesOf(kernels: readonly Kernel[]): ReadonlyMap<Buffer, Life> {
  const lives = new Map<Buffer, Life>();
  const scans: Life[] = [];
  let at = 0;
  const visit = (inside: readonly Kernel[], wholes: ReadonlyMap<Buffer, Buffer>): void => {
    for (const kernel of inside) {
      if (kernel.kind === 'scan') {
        const parts = new Map(wholes);
        for (const { buffer, of } of kernel.slices) parts.set(buffer, wholes.get(of) ?? of);
        const first = at;
        visit(kernel.kernels, parts);
        scans.push({ first, last: at - 1 });
        continue;
      }
      const { reads, writes } = kernelAccesses(kernel);
      for (const buffer of [...reads, ...writes].map((b) => wholes.get(b) ?? b)) {
        const life = lives.get(buffer);
        if (life === undefined) lives.set(buffer, { first: at, last: at });
        else life.last = at;
      }
      at++;
    }
  };
  visit(kernels, new Map());
  // What is in use before or after a scan and in it is so in all of its steps; inner scans come first.
  for (const life of lives.values()) {
    for (const { first, last } of scans) {
      if (life.first > last || life.last < first || (life.first >= first && life.last <= last)) continue;
      life.first = Math.min(life.first, first);
      life.last = Math.max(life.last, last);
    }
  }
  return lives;
}

function* outputs(program: Program): Generator<Violation> {
  const written = new Set(flattened(program.kernels).flatMap((kernel) => kernelAccesses(kernel).writes));
  const parts = new Set(program.kernels.flatMap(function wholes(kernel): Buffer[] {
    return kernel.kind === 'scan' ? [...kernel.slices.map(({ of }) => of), ...kernel.kernels.flatMap(wholes)] : [];
  }));
  for (const [k, output] of program.outputs.entries()) {
    if (output.kind === 'host') {
      if (program.host.instructions[output.index] === undefined) yield { rule: 'outputs', what: `output ${k} is scalar ${output.index} of the host, which has ${program.host.instructions.length}` };
      continue;
    }
    const { buffer, shape, dtype } = output;
    if (buffer.size !== sizeOf(shape) || buffer.dtype !== dtype) yield { rule: 'outputs', what: `output ${k} is ${dtype}[${shape.join(', ')}], and ${buffer.name} ${buffer.dtype} of ${buffer.size} elements` };
    if (buffer.size > 0 && !written.has(buffer) && !parts.has(buffer)) yield { rule: 'outputs', what: `nothing writes ${buffer.name}` };
  }
}

function* hosts({ hostUpdates, host, kernels }: Program): Generator<Violation> {
  const written = new Set(flattened(kernels).flatMap((kernel) => kernelAccesses(kernel).writes.flatMap((b) => (b.place.kind === 'variable' ? [b.place.variable] : []))));
  for (const { variable, index } of hostUpdates) {
    if (host.instructions[index] === undefined) yield { rule: 'hosts', what: `${variable.name} becomes scalar ${index} of the host, which has ${host.instructions.length}` };
    if (variable.shape.length > 0) yield { rule: 'hosts', what: `${variable.name} is no scalar` };
    if (written.has(variable)) yield { rule: 'hosts', what: `${variable.name} is written by a kernel, too` };
  }
}

function flattened(kernels: readonly Kernel[]): Exclude<Kernel, { readonly kind: 'scan' }>[] {
  return kernels.flatMap((kernel) => (kernel.kind === 'scan' ? flattened(kernel.kernels) : [kernel]));
}
