/** What a matrix product needs to know of its element type, as instructions on vectors of it. */
import { f32x4, f64x2, i32x4, v128, type Value } from '../wasm/instructions.js';

export type MatmulType = 'float32' | 'float64' | 'int32';

type V128 = Value<'v128'>;
type Load = (address: Value<'i32'>, offset?: number) => V128;

export interface Element {
  readonly type: MatmulType;
  readonly bytes: number;
  /** Elements of one vector. */
  readonly lanes: number;
  /** One element, in every lane. */
  readonly splat: Load;
  readonly add: (a: V128, b: V128) => V128;
  /** `sum + a * b` */
  readonly multiplyAdd: (sum: V128, a: V128, b: V128) => V128;
}

const FLOAT32: Element = {
  type: 'float32',
  bytes: 4,
  lanes: 4,
  splat: v128.load32Splat,
  add: f32x4.add,
  multiplyAdd: (sum, a, b) => f32x4.add(sum, f32x4.mul(a, b)),
};

const FLOAT64: Element = {
  type: 'float64',
  bytes: 8,
  lanes: 2,
  splat: v128.load64Splat,
  add: f64x2.add,
  multiplyAdd: (sum, a, b) => f64x2.add(sum, f64x2.mul(a, b)),
};

const INT32: Element = {
  type: 'int32',
  bytes: 4,
  lanes: 4,
  splat: v128.load32Splat,
  add: i32x4.add,
  multiplyAdd: (sum, a, b) => i32x4.add(sum, i32x4.mul(a, b)),
};

/** `relaxed` asks for the multiply-add of relaxed SIMD, which an engine may round once; integers have none. */
export function elementOf(type: MatmulType, relaxed: boolean): Element {
  switch (type) {
    case 'float32':
      return relaxed ? { ...FLOAT32, multiplyAdd: (sum, a, b) => f32x4.relaxedMadd(a, b, sum) } : FLOAT32;
    case 'float64':
      return relaxed ? { ...FLOAT64, multiplyAdd: (sum, a, b) => f64x2.relaxedMadd(a, b, sum) } : FLOAT64;
    case 'int32':
      return INT32;
  }
}
