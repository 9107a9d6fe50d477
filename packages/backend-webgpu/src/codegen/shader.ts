/**
 * The text of one shader as it is written: its bindings, the words that the host gives it, and the functions it uses. It names no
 * buffer and no size that need not be in it, so that equal kernels have equal texts, and one pipeline.
 */
import type { Buffer } from '@pappus/compiler';
import { BackendError, type DType } from '@pappus/core';
import { checkedRead, checkedWrite, checkText } from '../debug/checks.js';
import { helperText, type HelperName } from '../math/index.js';
import { itemAt } from '@pappus/compiler';

/** What WGSL stores: bool takes a whole word, so that no two invocations write to one. */
export const ELEMENT_BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 4 };

/** Elements of a value: a scalar, or a vector of four. */
export type Lanes = 1 | 4;

/** The type of a binding's elements; `u32` where it holds several dtypes, or bool. */
export type StoredType = 'f32' | 'i32' | 'u32';

/** Where a kernel finds a tensor. */
export interface Slot {
  /** Bindings are numbered as they are first used. */
  readonly binding: number;
  readonly type: StoredType;
}

/** What a shader is to know of a binding. */
export interface BindingType {
  readonly type: StoredType;
  readonly writable: boolean;
  /** Of one that is larger than a device binds: how many there are in its place, and elements of each but the last, a power of two. */
  readonly pages?: { readonly count: number; readonly elements: number };
}

/** The bindings of a kernel: several tensors share one if they lie in the same memory. */
export interface Bindings {
  /** Whether every access is compared with the bounds of its tensor: in debug builds. */
  readonly checked?: boolean;
  readonly slots: ReadonlyMap<Buffer, Slot>;
  readonly types: readonly BindingType[];
}

/** A 32-bit word that the host writes: before a step (host scalars), or when a kernel is bound to memory. */
export type Word =
  /** Always 0: what a shader's compiler cannot know. */
  | { readonly kind: 'zero' }
  | { readonly kind: 'uniform'; readonly index: number; readonly dtype: DType }
  /** The element of its binding at which a tensor begins, by the tensor's number in the kernel. */
  | { readonly kind: 'offset'; readonly operand: number }
  /** In debug builds: the element at which it ends. */
  | { readonly kind: 'end'; readonly operand: number }
  /** A size, a stride or a place in a tensor, of which small kernels make none in their text. */
  | { readonly kind: 'size'; readonly value: number }
  /** A number of the dispatch. */
  | { readonly kind: 'number'; readonly name: NumberName };

/** `count`: elements or vectors; `start`: of the first axis; `rows`: of the table; `base`: of partial results; `kernel`: for reports of debug builds. */
export type NumberName = 'count' | 'start' | 'rows' | 'base' | 'kernel';

/** A tensor that is reached, and the element of its binding at which it begins. */
export interface Reached {
  readonly buffer: Buffer;
  readonly base: string;
  /** The element of its binding at which what is reached of it ends. Default: where the tensor ends. */
  readonly end?: string;
}

export const WORKGROUP = 256;

/** From so many elements on, sizes are constants of the text: division by a constant is faster, and the text is made for longer. */
const LARGE = 2 ** 16;

export interface ShaderText {
  readonly source: string;
  readonly words: readonly Word[];
  readonly usesTable: boolean;
  /** Whether it reports to one more binding, the last. */
  readonly reports: boolean;
  readonly types: Bindings['types'];
}

const COMPONENTS = ['x', 'y', 'z', 'w'] as const;

const BINDING_TABLE = 'table';

export class Shader {
  private readonly words: Word[] = [{ kind: 'zero' }];
  private readonly known = new Map<string, number>([['zero', 0]]);
  private readonly helpers = new Set<HelperName>();
  private readonly declarations: string[] = [];
  private usesTable = false;
  private usesSubgroups = false;
  /** In debug builds, where the table says where tensors end: the column of each. */
  private endColumns: ReadonlyMap<Buffer, number> | undefined;
  private readonly checked = new Map<string, string>();

  constructor(
    readonly bindings: Bindings,
    /** The tensors of the kernel in its order. */
    readonly operands: readonly Buffer[],
    readonly lanes: Lanes,
    /** Elements that the kernel computes or takes in. */
    private readonly elements: number,
    /** Invocations of a subgroup, neighbours in a workgroup, whose values its code may exchange; 0 where it may not. */
    readonly subgroupSize = 0,
  ) {}

  /** The expression of a word, a u32. */
  word(word: Word): string {
    return this.wordOf(this.placeOf(word));
  }

  /** Where a word is. */
  placeOf(word: Word): number {
    const key = Object.values(word).join(' ');
    const at = this.known.get(key) ?? this.words.push(word) - 1;
    this.known.set(key, at);
    return at;
  }

  /** The expression of the word at a place that an expression says, a u32. */
  wordAt(place: string): string {
    return `params[${place} >> 2u][${place} & 3u]`;
  }

