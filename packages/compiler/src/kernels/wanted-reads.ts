/** Where it matters what a kernel reads: not in the branch of a `where` that a scalar of the host does not choose. */
import { bodyBuffers, kernelAccesses } from './accesses.js';
import { ALWAYS, both, type Condition, type Conditions, either, negated, NEVER } from './condition.js';
import type { Body, Buffer, Kernel, RoutineKernel, ScanKernel, Segment } from './kernel.js';

/** Whether a kernel that overwrites a buffer, in some steps alone, does so in none in which it matters what another one reads of it. */
export function neverMeet(reader: Kernel, writer: Kernel, buffer: Buffer, conditions: Conditions): boolean {
  if (writer.when === undefined) return false;
  const written = conditions.of(writer.when);
  const runs = reader.when === undefined ? ALWAYS : conditions.of(reader.when);
  if (written === undefined || runs === undefined) return false;
  return both(written, both(runs, wantedReads(reader, conditions).get(buffer) ?? ALWAYS)).length === 0;
}

/** Code of a kernel: what of it is wanted when the kernel runs, and the tensors that it runs over in place of its own. */
interface Code {
  readonly body: Body;
  readonly wanted: readonly number[];
  readonly segments?: readonly Segment[];
}

function codeOf(kernel: Exclude<Kernel, ScanKernel | RoutineKernel>): readonly Code[] {
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

/** Under which condition the value matters that a kernel reads from a buffer, by the buffer; all that it reads is there. */
export function wantedReads(kernel: Kernel, conditions: Conditions): ReadonlyMap<Buffer, Condition> {
  if (kernel.kind === 'scan' || kernel.kind === 'routine') return new Map(kernelAccesses(kernel).reads.map((buffer) => [buffer, ALWAYS]));
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
    const [first] = instruction.args;
    const selector = first === undefined ? undefined : instructions[first];
    const choice = instruction.op === 'where' && selector?.kind === 'uniform' ? conditions.of(selector.index) : undefined;
    for (const [at, arg] of instruction.args.entries()) want(arg, choice === undefined || at === 0 ? own : both(own, at === 1 ? choice : negated(choice)));
  }
  return loads;
}
