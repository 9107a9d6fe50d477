/** A program made ready to run: its module, its memory, and what the host does around the one call of a step. */
import { alignedBytes, type Buffer, itemAt, lost, type Program, type Segmented, segmentRows, type Uniform } from '@pappus/compiler';
import { type Backend, BackendError, type DeviceTensor, DisposedError, type DType, type PrintOptions, type ProgramDescription, type TypedArray, type Variable } from '@pappus/core';
import { BYTES_PER_ELEMENT, type Executable, type KernelTimes } from '@pappus/core/backend';
import { type BlockLayout, segmentBytes } from './codegen/block.js';
import { uniformKey } from './codegen/names.js';
import { lanesOf } from './codegen/body-emitter.js';
import { reachableBytes } from './codegen/bounds.js';
import type { Checks } from './debug/checks.js';
import type { FunctionMemory } from './function-memory.js';
import type { ProgramLayout } from './layout.js';
import type { CpuMemory } from './memory.js';
import type { Region } from './region.js';
import { CpuStorage } from './storage.js';
import { CpuTensor } from './tensor.js';

/** What a program is run with. */
export interface ExecutableMemory {
  readonly shared: FunctionMemory;
  readonly block: Region;
  readonly constants: ReadonlyMap<Buffer, Region>;
}

/** The step of an executable that is gone. */
function gone(): never {
  throw new DisposedError('the function or its backend was disposed of; compile it again');
}

/** What an executable is made of. */
export interface ExecutableParts {
  readonly backend: Backend;
  readonly memory: CpuMemory;
  readonly program: Program;
  readonly description: ProgramDescription;
  readonly block: BlockLayout;
  readonly layout: ProgramLayout;
  readonly reserved: ExecutableMemory;
  /** Runs all kernels, given the address of the block. */
  readonly step: (block: number) => void;
  /** Makes the bytes of the module again. */
  readonly emit: () => Uint8Array;
  /** Of debug builds. */
  readonly checks: Checks | undefined;
  /** Of traces. */
  readonly takeTimes: (() => KernelTimes) | undefined;
}

export class CpuExecutable implements Executable {
  private readonly addresses = new Map<Buffer, number>();
  private readonly outputs: readonly CpuTensor[];
  private readonly blockAddress: number;
  /** Where each variable was when the block was filled; undefined before it is, and when other tensors have moved. */
  private bound: readonly CpuStorage[] | undefined;
  /** Where shared memory was when the block was filled. */
  private workAddress = NaN;
  private outputsAddress = NaN;

  /** Where scalars of the host go. */
  private readonly uniforms: readonly { readonly index: number; readonly dtype: DType; readonly slot: number }[];
  private readonly inputs: readonly { readonly buffer: Buffer; readonly position: number }[];

  readonly program: ProgramDescription;
  readonly times?: () => Promise<KernelTimes>;
  private readonly backend: Backend;
  private readonly memory: CpuMemory;
  private readonly source: Program;
  private readonly block: BlockLayout;
  private readonly layout: ProgramLayout;
  private readonly reserved: ExecutableMemory;
  private readonly checks: Checks | undefined;
  private step: (block: number) => void;

  constructor(private readonly parts: ExecutableParts) {
    const { backend, memory, program: source, layout, reserved, takeTimes } = parts;
    this.program = parts.description;
    this.backend = backend;
    this.memory = memory;
    this.source = source;
    this.block = parts.block;
    this.layout = layout;
    this.reserved = reserved;
    this.checks = parts.checks;
    this.step = parts.step;
    this.uniforms = source.uniforms.map(({ index, dtype }) => {
      const slot = this.block.uniform.get(uniformKey(index, dtype)) ?? lost(`the place of scalar ${index}`);
      return { index, dtype, slot: reserved.block.address + slot };
    });
    this.inputs = source.buffers.flatMap((buffer) => (buffer.place.kind === 'input' ? [{ buffer, position: buffer.place.position }] : []));
    if (takeTimes !== undefined) this.times = () => Promise.resolve(takeTimes());
    this.blockAddress = reserved.block.address;
    for (const [buffer, region] of reserved.constants) this.addresses.set(buffer, region.address);
    const { outputs } = reserved.shared;
    this.outputs = source.outputs.map((o, k) => new CpuTensor(backend, o.dtype, o.shape, memory, outputs, this.offsetOf(k)));
  }

