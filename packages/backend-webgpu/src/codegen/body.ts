/** The straight-line code of one element, or of four that lie side by side, as WGSL statements. */
import type { Access, Affine, Body, Buffer, Instruction } from '@pappus/compiler';
import { opaqueOperands } from './opaque-operands.js';
import { render } from './rendering.js';
import { decode, encode, literal, type Reached, type Shader, splat, valueType } from './shader.js';
import { required, strideAlong } from '@pappus/compiler';

type GatherInstruction = Extract<Instruction, { kind: 'gather' }>;

export interface BodySite {
  readonly shader: Shader;
  /** The expression of each axis' index, an i32; of the first element where there are four. */
  readonly indices: readonly string[];
  /** The axis along which the four lie; -1 where one is computed. */
  readonly axis: number;
  /** The element of its binding at which a tensor begins. */
  readonly base: (buffer: Buffer) => string;
  /** The values of `result` instructions. */
  readonly results?: (index: number) => string;
  /** The words of `parameter` instructions. */
  readonly parameter?: (index: number) => string;
  /** Begins the names of values. Default `v`. */
  readonly prefix?: string;
}

export class BodyWriter {
  readonly lines: string[] = [];

  constructor(
    private readonly site: BodySite,
    private readonly body: Body,
  ) {
    for (const [k, instruction] of body.instructions.entries()) {
      const value = this.expression(instruction, k);
      this.lines.push(`let ${this.value(k)} = ${value};`);
    }
  }

  value(k: number): string {
    return `${this.site.prefix ?? 'v'}${k}`;
  }

  /** The statements that store what the body stores. */
  stores(): string[] {
    return this.body.stores.map(({ access, value }) => {
      const { binding, type } = this.site.shader.slot(access.buffer);
      const { lanes } = this.site.shader;
      const at = this.position(access);
      return this.site.shader.write(binding, lanes === 4 ? quarter(at) : at, encode(this.value(value), type, access.buffer.dtype, lanes), this.reached(access));
    });
  }

  private reached({ buffer }: Access): Reached {
    return { buffer, base: this.site.base(buffer) };
  }

  /** `offset + stride index + ...`, an i32. */
  position({ buffer, ...affine }: Access): string {
    return sum([this.site.base(buffer), ...this.terms(affine)]);
  }

  private terms({ offset, strides }: Affine): string[] {
    const terms = strides.flatMap((stride, axis) => {
      const index = this.site.indices[axis];
      return stride === 0 || index === undefined || index === '0'
        ? []
        : [stride === 1 ? index : `${index} * ${this.site.shader.size(stride)}`];
    });
    return offset === 0 ? terms : [...terms, this.site.shader.size(offset)];
  }

  private along(affine: Affine): number {
    return strideAlong(affine.strides, this.site.axis);
  }

  private expression(i: Instruction, k: number): string {
    const { shader } = this.site;
    const { lanes } = shader;
    switch (i.kind) {
      case 'load':
        return this.load(i.access);
      case 'gather':
        return this.gather(i, k);
      case 'constant':
        return splat(literal(i.value, i.dtype, shader), i.dtype, lanes);
      case 'uniform': {
        const word = shader.word({ kind: 'uniform', index: i.index, dtype: i.dtype });
        return splat(decode(word, 'u32', i.dtype, 1), i.dtype, lanes);
      }
      case 'parameter':
        return splat(decode(required(this.site.parameter, 'the scalars of a segment')(i.index), 'u32', i.dtype, 1), i.dtype, lanes);
      case 'index': {
        const first = sum(this.terms(i.value));
        const step = this.along(i.value);
        if (lanes === 1) return `i32(${first})`;
        return step === 0 ? `vec4i(i32(${first}))` : `(vec4i(i32(${first})) + vec4i(0, 1, 2, 3) * ${shader.size(step)})`;
      }
      case 'result':
        return this.site.results?.(i.index) ?? 'result';
      case 'apply':
        return render(
          i.op,
          { shader, operand: i.operand },
          this.operands(i),
          i.dtype,
        );
    }
  }

  private operands(i: Extract<Instruction, { kind: 'apply' }>): string[] {
    const { shader } = this.site;
    const written = opaqueOperands(i, this.body.instructions);
    return i.args.map((arg, k) => {
      switch (written[k] ?? 'none') {
        case 'none':
          return this.value(arg);
        case 'bits':
          return `${shader.helper('opaque')}(${this.value(arg)})`;
        case 'zero':
          return splat(`${shader.helper('fromBits', 1)}(${this.isNegative(arg) ? '0x80000000u' : '0u'})`, 'float32', shader.lanes);
      }
    });
  }

