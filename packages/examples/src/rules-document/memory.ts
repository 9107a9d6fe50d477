/** What a rule keeps beside its parameters, in words, found by calling it. */
import { PappusError, type Updates, variable, type Variable } from 'pappus';

import type { AnyOptimizer } from '../optimizers.js';

/** Lengths that no product or sum of the others gives. */
const [rows, columns] = [7, 11];

/** As 'rows + columns numbers for a matrix, 1 an element of a vector; a count of steps'. */
export function memoryOf(rule: AnyOptimizer, matricesOnly: boolean): string {
  const matrix = kept(rule, [rows, columns]);
  const vector = matricesOnly ? undefined : kept(rule, [rows]);
  const shared = matrix.shared.length === 0 ? [] : [matrix.shared.join(' and ')];
  const own = describe(matrix.own, [rows, columns]);
  const ofVectors = vector === undefined ? own : describe(vector.own, [rows]);
  if (own === ofVectors) return [matricesOnly ? `${own}, of matrices` : own, ...shared].join('; ');
  return [`${own} for a matrix, ${ofVectors} for a vector`, ...shared].join('; ');
}

interface Kept {
  /** The shapes of the state of one parameter. */
  readonly own: readonly (readonly number[])[];
  /** What all parameters share, in words. */
  readonly shared: readonly string[];
}

function kept(rule: AnyOptimizer, shape: readonly number[]): Kept {
  const w = variable({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5), shape }, { name: 'w' });
  const updates = rule(w.square().sum(), [w], { learningRate: 0.1 });
  const isShared = (state: Variable): boolean => updates.roleOf(state)?.of === undefined;
  return { own: updates.state.filter((state) => !isShared(state)).map((state) => state.shape), shared: sharedOf(updates, isShared) };
}

function sharedOf(updates: Updates, isShared: (state: Variable) => boolean): string[] {
  const all = updates.state.filter(isShared);
  const sized = all.find(({ rank }) => rank > 0);
  if (sized !== undefined) throw new PappusError(`${sized.name} is shared, and no scalar: say in memory.ts what it is`);
  const counts = all.filter(({ dtype }) => dtype === 'int32').length;
  const scalars = all.length - counts;
  return [...(counts > 0 ? [counts === 1 ? 'a count of steps' : `${counts} counts of steps`] : []), ...(scalars > 0 ? [`${scalars} ${scalars === 1 ? 'number' : 'numbers'} for all parameters`] : [])];
}

/** The sum of the sizes of shapes, by the lengths of the parameter's. */
function describe(shapes: readonly (readonly number[])[], [n, m]: readonly number[]): string {
  const many = new Map<string, number>();
  for (const shape of shapes) {
    const term = termOf(shape.filter((length) => length !== 1), n, m);
    many.set(term, (many.get(term) ?? 0) + 1);
  }
  const { element = 0, rows: ofRows = 0, columns: ofColumns = 0, number = 0, ...others } = Object.fromEntries(many);
  const parts = [
    ...(element > 0 ? [`${element} ${element === 1 ? 'number' : 'numbers'} an element`] : []),
    ...(ofRows + ofColumns > 0 ? [[...times(ofRows, 'rows'), ...times(ofColumns, 'columns')].join(' + ')] : []),
    ...Object.entries(others).map(([term, count]) => times(count, term).join()),
    ...(number > 0 ? [`${number} for each tensor`] : []),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function times(count: number, term: string): string[] {
  return count === 0 ? [] : [count === 1 ? term : `${count} ${term}`];
}

function termOf(shape: readonly number[], n = NaN, m = NaN): string {
  if (shape.length === 0) return 'number';
  const size = shape.reduce((a, b) => a * b, 1);
  if (size === (Number.isNaN(m) ? n : n * m)) return 'element';
  if (size === n) return 'rows';
  if (size === m) return 'columns';
  if (size === n * n) return 'rows²';
  if (size === m * m) return 'columns²';
  throw new PappusError(`a state of the shape [${shape.join(', ')}] for a parameter of [${n}, ${m}]: say in memory.ts what it is`);
}
