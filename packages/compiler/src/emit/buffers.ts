/** The buffers of a program: one for each input, variable, constant and output that is used, and the temporaries. */
import { type DType, type Variable } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import type { Buffer } from '../kernels/kernel.js';
import type { Tensor } from '../lower/tensor.js';
import { type GivenNames, inputName, NO_NAMES, outputName } from '../lower/tensor-names.js';

export class BufferTable {
  readonly all: Buffer[] = [];
  private readonly known = new Map<string, Buffer>();
  /** How many buffers were to have a name; that of a variable is the variable's own, whatever is made before it. */
  private readonly namesakes = new Map<string, number>();

  private readonly ofVariables: ReadonlySet<string>;

  constructor(readonly given: GivenNames = NO_NAMES) {
    this.ofVariables = new Set(given.variables);
    for (const name of given.variables) this.namesakes.set(name, 1);
  }

  /** The buffer of an input, a variable or constant data. */
  leaf(tensor: Tensor): Buffer | undefined {
    const { op, dtype } = tensor;
    const size = sizeOf(tensor.shape);
    switch (op.kind) {
      case 'input':
        return this.once(`input ${op.position}`, () => ({ name: inputName(this.given, op.position), dtype, size, place: { kind: 'input', position: op.position } }));
      case 'variable':
        return this.variable(op.variable, dtype);
      case 'data':
        return this.once(`data ${op.id}`, () => ({ name: 'constant', dtype, size, place: { kind: 'data', data: op.data } }));
      default:
        return undefined;
    }
  }

  /** @param dtype what it is on the device. Default: the variable's own. */
  variable(variable: Variable, dtype = variable.dtype): Buffer {
    return this.once(`variable ${variable.id}`, () => ({
      name: variable.name,
      dtype,
      size: sizeOf(variable.shape),
      place: { kind: 'variable', variable },
    }));
  }

  output(position: number, dtype: DType, size: number): Buffer {
    return this.once(`output ${position}`, () => ({ name: outputName(this.given, position), dtype, size, place: { kind: 'output', position } }));
  }

  temporary(name: string, dtype: DType, size: number): Buffer {
    return this.add({ name, dtype, size, place: { kind: 'temporary' } });
  }

  /** A part of another buffer. */
  slice(name: string, dtype: DType, size: number): Buffer {
    return this.add({ name, dtype, size, place: { kind: 'slice' } });
  }

  private once(key: string, make: () => Omit<Buffer, 'id'>): Buffer {
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;
    const buffer = this.add(make());
    this.known.set(key, buffer);
    return buffer;
  }

  private add(buffer: Omit<Buffer, 'id'>): Buffer {
    const own = buffer.place.kind === 'variable' && this.ofVariables.has(buffer.name);
    const complete = { ...buffer, name: own ? buffer.name : this.unique(buffer.name), id: this.all.length };
    this.all.push(complete);
    return complete;
  }

  /** The name itself for the first buffer that is to have it, and one with a number for each other. */
  private unique(name: string): string {
    const count = (this.namesakes.get(name) ?? 0) + 1;
    this.namesakes.set(name, count);
    return count === 1 ? name : this.unique(`${name} (${count})`);
  }
}
