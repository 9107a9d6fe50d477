/** The rule for kernels that run in some steps alone: what they leave is not read in others. */
import { ALWAYS, both, type Condition, Conditions, implies } from '../kernels/condition.js';
import { kernelAccesses } from '../kernels/accesses.js';
import type { Buffer, Program } from '../kernels/kernel.js';
import { kernelNames } from '../kernels/kernel-names.js';
import { wantedReads } from '../kernels/wanted-reads.js';
import type { Violation } from './rules.js';

/** Checks the kernels of a program; those in a scan run when that does. */
export function* checkConditions({ kernels, host, uniforms }: Program): Generator<Violation> {
  const names = kernelNames(kernels);
  const conditions = new Conditions(host);
  const known = new Map(kernels.map((kernel) => [kernel, kernel.when === undefined ? ALWAYS : conditions.of(kernel.when)]));
  const listed = new Set(uniforms.flatMap(({ index, dtype }) => (dtype === 'bool' ? [index] : [])));
  const written = new Map<Buffer, { readonly when: Condition; readonly by: string }>();
  for (const kernel of kernels) {
    const { when } = kernel;
    const name = names.get(kernel) ?? kernel.kind;
    const complaint = (what: string): Violation => ({ rule: 'conditions', kernel: name, what });
    if (when !== undefined && host.instructions[when] === undefined) yield complaint(`it runs when scalar ${when} of the host holds, which has ${host.instructions.length}`);
    else if (when !== undefined && !listed.has(when)) yield complaint(`it runs when scalar ${when} of the host holds, which is not listed as a bool`);
    if (kernel.kind === 'scan') for (const inside of kernel.kernels) if (inside.when !== undefined) yield complaint('a kernel inside of it has a condition of its own');
    const own = known.get(kernel);
    if (own === undefined) continue;
    for (const [buffer, demand] of wantedReads(kernel, conditions)) {
      const made = written.get(buffer);
      if (made !== undefined && !implies(both(own, demand), made.when)) yield complaint(`${buffer.name} is read, which ${made.by} does not write in every step in which that is wanted`);
    }
    for (const buffer of kernelAccesses(kernel).writes) {
      const before = written.get(buffer);
      if (buffer.place.kind === 'output' && when !== undefined) yield complaint(`${buffer.name} is not written in every step`);
      if (buffer.place.kind !== 'variable') written.set(buffer, { when: before === undefined ? own : both(before.when, own), by: name });
    }
  }
}
