// The text of routines: where threads wait, what they agree on, and how many there are. Needs no device.
import type { Buffer, RoutineKernel } from '@pappus/compiler';
import { BackendError } from '@pappus/core';
import { float, int, RoutineBuilder } from '@pappus/core/routines';
import { describe, expect, it } from 'vitest';
import { emitRoutine, itemsOfGroup } from '../../src/codegen/routine/index.js';
import { planRoutine } from '../../src/run/plan-routine.js';
import { buffer, contextOf } from '../run/context.js';

type ArrayRef = ReturnType<RoutineBuilder['array']>;

/** A routine over an operand `x` of `size` elements, what it gives, `y`, and room of int32 to work in. */
function kernelOf(size: number, write: (b: RoutineBuilder, x: ArrayRef, y: ArrayRef, work: ArrayRef) => void, items = 3): RoutineKernel {
  const b = new RoutineBuilder('float32');
  write(b, b.array('x', 'float32', size, 'operand'), b.array('y', 'float32', size, 'result'), b.array('work', 'int32', size));
  const code = b.finish();
  return { kind: 'routine', name: 'routine', key: 'routine', items, code, buffers: code.arrays.map(({ dtype }, k) => buffer(k, items * size, dtype)) };
}

/** The body of `main`, from its first step on. */
function textOf(kernel: RoutineKernel): string {
  const { buffers } = kernel;
  const slots = new Map<Buffer, { binding: number; type: 'f32' | 'i32' }>(buffers.map((b, k) => [b, { binding: k, type: b.dtype === 'int32' ? 'i32' : 'f32' }]));
  const { source } = emitRoutine(kernel, { slots, types: buffers.map((b, k) => ({ type: b.dtype === 'int32' ? 'i32' : 'f32', writable: k > 0 })) }, buffers);
  return source;
}

function stepsOf(kernel: RoutineKernel): string {
  const [, steps = ''] = textOf(kernel).split('let thread = i32(local);\n');
  return steps;
}

describe('threads', () => {
  it('wait where one reads what another has written, and nowhere else', () => {
    const steps = stepsOf(
      kernelOf(64, (b, x, y) => {
        b.parallel(0, 64, (k) => y.set(k, x.at(k)));
        const first = b.let(y.at(0));
        b.parallel(0, 64, (k) => y.set(k, y.at(k).sub(first)));
        // Of the operand nobody writes anything.
        const other = b.let(x.at(1));
        b.for(0, 4, (i) => y.set(i, y.at(i).add(other)));
        y.set(5, y.at(4));
      }),
    );
    expect(steps).toMatchInlineSnapshot(`
      "  for (var v0 = thread; v0 < 64; v0 += 64) {
          b1[at_y + v0] = b0[at_x + v0];
        }
        storageBarrier();
        let v1 = b1[at_y];
        storageBarrier();
        for (var v2 = thread; v2 < 64; v2 += 64) {
          b1[at_y + v2] = (b1[at_y + v2] - v1);
        }
        let v3 = b0[at_x + 1];
        for (var v4 = 0; v4 < 4; v4 += 1) {
          storageBarrier();
          if (thread == 0) {
            b1[at_y + v4] = (b1[at_y + v4] + v3);
          }
        }
        storageBarrier();
        if (thread == 0) {
          b1[at_y + 5] = b1[at_y + 4];
        }
      }
      "
    `);
  });

  it('agree on the way where they wait on it, by what may differ alone', () => {
    const steps = stepsOf(
      kernelOf(64, (b, x, y, work) => {
        const [count, known] = [b.let(int(3)), b.let(int(4))];
        b.set(known, known.add(1));
        b.for(0, known, (i) => b.parallel(i, 64, (k) => y.set(k, y.at(k.sub(i)))));
        b.for(0, work.at(0), (i) => b.set(count, i));
        b.for(work.at(1), count, (i) => b.parallel(0, 64, (k) => y.set(k, x.at(k.add(i)))));
        b.while(y.at(0).lt(1), () => b.parallel(0, 64, (k) => y.set(k, y.at(k).add(1))));
        b.if(x.at(0).lt(1), () => y.set(1, b.sum(0, 64, (k) => x.at(k))));
      }),
    );
    expect(steps).toMatchInlineSnapshot(`
      "  var v0 = 3;
        var v1 = 4;
        v1 = (v1 + 1);
        let bound0 = v1;
        for (var v2 = 0; v2 < bound0; v2 += 1) {
          storageBarrier();
          for (var v3 = v2 + thread; v3 < 64; v3 += 64) {
            b1[at_y + v3] = b1[at_y + (v3 - v2)];
          }
        }
        let bound1 = b2[at_work];
        for (var v4 = 0; v4 < bound1; v4 += 1) {
          v0 = v4;
        }
        let bound2 = agree(b2[at_work + 1], thread);
        let bound3 = agree(v0, thread);
        for (var v5 = bound2; v5 < bound3; v5 += 1) {
          storageBarrier();
          for (var v6 = thread; v6 < 64; v6 += 64) {
            b1[at_y + v6] = b0[at_x + (v6 + v5)];
          }
        }
        loop {
          storageBarrier();
          if (!(agree(i32((b1[at_y] < f32(1))), thread) == 1)) { break; }
          storageBarrier();
          for (var v7 = thread; v7 < 64; v7 += 64) {
            b1[at_y + v7] = (b1[at_y + v7] + f32(1));
          }
        }
        if (agree(i32((b0[at_x] < f32(1))), thread) == 1) {
          var part9 = 0.0f;
          for (var v8 = thread; v8 < 64; v8 += 64) {
            part9 = (part9 + b0[at_x + v8]);
          }
          floats0[thread] = part9;
          together_sum_float(thread);
          let v9 = workgroupUniformLoad(&floats0[0]);
          if (thread == 0) {
            b1[at_y + 1] = v9;
          }
        }
      }
      "
    `);
  });

  it('are as many as loops have iterations on the average, and one where they are short', () => {
    const size = (n: number): string => {
      const [, found = ''] = /@workgroup_size\((\d+)\)/.exec(textOf(kernelOf(n * n, (b, x, y) => {
        b.for(0, n, (i) => b.parallel(i, n, (k) => y.set(k, x.at(k))));
        b.parallel(0, n * n, (k) => y.set(k, 1));
      }))) ?? [];
      return found;
    };
    expect([8, 16, 60, 1000].map(size)).toEqual(['16', '32', '128', '256']);
    const short = kernelOf(8, (b, x, y) => b.for(0, x.size, (i) => y.set(i, b.sum(0, i, (k) => x.at(k)))));
    expect(itemsOfGroup(short)).toBe(64);
    expect(textOf(short)).not.toMatch(/Barrier|agree|thread/);
    expect(itemsOfGroup(kernelOf(9, (b, x, y) => y.set(0, b.sum(0, 9, (k) => x.at(k)))))).toBe(1);
    // Nobody knows how far it goes, but an item has no more.
    expect(textOf(kernelOf(100, (b, x, y, work) => b.parallel(0, work.at(0), (k) => y.set(k, x.at(k)))))).toContain('@workgroup_size(128)');
  });
});

