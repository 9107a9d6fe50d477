// Dropout and random numbers inside a compiled training step.
import { describe, expect, it } from 'vitest';
import { bernoulli, compile, cpu, crossEntropy, dropout, type Expr, glorotUniform, input, layerNorm, normal, type ProgramDescription, sgd, uniform, variable, zeros } from '../src/index.js';

const backend = cpu();
const step = variable(0, { dtype: 'int32', name: 'step' });
const counted = new Map([[step, step.add(1)]]);

/** A training step of a perceptron with two hidden layers, whose activations go through `drop`. */
async function programOf(drop: (hidden: Expr, layer: number) => Expr, normalized = false): Promise<ProgramDescription> {
  const images = input('float32', ['batch', 20]);
  const labels = input('int32', ['batch']);
  const weight = (rows: number, columns: number, seed: number): [ReturnType<typeof variable>, ReturnType<typeof variable>] => [
    variable(glorotUniform([rows, columns], { seed }), { name: `w${seed}` }), variable(zeros([columns]), { name: `b${seed}` }),
  ];
  const layers = [weight(20, 24, 1), weight(24, 16, 2), weight(16, 10, 3)];
  const logits = layers.reduce((x, [w, b], k) => {
    const z = x.matmul(w).add(b);
    return k === 2 ? z : drop(normalized ? layerNorm(z).relu() : z.relu(), k);
  }, images);
  const loss = crossEntropy(logits, labels);
  const updates = new Map([...sgd(loss, layers.flat(), { learningRate: 0.1 }), ...counted]);
  const run = await compile({ inputs: { images, labels }, outputs: { loss }, updates }, await backend);
  await run({ images: new Float32Array(20 * 8).map((_, i) => Math.sin(i)), labels: new Int32Array(8).map((_, i) => i) });
  return run.program;
}

describe('dropout in a network', () => {
  const dropped = (rate: number | Expr) => (hidden: Expr, layer: number): Expr => dropout(hidden, rate, { seed: layer, step });

  it.each([['plain', false], ['normalized', true]] as const)('adds no kernel and keeps nothing in memory: %s layers', async (_, normalized) => {
    const without = await programOf((hidden) => hidden.mul(1.25), normalized);
    for (const rate of [0.5, variable(0.5, { name: 'rate' })]) {
      const program = await programOf(dropped(rate), normalized);
      expect(program.kernels.map((k) => k.kind)).toEqual(without.kernels.map((k) => k.kind));
      expect(program.bytes.temporaries).toBeLessThanOrEqual(without.bytes.temporaries);
    }
  });

  it('draws another mask in each step, and none once the rate is 0', async () => {
    const x = variable(new Array<number>(64).fill(1), { name: 'x' });
    const rate = variable(0.5, { name: 'rate' });
    const run = await compile({ outputs: { y: dropout(x, rate, { seed: 1, step }) }, updates: counted }, await backend);
    const masks = new Set<string>();
    for (let k = 0; k < 5; k++) masks.add((await (await run()).y.read()).join());
    expect(masks.size).toBe(5);
    await rate.set(0);
    expect(new Set(await (await run()).y.read())).toEqual(new Set([1]));
  });
});

describe('a million numbers', () => {
  const n = 1e6;

  it.each<[string, Expr, number, number]>([
    ['uniform', uniform([n], { low: 0, high: 1, seed: 1, step }), 1 / 2, 1 / 12],
    ['normal', normal([n], { std: 1, seed: 2, step }), 0, 1],
    ['bernoulli', bernoulli([n], { p: 0.3, seed: 3, step, dtype: 'float32' }), 0.3, 0.21],
  ])('%s: are one kernel without a temporary, in time, and of the right moments', async (_, numbers, mean, variance) => {
    const deviation = numbers.sub(mean).square();
    const run = await compile({ outputs: { numbers }, updates: counted }, await backend);
    await run();
    expect(run.program.kernels).toHaveLength(1);
    expect(run.program.bytes.temporaries).toBe(0);
    const moments = await compile({ outputs: { mean: numbers.mean(), variance: deviation.mean() }, updates: counted }, await backend);
    const found = await moments();
    // Five standard errors; the fourth moment of a normal number, 3, is the largest of the three.
    expect(Math.abs((await found.mean.item()) - mean)).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs((await found.variance.item()) - variance)).toBeLessThan(5 * variance * Math.sqrt(2 / n));
  });
});
