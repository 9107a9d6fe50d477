// What goes along an axis in order, as steps of random graphs with bounds. What is chosen by its rank is no further off than the elements are.
import { isFloat } from '@pappus/core';
import type { Apply } from '../graphs/operations.js';
import type { Choose, Tracked } from './random-graph.js';

/** One such operation over an axis that is not empty; undefined if it cannot be taken. */
export function randomOrder(f: Apply, choose: Choose, a: Tracked): Tracked | undefined {
  const { expr, shape, magnitude, error } = a;
  const axis = choose(shape.length);
  const n = shape[axis] ?? 0;
  if (n === 0 || expr.dtype === 'bool') return undefined;
  const k = 1 + choose(n);
  const cut = shape.map((d, at) => (at === axis ? k : d));
  const rest = shape.filter((_, at) => at !== axis);
  const [descending, largest, reverse, exclusive] = [choose(2) === 0, choose(2) === 0, choose(2) === 0, choose(2) === 0];
  const chosen: readonly (() => Tracked)[] = [
    () => ({ ...a, expr: f('sort', expr, axis, { descending }) }),
    () => ({ ...a, expr: f('topK.values', expr, k, axis, { largest }), shape: cut }),
    () => ({ ...a, expr: f('cummax.values', expr, axis, { reverse }) }),
    () => ({ ...a, expr: f('cummin.values', expr, axis, { reverse }) }),
  ];
  /** Where elements stand is known of exact ones alone. */
  const places: readonly (() => Tracked)[] = [
    () => ({ expr: f('argSort', expr, axis, { descending }), shape, magnitude: n, error: 0 }),
    () => ({ expr: f('topK.indices', expr, k, axis, { largest }), shape: cut, magnitude: n, error: 0 }),
    () => ({ expr: f('cummax.indices', expr, axis, { reverse }), shape, magnitude: n, error: 0 }),
    () => ({ expr: f('cummin.indices', expr, axis, { reverse }), shape, magnitude: n, error: 0 }),
    () => {
      const last = f('sort', expr);
      return { expr: f('searchSorted', last, f('flip', last, shape.length - 1), { side: largest ? 'left' : 'right' }), shape, magnitude: shape.at(-1) ?? 1, error: 0 };
    },
  ];
  /** The difference of two elements, times a share, is rounded four times. */
  const between: readonly (() => Tracked)[] = [
    () => ({ expr: f('median', expr, axis), shape: rest, magnitude, error: error + 4 * magnitude }),
    () => ({ expr: f('quantile', expr, 0.3, axis), shape: rest, magnitude, error: error + 4 * magnitude }),
    () => ({ expr: f('cumprod', f('clip', expr, -1, 1), axis, { reverse, exclusive }), shape, magnitude: 1, error: n * (error + 1) }),
  ];
  const possible = [...chosen, ...(error === 0 ? places : []), ...(isFloat(expr.dtype) ? between : [])];
  return possible[choose(possible.length)]?.();
}