  private isNegative(k: number): boolean {
    const instruction = this.body.instructions[k];
    return instruction?.kind === 'constant' && Object.is(instruction.value, -0);
  }

  private load(access: Access): string {
    const { shader } = this.site;
    const { binding, type } = shader.slot(access.buffer);
    const { dtype } = access.buffer;
    const at = this.position(access);
    if (shader.lanes === 1) return decode(shader.read(binding, at, this.reached(access)), type, dtype, 1);
    const step = this.along(access);
    if (step === 1 && isAligned(access, this.site.axis)) return decode(shader.read(binding, quarter(at), this.reached(access)), type, dtype, 4);
    if (step === 0) return splat(decode(this.component(binding, at, access), type, dtype, 1), dtype, 4);
    const by = shader.size(step);
    return this.each((lane) => decode(this.component(binding, `${at} + ${lane} * ${by}`, access), type, dtype, 1), access);
  }

  /** Elements at an index where it is on its axis; where it is not, the element of 0 is read and not used. */
  private gather({ access, index, stride, count, outside, dtype }: GatherInstruction, k: number): string {
    const { shader } = this.site;
    const { lanes } = shader;
    const { binding, type } = shader.slot(access.buffer);
    const other = splat(literal(outside, dtype, shader), dtype, lanes);
    if (count === 0) return other;
    const [inside, by] = [`${this.value(k)}inside`, `${this.value(k)}at`];
    const [vector, most] = lanes === 4 ? ['vec4u', `vec4u(${shader.unsigned(count)})`] : ['u32', shader.unsigned(count)];
    this.lines.push(
      `let ${inside} = bitcast<${vector}>(${this.value(index)}) < ${most};`,
      `let ${by} = select(${splat('0', 'int32', lanes)}, ${this.value(index)}, ${inside});`,
    );
    const far = shader.size(stride);
    const at = this.position(access);
    const step = lanes === 1 ? '' : shader.size(this.along(access));
    const read =
      lanes === 1
        ? decode(shader.read(binding, `${at} + ${by} * ${far}`, this.reached(access)), type, dtype, 1)
        : this.each((lane) => decode(this.component(binding, `${at} + ${lane} * ${step} + ${by}[${lane}] * ${far}`, access), type, dtype, 1), access);
    return `select(${other}, ${read}, ${inside})`;
  }

  private each(lane: (k: number) => string, access: Access): string {
    return `${valueType(access.buffer.dtype, 4)}(${[0, 1, 2, 3].map(lane).join(', ')})`;
  }

  /** One element of a binding of vectors. */
  private component(binding: number, at: string, access: Access): string {
    return `${this.site.shader.read(binding, quarter(at), this.reached(access))}[(${at}) & 3]`;
  }
}

function sum(terms: readonly string[]): string {
  return terms.length === 0 ? '0' : terms.join(' + ');
}

/** The vector in which an element is the first. */
function quarter(at: string): string {
  return `(${at}) >> 2u`;
}

/** Whether every fourth position along the axis begins a vector: tensors do. */
export function isAligned({ offset, strides }: Affine, axis: number): boolean {
  return offset % 4 === 0 && strides.every((s, k) => k === axis || s % 4 === 0);
}

/**
 * Statements that cut a number of elements into indices of axes, i32: names for all, the last axis the fastest. The number and the
 * extents are u32, since more elements may be reduced than an i32 counts. With a width the last index counts elements, and its extent
 * counts steps of `width`.
 */
export function unravel(linear: string, extents: readonly string[], names: readonly string[], width = 1): string[] {
  const lines: string[] = [];
  const rest = extents.length > 1 ? `${names[0] ?? 'i'}_rest` : linear;
  if (extents.length > 1) lines.push(`var ${rest} = ${linear};`);
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    const value = axis === 0 ? rest : `${rest} % ${extents[axis] ?? '1'}`;
    const counted = axis === extents.length - 1 && width > 1 ? `i32(${value}) * ${width}` : `i32(${value})`;
    lines.push(`let ${names[axis] ?? 'i'} = ${counted};`);
    if (axis > 0) lines.push(`${rest} = ${rest} / ${extents[axis] ?? '1'};`);
  }
  return lines;
}
