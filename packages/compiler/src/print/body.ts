/** The code of one element as lines, one for each load, operation and store: `v2 = mul(v0, v1)`. */
import { type DType } from '@pappus/core';
import { formatNumber } from '@pappus/core/backend';
import type { Affine } from '../kernels/affine.js';
import type { Access, Body, Instruction } from '../kernels/kernel.js';
import { bufferWord } from './words.js';

export class BodyPrinter {
  /** Values that have a number, of all code of the kernel. */
  private numbered = 0;

  /** @param scalarWord what a host scalar is called */
  constructor(readonly scalarWord: (index: number, dtype: DType) => string) {}

  /**
   * @param axes what the indices of the nest are called
   * @returns the lines, and what each value is called: constants, host scalars, indices and results stand where they are used
   */
  instructions(body: Body, axes: readonly string[]): { readonly lines: readonly string[]; readonly words: readonly string[] } {
    const lines: string[] = [];
    const words: string[] = [];
    const word = (k: number): string => words[k] ?? '?';
    const named = (text: string): string => {
      const name = `v${this.numbered++}`;
      lines.push(`${name} = ${text}`);
      return name;
    };
    for (const i of body.instructions) words.push(this.value(i, axes, word, named));
    return { lines, words };
  }

  stores({ stores }: Body, axes: readonly string[], words: readonly string[]): string[] {
    return stores.map(({ access, value }) => `${place(access, axes)} = ${words[value] ?? '?'}`);
  }

  private value(i: Instruction, axes: readonly string[], word: (k: number) => string, named: (text: string) => string): string {
    switch (i.kind) {
      case 'load':
        return named(place(i.access, axes));
      case 'gather': {
        const { access, index, stride, count, outside, dtype } = i;
        return named(`${place(access, axes, { word: word(index), stride })} if 0 <= ${word(index)} < ${count}, else ${numberText(outside, dtype)}`);
      }
      case 'constant':
        return numberText(i.value, i.dtype);
      case 'uniform':
        return this.scalarWord(i.index, i.dtype);
      case 'parameter':
        return `n${i.index}`;
      case 'index': {
        const text = affineText(i.value, axes);
        return /^\w+$/.test(text) ? text : `(${text})`;
      }
      case 'result':
        return `r${i.index}`;
      case 'apply':
        // What operations make of their operands' dtype is told where it is another one.
        return named(`${i.op}(${i.args.map(word).join(', ')})${i.dtype === i.operand ? '' : ` as ${i.dtype}`}`);
    }
  }
}

/** An element of a buffer, at a computed position if there is one: `x[10*i + j]`, `x[8*v0 + j]`. */
export function place({ buffer, ...at }: Access, axes: readonly string[], computed?: { readonly word: string; readonly stride: number }): string {
  return `${bufferWord(buffer)}[${affineText(at, axes, computed === undefined ? [] : [[computed.stride, computed.word]])}]`;
}

/** `4*i + j - 1`; `more` are terms that come first. */
export function affineText({ offset, strides }: Affine, axes: readonly string[], more: readonly (readonly [number, string])[] = []): string {
  const terms = [...more, ...strides.map((stride, axis) => [stride, axes[axis] ?? '?'] as const)].filter(([factor]) => factor !== 0);
  let text = '';
  for (const [factor, word] of terms) {
    const size = Math.abs(factor) === 1 ? word : `${Math.abs(factor)}*${word}`;
    text += text === '' ? `${factor < 0 ? '-' : ''}${size}` : ` ${factor < 0 ? '-' : '+'} ${size}`;
  }
  if (text === '') return String(offset);
  return offset === 0 ? text : `${text} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
}

/** A constant as the kernel holds it. */
function numberText(value: number, dtype: DType): string {
  return dtype === 'bool' ? String(value !== 0) : formatNumber(dtype === 'float32' ? Math.fround(value) : value, dtype);
}
