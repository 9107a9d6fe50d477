import { describe, expect, it } from 'vitest';
import { DISPOSE } from '../../src/backend.js';
import { compile, DisposedError, evaluate, grad, input, interpreter, PappusError, variable } from '../../src/index.js';
import { holding, Lifetime } from '../../src/run/lifetime.js';

describe('a lifetime', () => {
  it('frees once, when what was begun before has ended', async () => {
    let freed = 0;
    const life = new Lifetime(() => 'it was disposed of', () => freed++);
    life.check();
    let end = (): void => undefined;
    const work = holding([life, life], () => new Promise<number>((resolve) => { end = () => resolve(7); }));
    life.dispose();
    expect(() => life.check()).toThrow(DisposedError);
    expect([life.isOver, freed]).toEqual([true, 0]);
    end();
    expect(await work).toBe(7);
    life.dispose();
    expect(freed).toBe(1);
  });

  it('frees when what was begun fails', async () => {
    let freed = 0;
    const life = new Lifetime(() => '', () => freed++);
    await expect(holding([life], () => (life.dispose(), Promise.reject(new RangeError('work'))))).rejects.toThrow('work');
    expect(freed).toBe(1);
  });
});

describe('dispose', () => {
  it('has the name that using calls', () => {
    const own: unknown = Reflect.get(Symbol, 'dispose');
    expect(DISPOSE).toBe(own === undefined ? Symbol.for('Symbol.dispose') : own);
    const error = new DisposedError('gone');
    expect(error).toBeInstanceOf(PappusError);
    expect(error.name).toBe('DisposedError');
  });

  it('of a variable ends its uses in the interpreter, and of nothing else', async () => {
    const backend = interpreter();
    const [v, w] = [variable([1, 2], { name: 'v' }), variable([3, 4], { name: 'w' })];
    const x = input('float32', [], 'x');
    const step = await compile({ inputs: { x }, outputs: { y: v.mul(w).sum() }, updates: new Map([[w, w.add(x)]]) }, backend);
    const { y } = await step({ x: 1 });
    expect(await y.item()).toBe(11);
    v.dispose();
    for (const use of [() => v.read(), () => v.item(), () => v.set([1, 2]), () => v.to(backend), () => step({ x: 1 }), () => evaluate(v.sum())]) {
      await expect(use()).rejects.toThrow(/variable v was disposed of|has not one element/);
    }
    await expect(compile({ outputs: { y: w.add(v) } }, backend)).rejects.toThrow(DisposedError);
    await expect(compile({ inputs: { x }, outputs: { y: grad(v.mul(x).sum(), x) } }, interpreter())).rejects.toThrow(/variable v was disposed of/);
    expect(await y.item()).toBe(11);
    expect([...(await w.read())]).toEqual([4, 5]);
  });

  it('of a function names what it answers and updates', async () => {
    const w = variable([1, 2], { name: 'w' });
    const step = await compile({ outputs: { sum: w.sum() }, updates: new Map([[w, w.mul(2)]]) }, interpreter());
    const { sum } = await step();
    const queued = [step(), step()];
    step.dispose();
    await Promise.all(queued);
    expect([...(await w.read())]).toEqual([8, 16]);
    await expect(sum.item()).rejects.toThrow("the function that answers 'sum' and updates w was disposed of");
    await expect(step()).rejects.toThrow(DisposedError);
    expect(() => step.program).toThrow(DisposedError);
  });

  it('of the interpreter ends what is on it', async () => {
    const [gone, here] = [interpreter(), interpreter()];
    const w = variable([1, 2], { name: 'w' });
    const step = await compile({ outputs: { y: w.mul(2) } }, gone);
    const { y } = await step();
    gone[DISPOSE]();
    gone.dispose();
    for (const use of [() => w.read(), () => w.set([1, 1]), () => w.to(here), () => y.read(), () => step(), () => compile({ outputs: { y: w } }, gone), () => variable([1]).to(gone)]) {
      await expect(use()).rejects.toThrow(/the backend interpreter was disposed of/);
    }
    w.dispose();
  });
});
