/** What `printProgram` shows; it is loaded when somebody asks. */
import type { Program } from '@pappus/compiler';
import { formatProgram } from '@pappus/compiler/print';
import { disassemble } from '../wasm/disassemble.js';

/** @param module its code, where that is wanted */
export function textOf(program: Program, module?: Uint8Array): string {
  if (module === undefined) return formatProgram(program);
  return formatProgram(program, { code: { language: `WebAssembly, ${module.length} bytes`, text: disassemble(module) } });
}
