// Options that no recording has, against the formulas of the authors' classes written as loops over numbers.
import { compile, type Expr, input, interpreter, type Updates, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adabelief, adabound, adam, adan, adopt, amsgrad, grams, laprop, mars, novograd, radam } from '../src/index.js';

const STEPS = 14;
const start = [0.7, -1.3, 0.2];
const gradient = (t: number): number[] => start.map((_, i) => Math.sin(1.7 * t * (i + 1)) + 0.3 * i);
const [lr, b1, b2, eps, wd] = [0.02, 0.6, 0.8, 1e-3, 0.1];

type Rule = (g: readonly Expr[], w: Parameters<typeof adan>[1]) => Updates;

async function ours(rule: Rule): Promise<number[]> {
  const w = variable(start, { name: 'w', dtype: 'float64' });
  const g = input('float64', [3]);
  const step = await compile({ inputs: { g }, updates: rule([g], [w]) }, interpreter());
  for (let t = 1; t <= STEPS; t++) await step({ g: gradient(t) });
  return Array.from(await w.read());
}

/** A rule over one number: what it becomes, given the gradient, the step, and state that begins at 0. */
type Scalar = (x: number, g: number, t: number, s: Record<'m' | 'v' | 'u' | 'max' | 'last', number>) => number;

function byHand(rule: Scalar): number[] {
  return start.map((x0, i) => {
    const state = { m: 0, v: 0, u: 0, max: 0, last: 0 };
    let x = x0;
    for (let t = 1; t <= STEPS; t++) x = rule(x, gradient(t)[i] ?? NaN, t, state);
    return x;
  });
}

const moments = (s: { m: number; v: number }, g: number): void => {
  s.m = b1 * s.m + (1 - b1) * g;
  s.v = b2 * s.v + (1 - b2) * g * g;
};

type Case = readonly [name: string, ours: Rule, theirs: Scalar];

