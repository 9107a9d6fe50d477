// Memory: programs of one function share it, and what is disposed of gives its own back and says so.
import { type CompiledFunction, compile, DisposedError, type Expr, input, literal, StaleOutputError, variable, type Variable } from '@pappus/core';
import { DISPOSE } from '@pappus/core/backend';
import { describe, expect, it } from 'vitest';
import type { Setting } from './setting.js';

const counting = (n: number, from = 0): Int32Array => Int32Array.from({ length: n }, (_, k) => from + k);

/** Adds its input to a total, and answers it twice as large and shifted by a constant. */
async function totalling(setting: Setting) {
  const x = input('int32', ['n'], 'x');
  const total = variable(0, { dtype: 'int32', name: 'total' });
  const table = literal(Int32Array.of(100, 200, 300), [3], 'int32');
  const outputs = { twice: x.mul(2), shifted: x.add(table.sum()), sum: x.sum(), seen: total.add(0) };
  const run = await compile({ inputs: { x }, outputs, updates: new Map([[total, total.add(x.sum())]]) }, await setting.backend());
  return { run, total };
}

async function pair(setting: Setting): Promise<{ v: Variable; w: Variable; step: CompiledFunction<Record<never, Expr>, { sum: Expr }> }> {
  const [v, w] = [variable([1, 2, 3], { dtype: 'int32', name: 'v' }), variable([10, 20, 30], { dtype: 'int32', name: 'w' })];
  const step = await compile({ outputs: { sum: v.add(w) }, updates: new Map([[v, v.add(1)], [w, w.add(1)]]) }, await setting.backend());
  return { v, w, step };
}

