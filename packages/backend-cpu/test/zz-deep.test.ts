import { it } from 'vitest';
import { compile, input, variable, grad, type Expr, add, normal, concat, interpreter, uniform, evaluate, print, describe as desc } from '@pappus/core';
import { cpu } from '../src/index.js';
const log = (...a: any[]) => process.stderr.write(a.join(' ') + '\n');
const cases: Record<string, () => any> = {
  rec: () => (n: number) => { const x = variable([0.1, 0.2, 0.3, 0.4]); let h: Expr = variable([0.5, 0.1, -0.3, 0.2]); const h0 = h; for (let i = 0; i < n; i++) h = h.mul(0.5).add(x).tanh(); const loss = h.sum(); const [gx, gh] = grad(loss, [x, h0]); return { outputs: { loss, gx, gh } }; },
  chain: () => (n: number) => { const x = variable([0.1, 0.2, 0.3, 0.4]); let h: Expr = x; for (let i = 0; i < n; i++) h = i % 2 ? h.mul(0.999) : h.add(0.001); return { outputs: { h } }; },
  sum: () => (n: number) => { const xs = Array.from({ length: n }, (_, k) => variable([k, 1, 2])); return { outputs: { s: xs.reduce((a: Expr, b) => a.add(b), xs[0]!) } }; },
  normals: () => (n: number) => { let s: Expr = variable([0, 0, 0, 0, 0]); for (let i = 0; i < n; i++) s = s.add(normal([5], { seed: i, step: input0, std: 1 } as any)); return { inputs: { step: input0 }, outputs: { s } }; },
  pow64: () => (n: number) => { const x = variable([1.0001, 1.1, 0.9], { dtype: 'float64' } as any); let s: Expr = x; for (let i = 0; i < n; i++) s = s.mul(0.5).add(x.pow(s)); return { outputs: { s } }; },
  madd: () => (n: number) => { const x = variable([0.1, 0.2, 0.3]); const y = variable([1, 2, 3]); let h: Expr = x; for (let i = 0; i < n; i++) h = h.mul(y.mul(1 / (i + 2))).add(x); return { outputs: { h } }; },
  matmul: () => (n: number) => { const w = variable([[0.5, 0.1], [0.2, 0.4]]); let h: Expr = variable([[1, 2], [3, 4]]); for (let i = 0; i < n; i++) h = h.matmul(w).add(0.5); const loss = h.sum(); return { outputs: { loss, g: grad(loss, w) } }; },
  concat: () => (n: number) => { const xs = Array.from({ length: n }, (_, k) => variable([k, 1])); const c = concat(xs.map((x) => x.mul(2))); const loss = c.square().sum(); return { outputs: { c, g: grad(loss, xs[3]!) } }; },
  slices: () => (n: number) => { let x: Expr = variable({ data: Float32Array.from({ length: n + 5 }, (_, k) => k), shape: [n + 5] }); const x0 = x; for (let i = 0; i < n; i++) x = x.slice([1, null]); const loss = x.square().sum(); return { outputs: { x, g: grad(loss, x0) } }; },
  views: () => (n: number) => { let x: Expr = variable({ data: Float32Array.from({ length: 12 }, (_, k) => k), shape: [3, 4] }); const x0 = x; for (let i = 0; i < n; i++) x = (i % 3 === 0 ? x.transpose() : i % 3 === 1 ? x.slice([null, null, -1]) : x.slice(null, [null, null, -1])); const loss = x.square().sum(); return { outputs: { x, g: grad(loss, x0) } }; },
  balanced: () => (n: number) => { const a = variable([0.1, 0.2]); let l: Expr[] = Array.from({ length: n }, (_, k) => a.mul(k)); while (l.length > 1) l = l.flatMap((x, k) => k % 2 ? [] : [l[k + 1] ? x.mul(0.5).add(l[k + 1]!) : x]); return { outputs: { r: l[0]!, g: grad(l[0]!.sum(), a) } }; },
  right: () => (n: number) => { const a = variable([0.1, 0.2]); let h: Expr = a; for (let i = 0; i < n; i++) h = a.mul(1 / (i + 1)).sub(h); return { outputs: { h, g: grad(h.sum(), a) } }; },
  where: () => (n: number) => { const a = variable([0.1, 0.2]); let h: Expr = a; for (let i = 0; i < n; i++) h = h.gt(0.53).where(h.mul(0.37), h.add(a)); return { outputs: { h, g: grad(h.sum(), a) } }; },
  host: () => (n: number) => { const a = variable(0.1); let h: Expr = a; for (let i = 0; i < n; i++) h = h.mul(0.5).add(a).tanh(); const w = variable([1, 2]); return { outputs: { h, g: grad(h, a) }, updates: [new Map([[w, w.mul(h)]])] }; },
  scalars: () => (n: number) => { const w = variable([1, 2]); const a = w.sum(); let h: Expr = a; for (let i = 0; i < n; i++) h = h.mul(0.5).add(a).tanh(); return { outputs: { h, g: grad(h, w) } }; },
  reds: () => (n: number) => { const a = variable([0.1, 0.2, 0.3]); let s: Expr = a.sum(); for (let i = 1; i < n; i++) s = s.add(i % 2 ? a.mul(i).tanh().sum() : a.add(i).sin().sum()); return { outputs: { s, g: grad(s, a) } }; },
  params: () => (n: number) => { const ws = Array.from({ length: n }, (_, k) => variable(k % 3 ? [k, 1] : k)); let loss: Expr = ws[0]!.square(); for (const w of ws.slice(1)) loss = loss.add(w.square().sum()); const g = grad(loss, ws); return { outputs: { loss }, updates: [new Map(ws.map((w, k) => [w, w.sub(g[k]!.mul(0.1))]))] }; },
};
const input0 = input('int32', [], 'step');
it('deep', async () => {
  const backend = await cpu();
  for (const spec of (process.env.CASES ?? '').split(',')) {
    const [name, n] = spec.split(':');
    const t0 = performance.now();
    const g = cases[name!]!()(Number(n));
    const t1 = performance.now();
    try {
      const f = await compile(g, backend);
      const given: any = name === 'normals' ? { step: 3 } : {};
      await f(given);
      const t2 = performance.now();
      const out = await f(given);
      const t3 = performance.now();
      const values: any = {};
      for (const [k, o] of Object.entries(out)) values[k] = (await (o as any).read()).slice(0, 3).join();
      log(spec, 'build', (t1 - t0).toFixed(0), 'compile', (t2 - t1).toFixed(0), 'run', (t3 - t2).toFixed(1), 'kernels', f.program.kernels.length, 'code', f.program.bytes.code, 'temps', f.program.bytes.temporaries, JSON.stringify(values));
      if (process.env.REF) { const r = await compile(cases[name!]!()(Number(n)), interpreter()); const o: any = await r(given); const vs: any = {}; for (const [k, v] of Object.entries(o)) vs[k] = (await (v as any).read()).slice(0, 3).join(); log('   ref', JSON.stringify(vs)); }
    } catch (e: any) { log(spec, 'FAILED', (performance.now() - t1).toFixed(0), String(e.stack).slice(0, 600)); }
  }
}, 1e9);
