/** Instructions on numbers, a table row each; opcodes from the core specification 2.0. */
import { binary, type I32, instruction, load, opcode, store, unary, type Value } from './instruction.js';

type Selectable = 'i32' | 'i64' | 'f32' | 'f64';

/** `condition ? a : b`; both are evaluated. */
export const select = instruction(0x1b, 'none', <T extends Selectable>(condition: I32, a: Value<T>, b: Value<T>): Value<T> => ({
  type: a.type,
  emit: (out) => {
    a.emit(out);
    b.emit(out);
    condition.emit(out);
    opcode(out, 0x1b);
  },
}));

export const i32 = {
  const: instruction(0x41, 'i32', (value: number): I32 => ({
    type: 'i32',
    emit: (out) => {
      opcode(out, 0x41);
      out.signed(value);
    },
  })),
  load: load(0x28, 2, 'i32'),
  load8U: load(0x2d, 0, 'i32'),
  store: store<'i32'>(0x36, 2),
  store8: store<'i32'>(0x3a, 0),
  eqz: unary<'i32', 'i32'>(0x45, 'i32'),
  eq: binary<'i32', 'i32'>(0x46, 'i32'),
  ne: binary<'i32', 'i32'>(0x47, 'i32'),
  ltS: binary<'i32', 'i32'>(0x48, 'i32'),
  ltU: binary<'i32', 'i32'>(0x49, 'i32'),
  gtS: binary<'i32', 'i32'>(0x4a, 'i32'),
  gtU: binary<'i32', 'i32'>(0x4b, 'i32'),
  leS: binary<'i32', 'i32'>(0x4c, 'i32'),
  leU: binary<'i32', 'i32'>(0x4d, 'i32'),
  geS: binary<'i32', 'i32'>(0x4e, 'i32'),
  geU: binary<'i32', 'i32'>(0x4f, 'i32'),
  add: binary<'i32', 'i32'>(0x6a, 'i32'),
  sub: binary<'i32', 'i32'>(0x6b, 'i32'),
  mul: binary<'i32', 'i32'>(0x6c, 'i32'),
  divS: binary<'i32', 'i32'>(0x6d, 'i32'),
  divU: binary<'i32', 'i32'>(0x6e, 'i32'),
  remS: binary<'i32', 'i32'>(0x6f, 'i32'),
  remU: binary<'i32', 'i32'>(0x70, 'i32'),
  and: binary<'i32', 'i32'>(0x71, 'i32'),
  or: binary<'i32', 'i32'>(0x72, 'i32'),
  xor: binary<'i32', 'i32'>(0x73, 'i32'),
  shl: binary<'i32', 'i32'>(0x74, 'i32'),
  shrS: binary<'i32', 'i32'>(0x75, 'i32'),
  shrU: binary<'i32', 'i32'>(0x76, 'i32'),
  wrapI64: unary<'i64', 'i32'>(0xa7, 'i32'),
  reinterpretF32: unary<'f32', 'i32'>(0xbc, 'i32'),
} as const;

export const i64 = {
  const: instruction(0x42, 'i64', (value: bigint): Value<'i64'> => ({
    type: 'i64',
    emit: (out) => {
      opcode(out, 0x42);
      out.signed64(value);
    },
  })),
  load: load(0x29, 3, 'i64'),
  store: store<'i64'>(0x37, 3),
  ltU: binary<'i64', 'i32'>(0x54, 'i32'),
  add: binary<'i64', 'i64'>(0x7c, 'i64'),
  sub: binary<'i64', 'i64'>(0x7d, 'i64'),
  mul: binary<'i64', 'i64'>(0x7e, 'i64'),
  and: binary<'i64', 'i64'>(0x83, 'i64'),
  or: binary<'i64', 'i64'>(0x84, 'i64'),
  xor: binary<'i64', 'i64'>(0x85, 'i64'),
  shl: binary<'i64', 'i64'>(0x86, 'i64'),
  shrS: binary<'i64', 'i64'>(0x87, 'i64'),
  shrU: binary<'i64', 'i64'>(0x88, 'i64'),
  extendI32U: unary<'i32', 'i64'>(0xad, 'i64'),
  reinterpretF64: unary<'f64', 'i64'>(0xbd, 'i64'),
} as const;

export const f32 = {
  const: instruction(0x43, 'f32', (value: number): Value<'f32'> => ({
    type: 'f32',
    emit: (out) => {
      opcode(out, 0x43);
      out.float32(value);
    },
  })),
  load: load(0x2a, 2, 'f32'),
  store: store<'f32'>(0x38, 2),
  eq: binary<'f32', 'i32'>(0x5b, 'i32'),
  add: binary<'f32', 'f32'>(0x92, 'f32'),
  sub: binary<'f32', 'f32'>(0x93, 'f32'),
  mul: binary<'f32', 'f32'>(0x94, 'f32'),
  min: binary<'f32', 'f32'>(0x96, 'f32'),
  max: binary<'f32', 'f32'>(0x97, 'f32'),
  demoteF64: unary<'f64', 'f32'>(0xb6, 'f32'),
} as const;

export const f64 = {
  const: instruction(0x44, 'f64', (value: number): Value<'f64'> => ({
    type: 'f64',
    emit: (out) => {
      opcode(out, 0x44);
      out.float64(value);
    },
  })),
  load: load(0x2b, 3, 'f64'),
  store: store<'f64'>(0x39, 3),
  eq: binary<'f64', 'i32'>(0x61, 'i32'),
  abs: unary<'f64', 'f64'>(0x99, 'f64'),
  add: binary<'f64', 'f64'>(0xa0, 'f64'),
  sub: binary<'f64', 'f64'>(0xa1, 'f64'),
  mul: binary<'f64', 'f64'>(0xa2, 'f64'),
  div: binary<'f64', 'f64'>(0xa3, 'f64'),
  min: binary<'f64', 'f64'>(0xa4, 'f64'),
  max: binary<'f64', 'f64'>(0xa5, 'f64'),
  convertI64S: unary<'i64', 'f64'>(0xb9, 'f64'),
  promoteF32: unary<'f32', 'f64'>(0xbb, 'f64'),
} as const;
