/** The rule for kernels that run in some steps alone: what they leave is not read in others. */
import { ALWAYS, both, type Condition, Conditions, either, implies, negated, NEVER } from '../kernels/condition.js';
import { bodyBuffers, kernelAccesses } from '../kernels/accesses.js';
import type { Body, Buffer, Kernel, Program, ScanKernel, Segment } from '../kernels/kernel.js';
import { kernelNames } from '../kernels/kernel-names.js';
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
    for (const [buffer, demand] of demandOf(kernel, conditions)) {
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

/** Code of a kernel: what of it is wanted when the kernel runs, and the tensors that it runs over in place of its own. */
interface Code {
  readonly body: Body;
  readonly wanted: readonly number[];
  readonly segments?: readonly Segment[];
}

function codeOf(kernel: Exclude<Kernel, ScanKernel>): readonly Code[] {
  const stored = (body: Body): Code => ({ body, wanted: body.stores.map(({ value }) => value) });
  const last = (body: Body): Code => ({ body, wanted: [body.instructions.length - 1] });
  switch (kernel.kind) {
    case 'elementwise':
      return [{ ...stored(kernel.body), segments: kernel.segments }];
    case 'reduce':
      return [...kernel.parts.map(({ body, values, segments }) => ({ body, wanted: values, segments })), stored(kernel.epilogue)];
    case 'matmul':
      return [last(kernel.left), last(kernel.right), stored(kernel.epilogue)];
    case 'scatter':
      return [{ body: kernel.body, wanted: [kernel.index, ...stored(kernel.body).wanted] }];
  }
}

/** Where the value matters that a kernel reads from a buffer. */
function demandOf(kernel: Kernel, conditions: Conditions): ReadonlyMap<Buffer, Condition> {
  if (kernel.kind === 'scan') return new Map(kernelAccesses(kernel).reads.map((buffer) => [buffer, ALWAYS]));
  const demand = new Map<Buffer, Condition>();
  const add = (buffer: Buffer | undefined, condition: Condition): void => {
    if (buffer !== undefined) demand.set(buffer, either(demand.get(buffer) ?? NEVER, condition));
  };
  for (const { body, wanted, segments } of codeOf(kernel)) {
    const own = bodyBuffers(body);
    for (const [buffer, condition] of loadsOf(body, wanted, conditions)) {
      if (segments === undefined) add(buffer, condition);
      else for (const { buffers } of segments) add(buffers[own.indexOf(buffer)], condition);
    }
  }
  return demand;
}

/** Where the values matter that a body loads: not in the branch of a `where` that a scalar of the host does not choose. */
function loadsOf({ instructions }: Body, roots: readonly number[], conditions: Conditions): ReadonlyMap<Buffer, Condition> {
  const wanted = instructions.map(() => NEVER);
  const want = (at: number, condition: Condition): void => {
    wanted[at] = either(wanted[at] ?? NEVER, condition);
  };
  for (const root of roots) want(root, ALWAYS);
  const loads = new Map<Buffer, Condition>();
  for (let k = instructions.length - 1; k >= 0; k--) {
    const instruction = instructions[k];
    const own = wanted[k] ?? NEVER;
    if (instruction?.kind === 'load' || instruction?.kind === 'gather') {
      const { buffer } = instruction.access;
      loads.set(buffer, either(loads.get(buffer) ?? NEVER, own));
      if (instruction.kind === 'gather') want(instruction.index, own);
    }
    if (instruction?.kind !== 'apply') continue;
    const selector = instructions[instruction.args[0] ?? -1];
    const choice = instruction.op === 'where' && selector?.kind === 'uniform' ? conditions.of(selector.index) : undefined;
    for (const [at, arg] of instruction.args.entries()) want(arg, choice === undefined || at === 0 ? own : both(own, at === 1 ? choice : negated(choice)));
  }
  return loads;
}
