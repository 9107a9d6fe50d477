/** What `printProgram` shows; it is loaded when somebody asks. */
import type { Program } from '@pappus/compiler';
import { formatProgram } from '@pappus/compiler/print';
import { LAYOUT } from './windows.js';

/** A shader, and the kernel that it is of. */
interface KernelShader {
  readonly kernel: string;
  readonly source: string;
}

/** @param shaders its code, where that is wanted */
export function textOf(program: Program, shaders?: readonly KernelShader[]): string {
  return formatProgram(program, shaders === undefined ? LAYOUT : { ...LAYOUT, code: { language: 'WGSL', text: shaderText(shaders) } });
}

/** Each text once, behind the names of the kernels that run it. */
function shaderText(shaders: readonly KernelShader[]): string {
  const kernelsOf = new Map<string, Set<string>>();
  for (const { kernel, source } of shaders) kernelsOf.set(source, (kernelsOf.get(source) ?? new Set()).add(kernel));
  return Array.from(kernelsOf, ([source, kernels]) => `// ${[...kernels].join(', ')}\n${source}`).join('\n');
}
