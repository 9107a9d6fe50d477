/**
 * WebAssembly text (spec, chapter 6) of a module that `ModuleBuilder` has encoded. What it knows of instructions it reads from the table
 * from which they are emitted.
 */
import { formatNumber } from '@pappus/core/backend';
import { CONTROL, TYPE_CODES } from './control.js';
import { ByteSource } from './decoding.js';
import { type Encoding, type Immediates, SIMD, SIMD_PREFIX } from './instruction.js';
import * as tables from './instructions.js';
import { SCALAR_FLOATS } from './scalar-floats.js';

interface Row {
  readonly mnemonic: string;
  readonly immediates: Immediates | 'structure' | 'index' | 'label';
}

interface Signature {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

/** Sections by their ids. */
const [CUSTOM, TYPES, IMPORTS, FUNCTIONS, EXPORTS, CODE] = [0, 1, 2, 3, 7, 10];

/** A module as text, which an assembler makes the same module of. */
export function disassemble(code: Uint8Array): string {
  const sections = sectionsOf(code);
  const section = <T>(id: number, read: (source: ByteSource) => T): T[] => {
    const source = sections.get(id);
    return source === undefined ? [] : source.list(read);
  };
  const signatures = section(TYPES, readSignature);
  const imports = section(IMPORTS, readMemory);
  const functions = section(FUNCTIONS, (source) => source.unsigned());
  const names = identifiers(sections.get(CUSTOM), functions.length);
  const exported = section(EXPORTS, (source) => {
    const name = source.text();
    source.byte();
    return `(export "${name}" (func ${names[source.unsigned()] ?? ''}))`;
  });
  const rows = rowsByCode();
  const bodies = section(CODE, (source) => readBody(new ByteSource(source.raw(source.unsigned())), rows, names));
  return [
    '(module',
    ...signatures.map((signature) => `  (type (func${signatureText(signature)}))`),
    ...imports.map((memory) => `  ${memory}`),
    ...functions.flatMap((type, k) => {
      const { locals = [], lines = [] } = bodies[k] ?? {};
      const signature = signatures[type] ?? { parameters: [], results: [] };
      return ['', `  (func ${names[k] ?? ''} (type ${type})${signatureText(signature)}`, ...(locals.length === 0 ? [] : [`    (local ${locals.join(' ')})`]), ...lines, '  )'];
    }),
    '',
    ...exported.map((line) => `  ${line}`),
    ')',
    '',
  ].join('\n');
}

function sectionsOf(code: Uint8Array): ReadonlyMap<number, ByteSource> {
  const source = new ByteSource(code);
  source.raw(8);
  const sections = new Map<number, ByteSource>();
  while (!source.isAtEnd) sections.set(source.byte(), new ByteSource(source.raw(source.unsigned())));
  return sections;
}

function readSignature(source: ByteSource): Signature {
  source.byte();
  return { parameters: source.list(readType), results: source.list(readType) };
}

function signatureText({ parameters, results }: Signature): string {
  const part = (word: string, types: readonly string[]): string => (types.length === 0 ? '' : ` (${word} ${types.join(' ')})`);
  return `${part('param', parameters)}${part('result', results)}`;
}

function readType(source: ByteSource): string {
  const code = source.byte();
  const found = Object.entries(TYPE_CODES).find(([, known]) => known === code);
  if (found === undefined) throw new TypeError(`no type has the code ${code}`);
  return found[0];
}

function readMemory(source: ByteSource): string {
  const [module, name] = [source.text(), source.text()];
  source.byte();
  const limits = source.byte();
  const initial = source.unsigned();
  const maximum = (limits & 1) === 0 ? '' : ` ${source.unsigned()}`;
  return `(import "${module}" "${name}" (memory ${initial}${maximum}${(limits & 2) === 0 ? '' : ' shared'}))`;
}

/** Identifiers of functions: their names, with what the text format does not allow replaced, each once. */
function identifiers(custom: ByteSource | undefined, count: number): string[] {
  const names = new Map<number, string>();
  if (custom?.text() === 'name') {
    custom.byte();
    custom.unsigned();
    for (const [k, name] of custom.list((source) => [source.unsigned(), source.text()] as const)) names.set(k, name);
  }
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, k) => {
    const plain = `$${(names.get(k) ?? `function ${k}`).replace(/[^\w!#$%&'*+\-./:<=>?@\\^`|~]/g, '_')}`;
    const own = taken.has(plain) ? `${plain}_${k}` : plain;
    taken.add(own);
    return own;
  });
}

/** The rows of all tables by their opcodes: `i32.ltS` is `i32.lt_s` in text. */
function rowsByCode(): ReadonlyMap<number, Row> {
  const rows = new Map<number, Row>();
  const add = (mnemonic: string, value: unknown): void => {
    if (isEncoding(value)) rows.set(value.code, { mnemonic, immediates: value.immediates });
  };
  for (const [name, table] of Object.entries(tables)) {
    add(name, table);
    for (const [key, value] of Object.entries(table)) add(`${name}.${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`, value);
  }
  for (const [name, table] of [['f32', SCALAR_FLOATS.float32], ['f64', SCALAR_FLOATS.float64]] as const) {
    for (const [key, value] of Object.entries(table)) add(`${name}.${key === 'convertI32S' ? 'convert_i32_s' : key}`, value);
  }
  for (const [mnemonic, code] of Object.entries(CONTROL)) rows.set(code, { mnemonic, immediates: controlImmediates(mnemonic) });
  return rows;
}

function isEncoding(value: unknown): value is Encoding {
  return typeof value === 'function' && 'code' in value && 'immediates' in value;
}

function controlImmediates(mnemonic: string): Row['immediates'] {
  switch (mnemonic) {
    case 'block':
    case 'loop':
    case 'if':
      return 'structure';
    case 'call':
    case 'local.get':
    case 'local.set':
      return 'index';
    case 'br':
    case 'br_if':
      return 'label';
    default:
      return 'none';
  }
}

interface FunctionText {
  readonly locals: readonly string[];
  readonly lines: readonly string[];
}

function readBody(source: ByteSource, rows: ReadonlyMap<number, Row>, names: readonly string[]): FunctionText {
  const locals = source.list((run) => {
    const count = run.unsigned();
    const type = readType(run);
    return Array<string>(count).fill(type);
  }).flat();
  const lines: string[] = [];
  let depth = 1;
  for (;;) {
    const first = source.byte();
    const code = first === SIMD_PREFIX ? SIMD + source.unsigned() : first;
    const row = rows.get(code);
    if (row === undefined) throw new TypeError(`no instruction has the opcode ${code}`);
    if (code === CONTROL.end) depth--;
    // The last end is that of the function.
    if (depth === 0) return { locals, lines };
    const indent = '  '.repeat(code === CONTROL.else ? depth : depth + 1);
    lines.push(`${indent}${row.mnemonic}${operands(source, row, names)}`);
    if (row.immediates === 'structure') depth++;
  }
}

/** What follows the opcode, as text. Alignments are the natural ones, which text leaves out. */
function operands(source: ByteSource, { mnemonic, immediates }: Row, names: readonly string[]): string {
  switch (immediates) {
    case 'none':
      return '';
    case 'structure':
      source.byte();
      return '';
    case 'label':
      return ` ${source.unsigned()}`;
    case 'index': {
      const index = source.unsigned();
      return ` ${mnemonic === 'call' ? (names[index] ?? index) : index}`;
    }
    case 'address':
      return addressText(source);
    case 'address lane':
      return `${addressText(source)} ${source.byte()}`;
    case 'lane':
      return ` ${source.byte()}`;
    case 'i32':
    case 'i64':
      return ` ${source.signed()}`;
    case 'f32':
      return ` ${floatText(source.float32())}`;
    case 'f64':
      return ` ${floatText(source.float64())}`;
    case 'bytes': {
      const bytes = source.raw(16);
      return mnemonic === 'v128.const' ? vectorText(bytes) : ` ${bytes.join(' ')}`;
    }
  }
}

function addressText(source: ByteSource): string {
  source.unsigned();
  const offset = source.unsigned();
  return offset === 0 ? '' : ` offset=${offset}`;
}

/** Decimals are those that name the number alone; of NaNs there is but the canonical one. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (Object.is(value, -0)) return '-0';
  return Math.abs(value) === Infinity ? `${value < 0 ? '-' : ''}inf` : String(value);
}

/** Lanes by their bits, and behind them the numbers that they seem to be. */
function vectorText(bytes: Uint8Array): string {
  const words = Array.from(new Uint32Array(bytes.buffer), (word) => `0x${word.toString(16).padStart(8, '0')}`);
  const seen = [
    { type: 'f32x4', values: [...new Float32Array(bytes.buffer)].map((value) => formatNumber(value, 'float32')) },
    { type: 'f64x2', values: [...new Float64Array(bytes.buffer)].map(String) },
  ].find(({ values }) => values.every((text) => isUsual(Number(text))));
  return ` i32x4 ${words.join(' ')}${seen === undefined ? '' : ` ;; ${seen.type} ${seen.values.join(' ')}`}`;
}

function isUsual(value: number): boolean {
  return value === 0 || Math.abs(value) === Infinity || (Math.abs(value) > 1e-12 && Math.abs(value) < 1e12);
}
