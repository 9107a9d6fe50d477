/**
 * The matrix product of packed operands, blocked as in Goto & van de Geijn (2008), "Anatomy of high-performance matrix
 * multiplication": a panel of b stays in the first cache while the panels of a stream from the second.
 *
 * Each element of c is a sum over k in an order that depends on k alone, so that rows and columns can be cut anywhere
 * (among threads, say) without changing a bit.
 */
import type { ProductBounds } from '../codegen/bounds.js';
import { i32, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local, ModuleBuilder, WasmFunction } from '../wasm/module.js';
import { elementOf, type Element, type MatmulType } from './element.js';
import { emitKernel } from './kernel.js';

export type { MatmulType } from './element.js';

/** Rows of a packed left panel and columns of a packed right panel. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
}

/** A tile, in vectors of columns, and how it is computed: at most `steps` steps of k are summed before c is touched. */
interface Plan {
  readonly rows: number;
  readonly vectors: number;
  readonly unroll: number;
  readonly steps: number;
}

/**
 * The largest tile whose sums, two vectors of b, one splat of a and, without a fused multiply-add, one product fit the 15
 * vector registers that V8 allocates on x64. 512 steps of b's panel take half of a first cache of 32 KiB.
 */
function planOf(type: MatmulType, relaxed: boolean): Plan {
  const fused = relaxed && type !== 'int32';
  return { rows: fused ? 6 : 5, vectors: 2, unroll: 4, steps: 512 };
}

/** Packed operands lie at or after this byte: pointers of an unrolled loop start up to three steps before them. */
export const LOWEST_OPERAND = 256;

/** The tile to pack for. */
export function tile(type: MatmulType, relaxed: boolean): Tile {
  const { rows, vectors } = planOf(type, relaxed);
  return { rows, columns: vectors * elementOf(type, relaxed).lanes };
}

export interface MatmulOptions {
  readonly type: MatmulType;
  /** Use the multiply-add of relaxed SIMD. */
  readonly relaxed: boolean;
  /** Of the operands, in debug builds. */
  readonly bounds?: ProductBounds | undefined;
}

const PARAMETERS = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/**
 * Adds `(a, b, c, m, n, k, rowStride, accumulate) -> void`, which overwrites the m x n block of c, whose rows are `rowStride`
 * bytes apart, with the product of packed operands, or adds it to the block if `accumulate` is not 0; m, n and k may be 0
 * (k = 0 gives zeros). With MR, NR of `tile`:
 *
 * - a: ceil(m / MR) panels of k x MR elements: panel p, step t, row r at ((p * k) + t) * MR + r; 16-byte aligned;
 * - b: ceil(n / NR) panels of k x NR elements, likewise.
 *
 * Neither is below byte `LOWEST_OPERAND`. What pads the last panels touches nothing. Nothing of c outside of the block is
 * read or written. It is fastest when the panels of a for 512 steps of k (64 to 128 rows) fit the second cache.
 */
