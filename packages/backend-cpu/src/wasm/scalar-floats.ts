/** Instructions on single floats that only routines use; opcodes from the core specification 2.0. */
import { binary, load, store, unary } from './instruction.js';

/** The type of a single float. */
export type FloatType = 'f32' | 'f64';

const unaryOf = (code: number, type: FloatType) => unary<FloatType, FloatType>(code, type);
const binaryOf = (code: number, type: FloatType) => binary<FloatType, FloatType>(code, type);
const comparison = (code: number) => binary<FloatType, 'i32'>(code, 'i32');

/** What there is for floats of one type. */
function instructionsOf(type: FloatType, { compare, compute, convert, loads, stores, alignment }: Readonly<Record<'compare' | 'compute' | 'convert' | 'loads' | 'stores' | 'alignment', number>>) {
  return {
    load: load<FloatType>(loads, alignment, type),
    store: store<FloatType>(stores, alignment),
    eq: comparison(compare),
    ne: comparison(compare + 1),
    lt: comparison(compare + 2),
    le: comparison(compare + 4),
    abs: unaryOf(compute, type),
    neg: unaryOf(compute + 1, type),
    sqrt: unaryOf(compute + 6, type),
    add: binaryOf(compute + 7, type),
    sub: binaryOf(compute + 8, type),
    mul: binaryOf(compute + 9, type),
    div: binaryOf(compute + 10, type),
    min: binaryOf(compute + 11, type),
    max: binaryOf(compute + 12, type),
    convertI32S: unary<'i32', FloatType>(convert, type),
  };
}

export const SCALAR_FLOATS = {
  float32: instructionsOf('f32', { compare: 0x5b, compute: 0x8b, convert: 0xb2, loads: 0x2a, stores: 0x38, alignment: 2 }),
  float64: instructionsOf('f64', { compare: 0x61, compute: 0x99, convert: 0xb7, loads: 0x2b, stores: 0x39, alignment: 3 }),
} as const;

export type ScalarFloats = (typeof SCALAR_FLOATS)['float32'];