export function memory(setting: Setting): void {
  describe('memory', () => {
    it('is shared by the sizes of a function, which may grow, shrink and take each other in turn', async () => {
      const { run, total } = await totalling(setting);
      let sum = 0;
      for (const n of [3, 1, 500, 2, 0, 501, 1000, 500, 3, 7, 1001, 1]) {
        const out = await run({ x: counting(n, 5) });
        expect([...(await out.twice.read())]).toEqual(Array.from({ length: n }, (_, k) => 2 * (5 + k)));
        expect([...(await out.shifted.read())]).toEqual(Array.from({ length: n }, (_, k) => 605 + k));
        expect(await out.seen.item()).toBe(sum);
        sum += counting(n, 5).reduce((a, b) => a + b, 0);
      }
      expect(await total.item()).toBe(sum);
    });

    it('that moves does not take away outputs of the last call, as values and as inputs', async () => {
      const [x, y] = [input('int32', ['n'], 'x'), input('int32', ['m'], 'y')];
      const f = await compile({ inputs: { x, y }, outputs: { x: x.add(1), y: y.add(10), same: x.add(0) } }, await setting.backend());
      let out = await f({ x: counting(5), y: counting(3) });
      for (const n of [6, 40, 300, 2, 2000, 3, 9000]) {
        const before = [...(await out.x.read())];
        // Compiles for other sizes, with outputs in the memory that must grow for it.
        const next = f({ x: out.x, y: counting(n) });
        const reading = out.y.read();
        const early = await reading.catch((error: unknown) => error);
        if (early instanceof Error) expect(early).toBeInstanceOf(StaleOutputError);
        out = await next;
        expect([...(await out.same.read())]).toEqual(before);
        expect([...(await out.x.read())]).toEqual(before.map((value) => value + 1));
        expect([...(await out.y.read())]).toEqual(Array.from({ length: n }, (_, k) => 10 + k));
      }
      const given = out;
      const crossed = await f({ x: given.y, y: given.x });
      expect([...(await crossed.x.read())].slice(0, 3)).toEqual([11, 12, 13]);
      expect([...(await crossed.y.read())]).toEqual([18, 19, 20, 21, 22]);
    });
  });

  describe('dispose', () => {
    it('of a variable ends it everywhere, and leaves those beside it', async () => {
      const backend = await setting.backend();
      const { v, w, step } = await pair(setting);
      await step();
      const other = await compile({ updates: new Map([[w, w.mul(2)]]) }, backend);
      v.dispose();
      v.dispose();
      v[DISPOSE]();
      for (const use of [() => v.read(), () => v.set([1, 1, 1]), () => v.to(backend), () => step()]) {
        await expect(use()).rejects.toThrow(DisposedError);
        await expect(use()).rejects.toThrow(/variable v was disposed of, and its value is gone/);
      }
      await expect(compile({ outputs: { y: w.add(v) } }, backend)).rejects.toThrow(DisposedError);
      await expect(compile({ updates: new Map([[v, w]]) }, backend)).rejects.toThrow(DisposedError);
      await other();
      expect([...(await w.read())]).toEqual([22, 42, 62]);
      // What takes the memory does not reach those that are still there.
      const others = Array.from({ length: 9 }, (_, k) => variable([k, k, k], { dtype: 'int32' }));
      const sum = others.reduce<Expr>((a, b) => a.add(b), w);
      const { all } = await (await compile({ outputs: { all: sum } }, backend))();
      expect([...(await all.read())]).toEqual([22 + 36, 42 + 36, 62 + 36]);
    });

    it('of a variable that is on no backend, and in a graph that is not run, harms nobody', async () => {
      const [v, w] = [variable([1, 2], { dtype: 'int32', name: 'v' }), variable([3, 4], { dtype: 'int32', name: 'w' })];
      const both = v.add(w);
      v.dispose();
      expect(both.mul(v).shape).toEqual([2]);
      await expect(v.read()).rejects.toThrow(DisposedError);
      const { y } = await (await compile({ outputs: { y: w.mul(2) } }, await setting.backend()))();
      expect([...(await y.read())]).toEqual([6, 8]);
    });

    it('lets calls that wait end first', async () => {
      const { run, total } = await totalling(setting);
      const y = input('int32', ['n'], 'y');
      const negate = await compile({ inputs: { y }, outputs: { y: y.neg() } }, await setting.backend());
      const first = await run({ x: counting(4, 1) });
      const calls = [negate({ y: first.twice }), run({ x: counting(7, 1) }), run({ x: counting(50, 1) })] as const;
      run.dispose();
      total.dispose();
      const [negated, , last] = await Promise.all(calls);
      expect([...(await negated.y.read())]).toEqual([-2, -4, -6, -8]);
      for (const read of [first.twice.read(), last.seen.read(), total.read(), run({ x: [1] })]) await expect(read).rejects.toThrow(DisposedError);
    });

    it('of a function ends its calls and outputs, and leaves variables', async () => {
      const { v, w, step } = await pair(setting);
      const { sum } = await step();
      const reading = sum.read();
      const given = input('int32', [3], 'given');
      const take = await compile({ inputs: { given }, outputs: { y: given.add(1) } }, await setting.backend());
      step.dispose();
      step[DISPOSE]();
      expect([...(await reading)]).toEqual([11, 22, 33]);
      for (const use of [() => step(), () => sum.read(), () => take({ given: sum })]) await expect(use()).rejects.toThrow(DisposedError);
      await expect(sum.read()).rejects.toThrow(/the function that answers 'sum' and updates v, w was disposed of/);
      expect(() => step.program).toThrow(DisposedError);
      expect([...(await v.read()), ...(await w.read())]).toEqual([2, 3, 4, 11, 21, 31]);
      const { y } = await take({ given: [1, 2, 3] });
      expect([...(await y.read())]).toEqual([2, 3, 4]);
    });

    it('of a variable while a function that uses it is compiled', async () => {
      const [v, w] = [variable([1, 2], { dtype: 'int32', name: 'v' }), variable([3, 4], { dtype: 'int32', name: 'w' })];
      const compiling = compile({ updates: new Map([[w, w.add(v)]]) }, await setting.backend());
      v.dispose();
      const step = await compiling;
      await expect(step()).rejects.toThrow(DisposedError);
      expect([...(await w.read())]).toEqual([3, 4]);
    });

    it('of a backend ends all that is on it, and nothing else', async () => {
      const [gone, here] = [await setting.another(), await setting.backend()];
      const [v, w, s] = [variable([1, 2], { dtype: 'int32', name: 'v' }), variable([3, 4], { dtype: 'int32', name: 'w' }), variable(7, { dtype: 'int32', name: 's' })];
      const x = input('int32', ['n'], 'x');
      const step = await compile({ inputs: { x }, outputs: { y: v.add(s), z: x.add(1) }, updates: new Map([[v, v.add(1)], [s, s.add(1)]]) }, gone);
      const { y } = await step({ x: [1] });
      await w.to(gone);
      const waiting = step({ x: [1, 2, 3] });
      gone.dispose();
      gone.dispose();
      gone[DISPOSE]();
      await expect(waiting).rejects.toThrow(DisposedError);
      const uses = [
        () => v.read(), () => s.item(), () => w.set([1, 1]), () => v.to(here), () => y.read(), () => step({ x: [1] }), () => step({ x: [1, 2] }),
        () => compile({ inputs: { x }, outputs: { y: x.mul(2) } }, gone), () => variable([1]).to(gone),
      ];
      for (const use of uses) await expect(use()).rejects.toThrow(DisposedError);
      await expect(v.read()).rejects.toThrow(/the backend \w+ was disposed of, and what was on it is gone/);
      v.dispose();
      step.dispose();
      const { twice } = await (await compile({ inputs: { x }, outputs: { twice: x.mul(2) } }, here))({ x: [4] });
      expect([...(await twice.read())]).toEqual([8]);
    });
  });
}
