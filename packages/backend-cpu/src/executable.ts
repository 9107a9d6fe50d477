/** A program made ready to run: its module, its memory, and what the host does around the one call of a step. */
import { alignedBytes, type Buffer, type Program, type Segmented, segmentRows } from '@pappus/compiler';
import {
  type Backend,
  BackendError,
  type DeviceTensor,
  type DType,
  type Executable,
  type ProgramDescription,
  type TypedArray,
  type Variable,
} from '@pappus/core';
import { type BlockLayout, segmentBytes, uniformKey } from './codegen/block.js';
import { lanesOf } from './codegen/body-emitter.js';
import { type Checks, reachableBytes } from './debug/checks.js';
import { GUARD } from './debug/zones.js';
import type { CpuMemory } from './memory.js';
import { CpuStorage } from './storage.js';

/** The memory of a program: its block, its temporaries and scratch, its inputs, outputs and constants. */
interface Region {
  readonly address: number;
  readonly bytes: number;
}

/** A tensor in the memory of a CPU backend. */
class CpuTensor implements DeviceTensor {
  constructor(
    readonly backend: Backend,
    readonly dtype: DType,
    readonly shape: readonly number[],
    private readonly memory: CpuMemory,
    readonly address: number,
    readonly length: number,
    /** Keeps the memory alive. */
    readonly owner: object,
  ) {}

  read(): Promise<TypedArray> {
    return Promise.resolve(this.memory.copy(this.dtype, this.address, this.length));
  }
}

/** Regions of executables that are gone. */
const collected = new FinalizationRegistry<{ readonly memory: CpuMemory; readonly region: Region }>(({ memory, region }) => {
  memory.release(region.address, region.bytes);
});