export function emitMatmul(module: ModuleBuilder, { type, relaxed, bounds }: MatmulOptions): WasmFunction<undefined> {
  const element = elementOf(type, relaxed);
  const plan = planOf(type, relaxed);
  const { rows, vectors } = plan;
  const { bytes, lanes } = element;
  const columns = vectors * lanes;
  const aStep = rows * bytes;
  const bStep = columns * bytes;
  const strips = Array.from({ length: vectors }, (_, v) => emitStrip(module, element, plan, v + 1, bounds));

  return module.function({ name: `product ${type}`, parameters: PARAMETERS }, (f, a, b, c, m, n, k, rowStride, accumulate) => {
    const steps = f.let(blockSteps(f, k, plan));
    const aPanel = f.let(i32.mul(k, i32.const(aStep)));
    const bPanel = f.let(i32.mul(k, i32.const(bStep)));
    const done = f.local('i32');
    const block = f.local('i32');
    const bAt = f.local('i32');
    const cAt = f.local('i32');
    const left = f.local('i32');
    f.loop((nextBlock) => {
      f.set(block, i32.sub(k, done));
      f.if(i32.gtS(block, steps), () => f.set(block, steps));
      f.set(bAt, b);
      f.set(cAt, c);
      f.set(left, n);
      f.block((end) => {
        f.loop((nextPanel) => {
          f.branchIf(end, i32.leS(left, i32.const(0)));
          const few = f.let(smaller(f, left, columns));
          chooseCount(f, few, lanes, strips, (strip) => f.run(strip, a, bAt, cAt, m, aPanel, block, few, rowStride, accumulate));
          f.set(bAt, i32.add(bAt, bPanel));
          f.set(cAt, i32.add(cAt, i32.const(bStep)));
          f.set(left, i32.sub(left, i32.const(columns)));
          f.branch(nextPanel);
        });
      });
      f.set(a, i32.add(a, i32.mul(block, i32.const(aStep))));
      f.set(b, i32.add(b, i32.mul(block, i32.const(bStep))));
      f.set(accumulate, i32.const(1));
      f.set(done, i32.add(done, block));
      f.branchIf(nextBlock, i32.ltS(done, k));
    });
  });
}

/** k in equal blocks of at most `plan.steps`, so that no short last block pays for touching all of c. */
function blockSteps(f: FunctionBuilder, k: Local<'i32'>, { steps, unroll }: Plan): Value<'i32'> {
  const blocks = f.let(i32.divS(i32.add(k, i32.const(steps - 1)), i32.const(steps)));
  f.if(i32.eqz(blocks), () => f.set(blocks, i32.const(1)));
  const even = i32.divS(i32.add(k, i32.sub(blocks, i32.const(1))), blocks);
  return i32.and(i32.add(even, i32.const(unroll - 1)), i32.const(-unroll));
}

const STRIP_PARAMETERS = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/** Adds `(a, b, c, m, aPanel, steps, columns, rowStride, accumulate)`: all rows of one panel of columns, one block of k. */
function emitStrip(module: ModuleBuilder, element: Element, plan: Plan, vectors: number, bounds: ProductBounds | undefined): WasmFunction<undefined> {
  const { rows, unroll } = plan;
  const kernels = Array.from({ length: rows }, (_, r) =>
    emitKernel(module, element, { rows: r + 1, vectors, panelRows: rows, panelVectors: plan.vectors, unroll }, bounds),
  );
  return module.function(
    { name: `product ${element.type}: ${vectors} vectors of columns`, parameters: STRIP_PARAMETERS },
    (f, a, b, c, m, aPanel, steps, columns, rowStride, accumulate) => {
      const cPanel = f.let(i32.mul(rowStride, i32.const(rows)));
      f.block((end) => {
        f.loop((next) => {
          f.branchIf(end, i32.leS(m, i32.const(0)));
          const few = f.let(smaller(f, m, rows));
          chooseCount(f, few, 1, kernels, (kernel) => f.run(kernel, a, b, c, rowStride, steps, columns, accumulate));
          f.set(a, i32.add(a, aPanel));
          f.set(c, i32.add(c, cPanel));
          f.set(m, i32.sub(m, i32.const(rows)));
          f.branch(next);
        });
      });
    },
  );
}

/** The count, or the limit if that is less. */
function smaller(f: FunctionBuilder, count: Local<'i32'>, limit: number): Value<'i32'> {
  const result = f.let(count);
  f.if(i32.gtS(result, i32.const(limit)), () => f.set(result, i32.const(limit)));
  return result;
}

/** Runs the first choice whose capacity, `unit` for the first and one more `unit` for each next, holds the count. */
function chooseCount(
  f: FunctionBuilder,
  count: Local<'i32'>,
  unit: number,
  choices: readonly WasmFunction<undefined>[],
  run: (choice: WasmFunction<undefined>) => void,
): void {
  f.block((done) => {
    [...choices.entries()].reverse().forEach(([index, choice]) => {
      f.if(i32.gtS(count, i32.const(index * unit)), () => {
        run(choice);
        f.branch(done);
      });
    });
  });
}
