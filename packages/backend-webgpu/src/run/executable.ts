/** A program made ready to run: its memory, its dispatches, and what the host does around the one submit of a step. */
import { type Buffer, describeProgram, kernelAccesses, type Program } from '@pappus/compiler';
import {
  type Backend,
  BackendError,
  type DeviceTensor,
  type Executable,
  type ProgramDescription,
  type TypedArray,
  type Variable,
} from '@pappus/core';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { GUARD } from '../debug/guards.js';
import { rounded, scalarArray, toWords } from '../device/elements.js';
import type { Gpu } from '../device/gpu.js';
import { align, LateMemory, type Memory, type Place, settle } from '../device/memory.js';
import type { Pipelines } from '../device/pipelines.js';
import { Commands } from './commands.js';
import type { Dispatch, Ground } from './dispatch.js';
import { pack } from './pack.js';
import { planKernel, scratchBytes } from './plan.js';
import { GpuStorage } from './storage.js';
import { GpuTensor } from './tensor.js';
import type { Reservation, VariableStore } from './variable-store.js';
import { LAYOUT, tensorBytes } from './windows.js';

/** Memory of executables that are gone. */
const collected = new FinalizationRegistry<ReadonlySet<Memory>>((memories) => {
  for (const memory of memories) memory.release();
});

/** Dispatches bound to memory, good while the variables are where they were. */
interface Binding {
  readonly storages: readonly GpuStorage[];
  readonly commands: Commands;
  readonly memories: readonly Memory[];
}