describe('comparisons', () => {
  it('that do not hold hold of no NaN, whatever a driver makes of it', () => {
    const text = textOf(kernelOf(4, (b, x, y) => b.if(x.at(0).gt(0).not().and(x.at(1).le(x.at(2)).not()).and(b.let(int(1)).lt(2).not()), () => y.set(0, 1))));
    expect(text).toContain('if ((((!(0.0f < b0[at_x]) | isNan(b0[at_x])) & (!(b0[at_x + 1] <= b0[at_x + 2]) | isNan(b0[at_x + 1]) | isNan(b0[at_x + 2]))) & !(v0 < 2))) {');
  });
});

describe('locals', () => {
  it('are declared where they are set first, or before all, where they are named outside of that', () => {
    const text = textOf(
      kernelOf(4, (b, x, y) => {
        let inner = b.let(float(0));
        b.for(0, 4, (i) => {
          inner = b.let(x.at(i));
          const sum = b.let(inner);
          b.set(sum, sum.add(1));
          y.set(i, sum);
        });
        y.set(0, inner);
      }),
    );
    expect(text.slice(text.indexOf('var v2'), text.indexOf('b1[at_y + v1]'))).toMatchInlineSnapshot(`
      "var v2: f32;
        let v0 = 0.0f;
        for (var v1 = 0; v1 < 4; v1 += 1) {
          v2 = b0[at_x + v1];
          var v3 = v2;
          v3 = (v3 + f32(1));
          "
    `);
  });
});

describe('a plan of a routine', () => {
  const copy = (size: number, items: number): RoutineKernel => kernelOf(size, (b, x, y) => b.parallel(0, size, (k) => y.set(k, x.at(k))), items);

  it('is one dispatch, of a workgroup for each item, or for 64; and none of no item', () => {
    const groups = (kernel: RoutineKernel): number[] => planRoutine(kernel, contextOf(kernel.buffers.map((b) => [b]))).map((dispatch) => dispatch.groups);
    expect([copy(20, 70), copy(3, 70), copy(3, 0)].map(groups)).toEqual([[70], [2], []]);
  });

  it('binds an array once that is two operands', () => {
    const b = new RoutineBuilder('float32');
    const [left, right] = [b.array('left', 'float32', 5, 'operand'), b.array('right', 'float32', 5, 'operand')];
    const out = b.array('out', 'float32', 5, 'result');
    b.parallel(0, 5, (k) => out.set(k, left.at(k).mul(right.at(k))));
    const [both, product] = [buffer(0, 10), buffer(1, 10)];
    const [dispatch] = planRoutine({ kind: 'routine', name: 'square', key: 'square', items: 2, code: b.finish(), buffers: [both, both, product] }, contextOf([[both], [product]]));
    expect(dispatch?.operands).toEqual([both, product]);
    expect(dispatch?.text.types.map(({ writable }) => writable)).toEqual([false, true]);
  });

  it('refuses more elements than a GPU counts', () => {
    const kernel = copy(2 ** 20, 2 ** 11);
    const limits = { maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: 2 ** 40 };
    const plan = (): unknown => planRoutine(kernel, contextOf(kernel.buffers.map((b) => [b]), limits));
    expect(plan).toThrow(BackendError);
    expect(plan).toThrow('a kernel counts to 2147483648, which is more than a GPU counts in 32 bits; use smaller tensors or batches');
  });
});
