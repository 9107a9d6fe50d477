/**
 * The innermost loops of a matrix product: one tile of c, held in registers, from one panel of a and one of b.
 *
 * What limits it is the number of instructions issued, so the code is shaped by what V8 makes of it (read from
 * `node --print-wasm-code`; 11.3 and 13.6 agree on this shape, and each of these is worth 10 to 40 %):
 *
 * - The loop is unrolled, because its counter, stack check and address extensions cost 7 instructions a turn.
 * - A turn's steps but its last are each under an `if`. The joins keep TurboFan's scheduler, which places values backwards
 *   from joins and would gather the loads of all steps at the top, from spilling sums. The ifs skip what the first turn has
 *   too many, so there is no second loop for the remainder.
 * - That scheduler meets the sums of a guarded step in the opposite order to those of the last step, so guarded steps take
 *   the rows in reverse: then each load of a lands right before its use.
 * - A load-and-splat at a constant offset costs an address computation, which V8 shares between equal offsets only. So `a`
 *   advances each step and the offsets are those of the rows; loads before the loop make the addresses known all over it.
 */
import type { AccessKind, Bounds, ProductBounds } from '../codegen/bounds.js';
import { i32, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local, ModuleBuilder, WasmFunction } from '../wasm/module.js';
import type { Element } from './element.js';

export interface KernelShape {
  /** Rows and vectors of columns that this kernel computes. */
  readonly rows: number;
  readonly vectors: number;
  /** Rows of a packed panel of a and vectors of columns of one of b: the same or more. */
  readonly panelRows: number;
  readonly panelVectors: number;
  /** Steps of k in one turn of the loop: a power of two. */
  readonly unroll: number;
}

type V128 = Value<'v128'>;
type I32 = Local<'i32'>;

const KERNEL_PARAMETERS = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/**
 * Adds `(a, b, c, rowStride, steps, columns, accumulate) -> void`: the product of `steps` steps of two panels, written to
 * c or, with `accumulate`, added to it. Of the last vector of columns only the first `columns` in all are touched.
 * a and b are not below `(unroll - 1)` steps of their panels, which is where the pointers of the first turn may start.
 */
export function emitKernel(module: ModuleBuilder, element: Element, shape: KernelShape, bounds?: ProductBounds): WasmFunction<undefined> {
  const { rows, vectors, panelRows, panelVectors, unroll } = shape;
  const { bytes, lanes } = element;
  const aStep = panelRows * bytes;
  const bStep = panelVectors * 16;

  return module.function({ name: `product ${element.type}: ${rows} rows, ${vectors} vectors`, parameters: KERNEL_PARAMETERS }, (f, a, b, c, rowStride, steps, columns, accumulate) => {
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local('v128')));
    const right = Array.from({ length: vectors }, () => f.local('v128'));
    const left = f.local('v128');

    const step = (t: number): void => {
      right.forEach((vector, j) => f.set(vector, v128.load(...reach(b, t * bStep + j * 16, 16, 'read', bounds?.right))));
      const inOrder = [...sums.entries()];
      for (const [r, row] of t === unroll - 1 ? inOrder : inOrder.reverse()) {
        f.set(left, element.splat(...reach(a, r * bytes, bytes, 'read', bounds?.left)));
        row.forEach((sum, j) => {
          const factor = right[j];
          if (factor !== undefined) f.set(sum, element.multiplyAdd(sum, left, factor));
        });
      }
    };

    f.if(steps, () => {
      const first = f.let(a);
      const end = f.let(i32.add(a, i32.mul(steps, i32.const(aStep))));
      // Zeros, by way of loads at the offsets of the loop's.
      const zero = f.local('v128');
      sums.forEach((row, r) => {
        const [sum] = row;
        if (sum !== undefined) f.set(sum, v128.and(element.splat(...reach(first, r * bytes, bytes, 'read', bounds?.left)), zero));
      });
      const skipped = f.let(i32.and(i32.sub(i32.const(0), steps), i32.const(unroll - 1)));
      f.set(a, i32.sub(a, i32.mul(skipped, i32.const(aStep))));
      f.set(b, i32.sub(b, i32.mul(skipped, i32.const(bStep))));
      f.loop((again) => {
        for (let t = 0; t < unroll; t++) {
          if (t === unroll - 1) step(t);
          else f.if(i32.geU(a, first), () => step(t));
          f.set(a, i32.add(a, i32.const(aStep)));
        }
        f.set(b, i32.add(b, i32.const(unroll * bStep)));
        f.branchIf(again, i32.ne(a, end));
      });
    });
    emitStores(f, element, { sums, c, rowStride, columns, accumulate, full: vectors * lanes, bounds: bounds?.result });
  });
}

