/** The dispatch of a routine: a workgroup, or a thread, for every item. Only programs that have a routine load this. */
import { itemAt, type RoutineKernel } from '@pappus/compiler';
import { emitRoutine, itemsOfGroup } from '../codegen/routine/index.js';
import { bind, type Dispatch, type PlanContext, whole } from './dispatch.js';

export function planRoutine(kernel: RoutineKernel, context: PlanContext): Dispatch[] {
  const { items, code, buffers } = kernel;
  if (items === 0) return [];
  const written = new Set(buffers.filter((_, k) => itemAt(code.arrays, k, 'array').role !== 'operand'));
  const operands = [...new Set(buffers)];
  const windows = operands.map((buffer) => whole(buffer, context, written.has(buffer)));
  return [
    bind(windows, operands, 0, context, (bindings) => ({
      text: emitRoutine(kernel, bindings, operands),
      groups: Math.ceil(items / itemsOfGroup(kernel)),
      numbers: { count: items },
      table: [],
    })),
  ];
}
