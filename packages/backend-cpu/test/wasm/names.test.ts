// Profilers and traces of the stack show functions by the names in the module: those of kernels, and of what kernels call.
import { kernelNames } from '@pappus/compiler';
import { describe, expect, it } from 'vitest';
import { ByteSource } from '../../src/wasm/decoding.js';
import { i32 } from '../../src/wasm/instructions.js';
import { ModuleBuilder } from '../../src/wasm/module.js';
import { moduleOf, programOf, SPECS } from './modules.js';

/** The names of functions by index, from the custom section that engines read. */
function functionNames(code: Uint8Array<ArrayBuffer>): string[] {
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(code), 'name');
  if (section === undefined) throw new Error('the module has no section of names');
  const source = new ByteSource(new Uint8Array(section));
  expect(source.byte()).toBe(1);
  source.unsigned();
  return source.list((entry) => {
    entry.unsigned();
    return entry.text();
  });
}

describe('the functions of a module', () => {
  for (const [name, spec] of Object.entries(SPECS)) {
    it.each([{}, { debug: true }])(`carry the names of the kernels: ${name}, with %o`, (options) => {
      const program = programOf(spec);
      const names = functionNames(moduleOf(program, options));
      expect(names).toEqual(expect.arrayContaining([...kernelNames(program.kernels).values(), 'step']));
      expect(new Set(names).size).toBe(names.length);
    });
  }

  it('carry the names of what kernels call', () => {
    expect(functionNames(moduleOf(programOf(SPECS['elementary functions in float64'] ?? {})))).toContain('remainder f64x2');
    expect(functionNames(moduleOf(programOf(SPECS['large products'] ?? {})))).toContain('product float32');
  });

  it('are named in the trace of the stack where one traps', () => {
    const module = new ModuleBuilder({ initialPages: 1 });
    const kernel = module.function({ name: 'k3 matmul+add', parameters: ['i32'] }, (f, x) => f.emit(i32.store(i32.divS(x, i32.const(0)), x)));
    module.export('step', module.function({ name: 'step', parameters: ['i32'] }, (f, x) => f.run(kernel, x)));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory: new WebAssembly.Memory({ initial: 1 }) } });
    const { step } = exports;
    if (typeof step !== 'function') throw new Error('no step');
    let stack = '';
    try {
      Reflect.apply(step, undefined, [1]);
    } catch (error) {
      stack = error instanceof Error ? (error.stack ?? '') : '';
    }
    expect(stack).toMatch(/divide by zero[\s\S]*at k3 matmul\+add \(wasm[\s\S]*at step \(wasm/);
  });
});
