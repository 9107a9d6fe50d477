// The code that printProgram shows is that of the shaders that the device was given, each behind the kernels that it is of.
import { compile, type Expr, input, printProgram, scan, zeros } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { THOROUGH } from '@pappus/testing/thorough';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../src/index.js';
import { changed, replace } from './watched.js';

const x = input('float32', [300, 40], 'x');
const { outputs } = scan((h: Expr, row: Expr) => ({ carry: h.add(row).tanh(), outputs: h.gt(row) }), { carry: zeros([40]), inputs: x });
const subject = { inputs: { x }, outputs: { y: outputs, z: x.matmul(x.transpose()).exp(), total: x.sum() } };

describe.runIf(adapterOrComplaint('printProgram on WebGPU'))('printProgram on WebGPU', () => {
  it.each(THOROUGH ? [{}, { debug: true }] : [{ debug: true }])('shows the kernels and all shaders, with webgpu(%o)', async (options) => {
    const made: { readonly label: string; readonly code: string }[] = [];
    const gpu = changed((device) => {
      replace(device, 'createShaderModule', (make) => (descriptor) => (made.push({ label: descriptor.label ?? '', code: descriptor.code }), make(descriptor)));
    });
    const backend = await webgpu({ gpu, ...options });
    made.length = 0;
    const f = await compile(subject, backend);
    const plain = await printProgram(f);
    // bool takes a whole word.
    expect(plain).toMatch(/\n {2}y +bool +12,000 +48,000 bytes {2}output\n/);
    const text = await printProgram(f, { code: true });
    const [shown, code = ''] = text.split('\nWGSL:\n\n');
    expect(shown).toBe(plain);
    expect(made.length).toBeGreaterThan(3);
    for (const { label } of made) expect(code).toMatch(new RegExp(`^// ${label.replace(/[.+]/g, '\\$&')}(, k.*)?$`, 'm'));
    for (const { code: source } of made) expect(code).toContain(source);
    expect(code.match(/^fn main\(/gm)).toHaveLength(made.length);
  });

  it('shows the same program as the CPU does', async () => {
    const f = await compile({ inputs: { x }, outputs: { z: x.mul(2).sum(1) } }, await webgpu());
    expect(await printProgram(f)).toBe(`\
1 kernel; 49,200 bytes: 48,000 of inputs, 1,200 of outputs

buffers:
  x  float32  12,000  48,000 bytes  input
  z  float32     300   1,200 bytes  output

k0 sum+mul: reduce
  for i < 300:
    over j < 40:
      v0 = x[40*i + j]
      v1 = mul(v0, 2)
      r0 = sum(v1)
    z[i] = r0
`);
  });
});
