// scan: its values against loops written in JavaScript, what it takes and what it refuses, and what is captured.
import { describe, expect, expectTypeOf, it } from 'vitest';
import { topological } from '../../src/backend.js';
import {
  compile,
  DTypeError,
  evaluate,
  type Expr,
  GraphError,
  grad,
  input,
  interpreter,
  print,
  scalar,
  scan,
  ShapeError,
  variable,
  zeros,
} from '../../src/index.js';

const x = input('float32', ['time', 2], 'x');
const given = [[1, 2], [3, 4], [5, 6]];
const zero = (...shape: readonly number[]): Expr => zeros(shape);

describe('scan', () => {
  it('hands a carry on and stacks outputs', async () => {
    const { carry, outputs } = scan((s, xt) => ({ carry: s.mul(2).add(xt), outputs: s.sub(xt) }), { carry: zero(2), inputs: x });
    let s = [0, 0];
    const stacked: number[] = [];
    for (const row of given) {
      stacked.push(...row.map((v, k) => (s[k] ?? NaN) - v));
      s = row.map((v, k) => (s[k] ?? NaN) * 2 + v);
    }
    expect([...(await evaluate(carry, [[x, given]])).data]).toEqual(s);
    expect([...(await evaluate(outputs, [[x, given]])).data]).toEqual(stacked);
    expect(String(outputs.shape)).toBe('time,2');
  });

  it('goes from the end where it is told to, outputs beside their inputs', async () => {
    const { carry, outputs } = scan((s, xt) => ({ carry: s.add(xt), outputs: s.add(xt) }), { carry: zero(2), inputs: x, reverse: true });
    expect([...(await evaluate(outputs, [[x, given]])).data]).toEqual([9, 12, 8, 10, 5, 6]);
    expect([...(await evaluate(carry, [[x, given]])).data]).toEqual([9, 12]);
  });

  it('takes and answers records, of several dtypes and ranks', async () => {
    const result = scan(({ sum, count }, { row }) => ({ carry: { sum: sum.add(row.sum()), count: count.add(1) }, outputs: { count, large: row.gt(2) } }), {
      carry: { sum: scalar(0, 'float32'), count: scalar(10, 'int32') },
      inputs: { row: x },
    });
    expectTypeOf(result.carry).toEqualTypeOf<{ readonly sum: Expr; readonly count: Expr }>();
    expectTypeOf(result.outputs).toEqualTypeOf<{ readonly count: Expr; readonly large: Expr }>();
    expect((await evaluate(result.carry.sum, [[x, given]])).data[0]).toBe(21);
    expect([...(await evaluate(result.outputs.count, [[x, given]])).data]).toEqual([10, 11, 12]);
    expect([...(await evaluate(result.outputs.large, [[x, given]])).data]).toEqual([0, 0, 1, 1, 1, 1]);
    expect(result.outputs.count.dtype).toBe('int32');
  });

  it('counts steps without inputs, and gives the initial carry for none', async () => {
    const doubled = (length: number): Expr => scan((s: Expr) => ({ carry: s.mul(2) }), { carry: scalar(1, 'float64'), length }).carry;
    expect((await evaluate(doubled(10))).data[0]).toBe(1024);
    expect((await evaluate(doubled(0))).data[0]).toBe(1);
    const { carry, outputs } = scan((s, xt) => ({ carry: s.add(xt), outputs: xt.sub(s) }), { carry: zero(2).add(7), inputs: x });
    expect([...(await evaluate(carry, [[x, { data: new Float32Array(0), shape: [0, 2] }]])).data]).toEqual([7, 7]);
    expect((await evaluate(outputs, [[x, { data: new Float32Array(0), shape: [0, 2] }]])).shape).toEqual([0, 2]);
  });

  it('is called once, and computes what does not depend on a step once, before the scan', () => {
    const w = variable([[1, 2], [3, 4]], { name: 'w' });
    let calls = 0;
    const { outputs } = scan((s, xt) => {
      calls++;
      return { carry: s, outputs: xt.expandDims(0).matmul(w.exp()).squeeze(0).add(w.slice(0)) };
    }, { carry: zero(2), inputs: x });
    expect(calls).toBe(1);
    const outside = topological([outputs]).map((e) => (e.node.kind === 'elementwise' ? e.node.op : e.node.kind));
    expect(outside).toContain('exp');
    expect(outside).not.toContain('matmul');
  });

  it('answers inputs and what no step changes without a scan', () => {
    const w = variable([1, 2], { name: 'w' });
    const { carry, outputs } = scan((s, xt) => ({ carry: s.add(xt), outputs: { xt, w } }), { carry: zero(2), inputs: x });
    expect(outputs.xt).toBe(x);
    expect(topological([outputs.w]).map((e) => e.node.kind)).toEqual(['variable', 'broadcast']);
    expect(carry.node.kind).toBe('scan');
  });

  it('trains: a step of descent through time', async () => {
    const a = variable(0.5, { name: 'a' });
    const y = scan((s, xt) => ({ carry: s.mul(a).add(xt.sum()) }), { carry: scalar(0, 'float32'), inputs: x }).carry;
    // y = (x0 a + x1) a + x2 with sums 3, 7, 11; dy/da = 2 a x0 + x1.
    const train = await compile({ inputs: { x }, outputs: { y }, updates: new Map([[a, a.sub(grad(y, a).mul(0.1))]]) }, interpreter());
    const { y: value } = await train({ x: given });
    expect(await value.item()).toBeCloseTo(3 * 0.25 + 7 * 0.5 + 11, 12);
    expect(await a.item()).toBeCloseTo(0.5 - 0.1 * (2 * 0.5 * 3 + 7), 6);
  });

  it('is printed with its body', () => {
    const { carry } = scan((s, xt) => ({ carry: s.add(xt) }), { carry: zero(2), inputs: x, reverse: true });
    expect(print(carry).replace(/scan \d+/g, 'scan')).toBe(
      ['%0 = constant 0 : float32[]', '%1 = broadcast %0 : float32[2]', '%2 = input x : float32[time, 2]', '%3 = scan final carry of scan %1 %2 : float32[2]',
        'scan, time steps, from the last:', '  %0 = carry : float32[2]', '  %1 = input : float32[2]', '  %2 = add %0 %1 : float32[2]', '  next %2'].join('\n'),
    );
  });
});

