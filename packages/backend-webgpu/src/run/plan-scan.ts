/**
 * The dispatches of a scan. From step to step only the parts of the stacks move that its kernels reach, so that a kernel is
 * planned once, bound to all that it reaches in any step, and given in each where its parts begin.
 */
import { type Buffer, itemAt, type Kernel, kernelAccesses, type ScanKernel, segmentedParts, type Slice } from '@pappus/compiler';
import { BackendError } from '@pappus/core';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { LateMemory, type Place } from '../device/memory.js';
import type { Dispatch, PlanContext } from './dispatch.js';

type Plan = (kernel: Kernel, context: PlanContext) => readonly Dispatch[];

/** The dispatches of a kernel at a step. */
type AtStep = (step: number) => readonly Dispatch[];

export function planScan({ kernels, count, slices }: ScanKernel, context: PlanContext, plan: Plan): Dispatch[] {
  const moving = new Map(slices.map((slice) => [slice.buffer, slice]));
  const plans = kernels.map((kernel) => planAtSteps(kernel, count, moving, context, plan));
  return Array.from({ length: count }, (_, step) => plans.flatMap((at) => at(step))).flat();
}

function planAtSteps(kernel: Kernel, count: number, moving: ReadonlyMap<Buffer, Slice>, context: PlanContext, plan: Plan): AtStep {
  const byStep: AtStep = (step) => plan(kernel, contextAt(step, moving, context));
  const { reads, writes } = kernelAccesses(kernel);
  const moves = [...reads, ...writes].some((buffer) => moving.has(buffer));
  if (kernel.kind === 'scan' || (moves && dependsOnPlaces(kernel))) return byStep;
  const bytes = ({ stride, buffer }: Slice): number => stride * ELEMENT_BYTES[buffer.dtype] * (count - 1);
  const offsetRange = (buffer: Buffer): readonly [number, number] => {
    const slice = moving.get(buffer);
    const [low, high] = context.offsetRange(buffer);
    return slice === undefined ? [low, high] : [Math.min(0, bytes(slice)), Math.max(0, bytes(slice))];
  };
  const inAllSteps = (): readonly Dispatch[] | undefined => {
    try {
      return plan(kernel, { ...contextAt(0, moving, context), offsetRange, gathered: new LateMemory() });
    } catch (error) {
      if (error instanceof BackendError) return undefined;
      throw error;
    }
  };
  // A whole stack may be more than a kernel binds, where a part of it is not.
  const once = moves ? inAllSteps() : plan(kernel, context);
  const tooFar = ({ text, before }: Dispatch): boolean => before.length > 0 || text.types.some(({ pages }) => pages !== undefined);
  if (once === undefined || (moves && once.some(tooFar))) return byStep;
  return (step) => once.map((dispatch) => moved(dispatch, step, moving));
}

/** Whether where its tensors lie decides how a kernel is planned: what runs over several of them joins neighbours. */
function dependsOnPlaces(kernel: Kernel): boolean {
  return segmentedParts(kernel).length > 0 || (kernel.kind === 'reduce' && kernel.parts.length > 1);
}

/** Where tensors are at a step. */
function contextAt(step: number, moving: ReadonlyMap<Buffer, Slice>, context: PlanContext): PlanContext {
  const place = (buffer: Buffer): Place => {
    const slice = moving.get(buffer);
    if (slice === undefined) return context.place(buffer);
    const { memory, offset } = context.place(slice.of);
    return { memory, offset: offset + (slice.start + step * slice.stride) * ELEMENT_BYTES[buffer.dtype] };
  };
  return { ...context, place };
}

/** The dispatch itself where it reaches nothing that moves. */
function moved(dispatch: Dispatch, step: number, moving: ReadonlyMap<Buffer, Slice>): Dispatch {
  const { operands, offsets } = dispatch;
  if (step === 0 || !operands.some((buffer) => moving.has(buffer))) return dispatch;
  return { ...dispatch, offsets: operands.map((buffer, k) => itemAt(offsets, k, 'the offset of operand') + step * (moving.get(buffer)?.stride ?? 0)) };
}