  run(inputs: readonly (TypedArray | DeviceTensor)[]): readonly DeviceTensor[] {
    const ranLast = this.reserved.shared.lastProgram === this;
    if (!ranLast) this.updateAddresses();
    this.bindVariables();
    this.writeInputs(inputs);
    const values = this.evaluateHost(inputs);
    if (!ranLast) this.takeOver();
    if (this.checks === undefined) this.step(this.blockAddress);
    else this.stepChecked(this.checks);
    for (const [k, output] of this.source.outputs.entries()) {
      const tensor = this.outputs[k];
      if (output.kind === 'host' && tensor !== undefined) this.memory.view(output.dtype, tensor.address, 1)[0] = itemAt(values, output.index, 'scalar');
    }
    for (const { variable, index } of this.source.hostUpdates) this.storageOf(variable).scalar = itemAt(values, index, 'scalar');
    return this.outputs;
  }

  /** In debug builds: what a step computes begins as what nobody may use, and nothing is reached that should not be. */
  private stepChecked(checks: Checks): void {
    const { zones } = this.memory;
    const { work, outputs } = this.reserved.shared;
    for (const [region, gaps] of [[work, this.layout.gaps.work], [outputs, this.layout.gaps.outputs]] as const) {
      for (const { start, end, beside } of gaps) zones?.add(region.address + start, region.address + end, `behind ${beside}`);
    }
    for (const buffer of this.source.buffers) {
      if (buffer.place.kind !== 'temporary' && buffer.place.kind !== 'output') continue;
      const address = this.addressOf(buffer);
      zones?.poison(address, address + alignedBytes(buffer));
    }
    try {
      this.step(this.blockAddress);
      zones?.verify();
    } catch (error) {
      throw checks.violation(this.memory.memory, (address) => this.updatedAt(address)) ?? error;
    } finally {
      // The next program of the function lays its tensors out otherwise.
      for (const { address, bytes } of [work, outputs]) zones?.remove(address, address + bytes);
    }
  }

  private addressOf(buffer: Buffer): number {
    return this.addresses.get(buffer) ?? lost(`the address of ${buffer.name}`);
  }

  /** A variable by where it is. */
  private updatedAt(address: number): string | undefined {
    return this.source.buffers.find((buffer) => buffer.place.kind === 'variable' && this.addresses.get(buffer) === address)?.name;
  }

  release(): void {
    if (this.step === gone) return;
    const { shared, block } = this.reserved;
    this.step = gone;
    if (shared.lastProgram === this) shared.lastProgram = undefined;
    block.release();
    for (const { data } of this.layout.constants) shared.releaseConstant(data);
    shared.leave();
  }

  async print({ code = false }: PrintOptions): Promise<string> {
    const { textOf } = await import('./debug/index.js');
    return textOf(this.source, code ? this.parts.emit() : undefined);
  }

  private offsetOf(position: number): number {
    const output = this.source.outputs[position];
    const offset = output?.kind === 'buffer' ? this.layout.inOutputs.get(output.buffer) : this.layout.hosted.get(position);
    return offset ?? lost(`the place of output ${position}`);
  }

  /** After another program has run in shared memory, or it has moved. What the last run answered is still there. */
  private updateAddresses(): void {
    const { work, outputs } = this.reserved.shared;
    if (work.address !== this.workAddress || outputs.address !== this.outputsAddress) {
      for (const [buffer, offset] of this.layout.inWork) this.addresses.set(buffer, work.address + offset);
      for (const [buffer, offset] of this.layout.inOutputs) this.addresses.set(buffer, outputs.address + offset);
      this.memory.view('int32', this.blockAddress + this.block.scratch, 1)[0] = work.address + this.layout.scratch;
      this.workAddress = work.address;
      this.outputsAddress = outputs.address;
      this.bound = undefined;
    }
    this.clearEnds(this.layout.inWork);
  }

