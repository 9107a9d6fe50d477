import { describe, expect, it, vi } from 'vitest';
import type { Backend, Executable } from '../../src/run/backend.js';
import { compile } from '../../src/run/compile.js';
import { scalar } from '../../src/graph/construct.js';
import { BackendError, DTypeError, GraphError, InputError, OptimizerError, type PappusError, ShapeError, StaleOutputError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { Updates } from '../../src/optimizer/updates.js';
import { type Variable, variable } from '../../src/values/variable.js';

const values = async (v: { read(): Promise<ArrayLike<number>> }): Promise<number[]> => Array.from(await v.read());

/** The interpreter, and what it was asked to prepare. */
function recording(): { backend: Backend; prepared: Record<string, number>[] } {
  const inner = interpreter();
  const prepared: Record<string, number>[] = [];
  const { prepare } = inner;
  inner.prepare = (computation, sizes): Promise<Executable> => {
    prepared.push(Object.fromEntries(sizes));
    return prepare.call(inner, computation, sizes);
  };
  return { backend: inner, prepared };
}

describe('a compiled function', () => {
  it('answers its outputs by name, in their dtypes and shapes', async () => {
    const x = input('float32', ['batch', 2]);
    const f = await compile({ inputs: { x }, outputs: { total: x.sum(), rows: x.sum(1), positive: x.gt(0), count: x.cast('int32') } }, interpreter());
    const { total, rows, positive, count } = await f({ x: [[1, -2], [3, 4.5]] });
    expect([await total.item(), await values(rows), await values(positive), await values(count)]).toEqual([6.5, [-1, 7.5], [1, 0, 1, 1], [1, -2, 3, 4]]);
    expect([rows.shape, rows.dtype, positive.dtype]).toEqual([[2], 'float32', 'bool']);
    expect([await rows.read(), await positive.read(), await count.read()].map((a) => a.constructor)).toEqual([Float32Array, Uint8Array, Int32Array]);
  });

  it('needs no inputs, no outputs and no updates', async () => {
    const v = variable(1);
    const next = await compile({ updates: new Map([[v, v.add(1)]]) }, interpreter());
    expect(await next()).toEqual({});
    await next({});
    expect(await v.item()).toBe(3);
    expect(await (await compile({}, interpreter()))()).toEqual({});
  });

  it('sees the values from before the step in outputs and in all updates: two variables swap', async () => {
    const a = variable(1, { name: 'a' });
    const b = variable(2, { name: 'b' });
    const swap = await compile({ outputs: { sum: a.mul(10).add(b), a }, updates: new Map([[a, b], [b, a]]) }, interpreter());
    const { sum, a: before } = await swap();
    expect([await sum.item(), await before.item(), await a.item(), await b.item()]).toEqual([12, 1, 2, 1]);
    const again = await swap();
    expect([await again.sum.item(), await a.item(), await b.item()]).toEqual([21, 1, 2]);
  });

  it('takes several updates at once', async () => {
    const [a, b] = [variable(1, { name: 'a' }), variable(2, { name: 'b' })];
    const f = await compile({ updates: [new Map([[a, a.add(1)]]), new Updates([[b, a]])] }, interpreter());
    await f();
    expect([await a.item(), await b.item()]).toEqual([2, 1]);
  });

  it('takes outputs of another function on the same backend as inputs', async () => {
    const backend = interpreter();
    const x = input('float32', ['n']);
    const double = await compile({ inputs: { x }, outputs: { y: x.mul(2) } }, backend);
    const { y } = await double({ x: [1, 2, 3] });
    const z = input('float32', ['m']);
    const sum = await compile({ inputs: { z }, outputs: { total: z.sum() } }, backend);
    expect(await (await sum({ z: y })).total.item()).toBe(12);
    const n = input('int32', ['m']);
    const count = await compile({ inputs: { n }, outputs: { n } }, backend);
    await expect(count({ n: y })).rejects.toThrow(new DTypeError("input 'n': takes int32, and the output given is float32"));
    const pair = input('float32', [2]);
    const first = await compile({ inputs: { pair }, outputs: { pair } }, backend);
    await expect(first({ pair: y })).rejects.toThrow(new ShapeError("input 'pair': takes [2], and the value has the shape [3]"));
  });

  it('refuses an output of an earlier call, to read and as an input', async () => {
    const x = input('float32', []);
    const f = await compile({ inputs: { x }, outputs: { y: x.add(1) } }, interpreter());
    const { y } = await f({ x: 1 });
    const begun = y.read();
    const { y: fresh } = await f({ x: y });
    expect(await begun).toEqual(Float32Array.of(2));
    const stale = new StaleOutputError("the output 'y' belongs to an earlier call; its function was called again since, and the values are gone. Read it before the next call");
    await expect(y.read()).rejects.toThrow(stale);
    await expect(y.item()).rejects.toThrow(stale);
    await expect(f({ x: y })).rejects.toThrow(stale);
    expect(await fresh.item()).toBe(3);
  });

  it('keeps its outputs where a later call is refused', async () => {
    const x = input('float32', []);
    const f = await compile({ inputs: { x }, outputs: { y: x.add(1) } }, interpreter());
    const { y } = await f({ x: 1 });
    await expect(f({ x: [1, 2] })).rejects.toThrow(ShapeError);
    expect(await y.item()).toBe(2);
  });

  it('has item() for one element only', async () => {
    const x = input('float32', [2]);
    const f = await compile({ inputs: { x }, outputs: { x, one: x.slice([0, 1]) } }, interpreter());
    const { x: out, one } = await f({ x: [3, 4] });
    await expect(out.item()).rejects.toThrow(new ShapeError("item: the output 'x' has the shape [2]; use read()"));
    expect(await one.item()).toBe(3);
  });
});

describe('sizes', () => {
  it('are compiled once each, at their first call', async () => {
    const { backend, prepared } = recording();
    const x = input('float32', ['n']);
    const f = await compile({ inputs: { x }, outputs: { total: x.sum() } }, backend);
    expect(prepared).toEqual([]);
    for (const size of [2, 3, 2, 3]) await f({ x: new Float32Array(size) });
    expect(prepared).toEqual([{ n: 2 }, { n: 3 }]);
  });

  it('are compiled at once where none is open, or where they are given', async () => {
    const { backend, prepared } = recording();
    const x = input('float32', ['n']);
    await compile({ outputs: { one: scalar(1, 'float32') } }, backend);
    const f = await compile({ inputs: { x }, outputs: { total: x.sum() } }, backend, { sizes: { n: 4 } });
    expect(prepared).toEqual([{}, { n: 4 }]);
    expect(f.program.kernels).toEqual([]);
    await f({ x: new Float32Array(4) });
    expect(prepared).toHaveLength(2);
  });

  it('of names that no input has are refused, and sizes that are none', async () => {
    const x = input('float32', ['n']);
    const spec = { inputs: { x }, outputs: { total: x.sum() } };
    await expect(compile(spec, interpreter(), { sizes: { batch: 3 } })).rejects.toThrow(new GraphError("sizes: no input has an open dimension 'batch'"));
    await expect(compile(spec, interpreter(), { sizes: { n: -1 } })).rejects.toThrow(new ShapeError("sizes: 'n': a size must be a whole number of at least 0, not -1"));
    await expect(compile(spec, interpreter(), { sizes: { n: 1.5 } })).rejects.toThrow(/not 1\.5/);
  });

  it('must be known before there is a program', async () => {
    const x = input('float32', ['n']);
    const f = await compile({ inputs: { x }, outputs: { total: x.sum() } }, interpreter());
    expect(() => f.program).toThrow(new GraphError('the program is known once its sizes are: call the function first, or give compile the option { sizes }'));
    await f({ x: [1] });
    expect(f.program.kernels).toEqual([]);
    expect(f.backend.name).toBe('interpreter');
  });

  it('do not change the order of calls: each runs after the one before', async () => {
    const x = input('float64', ['n']);
    const v = variable(0, { name: 'v', dtype: 'float64' });
    const f = await compile({ inputs: { x }, updates: new Map([[v, v.mul(10).add(x.sum())]]) }, interpreter());
    await Promise.all([f({ x: [1] }), f({ x: [2] }), f({ x: [1, 2] }), f({ x: [4] }), f({ x: [2, 3] })]);
    expect(await v.item()).toBe(12345);
  });

  it('do not keep a waiting call from what its arrays held when it was made', async () => {
    const x = input('float64', ['n']);
    const f = await compile({ inputs: { x }, outputs: { total: x.sum() } }, interpreter());
    const values = Float64Array.of(1, 2);
    const call = f({ x: values });
    values.fill(100);
    expect(await (await call).total.item()).toBe(3);
  });

  it('do not change the order of calls of functions that share variables', async () => {
    const backend = interpreter();
    const x = input('float64', ['n']);
    const v = variable(0, { name: 'v', dtype: 'float64' });
    const f = await compile({ inputs: { x }, updates: new Map([[v, v.mul(10).add(x.sum())]]) }, backend);
    const g = await compile({ outputs: { before: v.add(0) }, updates: new Map([[v, v.neg()]]) }, backend);
    const [, { before }] = await Promise.all([f({ x: [1] }), g(), f({ x: [2] })]);
    expect([await before.item(), await v.item()]).toEqual([1, -8]);
  });

  it('do not let a waiting call read an output that went stale meanwhile', async () => {
    const backend = interpreter();
    const x = input('float32', []);
    const source = await compile({ inputs: { x }, outputs: { y: x.broadcastTo([2]) } }, backend);
    const z = input('float32', ['n']);
    const sum = await compile({ inputs: { z }, outputs: { total: z.sum() } }, backend);
    const { y } = await source({ x: 1 });
    const [inTime, next, late] = [sum({ z: y }), source({ x: 2 }), sum({ z: y })];
    await expect(late).rejects.toThrow(StaleOutputError);
    expect(await (await inTime).total.item()).toBe(2);
    expect(await (await sum({ z: (await next).y })).total.item()).toBe(4);
  });

  it('that cannot be prepared do not hold up later calls', async () => {
    const x = input('float64', ['n']);
    const v = variable(0, { name: 'v', dtype: 'float64' });
    const f = await compile({ inputs: { x }, updates: new Map([[v, v.add(x.slice(1))]]) }, interpreter());
    const calls = await Promise.allSettled([f({ x: [1] }), f({ x: [1, 2] })]);
    expect(calls.map((c) => c.status)).toEqual(['rejected', 'fulfilled']);
    expect(await v.item()).toBe(2);
  });
});

describe('a backend that is not ready', () => {
  /** The second step waits until it is let through. */
  function waiting(): { backend: Backend; asked: () => number; pass: () => void; fail: (reason: Error) => void } {
    const backend = interpreter();
    const { prepare } = backend;
    let [asked, pass, fail] = [0, (): void => undefined, (_: Error): void => undefined];
    backend.prepare = async (computation, sizes): Promise<Executable> => ({
      ...(await prepare.call(backend, computation, sizes)),
      ready: () => {
        asked++;
        return asked === 2 ? new Promise<void>((resolve, reject) => ([pass, fail] = [resolve, reject])) : undefined;
      },
    });
    return { backend, asked: () => asked, pass: () => pass(), fail: (reason) => fail(reason) };
  }

  it('holds up its steps, which run in the order of their calls', async () => {
    const { backend, pass } = waiting();
    const x = input('int32', [1], 'x');
    const v = variable([1], { dtype: 'int32' });
    const f = await compile({ inputs: { x }, updates: new Map([[v, v.mul(10).add(x)]]) }, backend);
    await f({ x: [2] });
    const given = Int32Array.of(3);
    const calls = [f({ x: given }), f({ x: [4] })];
    given[0] = 9;
    const after = values(v);
    const passed = vi.fn();
    void after.then(passed);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(passed).not.toHaveBeenCalled();
    pass();
    await Promise.all(calls);
    expect(await after).toEqual([1234]);
  });

  it('and never will be, fails the call and no other', async () => {
    const { backend, fail } = waiting();
    const v = variable([1], { dtype: 'int32' });
    const f = await compile({ updates: new Map([[v, v.add(1)]]) }, backend);
    await f();
    const call = f();
    fail(new BackendError('gone'));
    await expect(call).rejects.toThrow('gone');
    await f();
    expect(await values(v)).toEqual([3]);
  });
});

describe('a computation that is none', () => {
  it('is not one that a class or a prototype gives', async () => {
    const v = variable([1, 2], { name: 'v' });
    class Doubled {
      get outputs(): { y: Expr } {
        return { y: v.mul(2) };
      }
    }
    const inherited = Object.setPrototypeOf({ inputs: {} }, { outputs: { y: v.mul(2) } }) as Doubled;
    const backend = interpreter();
    for (const given of [new Doubled(), inherited]) {
      const { y } = await (await compile(given, backend))();
      expect([...(await y.read())]).toEqual([2, 4]);
    }
  });

  const w = variable([1, 2], { name: 'w' });
  const refused = (spec: Parameters<typeof compile>[0], error: Error): Promise<void> => expect(compile(spec, interpreter())).rejects.toThrow(error);

  it('depends on an input that is not declared', async () => {
    const x = input('float32', ['batch', 2], 'pixels');
    await refused({ outputs: { y: x.mul(w) } }, new GraphError("the computation depends on input pixels float32[batch, 2], which is missing in 'inputs'; add it there under a name"));
    await refused({ updates: new Map([[w, input('float32', [2])]]) }, new GraphError("the computation depends on an input float32[2], which is missing in 'inputs'; add it there under a name"));
  });

  it('declares what is no input, or one input twice', async () => {
    await refused({ inputs: { w } }, new GraphError("inputs: 'w' is no input; make it with input(dtype, shape)"));
    const x = input('float32');
    await refused({ inputs: { a: x, b: x } }, new GraphError("inputs: 'a' and 'b' are the same input; declare it once"));
  });

  it('updates a variable twice', async () => {
    await refused({ updates: [new Map([[w, w.add(1)]]), new Map([[w, w.mul(2)]])] }, new OptimizerError('the variable w is updated twice; a step gives each variable one new value'));
  });

  it('updates a variable with another shape or dtype', async () => {
    await refused({ updates: new Map([[w, w.sum()]]) }, new ShapeError('the update of variable w float32[2] has the shape []'));
    await refused({ updates: new Map([[w, w.cast('float64')]]) }, new DTypeError("the update of variable w float32[2] is float64; cast it with .cast('float32')"));
  });

  it('updates what is no variable, or answers what is no expression', async () => {
    const notVariable: unknown = w.add(1);
    const asVariable = (value: unknown): value is Variable => value !== undefined;
    const asExpr = (value: unknown): value is Expr => value !== undefined;
    if (asVariable(notVariable)) await refused({ updates: new Map([[notVariable, w]]) }, new GraphError('updates: a key is no variable; make it with variable(value)'));
    const notExpr: unknown = 3;
    if (asExpr(notExpr)) await refused({ outputs: { y: notExpr } }, new GraphError("outputs: 'y' is no expression"));
  });

  it('uses a variable that lives on another backend', async () => {
    const v = variable(1, { name: 'v' });
    const [here, there] = [interpreter(), interpreter()];
    const f = await compile({ outputs: { v }, updates: new Map([[v, v.add(1)]]) }, here);
    await f();
    expect(v.backend).toBe(here);
    const elsewhere = new BackendError('variable v lives on another backend; move it with await v.to(backend)');
    await expect(compile({ outputs: { v } }, there)).rejects.toThrow(elsewhere);
    await v.to(there);
    expect([await v.item(), v.backend]).toEqual([2, there]);
    await expect(f()).rejects.toThrow(elsewhere);
    expect(await v.item()).toBe(2);
  });
});

describe('a call that is refused', () => {
  it('leaves every variable as it was', async () => {
    const backend = interpreter();
    const x = input('float32', ['n', 2], 'x');
    const rate = input('float32', [], 'rate');
    const v = variable([1, 2], { name: 'v' });
    const count = variable(0, { name: 'count', dtype: 'int32' });
    const f = await compile(
      { inputs: { x, rate }, outputs: { v }, updates: new Map([[v, v.add(x.slice(1)).mul(rate)], [count, count.add(1)]]) },
      backend,
    );
    await f({ x: [[0, 0], [1, 1]], rate: 2 });
    const { v: stale } = await f({ x: [[0, 0], [0, 0]], rate: 1 });
    await f({ x: [[0, 0], [0, 0]], rate: 1 });
    const bad: readonly (readonly [Parameters<typeof f>[0], typeof PappusError])[] = [
      [{ x: [[1, 2]], rate: 1 }, ShapeError],
      [{ x: [[1], [2]], rate: 1 }, ShapeError],
      [{ x: new Float32Array(3), rate: 1 }, InputError],
      [{ x: Float64Array.of(1, 2, 3, 4), rate: 1 }, DTypeError],
      [{ x: [[1, 2], [3, 4]], rate: [1] }, ShapeError],
      [{ x: [[1, 2], [3]], rate: 1 }, ShapeError],
      [{ x: stale, rate: 1 }, StaleOutputError],
      [{ x: { data: new Float32Array(4), shape: [4] }, rate: 1 }, ShapeError],
    ];
    for (const [given, error] of bad) {
      await expect(f(given)).rejects.toThrow(error);
      expect([await values(v), await count.item()]).toEqual([[4, 6], 3]);
    }
    await f({ x: [[0, 0], [1, 1]], rate: 1 });
    expect([await values(v), await count.item()]).toEqual([[5, 7], 4]);
  });
});
