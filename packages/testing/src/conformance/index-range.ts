// Indices that name no element, axes that have none, and many additions at one place.
import { compile, constant, crossEntropy, type Expr, gather, input, InputError, literal, scan, scatterAdd, ShapeError, take } from '@pappus/core';
import { expect, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { counting, spread } from './values.js';

/** Below an axis, beyond it, and at the ends of int32. */
const WILD = [0, 3, -1, 4, 1, 2 ** 31 - 1, -(2 ** 31), 2, -(2 ** 31) + 4, 5];

/** The same, not known before the step runs: an index out of range is no error then. */
function computed(indices: Expr): Expr {
  return indices.add(0);
}

export function indexRange(setting: Setting): void {
  it('has a value of its own for what an index out of range reads', async () => {
    for (const dtype of setting.dtypes) {
      const x = input(dtype, [4, 3], 'x');
      const run = await compile({ inputs: { x }, outputs: { y: take(x, computed(literal([1, -1, 4], [3], 'int32'))), z: gather(x, computed(literal([3, 0, -1, 1], [4, 1], 'int32')), 1) } }, await setting.backend());
      const { data } = counting(dtype, [4, 3]);
      const { y, z } = await run({ x: { data, shape: [4, 3] } });
      const none = dtype === 'int32' ? -(2 ** 31) : dtype === 'bool' ? 0 : NaN;
      expect([...(await y.read())]).toEqual([data[3], data[4], data[5], none, none, none, none, none, none]);
      expect([...(await z.read())]).toEqual([none, data[3], none, data[10]]);
    }
  });

  it('takes, adds and differentiates by wild indices, in every mode', async () => {
    for (const dtype of setting.floats) {
      await setting.agree({
        steps: [{ x: spread(dtype, [4, 7]), updates: spread(dtype, [WILD.length, 7], { seed: 2 }), weights: spread(dtype, [WILD.length, 7], { seed: 3 }) }],
        build: ({ inputs }) => {
          const [x, updates, weights] = [leaf(inputs, 'x'), leaf(inputs, 'updates'), leaf(inputs, 'weights')];
          const wild = computed(literal(WILD, [WILD.length], 'int32'));
          const outputs: Record<string, Expr> = {};
          for (const options of [{}, { mode: 'clamp' }, { mode: 'wrap' }, { fromEnd: true }, { mode: 'clamp', fromEnd: true }] as const) {
            const name = JSON.stringify(options);
            const added = scatterAdd(x, wild, updates, 0, options);
            const g = grad(take(x, wild, 0, options).mul(weights).sum(), x);
            outputs[`taken ${name}`] = take(x, wild, 0, options);
            outputs[`along ${name}`] = take(x, wild, 1, options).mul(2);
            outputs[`gathered ${name}`] = gather(x, wild.reshape([1, WILD.length]).broadcastTo([4, WILD.length]), 1, options);
            outputs[`added ${name}`] = added;
            outputs[`gradient ${name}`] = g;
            outputs[`of updates ${name}`] = grad(added.square().sum(), updates);
            outputs[`second ${name}`] = grad(g.square().mul(x).sum(), weights);
          }
          return { outputs };
        },
      }, { factor: 20, scale: 1 });
    }
  });

  it('reads and adds by wild indices in a scan, where they come from the carry too', async () => {
    for (const dtype of setting.floats) {
      await setting.agree({
        steps: [{ table: spread(dtype, [4, 6]), tokens: counting('int32', [6]) }],
        build: ({ inputs }) => {
          const [table, tokens] = [leaf(inputs, 'table'), leaf(inputs, 'tokens')];
          const { carry, outputs } = scan(
            ({ sum, at }, token) => {
              const read = take(table, at.add(token).reshape([1]));
              const seen = read.isFinite().where(read, 0).reshape([6]);
              return { carry: { sum: scatterAdd(sum, at.mul(-1).add(3).reshape([1]), seen.slice([0, 1]).mul(2)), at: at.add(1) }, outputs: seen };
            },
            { carry: { sum: table.slice([0, 1], [0, 4]).reshape([4]), at: literal([-2], [], 'int32') }, inputs: computed(tokens) },
          );
          return { outputs: { sum: carry.sum, read: outputs, g: grad(carry.sum.square().sum().add(outputs.square().sum()), table) } };
        },
      }, { factor: 20, scale: 1 });
    }
  });

  it('adds into tensors of several sizes what they have a place for, by code that is otherwise the same', async () => {
    for (const dtype of setting.floats) {
      const x = input(dtype, [5], 'x');
      const at = computed(literal([0, 3, 6, 3, 8], [5], 'int32'));
      const outputs = Object.fromEntries([4, 9, 1, 7].map((size) => [`of ${size}`, scatterAdd(constant(0, [size], { dtype }), at, x)]));
      const run = await compile({ inputs: { x }, outputs }, await setting.backend());
      const results = await run({ x: [1, 2, 3, 4, 5] });
      for (const size of [4, 9, 1, 7]) {
        expect([...((await results[`of ${size}`]?.read()) ?? [])]).toEqual([1, 0, 0, 6, 0, 0, 3, 0, 5].slice(0, size));
      }
    }
  });

  it('makes the loss and the gradient NaN where a computed label is no class', async () => {
    const [dtype = 'float32'] = setting.floats;
    await setting.agree({
      steps: [{ logits: spread(dtype, [6, 5]), labels: counting('int32', [6]) }],
      build: ({ inputs }) => {
        const logits = leaf(inputs, 'logits');
        const labels = leaf(inputs, 'labels').sub(1).mul(2);
        const outputs: Record<string, Expr> = {};
        for (const options of [{}, { labelSmoothing: 0.1 }, { classWeights: [1, 2, 3, 4, 5] }, { ignoreLabel: -2 }] as const) {
          const name = JSON.stringify(options);
          outputs[`losses ${name}`] = crossEntropy(logits, labels, { ...options, reduction: 'none' });
          outputs[`gradient ${name}`] = grad(crossEntropy(logits, labels, options), logits);
        }
        return { outputs };
      },
    }, { factor: 30, scale: 1 });
  });

  it('refuses what a call gives out of range, and an axis without elements, and changes nothing', async () => {
    const [dtype = 'float32'] = setting.floats;
    const rows = input(dtype, ['n', 2], 'rows');
    const indices = input('int32', ['k'], 'indices');
    const updates = input(dtype, ['k', 2], 'updates');
    const taken = take(rows, indices);
    const outputs = { taken, first: take(rows.slice([1, null]), indices), added: scatterAdd(rows, indices, updates), g: grad(taken.square().sum(), rows) };
    const data = (count: number): { data: Float32Array | Float64Array; shape: number[] } => {
      const values = Array.from({ length: count * 2 }, (_, k) => k + 1);
      return { data: dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values), shape: [count, 2] };
    };
    const run = await compile({ inputs: { rows, indices, updates }, outputs }, await setting.backend());
    const { added } = await run({ rows: data(3), indices: Int32Array.of(1, 0), updates: data(2) });
    expect([...(await added.read())]).toEqual([4, 6, 4, 6, 5, 6]);
    await expect(run({ rows: data(3), indices: Int32Array.of(1, 3), updates: data(2) })).rejects.toThrow(InputError);
    for (const count of [0, 1]) await expect(run({ rows: data(count), indices: Int32Array.of(0), updates: data(1) })).rejects.toThrow(ShapeError);
    const empty = await run({ rows: data(1), indices: new Int32Array(0), updates: data(0) });
    expect([...(await empty.added.read()), ...(await empty.g.read())]).toEqual([1, 2, 0, 0]);
    expect(empty.first.shape).toEqual([0, 2]);
  });

  it('adds many to one place without losing them', async () => {
    for (const [turn, dtype] of setting.floats.entries()) {
      for (const width of setting.some([1, 3, 8], 2, turn)) {
        const count = 40_000;
        const updates = input(dtype, [count, width], 'updates');
        const zeros = literal(new Array<number>(5 * width).fill(0), [5, width], dtype);
        const at = literal(Array.from({ length: count }, (_, k) => (k % 100 === 0 ? 4 : 2)), [count], 'int32');
        const flat = { zeros: zeros.reshape([5 * width]), updates: updates.reshape([count * width]), at: literal(new Array<number>(count * width).fill(1), [count * width], 'int32') };
        const run = await compile({ inputs: { updates }, outputs: { rows: scatterAdd(zeros, at, updates), columns: scatterAdd(zeros.transpose(), at, updates.transpose(), 1), one: scatterAdd(flat.zeros, flat.at, flat.updates) } }, await setting.backend());
        const data = dtype === 'float32' ? new Float32Array(count * width).fill(0.1) : new Float64Array(count * width).fill(0.1);
        const tenth = data[0] ?? NaN;
        const { rows, columns, one } = await run({ updates: { data, shape: [count, width] } });
        const [inRows, inColumns, inOne] = [await rows.read(), await columns.read(), await one.read()];
        const ulps = (found: number | undefined, exact: number): number => Math.abs((found ?? NaN) - exact) / (exact * (dtype === 'float32' ? 2 ** -23 : 2 ** -52));
        for (let k = 0; k < width; k++) {
          for (const [row, times] of [[0, 0], [1, 0], [2, 0.99 * count], [3, 0], [4, 0.01 * count]] as const) {
            const found = [inRows[row * width + k], inColumns[k * 5 + row]];
            if (times === 0) expect(found).toEqual([0, 0]);
            else for (const sum of found) expect(ulps(sum, tenth * Math.round(times))).toBeLessThanOrEqual(2);
          }
        }
        expect(ulps(inOne[1], tenth * count * width)).toBeLessThanOrEqual(2);
        const again = await run({ updates: { data, shape: [count, width] } });
        expect([await again.rows.read(), await again.columns.read(), await again.one.read()]).toEqual([inRows, inColumns, inOne]);
      }
    }
  });
}