  /** When nothing of what the last run answered is needed any more. */
  private takeOver(): void {
    const { shared } = this.reserved;
    for (const [k, tensor] of this.outputs.entries()) tensor.move(shared.outputs, this.offsetOf(k));
    this.clearEnds(this.layout.inOutputs);
    shared.forgetFormer();
    shared.lastProgram = this;
  }

  /** Kernels compute in whole vectors: what fills up the last one is 0, whoever was there before. */
  private clearEnds(tensors: ReadonlyMap<Buffer, number>): void {
    for (const buffer of tensors.keys()) {
      const bytes = buffer.size * BYTES_PER_ELEMENT[buffer.dtype];
      this.memory.view('bool', this.addressOf(buffer) + bytes, alignedBytes(buffer) - bytes).fill(0);
    }
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
      // The address of a part of a tensor is set by the scan that it is of.
      const slot = buffer.place.kind === 'slice' ? undefined : this.block.address.get(buffer);
      if (slot !== undefined) this.memory.view('int32', this.blockAddress + slot, 1)[0] = this.addressOf(buffer);
    }
    for (const { at, buffers } of this.block.tables.values()) {
      const table = this.memory.view('int32', this.blockAddress + at, buffers.length);
      for (const [k, buffer] of buffers.entries()) table[k] = this.addressOf(buffer);
    }
    for (const [part, at] of this.block.segments) this.fillSegments(part, this.blockAddress + at);
    this.bound = storages;
  }

  /** Writes the table of a kernel's segments; those that lie one behind the other in every operand become one. */
  private fillSegments(part: Segmented, at: number): void {
    // An elementwise kernel counts vectors and may run over what fills up a tensor's last one; a reduction counts elements.
    const lanes = 'update' in part ? lanesOf(part.body) : 1;
    const rows = segmentRows(part, lanes, (buffer) => this.addressOf(buffer));
    const words = segmentBytes(part, this.checks !== undefined) / 4;
    const table = this.memory.view('int32', at, 1 + part.segments.length * words);
    table[0] = rows.length;
    const placeOf = ({ index, dtype }: Uniform): number => this.blockAddress + (this.block.uniform.get(uniformKey(index, dtype)) ?? lost(`the place of scalar ${index}`));
    for (const [r, { steps, addresses, scalars }] of rows.entries()) table.set([steps, ...addresses, ...this.lengthsOf(part, addresses), ...scalars.map(placeOf)], 1 + r * words);
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
    for (const { buffer, position } of this.inputs) {
      const value = inputs[position];
      const address = this.addressOf(buffer);
      if (value instanceof CpuTensor) this.memory.copyWithin(value.address, address, buffer.dtype, buffer.size);
      else if (value !== undefined && !('backend' in value)) this.memory.view(buffer.dtype, address, buffer.size).set(value);
    }
  }

  private evaluateHost(inputs: readonly (TypedArray | DeviceTensor)[]): Float64Array {
    const values = this.source.host.evaluate(
      (position) => {
        const value = inputs[position];
        const scalar = value instanceof CpuTensor ? this.memory.view(value.dtype, value.address, 1) : value;
        return (scalar === undefined || 'backend' in scalar ? undefined : scalar[0]) ?? lost(`the value of input ${position}`);
      },
      (variable) => this.storageOf(variable).scalar,
    );
    for (const { index, dtype, slot } of this.uniforms) {
      const value = itemAt(values, index, 'scalar');
      if (dtype === 'bool') this.memory.view('int32', slot, 2).fill(value === 0 ? 0 : -1);
      else this.memory.view(dtype, slot, 1)[0] = value;
    }
    return values;
  }
}
