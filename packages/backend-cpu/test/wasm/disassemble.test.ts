// The text of a module is that of the module: an assembler that others wrote makes the same bytes of it.
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { disassemble } from '../../src/wasm/disassemble.js';
import * as tables from '../../src/wasm/instructions.js';
import { ModuleBuilder } from '../../src/wasm/module.js';
import { moduleOf, programOf, SPECS } from './modules.js';

const { parseWat } = await wabt();

/** Everything but custom sections, with their ids and sizes. */
function sections(code: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 8; at < code.length; ) {
    const start = at++;
    let size = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = code[at++] ?? 0;
      size += (byte & 127) * scale;
      if (byte < 128) break;
    }
    at += size;
    if (code[start] !== 0) found.push(code.slice(start, at));
  }
  return found;
}

function assembled(text: string): Uint8Array {
  const module = parseWat('program.wat', text, { simd: true, relaxed_simd: true, threads: true });
  return module.toBinary({ canonicalize_lebs: true, write_debug_names: true }).buffer;
}

describe('the text of a module', () => {
  for (const [name, spec] of Object.entries(SPECS)) {
    it.each([{}, { debug: true }, { relaxed: true }])(`of ${name} assembles to the same bytes, with %o`, (options) => {
      const code = moduleOf(programOf(spec), options);
      expect(sections(assembled(disassemble(code)))).toEqual(sections(code));
    });
  }

  it('has every instruction of the table by the name that others know it by', () => {
    const module = new ModuleBuilder({ initialPages: 1, maximumPages: 2, shared: true });
    const nothing = { type: 'i32', emit: () => undefined };
    let rows = 0;
    const all = module.function({ name: 'all', parameters: [] }, (f) => {
      for (const value of Object.values(tables).flatMap((table): unknown[] => (typeof table === 'function' ? [table] : Object.values(table)))) {
        if (typeof value !== 'function' || !('immediates' in value)) continue;
        const emitted: unknown = Reflect.apply(value, undefined, operandsOf(value.immediates, value.length));
        if (!isEmitted(emitted)) throw new TypeError('a row of the table emits nothing');
        f.emit(emitted);
        rows++;
      }
    });
    module.export('all', all);
    function operandsOf(immediates: unknown, count: number): unknown[] {
      const operands = (n: number): unknown[] => Array<unknown>(n).fill(nothing);
      switch (immediates) {
        case 'none':
          return operands(count);
        case 'address':
          return [...operands(count), 200];
        case 'address lane':
          return [nothing, nothing, 1, 200];
        case 'lane':
          return count === 2 ? [nothing, 1] : [nothing, 1, nothing];
        case 'i32':
          return [-300];
        case 'i64':
          return [-(2n ** 40n)];
        case 'f32':
          return [-0.1];
        case 'f64':
          return [-1e300];
        default:
          return count === 1 ? [Uint8Array.from({ length: 16 }, (_, k) => 16 * k)] : [nothing, nothing, Array.from({ length: 16 }, (_, k) => 2 * k)];
      }
    }
    const code = module.encode();
    expect(rows).toBeGreaterThan(200);
    expect(sections(assembled(disassemble(code)))).toEqual(sections(code));
  });
});

function isEmitted(value: unknown): value is { readonly emit: () => void } {
  return typeof value === 'object' && value !== null && 'emit' in value && typeof value.emit === 'function';
}