export class CpuExecutable implements Executable {
  private readonly addresses = new Map<Buffer, number>();
  private readonly outputs: readonly CpuTensor[];
  private readonly blockAddress: number;
  /** Where each variable was when the block was filled; undefined before it is. */
  private bound: readonly CpuStorage[] | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly memory: CpuMemory,
    private readonly source: Program,
    private readonly block: BlockLayout,
    private readonly step: (block: number) => void,
    readonly program: ProgramDescription,
    scratchBytes: number,
    private readonly checks?: Checks,
  ) {
    const { zones } = memory;
    // Guarded, every temporary lies by itself, and lasts.
    const apart = zones === undefined ? 0 : GUARD;
    const temporaryBytes = zones === undefined ? source.temporaries.bytes : 0;
    const own = source.buffers.filter(({ place: { kind } }) => kind !== 'variable' && kind !== 'slice' && (kind !== 'temporary' || zones !== undefined));
    const hosted = source.outputs.filter((o) => o.kind === 'host');
    const line = (bytes: number): number => Math.ceil(bytes / 64) * 64 + apart;
    const bytes =
      line(block.bytes) + line(temporaryBytes) + line(scratchBytes) +
      [...own, ...hosted.map(() => ({ dtype: 'float64' as const, size: 1 }))].reduce((sum, b) => sum + line(alignedBytes(b)), 0);
    const region = { address: memory.allocate(bytes, 'a function'), bytes };
    collected.register(this, { memory, region });
    let at = region.address;
    const take = (size: number, what: string): number => {
      const address = at;
      at += line(size);
      zones?.add(address + Math.ceil(size / 16) * 16, at, `behind ${what}`);
      return address;
    };
    this.blockAddress = take(block.bytes, 'the block of addresses');
    const temporaries = take(temporaryBytes, 'the temporaries');
    const scratch = take(scratchBytes, 'what products pack');
    if (zones === undefined) for (const [buffer, offset] of source.temporaries.offsets) this.addresses.set(buffer, temporaries + offset);
    for (const buffer of own) {
      const address = take(alignedBytes(buffer), buffer.name);
      this.addresses.set(buffer, address);
      if (buffer.place.kind === 'data') memory.view(buffer.dtype, address, buffer.size).set(buffer.place.data);
    }
    memory.view('int32', this.blockAddress + block.scratch, 1)[0] = scratch;
    this.outputs = source.outputs.map((output) => {
      const size = output.shape.reduce((a, b) => a * b, 1);
      const address = output.kind === 'host' ? take(16, 'an output of the host') : (this.addresses.get(output.buffer) ?? 0);
      return new CpuTensor(backend, output.dtype, output.shape, memory, address, size, this);
    });
  }

  run(inputs: readonly (TypedArray | DeviceTensor)[]): readonly DeviceTensor[] {
    this.bindVariables();
    this.writeInputs(inputs);
    const values = this.evaluateHost(inputs);
    if (this.checks === undefined) this.step(this.blockAddress);
    else this.stepChecked(this.checks);
    for (const [k, output] of this.source.outputs.entries()) {
      const tensor = this.outputs[k];
      if (output.kind === 'host' && tensor !== undefined) this.memory.view(output.dtype, tensor.address, 1)[0] = values[output.index] ?? NaN;
    }
    for (const { variable, index } of this.source.hostUpdates) this.storageOf(variable).scalar = values[index] ?? NaN;
    return this.outputs;
  }

  /** In debug builds: what a step computes begins as what nobody may use, and nothing is reached that should not be. */
  private stepChecked(checks: Checks): void {
    const { zones } = this.memory;
    for (const buffer of this.source.buffers) {
      const address = this.addresses.get(buffer) ?? 0;
      if (buffer.place.kind === 'temporary' || buffer.place.kind === 'output') zones?.poison(address, address + alignedBytes(buffer));
    }
    try {
      this.step(this.blockAddress);
    } catch (error) {
      throw checks.violation(this.memory.memory, (address) => this.updatedAt(address)) ?? error;
    }
    zones?.verify();
  }

  /** A variable by where it is. */
  private updatedAt(address: number): string | undefined {
    return this.source.buffers.find((buffer) => buffer.place.kind === 'variable' && this.addresses.get(buffer) === address)?.name;
  }

  private storageOf(variable: Variable): CpuStorage {
    const { storage } = variable;
    if (storage instanceof CpuStorage && storage.memory === this.memory) return storage;
    throw new BackendError(
      `variable ${variable.name} lives on another backend than this function (${this.backend.name}); move it with await ${variable.name}.to(backend)`,
    );
  }

  /** Fills the block with the addresses of all buffers, if a variable has moved since the last step. */
  private bindVariables(): void {
    const { variables } = this.source;
    const { bound } = this;
    if (bound !== undefined && variables.every((v, k) => v.storage === bound[k])) return;
    const storages = variables.map((v) => this.storageOf(v));
    for (const buffer of this.source.buffers) {
      if (buffer.place.kind === 'variable') this.addresses.set(buffer, this.storageOf(buffer.place.variable).address);
      const slot = this.block.address.get(buffer);
      if (slot !== undefined) this.memory.view('int32', this.blockAddress + slot, 1)[0] = this.addresses.get(buffer) ?? 0;
    }
    for (const [part, at] of this.block.segments) this.fillSegments(part, this.blockAddress + at);
    this.bound = storages;
  }

  /** Writes the table of a loop's segments; those that lie one behind the other in every operand become one. */
  private fillSegments(part: Segmented, at: number): void {
    // A loop counts vectors and may run over what fills up a tensor's last one; a reduction counts elements.
    const lanes = 'update' in part ? lanesOf(part.body) : 1;
    const rows = segmentRows(part, lanes, (buffer) => this.addresses.get(buffer) ?? 0);
    const words = segmentBytes(part, this.checks !== undefined) / 4;
    const table = this.memory.view('int32', at, 1 + part.segments.length * words);
    table[0] = rows.length;
    for (const [r, { steps, addresses }] of rows.entries()) table.set([steps, ...addresses, ...this.lengthsOf(part, addresses)], 1 + r * words);
  }

  /** In debug builds: the bytes of the tensors at these addresses. */
  private lengthsOf({ segments }: Segmented, addresses: readonly number[]): number[] {
    if (this.checks === undefined) return [];
    const buffers = segments.flatMap((segment) => segment.buffers);
    return addresses.map((address) => {
      const buffer = buffers.find((b) => this.addresses.get(b) === address);
      return buffer === undefined ? 0 : reachableBytes(buffer);
    });
  }

  private writeInputs(inputs: readonly (TypedArray | DeviceTensor)[]): void {
    for (const buffer of this.source.buffers) {
      if (buffer.place.kind !== 'input') continue;
      const value = inputs[buffer.place.position];
      const address = this.addresses.get(buffer) ?? 0;
      if (value instanceof CpuTensor) this.memory.copyWithin(value.address, address, buffer.dtype, buffer.size);
      else if (value !== undefined && !('backend' in value)) this.memory.view(buffer.dtype, address, buffer.size).set(value);
    }
  }

  private evaluateHost(inputs: readonly (TypedArray | DeviceTensor)[]): Float64Array {
    const { host, uniforms } = this.source;
    const values = host.evaluate(
      (position) => {
        const value = inputs[position];
        if (value instanceof CpuTensor) return this.memory.view(value.dtype, value.address, 1)[0] ?? NaN;
        return value === undefined || 'backend' in value ? NaN : (value[0] ?? NaN);
      },
      (variable) => this.storageOf(variable).scalar,
    );
    for (const { index, dtype } of uniforms) {
      const slot = this.blockAddress + (this.block.uniform.get(uniformKey(index, dtype)) ?? 0);
      const value = values[index] ?? NaN;
      if (dtype === 'bool') this.memory.view('int32', slot, 2).fill(value === 0 ? 0 : -1);
      else this.memory.view(dtype, slot, 1)[0] = value;
    }
    return values;
  }
}
