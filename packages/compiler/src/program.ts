/** The way from a computation to a program: the passes in the order in which they run, each from one form to the next. */
import type { Expr } from '@pappus/core';
import { type Computation } from '@pappus/core/backend';
import { LARGEST_BODY } from './choose/body-size.js';
import type { BufferTable } from './emit/buffers.js';
import { choose } from './choose/choose.js';
import { demand } from './choose/demand.js';
import { emit } from './emit/emit.js';
import type { Buffer, Kernel, Program, ProgramOutput } from './kernels/kernel.js';
import { kernelUniforms } from './kernels/kernel-parts.js';
import { type LoweredComputation, lower } from './lower/lower.js';
import { type MemoryLayout, planMemory } from './memory/memory.js';
import { collapseNests, mergeElementwise } from './rewrite/merge.js';
import { eagerly } from './rewrite/order.js';
import { isHosted, withoutReshapes } from './choose/realize.js';
import { schedule } from './schedule/schedule.js';
import type { Tensor } from './lower/tensor.js';
import { type GivenNames, outputName } from './lower/tensor-names.js';
import { checkComputation } from './lower/version.js';

/** The passes after which there are kernels. */
export type KernelPass = 'emit' | 'collapse' | 'merge' | 'order';

/** Options of `compileProgram`. */
export interface ProgramOptions extends MemoryLayout {
  /** The most code of one body of a kernel, in additions. Default 1000. */
  readonly largestBody?: number;
  /** Whether operations are computed together. If not, each is a kernel of its own, to see which one is wrong. Default true. */
  readonly fuse?: boolean | undefined;
  /** Whether single float64 numbers that the host cannot have, since they depend on tensors, are float32: for devices without float64. Default false. */
  readonly narrow?: boolean;
  /** Is shown the kernels after every pass: for checks and listings. */
  readonly inspect?: (pass: KernelPass, kernels: readonly Kernel[]) => void;
  /** Is told which expressions' values buffers hold once their kernels have run: to compare them with the interpreter's. */
  readonly origins?: (values: ReadonlyMap<Buffer, Expr>) => void;
}

/**
 * Compiles a computation for given sizes of its open dimensions, for any backend.
 *
 * @throws {BackendError} if it is of another version of the graph, of another copy of core, or has an operation that this compiler does not know
 */
export function compileProgram(computation: Computation, sizes: ReadonlyMap<string, number>, options: ProgramOptions = {}): Program {
  const { largestBody = LARGEST_BODY, fuse = true, narrow, inspect, origins } = options;
  checkComputation(computation, sizes);
  const seen = (pass: KernelPass, kernels: readonly Kernel[]): readonly Kernel[] => {
    inspect?.(pass, kernels);
    return kernels;
  };

  const lowered = lower(computation, sizes, narrow); //                              expressions -> tensors of known sizes, simplified; scalars to the host
  const needed = demand(lowered); //                                               what nobody needs unless a scalar of the host says so
  const chosen = choose({ ...lowered, ...needed, hosts: true, largestBody, fuse }); // which tensors have memory, and what each reads
  const scheduled = schedule(chosen); //                                           which of them a kernel computes together
  const { kernels: emitted, buffers, placeOf } = emit(scheduled, namesOf(computation, lowered), lowered.graph.host); // kernels: code, indices, what is written in place
  const collapsed = seen('collapse', collapseNests(seen('emit', emitted))); //     as few axes as the code allows
  const merged = seen('merge', mergeElementwise(collapsed, lowered.graph.host, fuse)); //              one kernel for all tensors of one rule
  const kernels = seen('order', eagerly(merged)); //                               soonest where memory becomes free
  const { offsets, bytes, arenas } = planMemory(kernels, options); //              where temporaries lie

  origins?.(originsOf(computation, lowered, buffers, placeOf));
  return {
    kernels,
    buffers: buffers.all,
    variables: lowered.variables,
    host: lowered.graph.host,
    uniforms: uniformsOf(kernels),
    outputs: outputsOf(lowered, buffers),
    hostUpdates: hostUpdatesOf(lowered),
    temporaries: { offsets, bytes },
    arenas,
  };
}

/** What inputs, outputs, variables and values between are called. */
function namesOf({ inputs, outputs }: Computation, { variables, graph }: LoweredComputation): GivenNames {
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
  return { inputs: names(inputs), outputs: names(outputs), variables: names(variables), values: graph.names };
}

/** The expression whose value a buffer holds, of each that a kernel computes as a whole. */
function originsOf({ outputs, updates }: Computation, { tensors }: LoweredComputation, buffers: BufferTable, placeOf: (tensor: Tensor) => Buffer | undefined): ReadonlyMap<Buffer, Expr> {
  const values = new Map<Buffer, Expr>();
  for (const [expr, tensor] of tensors) {
    const buffer = placeOf(withoutReshapes(tensor));
    if (buffer !== undefined && !values.has(buffer)) values.set(buffer, expr);
  }
  const roots = new Map<string, Expr>([...outputs.map(({ expr }, k) => [`output ${k}`, expr] as const), ...updates.map(({ variable, expr }) => [`variable ${variable.id}`, expr] as const)]);
  for (const buffer of buffers.all) {
    const { place } = buffer;
    const root = place.kind === 'output' ? roots.get(`output ${place.position}`) : place.kind === 'variable' ? roots.get(`variable ${place.variable.id}`) : undefined;
    if (root !== undefined) values.set(buffer, root);
  }
  return values;
}

/** The host scalars that kernels read. */
function uniformsOf(kernels: readonly Kernel[]): Program['uniforms'] {
  const found = new Map<string, Program['uniforms'][number]>();
  for (const uniform of kernels.flatMap(kernelUniforms)) found.set(`${uniform.index} ${uniform.dtype}`, uniform);
  return [...found.values()];
}

/** Where each output is: in a buffer, or a scalar of the host. */
function outputsOf({ outputs, graph }: LoweredComputation, buffers: BufferTable): ProgramOutput[] {
  return outputs.map((tensor, position): ProgramOutput => {
    const { shape, dtype } = tensor;
    const plain = withoutReshapes(tensor);
    const name = outputName(buffers.given, position);
    if (plain.op.kind === 'host' && isHosted(plain)) return { kind: 'host', name, index: plain.op.index, shape, dtype };
    if (plain.op.kind === 'constant') return { kind: 'host', name, index: graph.host.constant(plain.op.value), shape, dtype };
    return { kind: 'buffer', buffer: buffers.output(position, dtype, shape.reduce((a, b) => a * b, 1)), shape, dtype };
  });
}

/** The scalar variables that the host updates by itself. */
function hostUpdatesOf({ updates, graph }: LoweredComputation): Program['hostUpdates'] {
  return updates.flatMap(({ variable, value }) => {
    const plain = withoutReshapes(value);
    if (variable.shape.length > 0) return [];
    if (plain.op.kind === 'host') return [{ variable, index: plain.op.index }];
    return plain.op.kind === 'constant' ? [{ variable, index: graph.host.constant(plain.op.value) }] : [];
  });
}
