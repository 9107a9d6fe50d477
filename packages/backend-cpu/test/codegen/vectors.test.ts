// How elements are read into lanes and written from them: each where it belongs, and no byte beside them.
import type { DType } from '@pappus/core';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { describe, expect, it } from 'vitest';
import { type Address, constantVector, firstLanes, type LaneCount, loadContiguous, loadScattered, loadSplat, loadStrided, maskFor, storeLane, storeLanes, widenMask } from '../../src/codegen/vectors.js';
import { i32x4, v128 } from '../../src/wasm/instructions.js';
import type { FunctionBuilder, Local } from '../../src/wasm/module.js';
import { lanesIn, PAGE, run, viewOf } from './function-runner.js';

const KINDS: readonly (readonly [DType, LaneCount])[] = [['float32', 4], ['float32', 2], ['float64', 2], ['int32', 4], ['int32', 2], ['bool', 4], ['bool', 2]];
const VALUES = [3, 5, 7, 11, 13, 17, 19, 23];
const values = (dtype: DType, count = 8): number[] => VALUES.slice(0, count).map((x, k) => (dtype === 'bool' ? Number(k % 3 === 0) : x));

/** The lanes that code loads, of elements that end with the memory. */
function loaded(dtype: DType, lanes: LaneCount, count: number, load: (f: FunctionBuilder, address: Address) => Parameters<typeof v128.store>[1]): number[] {
  const at = PAGE - count * BYTES_PER_ELEMENT[dtype];
  const memory = run((f, base) => {
    const result = f.let(load(f, { base, bytes: 0, bounds: undefined }));
    f.emit(v128.store(f.let(i32x4.extractLane(i32x4.const(64), 0)), result));
  }, at, (buffer) => viewOf(dtype, buffer, at, count).set(values(dtype, count)));
  return lanesIn(dtype, lanes, memory, 64);
}