const cases: readonly Case[] = [
  ...([adam, amsgrad] as const).map((rule): Case => ['the largest corrected moment, ' + (rule === adam ? 'as a flag' : 'as a rule'), (g, w) => rule(g, w, { learningRate: lr, beta1: b1, beta2: b2, epsilon: eps, epsilonRoot: 0.01, epsilonPlace: 'corrected', maximumOf: 'corrected', weightDecay: wd, decay: 'independent', ...(rule === adam ? { amsgrad: true } : {}) }), (x, g, t, s) => {
    moments(s, g);
    s.max = Math.max(s.max, s.v / (1 - b2 ** t));
    return x * (1 - wd) - lr * s.m / (1 - b1 ** t) / (Math.sqrt(s.max + 0.01) + eps);
  }]),
  ['adabelief, the largest corrected distance', (g, w) => adabelief(g, w, { learningRate: lr, beta1: b1, beta2: b2, epsilon: eps, epsilonRoot: 1e-4, amsgrad: true, maximumOf: 'corrected', nesterov: true, weightDecay: wd }), (x, g, t, s) => {
    s.m = b1 * s.m + (1 - b1) * g;
    s.v = b2 * s.v + (1 - b2) * (g - s.m) ** 2 + 1e-4;
    s.max = Math.max(s.max, s.v / (1 - b2 ** t));
    const ahead = b1 * s.m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1 ** t);
    return x * (1 - lr * wd) - lr * ahead / (Math.sqrt(s.max) + eps);
  }],
  ['amsbound', (g, w) => adabound(g, w, { learningRate: lr, finalLearningRate: 0.1, gamma: 0.2, beta1: b1, beta2: b2, epsilon: eps, amsbound: true, weightDecay: wd }), (x, gradientOf, t, s) => {
    const g = gradientOf + wd * x;
    moments(s, g);
    s.max = Math.max(s.max, s.v);
    const rate = lr * Math.sqrt(1 - b2 ** t) / (1 - b1 ** t) / (Math.sqrt(s.max) + eps);
    return x - Math.min(Math.max(rate, 0.1 * (1 - 1 / (0.2 * t + 1))), 0.1 * (1 + 1 / (0.2 * t))) * s.m;
  }],
  ['radam that looks ahead, and rests at first', (g, w) => radam(g, w, { learningRate: lr, beta1: b1, beta2: 0.9, epsilon: eps, nesterov: true, unrectified: 'none', threshold: 4 }), (x, g, t, s) => {
    s.m = b1 * s.m + (1 - b1) * g;
    s.v = 0.9 * s.v + 0.1 * g * g;
    const most = 2 / 0.1 - 1;
    const rho = most - 2 * t * 0.9 ** t / (1 - 0.9 ** t);
    if (rho < 4) return x;
    const r = Math.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho));
    const ahead = b1 * s.m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1 ** t);
    return x - lr * r * ahead * Math.sqrt(1 - 0.9 ** t) / (Math.sqrt(s.v) + eps);
  }],
  ['adan without prox', (g, w) => adan(g, w, { learningRate: lr, beta1: b1, beta2: b2, beta3: 0.9, epsilon: eps, weightDecay: wd, decay: 'decoupled' }), (x, g, t, s) => {
    const d = t === 1 ? 0 : g - s.last;
    s.last = g;
    s.m = b1 * s.m + (1 - b1) * g;
    s.u = b2 * s.u + (1 - b2) * d;
    s.v = 0.9 * s.v + 0.1 * (g + b2 * d) ** 2;
    const q = Math.sqrt(s.v) / Math.sqrt(1 - 0.9 ** t) + eps;
    return x * (1 - lr * wd) - lr * (s.m / (1 - b1 ** t) + b2 * s.u / (1 - b2 ** t)) / q;
  }],
  ['adopt coupled, uphill', (g, w) => adopt(g, w, { learningRate: lr, beta1: b1, beta2: b2, epsilon: eps, weightDecay: wd, decay: 'coupled', maximize: true }), (x, gradientOf, t, s) => {
    const g = -gradientOf + wd * x;
    if (t === 1) {
      s.v = g * g;
      return x;
    }
    const bound = (t - 1) ** 0.25;
    s.m = b1 * s.m + (1 - b1) * Math.max(-bound, Math.min(bound, g / Math.max(Math.sqrt(s.v), eps)));
    s.v = b2 * s.v + (1 - b2) * g * g;
    return x - lr * s.m;
  }],
  ...([[false, true], [true, false], [true, true]] as const).map(([centered, amsgrad]): Case => [
    `laprop${centered ? ' centered' : ''}${amsgrad ? ' amsgrad' : ''}`,
    (g, w) => laprop(g, w, { learningRate: lr, beta1: b1, beta2: b2, epsilon: eps, weightDecay: wd, centered, amsgrad }),
    (x, g, t, s) => {
      s.v = b2 * s.v + (1 - b2) * g * g;
      s.u = b2 * s.u + (1 - b2) * g;
      const young = centered && t <= 10;
      let divides = centered && !young ? s.v - s.u * s.u : s.v;
      if (amsgrad && !young) divides = s.max = Math.max(s.max, divides);
      s.m = b1 * s.m + (1 - b1) * lr * g / (Math.sqrt(divides / (1 - b2 ** t)) + eps);
      const moved = x - s.m / (1 - b1 ** t);
      return moved - wd * moved;
    },
  ]),
  ['grams without correction', (g, w) => grams(g, w, { learningRate: lr, beta1: b1, beta2: b2, epsilon: eps, weightDecay: wd, correctBias: false }), (x, g, _, s) => {
    moments(s, g);
    return x - lr * wd * x - lr * Math.sign(g) * Math.abs(s.m) / (Math.sqrt(s.v) + eps);
  }],
  ['grams corrected', (g, w) => grams(g, w, { learningRate: lr, beta1: b1, beta2: b2, epsilon: eps }), (x, g, t, s) => {
    moments(s, g);
    return x - lr * Math.sign(g) * Math.abs(s.m) / (1 - b1 ** t) / (Math.sqrt(s.v / (1 - b2 ** t)) + eps);
  }],
  ['mars amsgrad without bound', (g, w) => mars(g, w, { learningRate: lr, beta1: b1, beta2: b2, gamma: 0.3, epsilon: eps, weightDecay: wd, amsgrad: true, maxNorm: Infinity }), (x, g, t, s) => {
    moments(s, g + 0.3 * b1 / (1 - b1) * (g - s.last));
    s.last = g;
    s.max = Math.max(s.max, s.v);
    return x - lr * (wd * x + s.m / ((Math.sqrt(s.max) / Math.sqrt(1 - b2 ** t) + eps) * (1 - b1 ** t)));
  }],
  ['mars as lion', (g, w) => mars(g, w, { base: 'lion', learningRate: lr, beta1: b1, beta2: b2, gamma: 0.3, weightDecay: wd, maxNorm: Infinity }), (x, g, _, s) => {
    s.m = b1 * s.m + (1 - b1) * (g + 0.3 * b1 / (1 - b1) * (g - s.last));
    s.last = g;
    return x - lr * (wd * x + Math.sign(s.m));
  }],
];

describe('options of the younger kin of Adam', () => {
  it.each(cases)('%s', async (_, rule, theirs) => {
    const [actual, expected] = [await ours(rule), byHand(theirs)];
    actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i] ?? NaN, 12));
  });

  it.each([['decoupled', false], ['independent', false], ['decoupled', true]] as const)('novograd, as pytorch_optimizer, with a decay that is %s, averaging gradients: %s', async (decay, gradAveraging) => {
    const actual = await ours((g, w) => novograd(g, w, { learningRate: lr, beta1: b1, beta2: b2, epsilon: eps, weightDecay: wd, decay, gradAveraging, correctBias: true, firstGradient: 'twice' }));
    const square = (g: readonly number[]): number => g.reduce((sum, x) => sum + x * x, 0);
    let x = [...start];
    let v = square(gradient(1));
    let m = gradient(1).map((g, i) => g / (Math.sqrt(v) + eps) + wd * (start[i] ?? NaN));
    for (let t = 1; t <= STEPS; t++) {
      v = b2 * v + (1 - b2) * square(gradient(t));
      m = m.map((was, i) => b1 * was + (gradAveraging ? 1 - b1 : 1) * (gradient(t)[i] ?? NaN) / (Math.sqrt(v) + eps));
      const rate = lr * Math.sqrt(1 - b2 ** t) / (1 - b1 ** t);
      x = x.map((was, i) => was * (1 - (decay === 'decoupled' ? lr * wd : wd)) - rate * (m[i] ?? NaN));
    }
    actual.forEach((value, i) => expect(value).toBeCloseTo(x[i] ?? NaN, 12));
  });
});
