// Scalars that rules keep in float64, and the counts of steps, where they depend on tensors: float32 on a device that has no float64.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import {
  accumulate, adam, type Backend, compile, cpu, equalAverage, type Expr, exponentialAverage, gradientNoise, input, interpreter, lookahead, lossScaling, nadam, polynomialAverage, prodigy, radam, type Rule, scheduleFreeAdamw, scheduleFreeRadam, scheduleFreeSgd, skipNonFinite, sophia, type Updates, variable, type Variable, warmupCosine,
} from '../../src/index.js';
import { webgpu } from '../../src/webgpu.js';

type Build = (loss: Expr, params: readonly Variable[]) => Updates;

const rate = { learningRate: 0.05 };
const unwrapped = <O extends object>(rule: Rule<[options?: O]>, options?: O): Build => (loss, params) => (options === undefined ? rule(loss, params) : rule(loss, params, options));

const BUILDS: Readonly<Record<string, Build>> = {
  'a schedule under skipNonFinite': (loss, params) => skipNonFinite(adam)(loss, params, { learningRate: ({ t }) => warmupCosine(t, { peak: 0.05, warmup: 2, steps: 6 }) }),
  'nadam under skipNonFinite': unwrapped(skipNonFinite(nadam), rate),
  'nadam under accumulate': unwrapped(accumulate(nadam, { steps: 2 }), rate),
  'scheduleFreeSgd under skipNonFinite': unwrapped(skipNonFinite(scheduleFreeSgd), rate),
  'scheduleFreeAdamw under lossScaling': unwrapped(lossScaling(scheduleFreeAdamw, { initial: 4 }), rate),
  'scheduleFreeSgd at a rate of tensors': (loss, params) => scheduleFreeSgd(loss, params, { learningRate: loss.mul(0.001).add(0.05) }),
  'scheduleFreeRadam under skipNonFinite': unwrapped(skipNonFinite(scheduleFreeRadam), { ...rate, silent: false }),
  'radam at a rate of tensors': (loss, params) => radam(loss, params, { learningRate: loss.mul(0.001).add(0.05) }),
  'radam under skipNonFinite': unwrapped(skipNonFinite(radam), rate),
  'prodigy under skipNonFinite': unwrapped(skipNonFinite(prodigy)),
  'sophia under skipNonFinite': unwrapped(skipNonFinite(sophia), { ...rate, interval: 3, vectors: 'signs' }),
  'averages under skipNonFinite': unwrapped(skipNonFinite(equalAverage(exponentialAverage(polynomialAverage(adam), { debias: true }), { every: 2 })), rate),
  'lookahead and noise under skipNonFinite': unwrapped(skipNonFinite(lookahead(gradientNoise(adam), { steps: 2 })), rate),
  'accumulate by a schedule under skipNonFinite': unwrapped(skipNonFinite(accumulate(adam, { steps: ({ t }) => t })), rate),
};

/** Six steps, the third of which is not finite; all that is kept afterwards, but what is not compared. */
async function kept(build: Build, backend: Backend): Promise<{ readonly name: string; readonly values: number[] }[]> {
  const dtype = backend.name === 'interpreter' ? 'float64' : 'float32';
  const w = variable([1, -2, 3], { name: 'w', dtype });
  const g = input(dtype, [3], 'g');
  const updates = build(w.square().mul(g).sum(), [w]);
  const step = await compile({ inputs: { g }, updates }, backend);
  for (const scale of [1, 0.5, NaN, 0.25, 2, 1]) await step({ g: [1 * scale, 0.5 * scale, -0.75 * scale] });
  return Promise.all([...updates.keys()].map(async (v) => ({ name: v.name, values: [...(await v.read())] })));
}

/** Those of gradients that are finite: rules that skip nothing see NaN. */
const skips = (name: string): boolean => /skipNonFinite|lossScaling/.test(name);

describe.runIf(adapterOrComplaint('scalars of float64 on WebGPU'))('on a GPU', () => {
  let made: ReturnType<typeof webgpu> | undefined;

  it.each(Object.keys(BUILDS))('%s goes the way of float64, to what float32 rounds', async (name) => {
    const build = BUILDS[name] ?? unwrapped(adam);
    const [found, expected] = [await kept(build, await (made ??= webgpu())), await kept(build, name.includes('noise') ? await cpu() : interpreter())];
    // Noise of float64 is other noise: there the reference is the CPU in float32, whose counts are float64.
    for (const [k, { name: of, values }] of expected.entries()) {
      values.forEach((value, i) => {
        const other = found[k]?.values[i] ?? NaN;
        if (Number.isNaN(value)) expect(other, of).toBeNaN();
        // Six steps of a few roundings, of numbers that are about 1 or smaller.
        else expect(Math.abs(other - value), `${of}: ${other} and ${value}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
      });
    }
    if (skips(name)) expect(found.every(({ values }) => values.every(Number.isFinite))).toBe(true);
  });

  it('a scalar of float64 goes from the host to the GPU and back, and to another backend', async () => {
    const backend = await (made ??= webgpu());
    const s = variable(1 / 3, { name: 's', dtype: 'float64' });
    const w = variable([1, 2], { name: 'w' });
    const onDevice = await compile({ updates: new Map<Variable, Expr>([[s, s.add(w.sum().cast('float64'))], [w, w.mul(s.cast('float32'))]]) }, backend);
    const onHost = await compile({ updates: new Map([[s, s.mul(0.5)]]) }, backend);
    await onHost();
    expect(await s.item()).toBe(1 / 6);
    await onDevice();
    // 1/6 as float32 has it, and the sum.
    expect(await s.item()).toBe(Math.fround(Math.fround(1 / 6) + 3));
    await onHost();
    const half = Math.fround(Math.fround(1 / 6) + 3) / 2;
    expect(await s.item()).toBe(half);
    await s.set(0.25);
    await onDevice();
    await s.to(await cpu());
    expect((await s.read()) instanceof Float64Array).toBe(true);
    expect(await s.item()).toBe(Math.fround(0.25 + Math.fround(Math.fround(1 / 6) + Math.fround(2 * Math.fround(1 / 6)))));
  });
});
