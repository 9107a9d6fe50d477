// What printProgram shows of a training step: the fused update of Adam, in full.
import { describe, expect, it } from 'vitest';
import { adam, compile, cpu, input, printProgram, variable, zeros } from '../src/index.js';

describe('printProgram', () => {
  it('shows the update of Adam as one kernel over all parameters', async () => {
    const w = variable(zeros([784, 10]), { name: 'w' });
    const b = variable(zeros([10]), { name: 'b' });
    const grads = { dw: input('float32', [784, 10], 'dw'), db: input('float32', [10], 'db') };
    const learningRate = variable(1e-3, { name: 'learningRate' });
    const train = await compile({ inputs: grads, updates: adam([grads.dw, grads.db], [w, b], { learningRate }) }, await cpu());
    expect(await printProgram(train)).toBe(`\
1 kernel; 125,600 bytes: 94,200 of variables, 31,400 of inputs

buffers:
  'adam/m/w'  float32  7,840  31,360 bytes  variable
  'adam/v/w'  float32  7,840  31,360 bytes  variable
  w           float32  7,840  31,360 bytes  variable
  'adam/m/b'  float32     10      40 bytes  variable
  'adam/v/b'  float32     10      40 bytes  variable
  b           float32     10      40 bytes  variable
  dw          float32  7,840  31,360 bytes  input
  db          float32     10      40 bytes  input
  side by side: 'adam/m/w', 'adam/m/b'
  side by side: 'adam/v/w', 'adam/v/b'
  side by side: w, b

host scalars, in float64, before the kernels:
  s0 = div(mul(learningRate, sqrt(neg(expm1(mul(add(minimum(adam/t, 2147483646), 1), -0.0010005003335835344))))), neg(expm1(mul(add(minimum(adam/t, 2147483646), 1), -0.10536051565782628)))) as float32

k0 update: elementwise, in place: 'adam/m/w', 'adam/v/w', w
  for i < size, in each of 2 segments:
    v0 = 'adam/m/w'[i]
    v1 = mul(0.9, v0)
    v2 = dw[i]
    v3 = mul(0.1, v2)
    v4 = add(v1, v3)
    v5 = 'adam/v/w'[i]
    v6 = mul(0.999, v5)
    v7 = mul(v2, v2)
    v8 = mul(0.001, v7)
    v9 = add(v6, v8)
    v10 = w[i]
    v11 = mul(s0, v4)
    v12 = sqrt(v9)
    v13 = add(v12, 1e-8)
    v14 = div(v11, v13)
    v15 = sub(v10, v14)
    'adam/m/w'[i] = v4
    'adam/v/w'[i] = v9
    w[i] = v15
  segments, of 'adam/m/w', dw, 'adam/v/w', w:
    size 7840: 'adam/m/w', dw, 'adam/v/w', w
    size 10: 'adam/m/b', db, 'adam/v/b', b

on the host, after the kernels:
  adam/t = add(minimum(adam/t, 2147483646), 1) as int32
`);
  });
});
