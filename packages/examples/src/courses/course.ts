/** Finds a rule's course to the minimum of a problem of the suite: the rate of the ladder with the fewest steps, with some to spare. */
import type { Course } from '@pappus/rule-table';
import type { ProblemSetting } from '@pappus/testing/problems';
import { compile, variable } from 'pappus';

import type { Backend } from '../backends.js';
import type { AnyOptimizer } from '../optimizers.js';
import { ladder, roundedUp } from './ladder.js';

/** Rates nearby must arrive as well, so that roundings in float32 or a change of the rule do not throw a course off its valley. */
const nearby = [1, 0.9, 1.1];
/** A fifth more steps than these need. */
const spare = 1.2;
/** The part of the way at its end in which a rule that does not arrive is judged. */
const tail = 0.1;

/** What the search found. */
export type FoundCourse =
  | { readonly kind: 'arrives'; readonly course: Course }
  /** No rate arrives; `course.enough` is what the best one stays below, with a half to spare. */
  | { readonly kind: 'falls short'; readonly course: Required<Course> }
  | { readonly kind: 'diverges' };

/** The loss along the way at a rate. */
type Run = (rate: number, steps: number, dtype?: 'float32' | 'float64') => Promise<readonly number[]>;

/**
 * Tries every rate of the ladder for `most` steps in float64.
 *
 * @param asColumn for a rule that takes matrices alone
 */
export async function findCourse(rule: AnyOptimizer, problem: ProblemSetting, most: number, backend: Backend, asColumn = false): Promise<FoundCourse> {
  const run: Run = (rate, steps, dtype) => losses(rule, problem, rate, steps, backend, dtype, asColumn);
  const tried: { readonly rate: number; readonly losses: readonly number[] }[] = [];
  for (const rate of ladder) tried.push({ rate, losses: await run(rate, most) });
  const arriving = tried.flatMap(({ rate, losses: way }) => {
    const steps = arrival(way, most, problem.low);
    return steps === undefined ? [] : [{ rate, steps }];
  });
  for (const { rate } of arriving.sort((a, b) => a.steps - b.steps)) {
    const steps = await safeSteps(run, problem.low, rate, most);
    if (steps !== undefined) return { kind: 'arrives', course: { learningRate: rate, steps } };
  }
  const whole = tried.filter(({ losses: way }) => way.length > most && way.every(Number.isFinite));
  const [best] = whole.map(({ rate, losses: way }) => ({ rate, level: Math.max(...way.slice(-Math.ceil(tail * most))) })).sort((a, b) => a.level - b.level);
  if (best === undefined) return { kind: 'diverges' };
  return { kind: 'falls short', course: { learningRate: best.rate, steps: most, enough: Number((1.5 * best.level).toPrecision(2)) } };
}

/** So many that this rate and those nearby stay below, with some to spare; in float32, too, the loss is low then. */
async function safeSteps(run: Run, low: number, rate: number, most: number): Promise<number | undefined> {
  let needed = 0;
  for (const factor of nearby) {
    const steps = arrival(await run(factor * rate, most), most, low);
    if (steps === undefined) return undefined;
    needed = Math.max(needed, steps);
  }
  const steps = roundedUp(spare * needed);
  const single = await run(rate, steps, 'float32');
  return (single[steps] ?? Infinity) < low ? steps : undefined;
}

/** After how many steps the loss is low to the end. */
function arrival(way: readonly number[], most: number, low: number): number | undefined {
  if (way.length <= most) return undefined;
  const last = way.findLastIndex((loss) => !(loss < low));
  return last === most ? undefined : last + 1;
}

/** The loss before the first step and after each; it ends where that is no number or past all hope. */
async function losses(rule: AnyOptimizer, { loss: lossOf, start }: ProblemSetting, learningRate: number, steps: number, backend: Backend, dtype: 'float32' | 'float64' = 'float64', asColumn = false): Promise<number[]> {
  const x = variable(asColumn ? start.map((value) => [value]) : [...start], { name: 'x', dtype });
  const loss = lossOf(asColumn ? x.reshape([start.length]) : x);
  const step = await compile({ outputs: { loss }, updates: rule(loss, [x], { learningRate }) }, backend);
  const way: number[] = [];
  for (let t = 0; t <= steps; t++) {
    const value = await (await step()).loss.item();
    if (!(Math.abs(value) < hopeless)) break;
    way.push(value);
  }
  return way;
}

/** From losses of 24 and less. */
const hopeless = 1e12;