describe('what scan refuses', () => {
  const s0 = zero(2);
  // What TypeScript would stop, for those without it.
  const untyped = (step: unknown, options: unknown): unknown => Reflect.apply(scan, undefined, [step, options]);

  it('lengths that differ, or that it cannot know', () => {
    const other = input('float32', [4, 2], 'other');
    const step = (s: Expr): { carry: Expr } => ({ carry: s });
    expect(() => scan(step, { carry: s0, inputs: { x, other } })).toThrow(
      new ShapeError("scan: the length of the input 'x' is time, but the input 'other', input other float32[4, 2], has 4 steps"),
    );
    expect(() => scan(step, { carry: s0, inputs: other, length: 3 })).toThrow(
      new ShapeError('scan: the option length is 3, but the input, input other float32[4, 2], has 4 steps'),
    );
    expect(() => scan(step, { carry: s0, inputs: { s: scalar(1, 'float32') } })).toThrow(/^scan: the input 's', the number 1 float32\[\], has no axis to run over/);
    expect(() => scan(step, { carry: s0 })).toThrow(new GraphError('scan: the number of steps is not known without inputs; give the option { length }'));
    expect(() => scan(step, { carry: s0, length: -1 })).toThrow(ShapeError);
  });

  it('carries that change their shape, dtype or names', () => {
    expect(() => scan((s, xt) => ({ carry: s.add(xt).sum() }), { carry: s0, inputs: x })).toThrow(
      new ShapeError('scan: the carry has the shape [2] at first, and [] after a step; they must be the same'),
    );
    expect(() => scan(({ n }, xt) => ({ carry: { n: n.cast('float32').add(xt.sum()) } }), { carry: { n: scalar(0, 'int32') }, inputs: x })).toThrow(
      new DTypeError("scan: the carry 'n' is int32 at first, and float32 after a step; cast one of them with .cast(dtype)"),
    );
    expect(() => untyped(() => ({ carry: {} }), { carry: { n: s0 }, inputs: x })).toThrow(new GraphError("scan: the step answers no carry 'n'; answer it, if only unchanged"));
    expect(() => untyped(() => ({ carry: { n: s0, m: s0 } }), { carry: { n: s0 }, inputs: x })).toThrow(
      new GraphError("scan: the step answers a carry 'm' that there is not at first; add it to 'carry'"),
    );
  });

  it('what is no expression', () => {
    expect(() => untyped(() => ({ carry: s0, outputs: { n: 1 } }), { carry: s0, inputs: x })).toThrow(
      new GraphError("scan: an output of the step, 'n', must be an expression, not 1; make a number one with scalar(value, dtype)"),
    );
    expect(() => untyped(() => s0, { carry: s0, inputs: x })).toThrow(new GraphError('scan: the step must answer { carry } or { carry, outputs }'));
    expect(() => untyped(() => ({ carry: s0 }), { carry: 0, inputs: x })).toThrow(new GraphError('scan: the carry must be an expression or a record of expressions, not 0'));
  });

  it('what a step has used outside of it', async () => {
    let leaked = s0;
    scan((s) => ({ carry: (leaked = s) }), { carry: s0, inputs: x });
    await expect(compile({ outputs: { leaked } }, interpreter())).rejects.toThrow(
      new GraphError('the computation depends on the carry of a scan float32[2] outside of its step; let the step answer it among its outputs'),
    );
    await expect(evaluate(leaked)).rejects.toThrow(GraphError);
  });

  it('elements that a step takes outside of what is there, once sizes are known', async () => {
    const rows = input('float32', [3, 'n'], 'rows');
    const { outputs } = scan((s, row) => ({ carry: s, outputs: row.slice(2) }), { carry: scalar(0, 'float32'), inputs: rows });
    await expect(evaluate(outputs, [[rows, [[1, 2], [3, 4], [5, 6]]]])).rejects.toThrow(ShapeError);
    const part = scan((s, row) => ({ carry: s, outputs: row.slice([1, 4]) }), { carry: scalar(0, 'float32'), inputs: rows });
    expect([...(await evaluate(part.outputs, [[rows, [[1, 2], [3, 4], [5, 6]]]])).data]).toEqual([2, 4, 6]);
  });
});