describe.each(KINDS)('%s in %i lanes', (dtype, lanes) => {
  it('is read from where it lies side by side, the last elements of memory too', () => {
    for (let count = 1; count <= lanes; count++) {
      expect(loaded(dtype, lanes, count, (_, address) => loadContiguous(dtype, lanes, address, count)).slice(0, count)).toEqual(values(dtype, count));
    }
  });

  it('is one element in every lane', () => {
    expect(loaded(dtype, lanes, 1, (_, address) => loadSplat(dtype, address))).toEqual(Array.from({ length: lanes }, () => values(dtype)[0]));
  });

  it('is read at strides, and repeats the first element beyond those that count', () => {
    for (const stride of [1, 2, 0]) {
      for (let valid = 1; valid <= lanes; valid++) {
        const count = stride * (valid - 1) + 1;
        const expected = Array.from({ length: lanes }, (_, k) => values(dtype)[k < valid ? k * stride : 0]);
        expect(loaded(dtype, lanes, count, (f, address) => loadStrided(f, dtype, lanes, address, stride, valid)), `${stride} ${valid}`).toEqual(expected);
      }
    }
    const backwards = loaded(dtype, lanes, lanes, (f, address) => loadStrided(f, dtype, lanes, { ...address, bytes: (lanes - 1) * BYTES_PER_ELEMENT[dtype] }, -1, lanes));
    expect(backwards).toEqual(values(dtype, lanes).reverse());
  });

  it('is read from anywhere', () => {
    const order = [2, 0, 3, 1];
    const found = loaded(dtype, lanes, 4, (f, address) => loadScattered(f, dtype, lanes, (lane) => ({ ...address, bytes: (order[lane] ?? 0) * BYTES_PER_ELEMENT[dtype] }), lanes));
    expect(found).toEqual(order.slice(0, lanes).map((k) => values(dtype)[k]));
  });

  it('is written to where it belongs, and nothing beside it', () => {
    for (const stride of [1, 2, 3]) {
      for (let valid = 1; valid <= lanes; valid++) {
        const size = BYTES_PER_ELEMENT[dtype];
        const memory = run((f, base) => {
          const vector = f.let(loadContiguous(dtype, lanes, { base, bytes: 0, bounds: undefined }, lanes));
          storeLanes(f, dtype, lanes, { base, bytes: 256, bounds: undefined }, stride, valid, vector);
        }, 1024, (buffer) => {
          viewOf(dtype, buffer, 1024, lanes).set(values(dtype, lanes));
          new Uint8Array(buffer, 1024 + 256 - 32, 256).fill(99);
        });
        const whole = new Uint8Array(memory, 1024 + 256 - 32, 256);
        const expected = new Uint8Array(256).fill(99);
        for (let k = 0; k < valid; k++) expected.set(new Uint8Array(memory, 1024 + k * size, size), 32 + k * stride * size);
        expect([...whole], `${stride} ${valid}`).toEqual([...expected]);
      }
    }
  });

  it('is written one lane by itself', () => {
    if (dtype === 'bool') return;
    for (let lane = 0; lane < lanes; lane++) {
      const memory = run((f, base) => {
        const vector = f.let(loadContiguous(dtype, lanes, { base, bytes: 0, bounds: undefined }, lanes));
        storeLane(f, dtype, { base, bytes: 256, bounds: undefined }, vector, lane);
      }, 1024, (buffer) => viewOf(dtype, buffer, 1024, lanes).set(values(dtype, lanes)));
      expect(viewOf(dtype, memory, 1280, 2)).toEqual(viewOf(dtype, new Float64Array(2).buffer, 0, 2).fill(values(dtype)[lane] ?? NaN, 0, 1));
    }
  });

  it('has the first lanes where fewer count, a number of them or one that is known at run time', () => {
    for (let valid = 0; valid <= lanes; valid++) {
      const expected = Array.from({ length: lanes }, (_, k) => Number(k < valid));
      for (const atRunTime of [false, true]) {
        const memory = run((f, at, count) => f.emit(v128.store(at, firstLanes(atRunTime ? count : valid, dtype, lanes))), 64, undefined, valid);
        const narrow = lanes === 2 && (dtype === 'float32' || dtype === 'int32');
        expect(lanesIn('bool', narrow ? 4 : lanes, memory, 64).slice(0, lanes)).toEqual(expected);
      }
    }
  });

  it('has a constant in every lane', () => {
    const memory = run((f, at) => f.emit(v128.store(at, constantVector(dtype === 'bool' ? 1 : 7, dtype))), 64);
    expect(lanesIn(dtype, lanes, memory, 64)).toEqual(Array.from({ length: lanes }, () => (dtype === 'bool' ? 1 : 7)));
  });
});

describe('masks', () => {
  const mask = (f: FunctionBuilder): Local<'v128'> => f.let(i32x4.const(-1, 0, 0, -1));

  it('of 32-bit lanes are as wide as lanes are', () => {
    expect(lanesIn('bool', 4, run((f, at) => f.emit(v128.store(at, widenMask(mask(f), 4))), 64), 64)).toEqual([1, 0, 0, 1]);
    expect(lanesIn('bool', 2, run((f, at) => f.emit(v128.store(at, widenMask(mask(f), 2))), 64), 64)).toEqual([1, 0]);
  });

  it('are as wide as what they select among', () => {
    const wide = (f: FunctionBuilder): Local<'v128'> => f.let(i32x4.const(-1, -1, 0, 0));
    const stored = (dtype: DType, lanes: LaneCount): Int32Array => new Int32Array(run((f, at) => f.emit(v128.store(at, maskFor(f, wide(f), dtype, lanes))), 64), 64, 4);
    expect([...stored('float32', 2)].slice(0, 2)).toEqual([-1, 0]);
    expect([...stored('float64', 2)]).toEqual([-1, -1, 0, 0]);
    expect([...stored('float32', 4)]).toEqual([-1, -1, 0, 0]);
  });
});
