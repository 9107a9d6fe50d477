/** What a compiled function runs, as text. */
import type { PrintOptions } from './backend.js';
import type { CompiledFunction } from './compile.js';
import { BackendError, GraphError } from '../errors.js';
import { checkOptions, option } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { type Step, steps } from './step.js';
import { isThenable } from '../values/values.js';

/**
 * Shows what a compiled function runs: every kernel with its name, its axes, the operations that are fused in it and what it overwrites
 * in place; the buffers with their dtypes, sizes, bytes and places; the scalars that the host computes before and after the kernels. Where
 * dimensions are open there is a program for each combination of sizes: shown is the one that ran last. The same program has the same text.
 *
 * @param options `code`: whether what the backend made of it follows, as WebAssembly text or WGSL. Default false.
 * @returns the text, whose makers are loaded when this is called
 * @throws {GraphError} if it is no compiled function, or nothing was compiled yet, as sizes of open dimensions are not known
 * @throws {BackendError} if its backend has no program to show, as the interpreter
 * @throws {InputError} for an option that there is not
 * @throws {DisposedError} if the function was disposed of
 * @example console.log(await printProgram(train, { code: true }));
 */
export async function printProgram<I, O>(compiled: CompiledFunction<I, O>, options?: PrintOptions): Promise<string> {
  const checked = checkOptions('printProgram', options, { code: option.flag });
  const { executable } = stepOf(compiled);
  if (executable.print === undefined) {
    throw new BackendError(
      `printProgram: the backend ${compiled.backend.name} has no program to show; compile for another one, as await cpu(), or show the graph itself with print(...)`,
    );
  }
  return executable.print(checked);
}

function stepOf(value: unknown): Step {
  const step = typeof value === 'function' ? steps.get(value) : undefined;
  if (step !== undefined) return step;
  const advice = isThenable(value) ? 'a promise; await it first' : `${show(value)}${typeof value === 'function' ? ' that this copy of @pappus/core has not compiled' : ''}`;
  throw new GraphError(`printProgram: takes a function that compile has answered, not ${advice}`);
}