export class GpuExecutable implements Executable {
  private readonly places = new Map<Buffer, Place>();
  /** What this executable holds; of a binding only while it is the one in use. */
  private readonly held = new Set<Memory>();
  private readonly scratch: Memory | undefined;
  private readonly read: ReadonlySet<Buffer>;
  private readonly outputs: readonly GpuTensor[];
  private readonly hostVariables: readonly Variable[];
  private readonly hostInputs: readonly number[];
  private readonly deviceVariables: ReadonlySet<Variable>;
  private readonly written: ReadonlySet<Variable>;
  private binding: Binding | undefined;
  private description: ProgramDescription | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly gpu: Gpu,
    private readonly pipelines: Pipelines,
    private readonly source: Program,
    private readonly variables: VariableStore,
  ) {
    const kinds = ['input', 'output', 'data'] as const;
    for (const kind of kinds)
      this.allocate(
        source.buffers.filter((b) => b.place.kind === kind),
        kind === 'data' ? 'data of a function' : `${kind}s of a function`,
      );
    this.allocateTemporaries();
    const scratch = scratchBytes(source.kernels, gpu.limits);
    this.scratch = scratch === 0 ? undefined : this.take(scratch, 'partial results');
    const accesses = source.kernels.map(kernelAccesses);
    this.read = new Set(accesses.flatMap(({ reads }) => reads));
    this.outputs = source.outputs.map(
      (o) => new GpuTensor(backend, o.dtype, o.shape, gpu, o.kind === 'host' ? undefined : this.places.get(o.buffer), this),
    );
    const { instructions } = source.host;
    this.hostVariables = instructions.flatMap((i) => (i.kind === 'variable' ? [i.variable] : []));
    this.hostInputs = instructions.flatMap((i) => (i.kind === 'input' ? [i.position] : []));
    const variablesOf = (buffers: readonly Buffer[]): Variable[] =>
      buffers.flatMap((b) => (b.place.kind === 'variable' ? [b.place.variable] : []));
    this.deviceVariables = new Set(accesses.flatMap((a) => variablesOf([...a.reads, ...a.writes])));
    this.written = new Set(accesses.flatMap((a) => variablesOf(a.writes)));
    collected.register(this, this.held);
  }

  get program(): ProgramDescription {
    if (this.description === undefined) throw new TypeError('the program is not prepared yet');
    return this.description;
  }

  /**
   * Sees whether there is room for all, makes the pipelines, and puts the variables on the device. If it fails, they stay where they
   * were, and no memory is held.
   */
  async prepare(): Promise<void> {
    try {
      await settle(this.held);
      for (const buffer of this.source.buffers) {
        const place = this.places.get(buffer);
        if (buffer.place.kind === 'data' && place !== undefined) this.gpu.write(place, toWords(buffer.place.data));
      }
      await this.bind();
    } catch (error) {
      for (const memory of this.held) memory.release();
      this.held.clear();
      throw error;
    }
  }

  ready(inputs: readonly (TypedArray | DeviceTensor)[]): Promise<void> | undefined {
    const { binding } = this;
    if (binding === undefined || this.source.variables.some((v, k) => v.storage !== binding.storages[k])) return this.bind();
    const waits: Promise<unknown>[] = [];
    const room = this.gpu.room();
    if (room !== undefined) waits.push(room);
    if (this.gpu.guards?.isUnderWay === true) waits.push(this.gpu.guards.settled());
    for (const position of this.hostInputs) {
      const value = inputs[position];
      const learning = value instanceof GpuTensor ? value.learn() : undefined;
      if (learning !== undefined) waits.push(learning);
    }
    for (const { storage } of this.hostVariables) {
      const learning = storage instanceof GpuStorage ? storage.learn() : undefined;
      if (learning !== undefined) waits.push(learning);
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  run(inputs: readonly (TypedArray | DeviceTensor)[]): readonly DeviceTensor[] {
    this.gpu.check();
    for (const variable of this.deviceVariables) this.storageOf(variable).tellDevice();
    const values = this.evaluateHost(inputs);
    const encoder = this.gpu.device.createCommandEncoder();
    this.writeInputs(inputs, encoder);
    this.binding?.commands.tell(values);
    this.binding?.commands.encode(encoder);
    const inspect = this.gpu.guards?.inspect(encoder, [...this.held, ...(this.binding?.storages ?? []).flatMap(({ place }) => place?.memory ?? [])]);
    this.gpu.submit(encoder.finish());
    inspect?.();
    for (const variable of this.written) this.storageOf(variable).wasWritten();
    for (const [k, output] of this.source.outputs.entries()) {
      this.outputs[k]?.renew(output.kind === 'host' ? rounded(output.dtype, values[output.index] ?? NaN) : undefined);
    }
    for (const { variable, index } of this.source.hostUpdates) this.storageOf(variable).update(values[index] ?? NaN);
    return this.outputs;
  }

  private take(bytes: number, what: string): Memory {
    const memory = this.gpu.allocate(bytes, what);
    memory.hold();
    this.held.add(memory);
    return memory;
  }

  /** Tensors side by side, in blocks that a binding holds. */
  private allocate(buffers: readonly Buffer[], what: string): void {
    const { guards } = this.gpu;
    for (const { items, bytes } of pack([buffers], tensorBytes, this.gpu.limits, guards === undefined ? 0 : GUARD)) {
      const memory = this.take(bytes, what);
      guards?.poison(memory, 0, align(bytes, 4));
      guards?.enclose(memory, items.map(({ item, offset }) => ({ name: item.name, offset, bytes: tensorBytes(item) })));
      for (const { item, offset } of items) this.places.set(item, { memory, offset });
    }
  }

  private allocateTemporaries(): void {
    const { offsets, bytes } = this.source.temporaries;
    if (bytes === 0) return;
    if (bytes > this.gpu.limits.maxBufferSize || this.gpu.guards !== undefined) {
      this.allocate([...offsets.keys()], 'temporaries of a function');
      return;
    }
    const memory = this.take(bytes, 'temporaries of a function');
    for (const [buffer, offset] of offsets) this.places.set(buffer, { memory, offset });
  }

  private storageOf(variable: Variable): GpuStorage {
    const { storage } = variable;
    if (storage instanceof GpuStorage && storage.backend === this.backend) return storage;
    throw new BackendError(
      `variable ${variable.name} lives on another backend than this function (${this.backend.name}); move it with await ${variable.name}.to(backend)`,
    );
  }

  /** Binds the dispatches to memory, and puts variables where they belong; again when one has moved. */
  private async bind(): Promise<void> {
    this.gpu.check();
    const reservation = this.variables.reserveFor(this.source);
    try {
      const binding = await this.bindTo(reservation);
      this.gpu.check();
      reservation.take();
      for (const memory of this.binding?.memories ?? []) {
        memory.release();
        this.held.delete(memory);
      }
      for (const memory of binding.memories) this.held.add(memory);
      this.binding = binding;
    } finally {
      reservation.release();
    }
  }

  private async bindTo(reservation: Reservation): Promise<Binding> {
    const storageOf = (variable: Variable): GpuStorage => reservation.storages.get(variable) ?? this.storageOf(variable);
    const storages = this.source.variables.map(storageOf);
    const gathered = new LateMemory();
    const dispatches = this.plan((variable) => storageOf(variable).place, gathered);
    const texts = new Set(dispatches.map((d) => d.text));
    const sources = new Set([...texts].map((text) => text.source));
    this.description ??= describeProgram(
      this.source,
      [...sources].reduce((sum, source) => sum + source.length, 0),
      LAYOUT,
    );
    const memories: Memory[] = [];
    const take = (bytes: number, what: string, usage?: number): Memory => {
      const memory = this.gpu.allocate(bytes, what, usage);
      memory.hold();
      memories.push(memory);
      return memory;
    };
    try {
      if (gathered.bytes > 0) gathered.memory = take(gathered.bytes, 'tensors of a kernel');
      const commands = new Commands(dispatches, this.gpu, take);
      await Promise.all([this.pipelines.prepare(texts), settle([...reservation.memories, ...memories])]);
      commands.bind(this.pipelines);
      return { storages, commands, memories };
    } catch (error) {
      for (const memory of memories) memory.release();
      throw error;
    }
  }

  private plan(placeOf: (variable: Variable) => Place | undefined, gathered: LateMemory): Dispatch[] {
    const place = (buffer: Buffer): Place => {
      const found = buffer.place.kind === 'variable' ? placeOf(buffer.place.variable) : this.places.get(buffer);
      if (found === undefined) throw new BackendError(`${buffer.name} has no memory on the GPU`);
      return found;
    };
    const {
      limits,
      info: { subgroupSize },
    } = this.gpu;
    const ground: Ground = {
      limits,
      subgroupSize,
      place,
      drift: () => [0, 0],
      scratch: this.scratch,
      gathered,
      guards: this.gpu.guards,
      isRead: (buffer) => this.read.has(buffer),
    };
    return this.source.kernels.flatMap((kernel) => planKernel(kernel, ground));
  }

  private writeInputs(inputs: readonly (TypedArray | DeviceTensor)[], encoder: GPUCommandEncoder): void {
    for (const buffer of this.source.buffers) {
      if (buffer.place.kind !== 'input') continue;
      const value = inputs[buffer.place.position];
      const place = this.places.get(buffer);
      if (value === undefined || place === undefined || buffer.size === 0) continue;
      if (!('backend' in value)) this.gpu.write(place, toWords(value));
      else if (value instanceof GpuTensor) this.copyInput(value, buffer, place, encoder);
    }
  }

  private copyInput(value: GpuTensor, buffer: Buffer, place: Place, encoder: GPUCommandEncoder): void {
    if (value.place === undefined) {
      this.gpu.write(place, toWords(scalarArray(buffer.dtype, value.scalar ?? unknown('an output'))));
      return;
    }
    encoder.copyBufferToBuffer(
      value.place.memory.buffer,
      value.place.offset,
      place.memory.buffer,
      place.offset,
      buffer.size * ELEMENT_BYTES[buffer.dtype],
    );
  }

  private evaluateHost(inputs: readonly (TypedArray | DeviceTensor)[]): Float64Array {
    return this.source.host.evaluate(
      (position) => {
        const value = inputs[position];
        const scalar = value instanceof GpuTensor ? value.scalar : value === undefined || 'backend' in value ? undefined : value[0];
        return scalar ?? unknown(`input ${position}`);
      },
      (variable) => this.storageOf(variable).scalar ?? unknown(`variable ${variable.name}`),
    );
  }
}

function unknown(what: string): never {
  throw new TypeError(`${what} is not known on the host; 'ready' sees to that`);
}
