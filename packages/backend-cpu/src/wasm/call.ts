/** Calls of a module's own functions. */
import { CONTROL } from './control.js';
import type { Value, ValueType } from './instructions.js';
import type { WasmFunction } from './module.js';

/** A call as a value. */
export function call<R extends ValueType>(callee: WasmFunction<R>, ...args: readonly Value[]): Value<R> {
  return {
    type: callee.result,
    emit: (out) => {
      for (const arg of args) arg.emit(out);
      out.byte(CONTROL.call);
      out.unsigned(callee.index);
    },
  };
}
