import { problems } from '@pappus/testing/problems';
import { compile, cpu, OptimizerError, sgd, variable } from 'pappus';
import { describe, expect, it } from 'vitest';

import { boundRule } from '../../src/courses/bound-rule.js';
import { findCourse } from '../../src/courses/course.js';
import { findRate } from '../../src/courses/gallery-rate.js';
import { ladder, roundedUp } from '../../src/courses/ladder.js';
import { descend } from '../../src/gallery/path.js';
import { surfaces } from '../../src/gallery/surfaces.js';
import type { AnyOptimizer } from '../../src/optimizers.js';

describe('ladder', () => {
  it('rises by 1, 2 and 5', () => {
    expect(ladder.slice(17, 22)).toEqual([0.5, 1, 2, 5, 10]);
    expect([...ladder].sort((a, b) => a - b)).toEqual(ladder);
  });

  it('rounds steps up', () => {
    expect([1, 30, 31, 101, 1999, 5210].map(roundedUp)).toEqual([10, 30, 40, 110, 2000, 5300]);
  });
});

describe('findCourse', () => {
  it('answers a course that arrives, and none that a slower rate beats', async () => {
    const found = await findCourse(sgd, problems.quadratic, 200, await cpu());
    // Curvatures 2a from 0.25 to 2: a step shrinks the slowest part by 1 - 0.25 rate, and 1 is where the fastest does not shrink.
    expect(found).toMatchObject({ kind: 'arrives', course: { learningRate: 0.5 } });
    if (found.kind !== 'arrives') return;
    const x = variable([...problems.quadratic.start], { dtype: 'float64' });
    const loss = problems.quadratic.loss(x);
    const step = await compile({ outputs: { loss }, updates: sgd(loss, [x], { learningRate: 0.5 }) }, await cpu());
    for (let t = 0; t < found.course.steps; t++) await step();
    expect(await (await step()).loss.item()).toBeLessThan(1e-3);
  });

  it('says how near a rule comes that does not arrive', async () => {
    const found = await findCourse(sgd, problems.quadratic, 5, await cpu());
    expect(found.kind).toBe('falls short');
    if (found.kind === 'falls short') expect(found.course.enough).toBeGreaterThan(1e-3);
  });

  it('says where every rate diverges', async () => {
    const away: AnyOptimizer = (loss, params, options) => sgd(loss, params, options).mapValues((next, w) => w.mul(1e4).add(next.mul(1e-3)));
    expect(await findCourse(away, problems.quadratic, 50, await cpu())).toEqual({ kind: 'diverges' });
  });
});

describe('findRate', () => {
  it('finds a path that ends at a minimum', async () => {
    const found = await findRate(sgd, surfaces.saddle, await cpu());
    const end = (await descend(surfaces.saddle, sgd, found?.learningRate ?? NaN, await cpu())).at(-1);
    expect(Math.hypot(end?.x ?? NaN, (end?.y ?? NaN) - 1)).toBeLessThan(0.01);
  });
});

describe('boundRule', () => {
  const w = variable([1, 2], { name: 'w' });

  it('gives a rule its options', () => {
    expect(() => boundRule('momentum', { momentum: 2 })(w.square().sum(), [w], { learningRate: 0.1 })).toThrow(OptimizerError);
  });

  it('names what is no rule', () => {
    expect(() => boundRule('lionn')).toThrow('pappus exports no rule lionn');
  });
});