  private wordOf(at: number): string {
    return `params[${Math.floor(at / 4)}].${COMPONENTS[at % 4] ?? 'x'}`;
  }

  /** A size, stride or place as an i32: a constant of large kernels; small ones of many sizes have the same text. */
  size(value: number): string {
    if (value >= 2 ** 31) throw tooMany(value);
    return this.elements >= LARGE ? `${value}` : `i32(${this.wordOf(this.words.push({ kind: 'size', value }) - 1)})`;
  }

  /** As `size`, a u32. */
  unsigned(value: number): string {
    if (value >= 2 ** 32) throw tooMany(value);
    return this.elements >= LARGE ? `${value}u` : this.wordOf(this.words.push({ kind: 'size', value }) - 1);
  }

  number(name: NumberName): string {
    return this.word({ kind: 'number', name });
  }

  /** Where a tensor begins, in elements of its binding: an i32. */
  offset(buffer: Buffer): string {
    return `i32(${this.word({ kind: 'offset', operand: this.operands.indexOf(buffer) })})`;
  }

  /** In debug builds: the columns of the table from this one on say where these tensors end. */
  endsInTable(buffers: readonly Buffer[], column: number): void {
    if (this.bindings.checked === true) this.endColumns = new Map(buffers.map((buffer, k) => [buffer, column + k]));
  }

  private end(buffer: Buffer): string {
    const column = this.endColumns?.get(buffer);
    return `i32(${column === undefined ? this.word({ kind: 'end', operand: this.operands.indexOf(buffer) }) : `table[row + ${column}u]`})`;
  }

  table(): string {
    this.usesTable = true;
    return BINDING_TABLE;
  }

  /** The name of a function of the library, for scalars or for vectors. */
  helper(name: HelperName, lanes: Lanes = this.lanes): string {
    this.helpers.add(name);
    return lanes === 4 ? `${name}4` : name;
  }

  /** The value that the invocation `distance` further in the subgroup has. */
  further(value: string, distance: number): string {
    this.usesSubgroups = true;
    return `subgroupShuffleDown(${value}, ${distance}u)`;
  }

  /** What a binding holds at a place, counted in elements, or in vectors where there are four lanes. */
  read(binding: number, at: string, { buffer, base, end }: Reached): string {
    if (this.bindings.checked !== true) return this.rawRead(binding, at);
    const name = `checkedRead${binding}`;
    const { type } = this.binding(binding);
    const zero = this.word({ kind: 'zero' });
    if (!this.checked.has(name)) this.checked.set(name, checkedRead(name, this.element(type), this.lanes, type, zero, (place) => this.rawRead(binding, place)));
    return `${name}(${at}, ${base}, ${end ?? this.end(buffer)}, ${2 * this.operands.indexOf(buffer)}u)`;
  }

  private rawRead(binding: number, at: string): string {
    return this.bindings.types[binding]?.pages === undefined ? `b${binding}[${at}]` : `read${binding}(${at})`;
  }

  /** The statement that has a binding hold a value at a place. */
  write(binding: number, at: string, value: string, { buffer, base, end }: Reached): string {
    if (this.bindings.checked !== true) return this.rawWrite(binding, at, value);
    const name = `checkedWrite${binding}`;
    const { type } = this.binding(binding);
    if (!this.checked.has(name)) this.checked.set(name, checkedWrite(name, this.element(type), this.lanes, (place, given) => this.rawWrite(binding, place, given)));
    return `${name}(${at}, ${base}, ${end ?? this.end(buffer)}, ${2 * this.operands.indexOf(buffer) + 1}u, ${value});`;
  }

  private binding(k: number): BindingType {
    const type = this.bindings.types[k];
    if (type === undefined) throw new TypeError(`the kernel has no binding ${k}`);
    return type;
  }

  private element(type: StoredType): string {
    return this.lanes === 4 ? `vec4<${type}>` : type;
  }

  private rawWrite(binding: number, at: string, value: string): string {
    return this.bindings.types[binding]?.pages === undefined ? `b${binding}[${at}] = ${value};` : `write${binding}(${at}, ${value});`;
  }

  /** Something beside `main`; once, however often it is asked for. */
  declare(text: string): void {
    if (!this.declarations.includes(text)) this.declarations.push(text);
  }

  slot(buffer: Buffer): Slot {
    const slot = this.bindings.slots.get(buffer);
    if (slot === undefined) throw new TypeError(`the kernel has no binding for ${buffer.name}`);
    return slot;
  }