interface Stores {
  readonly sums: readonly (readonly V128[])[];
  readonly c: I32;
  readonly rowStride: I32;
  readonly columns: I32;
  readonly accumulate: I32;
  /** Columns of the whole tile. */
  readonly full: number;
  /** Of c, in debug builds. */
  readonly bounds: Bounds | undefined;
}

function emitStores(f: FunctionBuilder, element: Element, stores: Stores): void {
  const { sums, c, rowStride, columns, accumulate, full, bounds } = stores;
  const eachRow = (write: (row: readonly V128[]) => void): void => {
    sums.forEach((row, r) => {
      write(row);
      if (r + 1 < sums.length) f.set(c, i32.add(c, rowStride));
    });
  };
  /** Only the first `bytes` of the last vector exist. */
  const write = (bytes: number): void => {
    f.if(
      accumulate,
      () => {
        eachRow((row) => {
          row.forEach((sum, j) => {
            const size = j + 1 === row.length ? bytes : 16;
            storeFirst(f, c, f.let(element.add(loadFirst(c, size, j * 16, bounds), sum)), size, j * 16, bounds);
          });
        });
      },
      () => {
        eachRow((row) => {
          row.forEach((sum, j) => storeFirst(f, c, sum, j + 1 === row.length ? bytes : 16, j * 16, bounds));
        });
      },
    );
  };
  f.block((done) => {
    for (let missing = 0; missing < element.lanes; missing++) {
      f.if(i32.eq(columns, i32.const(full - missing)), () => {
        write(16 - missing * element.bytes);
        f.branch(done);
      });
    }
  });
}

/** An address and an offset; where there are bounds, checked to hold `size` bytes. */
function reach(address: I32, offset: number, size: number, kind: AccessKind, bounds: Bounds | undefined): [Value<'i32'>, number] {
  return bounds === undefined ? [address, offset] : [bounds.checked(i32.add(address, i32.const(offset)), size, kind), 0];
}

/** The first 4, 8, 12 or 16 bytes at an address; the rest of the vector is zero. */
function loadFirst(from: I32, bytes: number, position: number, bounds: Bounds | undefined): V128 {
  const [address, offset] = reach(from, position, bytes, 'read', bounds);
  switch (bytes) {
    case 4:
      return v128.load32Zero(address, offset);
    case 8:
      return v128.load64Zero(address, offset);
    case 12:
      return v128.load32Lane(address, v128.load64Zero(address, offset), 2, offset + 8);
    default:
      return v128.load(address, offset);
  }
}

function storeFirst(f: FunctionBuilder, to: I32, value: V128, bytes: number, position: number, bounds: Bounds | undefined): void {
  const [address, offset] = reach(to, position, bytes, 'write', bounds);
  switch (bytes) {
    case 4:
      f.emit(v128.store32Lane(address, value, 0, offset));
      break;
    case 8:
      f.emit(v128.store64Lane(address, value, 0, offset));
      break;
    case 12:
      f.emit(v128.store64Lane(address, value, 0, offset));
      f.emit(v128.store32Lane(address, value, 2, offset + 8));
      break;
    default:
      f.emit(v128.store(address, value, offset));
  }
}
