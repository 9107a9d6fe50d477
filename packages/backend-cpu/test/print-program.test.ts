// The code that printProgram shows is that of the module that the engine was given.
import { compile, printProgram } from '@pappus/core';
import { describe, expect, it, vi } from 'vitest';
import { cpu } from '../src/index.js';
import { disassemble } from '../src/wasm/disassemble.js';
import { SPECS } from './wasm/modules.js';

describe('printProgram on the CPU', () => {
  for (const [name, { inputs = {}, outputs = {}, updates = [] }] of Object.entries(SPECS)) {
    it.each([{}, { debug: true }])(`shows the kernels and the module of ${name}, with cpu(%o)`, async (options) => {
      const backend = await cpu(options);
      for (const [variable] of updates) await variable.to(backend);
      const instantiate = vi.spyOn(WebAssembly, 'instantiate');
      const f = await compile({ inputs, outputs, updates: new Map(updates) }, backend);
      const [module] = instantiate.mock.lastCall ?? [];
      instantiate.mockRestore();
      if (!(module instanceof Uint8Array)) throw new TypeError('no module was made');
      const plain = await printProgram(f);
      for (const { label } of f.program.kernels) expect(plain).toMatch(new RegExp(`^ *${label.replace(/[.+]/g, '\\$&')}: `, 'm'));
      expect(await printProgram(f, { code: true })).toBe(`${plain}\nWebAssembly, ${module.length} bytes:\n\n${disassemble(module)}`);
    });
  }
});