  /** The whole text around the body of `main`. */
  finish(body: string, workgroup = WORKGROUP): ShaderText {
    const library = helperText([...this.helpers]);
    const { types } = this.bindings;
    const variables = types.flatMap((type, k) => bindingNames(type, k).map((name) => ({ name, ...type })));
    const element = (type: StoredType): string => this.element(type);
    const reports = this.checked.size > 0;
    const checks = reports ? [checkText(this.number('kernel')), ...this.checked.values()] : [];
    const lines = [
      ...(this.usesSubgroups ? ['enable subgroups;'] : []),
      `@group(0) @binding(0) var<uniform> params: array<vec4u, ${Math.ceil(this.words.length / 4)}>;`,
      ...variables.map(
        ({ name, type, writable }, k) =>
          `@group(0) @binding(${k + 1}) var<storage, ${writable ? 'read_write' : 'read'}> ${name}: array<${element(type)}>;`,
      ),
      ...(this.usesTable ? [`@group(0) @binding(${variables.length + 1}) var<storage, read> table: array<u32>;`] : []),
      ...(reports ? [`@group(0) @binding(${variables.length + (this.usesTable ? 2 : 1)}) var<storage, read_write> report: array<atomic<u32>>;`] : []),
      ...types.flatMap((type, k) => pageFunctions(type, k, element(type.type), this.lanes)),
      ...checks,
      ...this.declarations,
      ...(library === '' ? [] : [library]),
      `@compute @workgroup_size(${workgroup})`,
      'fn main(@builtin(workgroup_id) wg: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) local: u32) {',
      indent(body),
      '}',
    ];
    return { source: `${lines.join('\n')}\n`, words: this.words, usesTable: this.usesTable, reports, types };
  }
}

/** The names of a binding's variables: one, or one for each page. */
export function bindingNames({ pages }: BindingType, k: number): string[] {
  return pages === undefined ? [`b${k}`] : Array.from({ length: pages.count }, (_, page) => `b${k}_${page}`);
}

/** The functions through which a shader reaches a binding in pages. */
function pageFunctions(type: BindingType, k: number, element: string, lanes: Lanes): string[] {
  const { pages, writable } = type;
  if (pages === undefined) return [];
  const size = pages.elements / lanes;
  const cases = (statement: (page: string) => string): string[] =>
    bindingNames(type, k).map(
      (page, n) => `    ${n === pages.count - 1 ? 'default' : `case ${n}`}: { ${statement(`${page}[at & ${size - 1}]`)} }`,
    );
  const choice = `  switch at >> ${Math.log2(size)}u {`;
  return [
    `fn read${k}(at: i32) -> ${element} {`,
    choice,
    ...cases((place) => `return ${place};`),
    '  }',
    '}',
    ...(writable ? [`fn write${k}(at: i32, value: ${element}) {`, choice, ...cases((place) => `${place} = value;`), '  }', '}'] : []),
  ];
}

function tooMany(value: number): BackendError {
  return new BackendError(`a kernel counts to ${value}, which is more than a GPU counts in 32 bits; use smaller tensors or batches`);
}

export function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');
}

/** The type of values of a dtype in code. */
export function valueType(dtype: DType, lanes: Lanes): string {
  const scalar = dtype === 'float32' ? 'f32' : dtype === 'int32' ? 'i32' : 'bool';
  return lanes === 4 ? `vec4<${scalar}>` : scalar;
}

export function storedType(dtype: DType): StoredType {
  return dtype === 'float32' ? 'f32' : dtype === 'int32' ? 'i32' : 'u32';
}

/** A stored element as a value. */
export function decode(text: string, type: StoredType, dtype: DType, lanes: Lanes): string {
  if (dtype === 'bool') return lanes === 4 ? `(${text} != vec4<${type}>(0))` : `(${text} != 0)`;
  return storedType(dtype) === type ? text : `bitcast<${valueType(dtype, lanes)}>(${text})`;
}

/** A value as a stored element. */
export function encode(text: string, type: StoredType, dtype: DType, lanes: Lanes): string {
  const stored = lanes === 4 ? `vec4<${type}>` : type;
  if (dtype === 'bool') return `select(${stored}(0), ${stored}(1), ${text})`;
  return storedType(dtype) === type ? text : `bitcast<${stored}>(${text})`;
}

/** Numbers as WGSL writes them; those that no literal stands for by their bits, which `fromBits` keeps from constant evaluation. */
export function literal(value: number, dtype: DType, shader: Pick<Shader, 'helper'>): string {
  if (dtype === 'bool') return value === 0 ? 'false' : 'true';
  if (dtype === 'int32') return `i32(${value})`;
  const single = Math.fround(value);
  if (!Number.isFinite(single) || Math.abs(single) < 2 ** -126) {
    if (Object.is(single, 0)) return '0.0f';
    const bits = itemAt(new Uint32Array(Float32Array.of(single).buffer), 0, 'word');
    return `${shader.helper('fromBits', 1)}(0x${bits.toString(16)}u)`;
  }
  // WGSL takes digits without a point for an integer of 64 bits.
  return `f32(${Math.abs(single) < 2 ** 53 ? single : single.toExponential()})`;
}

/** A literal for every lane. */
export function splat(text: string, dtype: DType, lanes: Lanes): string {
  return lanes === 4 ? `${valueType(dtype, 4)}(${text})` : text;
}
