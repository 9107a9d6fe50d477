// The WGSL of the main kernels, for reviewers to read; taken from what reaches the device.
import { compile, type Expr, input, iota, scatterAdd, type Variable, variable, zeros } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu, type WebGpuOptions } from '../src/index.js';
import { adaptive, atRest } from './rule.js';
import { changed, replace } from './watched.js';

interface Subject {
  readonly inputs?: Readonly<Record<string, Expr>>;
  readonly outputs?: Readonly<Record<string, Expr>>;
  readonly updates?: ReadonlyMap<Variable, Expr>;
}

async function shadersOf(subject: Subject, options: WebGpuOptions = { subgroups: false }): Promise<string> {
  const sources: string[] = [];
  const gpu = changed((device) => {
    replace(device, 'createShaderModule', (make) => (descriptor) => {
      sources.push(descriptor.code);
      return make(descriptor);
    });
  });
  const backend = await webgpu({ gpu, ...options });
  // Not what the backend asks of the device when it is made.
  sources.length = 0;
  await compile(subject, backend);
  return sources.join('\n// ---\n');
}

describe.runIf(adapterOrComplaint('the text of shaders'))('the shader', () => {
  it('of a loop', async () => {
    const x = input('float32', [1000], 'x');
    expect(await shadersOf({ inputs: { x }, outputs: { y: x.mul(2).add(1) } })).toMatchInlineSnapshot(`
      "@group(0) @binding(0) var<uniform> params: array<vec4u, 2>;
      @group(0) @binding(1) var<storage, read> b0: array<vec4<f32>>;
      @group(0) @binding(2) var<storage, read_write> b1: array<vec4<f32>>;
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        let count = params[0].y;
        let groupInRow = group;
        let id = groupInRow * 256u + local;
        if (id >= count) { return; }
        let at0 = i32(params[0].z);
        let at1 = i32(params[0].w);
        let i0 = i32(id) * 4;
        let first = i0 + i32(params[1].x);
        let v0 = b0[(at0 + first) >> 2u];
        let v1 = vec4<f32>(f32(2));
        let v2 = (v0 * v1);
        let v3 = vec4<f32>(f32(1));
        let v4 = (v2 + v3);
        b1[(at1 + first) >> 2u] = v4;
      }
      "
    `);
  });

  it('of an update of many parameters', async () => {
    const { params, grads } = atRest([300, 7, 64]);
    expect(await shadersOf({ updates: adaptive(grads, params) })).toMatchInlineSnapshot(`
      "@group(0) @binding(0) var<uniform> params: array<vec4u, 2>;
      @group(0) @binding(1) var<storage, read_write> b0: array<vec4<f32>>;
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        let count = params[0].y;
        let groupInRow = group;
        let id = groupInRow * 256u + local;
        if (id >= count) { return; }
        let at0 = i32(params[0].z);
        let at1 = i32(params[0].w);
        let at2 = i32(params[1].x);
        let at3 = i32(params[1].y);
        let i0 = i32(id) * 4;
        let first = i0 + i32(params[1].z);
        let v0 = b0[(at0 + first) >> 2u];
        let v1 = vec4<f32>(f32(0.8999999761581421));
        let v2 = (v0 * v1);
        let v3 = b0[(at1 + first) >> 2u];
        let v4 = vec4<f32>(f32(0.10000000149011612));
        let v5 = (v3 * v4);
        let v6 = (v2 + v5);
        let v7 = b0[(at2 + first) >> 2u];
        let v8 = vec4<f32>(f32(0.9990000128746033));
        let v9 = (v7 * v8);
        let v10 = (v3 * v3);
        let v11 = vec4<f32>(f32(0.0010000000474974513));
        let v12 = (v10 * v11);
        let v13 = (v9 + v12);
        let v14 = b0[(at3 + first) >> 2u];
        let v15 = vec4<f32>(bitcast<f32>(params[1].w));
        let v16 = (v15 * v6);
        let v17 = sqrt(v13);
        let v18 = vec4<f32>(f32(9.99999993922529e-9));
        let v19 = (v17 + v18);
        let v20 = (v16 / v19);
        let v21 = (v14 - v20);
        b0[(at0 + first) >> 2u] = v6;
        b0[(at2 + first) >> 2u] = v13;
        b0[(at3 + first) >> 2u] = v21;
      }
      "
    `);
  });

  it('of an update by a table of segments, where tensors must not run on into each other', async () => {
    const [w, b] = [variable(zeros([300])), variable(zeros([9]))];
    const counted = (v: Variable): Expr => v.add(iota([...v.shape], 0).cast('float32'));
    expect(await shadersOf({ updates: new Map([[w, counted(w)], [b, counted(b)]]) })).toMatchInlineSnapshot(`
      "@group(0) @binding(0) var<uniform> params: array<vec4u, 1>;
      @group(0) @binding(1) var<storage, read_write> b0: array<vec4<f32>>;
      @group(0) @binding(2) var<storage, read> table: array<u32>;
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        var first = 0u;
        var end = params[0].y;
        while (end - first > 1u) {
          let middle = (first + end) / 2u;
          if (table[middle * 3u] <= group) { first = middle; } else { end = middle; }
        }
        let row = first * 3u;
        let groupInRow = group - table[row];
        let count = table[row + 1u];
        let id = groupInRow * 256u + local;
        if (id >= count) { return; }
        let at0 = i32(table[row + 2u]);
        let i0 = i32(id) * 4;
        let v0 = b0[(at0 + i0) >> 2u];
        let v1 = (vec4i(i32(i0)) + vec4i(0, 1, 2, 3) * i32(params[0].z));
        let v2 = vec4<f32>(v1);
        let v3 = (v0 + v2);
        b0[(at0 + i0) >> 2u] = v3;
      }
      "
    `);
  });

  it('of the end of a reduction within subgroups', async () => {
    const x = input('float32', [4, 500], 'x');
    const text = await shadersOf({ inputs: { x }, outputs: { y: x.max(1) } }, { subgroups: true });
    expect(text).toContain('enable subgroups;');
    expect(text.slice(text.indexOf('shared0[local] = total0;'), text.indexOf('if (live'))).toMatchInlineSnapshot(`
      "shared0[local] = total0;
        workgroupBarrier();
        for (var half = 8u; half >= 4u; half = half / 2u) {
          if (member < half) { shared0[local] = maximum(shared0[local], shared0[local + half * 1u]); }
          workgroupBarrier();
        }
        total0 = shared0[local];
        total0 = maximum(total0, subgroupShuffleDown(total0, 2u));
        total0 = maximum(total0, subgroupShuffleDown(total0, 1u));
        "
    `);
  });

  it('of a reduction of what is larger than a binding, in pages', async () => {
    const x = input('float32', [40, 100], 'x');
    const text = await shadersOf({ inputs: { x }, outputs: { y: x.sum(1) } }, { subgroups: false, limits: { maxStorageBufferBindingSize: 8192 } });
    expect(text.slice(text.indexOf('@group(0) @binding(1)'), text.indexOf('var<workgroup>'))).toMatchInlineSnapshot(`
      "@group(0) @binding(1) var<storage, read> b0_0: array<f32>;
      @group(0) @binding(2) var<storage, read> b0_1: array<f32>;
      @group(0) @binding(3) var<storage, read_write> b1: array<f32>;
      fn read0(at: i32) -> f32 {
        switch at >> 11u {
          case 0: { return b0_0[at & 2047]; }
          default: { return b0_1[at & 2047]; }
        }
      }
      "
    `);
    expect(text).toContain('let v0 = read0(at0 + i0 * i32(params[0].w) + i1);');
  });

  // It would run for minutes on a software adapter.
  it('of a reduction of more elements than an i32 counts, which are counted without a sign', async () => {
    const [x, y] = [input('float32', [65_536, 1], 'x'), input('float32', [33_280], 'y')];
    const text = await shadersOf({ inputs: { x, y }, outputs: { max: x.add(y).max() } });
    expect(text.slice(text.indexOf('let begin'), text.indexOf('let v0'))).toMatchInlineSnapshot(`
      "let begin = chunkNumber * 8192u;
        let stop = min(begin + 8192u, 2181038080u);
        for (var e = begin + member; e < stop; e += 256u) {
          var i0_rest = e;
          let i1 = i32(i0_rest % 33280u);
          i0_rest = i0_rest / 33280u;
          let i0 = i32(i0_rest);
          "
    `);
  });

  it('of a reduction', async () => {
    const x = input('float32', [4, 5000], 'x');
    expect(await shadersOf({ inputs: { x }, outputs: { y: x.exp().sum(1) } })).toMatchInlineSnapshot(`
      "@group(0) @binding(0) var<uniform> params: array<vec4u, 3>;
      @group(0) @binding(1) var<storage, read> b0: array<f32>;
      @group(0) @binding(2) var<storage, read_write> b1: array<f32>;
      var<workgroup> shared0: array<f32, 256>;
      var<workgroup> shared0Low: array<f32, 256>;
      fn isNan(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u; }
      fn isNan4(a: vec4<f32>) -> vec4<bool> { return vec4<bool>(isNan(a.x), isNan(a.y), isNan(a.z), isNan(a.w)); }
      fn reduced(x: f32, low: f32) -> vec2f {
        let k = round(x * 1.4426950408889634);
        let r = ((x - k * 0.693145751953125) - k * 0.0000014286068203094173) + low;
        let q = (0.5 + r * (0.16666541993618011 + r * (0.04166628047823906 + r * (0.008366628549993038 + r * 0.0013946538092568517))));
        return vec2f(r + r * r * q, k);
      }
      fn scaled(y: f32, k: i32) -> f32 {
        let half = k >> 1u;
        return y * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((k - half + 127) << 23u);
      }
      fn expWithin(x: f32, low: f32) -> f32 { let e = reduced(x, low); return scaled(1.0 + e.x, i32(e.y)); }
      fn exp_(x: f32) -> f32 { if (isNan(x)) { return x; } return expWithin(clamp(x, -104.0, 89.0), 0.0); }
      fn exp_4(a: vec4<f32>) -> vec4<f32> { return vec4<f32>(exp_(a.x), exp_(a.y), exp_(a.z), exp_(a.w)); }
      fn exact(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) | params[0].x); }
      fn isFinite(a: f32) -> bool { return (bitcast<u32>(a) & 0x7f800000u) != 0x7f800000u; }
      fn isFinite4(a: vec4<f32>) -> vec4<bool> { return vec4<bool>(isFinite(a.x), isFinite(a.y), isFinite(a.z), isFinite(a.w)); }
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        if (group >= params[1].x) { return; }
        let results = params[1].y;
        let tile = group * 1u;
        let chunkNumber = 0u;
        let member = local % 256u;
        let wanted = tile + local / 256u;
        let live = wanted < results;
        let result = min(wanted, results - 1u);
        let at0 = i32(params[0].y);
        let at1 = i32(params[0].z);
        let i0 = i32(result);
        var total0 = 0.0f;
        var low0 = 0.0f;
        var run0 = 0.0f;
        var taken = 0u;
        let begin = chunkNumber * params[1].w;
        let stop = min(begin + params[2].x, params[2].y);
        for (var e = begin + member; e < stop; e += 256u) {
          let i1 = i32(e);
          let v0 = b0[at0 + i0 * i32(params[0].w) + i1];
          let v1 = exp_(v0);
          run0 = run0 + v1;
          taken += 1u;
          if (taken == 8u) {
            taken = 0u;
            let sum0 = exact(total0 + run0);
            let part0 = exact(sum0 - total0);
            low0 += exact(total0 - exact(sum0 - part0)) + exact(run0 - part0);
            total0 = sum0;
            run0 = 0.0;
          }
        }
        let sum0 = exact(total0 + run0);
        let part0 = exact(sum0 - total0);
        low0 += exact(total0 - exact(sum0 - part0)) + exact(run0 - part0);
        total0 = sum0;
        run0 = 0.0;
        shared0[local] = total0;
        shared0Low[local] = low0;
        workgroupBarrier();
        for (var half = 128u; half >= 1u; half = half / 2u) {
          if (member < half) { let joint = exact(total0 + shared0[local + half * 1u]); let share = exact(joint - total0); low0 += shared0Low[local + half * 1u] + (exact(total0 - exact(joint - share)) + exact(shared0[local + half * 1u] - share)); total0 = joint; shared0[local] = total0; shared0Low[local] = low0; }
          workgroupBarrier();
        }
        total0 = shared0[local];
        low0 = shared0Low[local];
        total0 = select(total0, total0 + low0, isFinite(low0));
        if (live && member == 0u) {
          let r0 = total0;
          b1[at1 + i0] = r0;
        }
      }
      "
    `);
  });

  it('of a product', async () => {
    const [a, b, bias] = [input('float32', [64, 100], 'a'), input('float32', [100, 64], 'b'), input('float32', [64], 'bias')];
    expect(await shadersOf({ inputs: { a, b, bias }, outputs: { y: a.matmul(b).add(bias).relu() } })).toMatchInlineSnapshot(`
      "@group(0) @binding(0) var<uniform> params: array<vec4u, 2>;
      @group(0) @binding(1) var<storage, read> b0: array<f32>;
      @group(0) @binding(2) var<storage, read_write> b1: array<f32>;
      fn leftAt(batch: i32, first: i32, second: i32) -> f32 {
        if (first >= 64 || second >= 100) { return f32(0); }
        let at0 = i32(params[0].y);
        let f0 = i32(u32(first));
        let s0 = i32(u32(second));
        let v0 = b0[at0 + f0 * 100 + s0];
        return v0;
      }
      fn rightAt(batch: i32, first: i32, second: i32) -> f32 {
        if (first >= 100 || second >= 64) { return f32(0); }
        let at1 = i32(params[0].z);
        let f0 = i32(u32(first));
        let s0 = i32(u32(second));
        let v0 = b0[at1 + f0 * 64 + s0];
        return v0;
      }
      fn finish(batch: i32, row: i32, column: i32, result: f32) {
        if (row >= 64 || column >= 64) { return; }
        let at2 = i32(params[0].w);
        let at3 = i32(params[1].x);
        let r0 = i32(u32(row));
        let c0 = i32(u32(column));
        let v0 = result;
        let v1 = b0[at2 + c0];
        let v2 = (v0 + v1);
        let v3 = select(0.0f, v2, (v2 > 0.0f) | isNan(v2));
        b1[at3 + r0 * 64 + c0] = v3;
      }
      alias Four = vec4<f32>;
      var<workgroup> left: array<Four, 256>;
      var<workgroup> right: array<Four, 256>;
      fn isNan(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u; }
      fn isNan4(a: vec4<f32>) -> vec4<bool> { return vec4<bool>(isNan(a.x), isNan(a.y), isNan(a.z), isNan(a.w)); }
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        let tiles = 1u * 1u;
        if (group >= tiles * 1u) { return; }
        let batch = i32(group / tiles);
        let leftFirst = i32((group / 1u) % 1u) * 64;
        let rightFirst = i32(group % 1u) * 64;
        let lx = local % 16u;
        let ly = local / 16u;
        var sum0_0 = Four();
        var sum1_0 = Four();
        var sum2_0 = Four();
        var sum3_0 = Four();
        for (var depth = 0; depth < 100; depth += 16) {
          for (var e = local; e < 256u; e += 256u) {
            let v = e / 16u;
            let d = e % 16u;
            let along = leftFirst + i32(v) * 4;
            var four: Four;
            for (var k = 0; k < 4; k += 1) { four[k] = leftAt(batch, along + k, depth + i32(d)); }
            left[d * 16u + v] = four;
          }
          for (var e = local; e < 256u; e += 256u) {
            let v = e % 16u;
            let d = e / 16u;
            let along = rightFirst + i32(v) * 4;
            var four: Four;
            for (var k = 0; k < 4; k += 1) { four[k] = rightAt(batch, depth + i32(d), along + k); }
            right[d * 16u + v] = four;
          }
          workgroupBarrier();
          for (var d = 0u; d < 16u; d += 1u) {
            let l0 = left[d * 16u + ly + 0u];
            let r0 = right[d * 16u + lx + 0u];
            sum0_0 += l0[0] * r0;
            sum1_0 += l0[1] * r0;
            sum2_0 += l0[2] * r0;
            sum3_0 += l0[3] * r0;
          }
          workgroupBarrier();
        }
        for (var row = 0; row < 4; row += 1) {
          switch row {
            case 0: {
              left[ly * 16u + lx + 0u] = sum0_0;
            }
            case 1: {
              left[ly * 16u + lx + 0u] = sum1_0;
            }
            case 2: {
              left[ly * 16u + lx + 0u] = sum2_0;
            }
            default: {
              left[ly * 16u + lx + 0u] = sum3_0;
            }
          }
          workgroupBarrier();
          for (var e = local; e < 1024u; e += 256u) {
            finish(batch, leftFirst + (i32(e / 64u) + (row / 4) * 16) * 4 + row % 4, rightFirst + i32(e % 64u), left[e / 4u][e & 3u]);
          }
          workgroupBarrier();
        }
      }
      "
    `);
  });

  it('of a product of few results and long sums: parts, and what adds them', async () => {
    const [a, b, bias] = [input('float32', [8, 1600], 'a'), input('float32', [1600, 4], 'b'), input('float32', [4], 'bias')];
    expect(await shadersOf({ inputs: { a, b, bias }, outputs: { y: a.matmul(b).add(bias).relu() } })).toMatchInlineSnapshot(`
      "@group(0) @binding(0) var<uniform> params: array<vec4u, 6>;
      @group(0) @binding(1) var<storage, read> b0: array<f32>;
      @group(0) @binding(2) var<storage, read_write> b1: array<f32>;
      fn leftAt(batch: i32, first: i32, second: i32) -> f32 {
        if (first >= i32(params[1].y) || second >= i32(params[1].z)) { return f32(0); }
        let at0 = i32(params[0].y);
        let f0 = i32(u32(first));
        let s0 = i32(u32(second));
        let v0 = b0[at0 + f0 * i32(params[1].x) + s0];
        return v0;
      }
      fn rightAt(batch: i32, first: i32, second: i32) -> f32 {
        if (first >= i32(params[2].w) || second >= i32(params[3].x)) { return f32(0); }
        let at1 = i32(params[1].w);
        let f0 = i32(u32(first));
        let s0 = i32(u32(second));
        let v0 = b0[at1 + f0 * i32(params[2].z) + s0];
        return v0;
      }
      fn finish(share: i32, row: i32, column: i32, result: f32) {
        if (row >= i32(params[3].y) || column >= i32(params[3].z)) { return; }
        b1[i32(params[3].w) + (share * i32(params[3].y) + row) * i32(params[3].z) + column] = result;
      }
      alias Four = vec4<f32>;
      var<workgroup> left: array<Four, 128>;
      var<workgroup> right: array<Four, 128>;
      @compute @workgroup_size(64)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        let tiles = params[4].x * params[4].y;
        if (group >= tiles * params[4].z) { return; }
        let share = i32(group / tiles);
        let batch = share % i32(params[4].w);
        let leftFirst = i32((group / params[4].y) % params[4].x) * 32;
        let rightFirst = i32(group % params[4].y) * 32;
        let lx = local % 8u;
        let ly = local / 8u;
        var sum0_0 = Four();
        var sum1_0 = Four();
        var sum2_0 = Four();
        var sum3_0 = Four();
        var total0_0 = Four();
        var total1_0 = Four();
        var total2_0 = Four();
        var total3_0 = Four();
        let begin = (share / i32(params[5].x)) * i32(params[5].y);
        let stop = min(begin + i32(params[5].z), i32(params[5].w));
        for (var depth = begin; depth < stop; depth += 16) {
          for (var e = local; e < 128u; e += 64u) {
            let v = e / 16u;
            let d = e % 16u;
            let along = leftFirst + i32(v) * 4;
            var four: Four;
            for (var k = 0; k < 4; k += 1) { four[k] = leftAt(batch, along + k, depth + i32(d)); }
            left[d * 8u + v] = four;
          }
          for (var e = local; e < 128u; e += 64u) {
            let v = e % 8u;
            let d = e / 8u;
            let along = rightFirst + i32(v) * 4;
            var four: Four;
            for (var k = 0; k < 4; k += 1) { four[k] = rightAt(batch, depth + i32(d), along + k); }
            right[d * 8u + v] = four;
          }
          workgroupBarrier();
          for (var d = 0u; d < 16u; d += 1u) {
            let l0 = left[d * 8u + ly + 0u];
            let r0 = right[d * 8u + lx + 0u];
            sum0_0 += l0[0] * r0;
            sum1_0 += l0[1] * r0;
            sum2_0 += l0[2] * r0;
            sum3_0 += l0[3] * r0;
          }
          workgroupBarrier();
          if ((depth / 16) % 8 == 7) {
            total0_0 += sum0_0; sum0_0 = Four();
            total1_0 += sum1_0; sum1_0 = Four();
            total2_0 += sum2_0; sum2_0 = Four();
            total3_0 += sum3_0; sum3_0 = Four();
          }
        }
        total0_0 += sum0_0; sum0_0 = Four();
        total1_0 += sum1_0; sum1_0 = Four();
        total2_0 += sum2_0; sum2_0 = Four();
        total3_0 += sum3_0; sum3_0 = Four();
        for (var row = 0; row < 4; row += 1) {
          switch row {
            case 0: {
              left[ly * 8u + lx + 0u] = total0_0;
            }
            case 1: {
              left[ly * 8u + lx + 0u] = total1_0;
            }
            case 2: {
              left[ly * 8u + lx + 0u] = total2_0;
            }
            default: {
              left[ly * 8u + lx + 0u] = total3_0;
            }
          }
          workgroupBarrier();
          for (var e = local; e < 256u; e += 64u) {
            finish(share, leftFirst + (i32(e / 32u) + (row / 4) * 8) * 4 + row % 4, rightFirst + i32(e % 32u), left[e / 4u][e & 3u]);
          }
          workgroupBarrier();
        }
      }

      // ---
      @group(0) @binding(0) var<uniform> params: array<vec4u, 4>;
      @group(0) @binding(1) var<storage, read> b0: array<f32>;
      @group(0) @binding(2) var<storage, read> b1: array<f32>;
      @group(0) @binding(3) var<storage, read_write> b2: array<f32>;
      fn finish(batch: i32, row: i32, column: i32, result: f32) {
        if (row >= i32(params[1].y) || column >= i32(params[1].z)) { return; }
        let at1 = i32(params[0].y);
        let at2 = i32(params[0].z);
        let r0 = i32(u32(row));
        let c0 = i32(u32(column));
        let v0 = result;
        let v1 = b1[at1 + c0];
        let v2 = (v0 + v1);
        let v3 = select(0.0f, v2, (v2 > 0.0f) | isNan(v2));
        b2[at2 + r0 * i32(params[1].w) + c0] = v3;
      }
      fn isNan(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u; }
      fn isNan4(a: vec4<f32>) -> vec4<bool> { return vec4<bool>(isNan(a.x), isNan(a.y), isNan(a.z), isNan(a.w)); }
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let id = (wg.y * grid.x + wg.x) * 256u + local;
        if (id >= params[3].y) { return; }
        let batch = i32(id / (params[3].x * params[2].w));
        let row = i32((id % (params[3].x * params[2].w)) / params[2].w);
        let column = i32(id % params[2].w);
        var total = f32(0);
        for (var part = 0u; part < params[2].y; part += 1u) {
          total += b0[i32(params[2].z) + i32(part * params[2].x + id)];
        }
        finish(batch, row, column, total);
      }
      "
    `);
  });

  it('of additions at computed positions', async () => {
    const x = input('float32', [5, 8], 'x');
    const index = input('int32', [12], 'index');
    const g = input('float32', [12, 8], 'g');
    expect(await shadersOf({ inputs: { x, index, g }, outputs: { y: scatterAdd(x, index, g) } })).toMatchInlineSnapshot(`
      "@group(0) @binding(0) var<uniform> params: array<vec4u, 1>;
      @group(0) @binding(1) var<storage, read_write> b0: array<vec4<f32>>;
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        let count = params[0].y;
        let groupInRow = group;
        let id = groupInRow * 256u + local;
        if (id >= count) { return; }
        let at0 = i32(params[0].z);
        let i0 = i32(id) * 4;
        let first = i0 + i32(params[0].w);
        let v0 = vec4<f32>(0.0f);
        b0[(at0 + first) >> 2u] = v0;
      }

      // ---
      @group(0) @binding(0) var<uniform> params: array<vec4u, 1>;
      @group(0) @binding(1) var<storage, read_write> b0: array<i32>;
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let id = (wg.y * grid.x + wg.x) * 256u + local;
        if (id >= params[0].y) { return; }
        b0[i32(params[0].z) + i32(id)] = -1i;
      }

      // ---
      @group(0) @binding(0) var<uniform> params: array<vec4u, 2>;
      @group(0) @binding(1) var<storage, read> b0: array<i32>;
      @group(0) @binding(2) var<storage, read_write> b1: array<i32>;
      var<workgroup> keys: array<i32, 256>;
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let at0 = i32(params[0].y);
        let at1 = i32(params[0].z);
        let at2 = i32(params[0].w);
        for (var start = 0u; start < params[1].x; start += 256u) {
          let position = start + local;
          var key = -1;
          if (position < params[1].x) {
            let i0 = i32(position);
            let k0 = b0[at0 + i0];
            if (bitcast<u32>(k0) < params[1].z) { key = k0; }
          }
          keys[local] = key;
          workgroupBarrier();
          var isLast = key >= 0;
          if (key >= 0) {
            var earlier = -1;
            for (var k = local; k > 0u; k -= 1u) {
              if (keys[k - 1u] == key) { earlier = i32(start + k - 1u); break; }
            }
            if (earlier < 0) { earlier = b1[at1 + key]; }
            b1[at2 + i32(position)] = earlier;
            for (var k = local + 1u; k < 256u; k += 1u) {
              if (keys[k] == key) { isLast = false; break; }
            }
          }
          storageBarrier();
          workgroupBarrier();
          if (isLast) { b1[at1 + key] = i32(position); }
          storageBarrier();
          workgroupBarrier();
        }
      }

      // ---
      @group(0) @binding(0) var<uniform> params: array<vec4u, 4>;
      @group(0) @binding(1) var<storage, read> b0: array<u32>;
      @group(0) @binding(2) var<storage, read_write> b1: array<f32>;
      @group(0) @binding(3) var<storage, read> b2: array<i32>;
      fn exact(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) | params[0].x); }
      fn isFinite(a: f32) -> bool { return (bitcast<u32>(a) & 0x7f800000u) != 0x7f800000u; }
      fn isFinite4(a: vec4<f32>) -> vec4<bool> { return vec4<bool>(isFinite(a.x), isFinite(a.y), isFinite(a.z), isFinite(a.w)); }
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let id = (wg.y * grid.x + wg.x) * 256u + local;
        if (id >= params[2].y) { return; }
        let at0 = i32(params[0].y);
        let at1 = i32(params[0].z);
        let at2 = i32(params[0].w);
        let at3 = i32(params[1].x);
        let at4 = i32(params[1].y);
        let begin = id / params[1].w;
        var to = -1;
        {
          let i0 = i32(begin);
          let k0 = bitcast<i32>(b0[at0 + i0]);
          if (bitcast<u32>(k0) < params[2].w) { to = k0; }
        }
        if (to < 0) { return; }
        if (b2[at3 + to] != i32(begin)) { return; }
        let i1 = i32((id % params[1].w));
        var total0 = 0.0f;
        var low0 = 0.0f;
        var run0 = 0.0f;
        var taken = 0u;
        var position = i32(begin);
        while (position >= 0) {
          let i0 = i32(u32(position));
          let v0 = bitcast<f32>(b0[at1 + i0 * i32(params[1].z) + i1]);
          run0 = run0 + v0;
          taken += 1u;
          if (taken == 8u) {
            taken = 0u;
            let sum0 = exact(total0 + run0);
            let part0 = exact(sum0 - total0);
            low0 += exact(total0 - exact(sum0 - part0)) + exact(run0 - part0);
            total0 = sum0;
            run0 = 0.0;
          }
          position = b2[at4 + position];
        }
        let sum0 = exact(total0 + run0);
        let part0 = exact(sum0 - total0);
        low0 += exact(total0 - exact(sum0 - part0)) + exact(run0 - part0);
        total0 = sum0;
        run0 = 0.0;
        total0 = select(total0, total0 + low0, isFinite(low0));
        let to0 = at2 + i1 + to * i32(params[2].x);
        b1[to0] = (b1[to0] + total0);
      }

      // ---
      @group(0) @binding(0) var<uniform> params: array<vec4u, 2>;
      @group(0) @binding(1) var<storage, read> b0: array<vec4<f32>>;
      @group(0) @binding(2) var<storage, read> b1: array<vec4<f32>>;
      @group(0) @binding(3) var<storage, read_write> b2: array<vec4<f32>>;
      @compute @workgroup_size(256)
      fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {
        let group = wg.y * grid.x + wg.x;
        let count = params[0].y;
        let groupInRow = group;
        let id = groupInRow * 256u + local;
        if (id >= count) { return; }
        let at0 = i32(params[0].z);
        let at1 = i32(params[0].w);
        let at2 = i32(params[1].x);
        let i0 = i32(id) * 4;
        let first = i0 + i32(params[1].y);
        let v0 = b0[(at0 + first) >> 2u];
        let v1 = b1[(at1 + first) >> 2u];
        let v2 = (v0 + v1);
        b2[(at2 + first) >> 2u] = v2;
      }
      "
    `);
  });
});
