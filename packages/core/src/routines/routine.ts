/**
 * Routines as operations of a graph: each takes items, the last axes of its operands, and gives results for every item of the axes before
 * them. What a node has is all results of an item one behind the other; each is a view of that. A routine brings along what the interpreter
 * and gradients do with it, so that programs without routines are bundled without any.
 */
import { construct } from '../graph/construct.js';
import { addDimensions, bindDimension, type Dimension, productOfDimensions } from '../graph/dimension.js';
import type { DType } from '../graph/dtype.js';
import { GraphError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { type Dense, dense } from '../interpreter/tensor.js';
import { reshape, sliceNode } from '../operations/movement.js';
import { type Shape, sizeOf } from '../graph/shape.js';
import { type ArrayRef, type Like, RoutineBuilder } from './builder.js';
import { type ArrayDType, arrayDType, type RoutineCode } from './code.js';
import { runnable, type RunnableRoutine } from './run.js';

/** As many of something as there are of something else: of operands, of results. */
export type Each<N extends readonly unknown[], T> = { readonly [K in keyof N]: T };

/** An array of an item with its shape. */
export interface ItemArray extends ArrayRef {
  /** The sizes of its axes. */
  readonly shape: readonly number[];
}

/** What a routine is, whatever the sizes; `A` is as long as there are operands, `R` as there are results. */
export interface RoutineDefinition<A extends readonly number[], R extends readonly Shape[]> {
  /** The function that was called, for messages, listings and the names of kernels. */
  readonly name: string;
  /** Tells routines of one name apart: their settings. Default: none. */
  readonly settings?: string;
  /** How many of the last axes of each operand an item has. */
  readonly itemAxes: A;
  /** The shapes of the results of an item, given those of its operands. */
  readonly results: (operands: Each<A, Shape>) => R;
  /** The dtype of the results, of which all have one. Default: that of the first operand. */
  readonly dtype?: ArrayDType;
  /** Writes the code, given the arrays of an item and where each result goes. */
  readonly write: (b: RoutineBuilder, operands: Each<A, ItemArray>, results: Each<R, ItemArray>) => void;
  /** The cotangents of the operands, null where none flows; given the operands, the results, and the cotangents of these. */
  readonly vjp: (operands: Each<A, Expr>, results: Each<R, Expr>, cotangents: Each<R, Expr>) => Each<A, Expr | null>;
}

/** A routine as its node has it: what the interpreter, gradients and compilers ask. */
export interface Routine {
  /** The function that was called. */
  readonly name: string;
  /** Equal keys are equal routines. */
  readonly key: string;
  /** How many of the last axes of each operand an item has. */
  readonly itemAxes: readonly number[];
  /** The code for operands of these shapes and dtypes, those of whole operands. */
  code(shapes: readonly (readonly number[])[], dtypes: readonly DType[]): RoutineCode;
  /** The values of the node, given those of its operands. */
  interpret(args: readonly Dense[], dtypes: readonly DType[], shape: readonly number[]): Dense;
  /** The cotangents of the operands of a node, given that of the node. */
  vjp(out: Expr, g: Expr): readonly (Expr | null)[];
}

/** A routine of the given definition. */
export function defineRoutine<const A extends readonly number[], const R extends readonly Shape[]>(definition: RoutineDefinition<A, R>): DefinedRoutine<A, R> {
  return new DefinedRoutine(definition);
}

/** The results of a routine, for operands whose axes before the items' are the same. */
export function applyRoutine<A extends readonly number[], R extends readonly Shape[]>(routine: DefinedRoutine<A, R>, operands: Each<A, Expr> & readonly Expr[]): Each<R, Expr> {
  const { definition } = routine;
  const batch = batchOf(definition.itemAxes, operands);
  const lengths = routine.resultShapes(operands).map(productOfDimensions);
  const dtype = definition.dtype ?? entry(operands, 0, definition.name).dtype;
  return routine.resultsOf(operands, construct({ kind: 'routine', routine }, operands, [...batch, lengths.reduce<Dimension>(addDimensions, 0)], dtype));
}

/** The axes before the items'. */
function batchOf(itemAxes: readonly number[], operands: readonly Expr[]): Shape {
  const first = entry(operands, 0, 'a routine');
  return first.shape.slice(0, first.rank - entry(itemAxes, 0, 'a routine'));
}

/** A routine as it was defined. */
class DefinedRoutine<A extends readonly number[], R extends readonly Shape[]> implements Routine {
  /** The function that was called. */
  readonly name: string;
  /** Equal keys are equal routines. */
  readonly key: string;
  /** How many of the last axes of each operand an item has. */
  readonly itemAxes: readonly number[];
  private last: { readonly sizes: string; readonly runnable: RunnableRoutine } | undefined;

  constructor(
    /** What it is. */
    readonly definition: RoutineDefinition<A, R>,
  ) {
    const { name, settings = '', itemAxes } = definition;
    this.name = name;
    this.key = `${name} ${settings}`;
    this.itemAxes = itemAxes;
  }

  code(shapes: readonly (readonly number[])[], given: readonly DType[]): RoutineCode {
    const { dtype, write } = this.definition;
    const dtypes = given.map(arrayDType);
    const b = new RoutineBuilder([...dtypes, ...(dtype === undefined ? [] : [dtype])].find((each) => each !== 'int32'));
    const items = shapes.map((shape, k) => this.itemShape(shape, k));
    const operands = items.map((shape, k): ItemArray => ({ ...b.array(`operand ${k}`, entry(dtypes, k, this.name), sizeOf(shape), 'operand'), shape }));
    const bound = this.itemResults(items);
    const known = bound.map((shape) => shape.map((d) => bindDimension(d, new Map())));
    const all = b.array('results', dtype ?? entry(dtypes, 0, this.name), known.reduce((sum, shape) => sum + sizeOf(shape), 0), 'result');
    let start = 0;
    const results = known.map((shape): ItemArray => {
      const part = partOf(all, start, sizeOf(shape));
      start += part.size;
      return { ...part, shape };
    });
    write(b, this.each(operands), likewise(results, bound, this.name));
    return b.finish();
  }

  interpret(args: readonly Dense[], dtypes: readonly DType[], shape: readonly number[]): Dense {
    const code = this.interpreted(args.map((arg) => arg.shape), dtypes);
    const out = dense(shape);
    const items = sizeOf(shape.slice(0, -1));
    const room = code.work.map((size) => new Float64Array(size));
    for (let item = 0; item < items; item++) {
      const part = (data: Float64Array): Float64Array => data.subarray((data.length / items) * item, (data.length / items) * (item + 1));
      code.run([...args.map(({ data }) => part(data)), part(out.data), ...room]);
    }
    return out;
  }

  /** The code as functions, of which the last ones are kept: a step is often interpreted again and again. */
  private interpreted(shapes: readonly (readonly number[])[], dtypes: readonly DType[]): RunnableRoutine {
    // The interpreter's floats are float64, whatever their dtype.
    const held = dtypes.map((dtype) => (dtype === 'float32' ? 'float64' : dtype));
    const sizes = `${shapes.map((shape) => shape.join()).join(';')} ${held.join()}`;
    if (this.last?.sizes !== sizes) this.last = { sizes, runnable: runnable(this.code(shapes, held)) };
    return this.last.runnable;
  }

  vjp(out: Expr, g: Expr): readonly (Expr | null)[] {
    return this.definition.vjp(this.each(out.args), this.resultsOf(out.args, out), this.resultsOf(out.args, g));
  }

  /** The shapes of the results of an item. */
  resultShapes(operands: readonly Expr[]): R {
    return this.itemResults(operands.map(({ shape }, k) => this.itemShape(shape, k)));
  }

  /** The results as views of what a node has, or of its cotangent. */
  resultsOf(operands: readonly Expr[], out: Expr): Each<R, Expr> {
    const batch = batchOf(this.itemAxes, operands);
    let start: Dimension = 0;
    const shapes = this.resultShapes(operands);
    const results = shapes.map((shape) => {
      const length = productOfDimensions(shape);
      const part = sliceNode(out, [...batch.map(() => 0), start], [...batch.map(() => 1), 1], [...batch, length]);
      start = addDimensions(start, length);
      return reshape(part, [...batch, ...shape]);
    });
    return likewise(results, shapes, this.name);
  }

  private itemResults(items: readonly Shape[]): R {
    return this.definition.results(this.each(items));
  }

  private itemShape<T>(shape: readonly T[], k: number): readonly T[] {
    return shape.slice(shape.length - entry(this.itemAxes, k, this.name));
  }

  private each<T>(list: readonly T[]): Each<A, T> {
    return likewise(list, this.definition.itemAxes, this.name);
  }
}

export type { DefinedRoutine };

/** A list that is as long as another. */
function likewise<N extends readonly unknown[], T>(list: readonly T[], like: N, name: string): Each<N, T> {
  if (isLike(list, like)) return list;
  throw new GraphError(`${name}: ${list.length} in the place of ${like.length}`);
}

function isLike<N extends readonly unknown[], T>(list: readonly T[], like: N): list is Each<N, T> & readonly T[] {
  return list.length === like.length;
}

function entry<T>(list: readonly T[], k: number, name: string): T {
  const found = list[k];
  if (found === undefined) throw new GraphError(`${name}: there is no operand ${k}`);
  return found;
}

function partOf(all: ArrayRef, start: number, size: number): ArrayRef {
  const from = (index: Like): Like => (typeof index === 'number' ? index + start : index.add(start));
  return { size, at: (index) => all.at(from(index)), set: (index, value) => all.set(from(index), value) };
}
