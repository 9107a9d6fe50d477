/** A program made ready to run: its memory, its dispatches, and what the host does around the one submit of a step. */
import { type Buffer, describeProgram, hasKernel, itemAt, kernelAccesses, kernelNames, type Program, withRoom } from '@pappus/compiler';
import { type Backend, BackendError, type DeviceTensor, DisposedError, type PrintOptions, type ProgramDescription, type TypedArray, type Variable } from '@pappus/core';
import { type Executable, type KernelTimes } from '@pappus/core/backend';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { rounded, scalarArray, toWords } from '../device/elements.js';
import type { Gpu } from '../device/gpu.js';
import { align, isFull, LateMemory, type Memory, type Place, settle } from '../device/memory.js';
import type { Pipelines } from '../device/pipelines.js';
import { loadHelpers } from '../math/index.js';
import type { Tracer } from '../trace/index.js';
import { Commands } from './commands.js';
import type { Dispatch, PlanContext, RoutinePlanner } from './dispatch.js';
import type { FunctionMemory, Room } from './function-memory.js';
import type { Packed } from './pack.js';
import { packProgram, type Packs, placesIn } from './pack-program.js';
import { planKernel, scratchBytes } from './plan.js';
import { GpuStorage } from './storage.js';
import { GpuTensor } from './tensor.js';
import type { Reservation, VariableStore } from './variable-store.js';
import { LAYOUT, tensorBytes } from './windows.js';

const STEP = { label: 'step' };

/** Memory of executables that are gone. */
const collected = new FinalizationRegistry<ReadonlySet<Memory>>((memories) => {
  for (const memory of memories) memory.release();
});

/** Dispatches bound to memory, good while the variables and what programs share are where they were. */
interface Binding {
  readonly storages: readonly GpuStorage[];
  readonly version: number;
  readonly places: ReadonlyMap<Buffer, Place>;
  readonly commands: Commands;
  readonly memories: readonly Memory[];
}

export class GpuExecutable implements Executable {
  /** Of a binding, while it is the one in use. */
  private readonly held = new Set<Memory>();
  private constants: readonly Memory[] | undefined;
  private readonly packed: Packs;
  private readonly scratchBytes: number;
  private readonly read: ReadonlySet<Buffer>;
  private readonly outputs: readonly GpuTensor[];
  private readonly hostVariables: readonly Variable[];
  private readonly hostInputs: readonly number[];
  private readonly deviceVariables: ReadonlySet<Variable>;
  private readonly written: ReadonlySet<Variable>;
  private binding: Binding | undefined;
  private description: ProgramDescription | undefined;
  private isReleased = false;
  private planRoutine: RoutinePlanner | undefined;
  readonly times?: () => Promise<KernelTimes>;

  constructor(
    private readonly backend: Backend,
    private readonly gpu: Gpu,
    private readonly pipelines: Pipelines,
    private readonly source: Program,
    private readonly variables: VariableStore,
    private readonly shared: FunctionMemory,
    private readonly tracer?: Tracer,
  ) {
    if (tracer !== undefined) this.times = () => tracer.times();
    this.packed = packProgram(source, gpu.limits, gpu.guards !== undefined);
    this.scratchBytes = scratchBytes(source.kernels, gpu.limits);
    const accesses = source.kernels.map(kernelAccesses);
    this.read = new Set(accesses.flatMap(({ reads }) => reads));
    this.outputs = source.outputs.map((o) => new GpuTensor(backend, o.dtype, o.shape, gpu, undefined, this));
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
    this.shared.enter();
    try {
      if (hasKernel(this.source.kernels, 'routine')) ({ planRoutine: this.planRoutine } = await import('./plan-routine.js'));
      await loadHelpers(this.source.kernels);
      await this.bind();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  async print({ code = false }: PrintOptions): Promise<string> {
    const { textOf } = await import('./print-program.js');
    return textOf(this.source, code ? this.binding?.commands.shaders : undefined);
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    for (const memory of this.held) memory.release();
    this.held.clear();
    this.binding = undefined;
    if (this.constants !== undefined) this.shared.releaseConstants(this.constants);
    this.shared.leave();
  }

  ready(inputs: readonly (TypedArray | DeviceTensor)[]): Promise<void> | undefined {
    const { binding } = this;
    if (binding === undefined || binding.version !== this.shared.version) return this.bind();
    if (this.source.variables.some((v, k) => v.storage !== binding.storages[k])) return this.bind();
    const waits: Promise<unknown>[] = [];
    const room = this.gpu.room();
    if (room !== undefined) waits.push(room);
    if (this.gpu.guards?.isInFlight === true) waits.push(this.gpu.guards.settled());
    for (const position of this.hostInputs) {
      const value = inputs[position];
      const fetching = value instanceof GpuTensor ? value.syncHost() : undefined;
      if (fetching !== undefined) waits.push(fetching);
    }
    for (const { storage } of this.hostVariables) {
      const fetching = storage instanceof GpuStorage ? storage.syncHost() : undefined;
      if (fetching !== undefined) waits.push(fetching);
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  run(inputs: readonly (TypedArray | DeviceTensor)[]): readonly DeviceTensor[] {
    this.gpu.check();
    for (const variable of this.deviceVariables) this.storageOf(variable).syncDevice();
    const values = this.evaluateHost(inputs);
    const { binding } = this;
    if (binding === undefined) throw new DisposedError('the function was disposed of; compile it again');
    const encoder = this.gpu.device.createCommandEncoder(STEP);
    this.writeInputs(inputs, binding.places, encoder);
    binding.commands.tell(values);
    binding.commands.encode(encoder, values, this.tracer);
    const endTrace = this.tracer?.endStep(encoder);
    const inspect = this.gpu.guards?.inspect(encoder, [
      ...this.held,
      ...Array.from(binding.places.values(), ({ memory }) => memory),
      ...binding.storages.flatMap(({ place }) => place?.memory ?? []),
    ]);
    this.gpu.submit(encoder.finish());
    inspect?.();
    endTrace?.();
    for (const variable of this.written) this.storageOf(variable).wasWritten();
    for (const [k, output] of this.source.outputs.entries()) {
      if (output.kind === 'host') this.outputs[k]?.renew(undefined, rounded(output.dtype, itemAt(values, output.index, 'scalar')));
      else this.outputs[k]?.renew(binding.places.get(output.buffer), undefined);
    }
    this.shared.forgetFormer();
    for (const { variable, index } of this.source.hostUpdates) this.storageOf(variable).update(itemAt(values, index, 'scalar'));
    return this.outputs;
  }

  private storageOf(variable: Variable): GpuStorage {
    const { storage } = variable;
    if (storage === undefined) variable.hostValue();
    if (storage instanceof GpuStorage && storage.backend === this.backend) return storage;
    throw new BackendError(
      `variable ${variable.name} lives on another backend than this function (${this.backend.name}); move it with await ${variable.name}.to(backend)`,
    );
  }

  /** Binds the dispatches to memory, and puts variables where they belong; again when something has moved. */
  private bind(): Promise<void> {
    return withRoom(() => this.tryToBind(), isFull);
  }

  private async tryToBind(): Promise<void> {
    this.gpu.check();
    const { packed, shared } = this;
    const room = shared.reserve({
      inputs: packed.inputs.map((b) => b.bytes),
      outputs: packed.outputs.map((b) => b.bytes),
      temporaries: packed.temporaries.map((b) => b.bytes),
      'partial results': this.scratchBytes === 0 ? [] : [this.scratchBytes],
    });
    let reservation: Reservation | undefined;
    try {
      await this.placeConstants();
      reservation = this.variables.reserveFor(this.source);
      const bound = await this.bindTo(reservation, room);
      try {
        this.gpu.check();
        if (this.isReleased) throw new DisposedError('the function was disposed of while it was prepared');
        this.guard(room);
        reservation.take();
      } catch (error) {
        for (const memory of bound.memories) memory.release();
        throw error;
      }
      room.take();
      for (const memory of this.binding?.memories ?? []) {
        memory.release();
        this.held.delete(memory);
      }
      for (const memory of bound.memories) this.held.add(memory);
      this.binding = { ...bound, version: shared.version };
    } finally {
      reservation?.release();
      room.release();
    }
  }

  /** In debug builds: surrounds the tensors of blocks that are new, and there. */
  private guard(room: Room): void {
    const fresh = new Set(room.memories);
    for (const purpose of ['inputs', 'outputs', 'temporaries'] as const) {
      for (const [k, memory] of room.blocks(purpose).entries()) if (fresh.has(memory)) this.enclose(memory, this.packed[purpose][k]);
    }
  }

  private enclose(memory: Memory, packed: Packed<Buffer> | undefined): void {
    const { guards } = this.gpu;
    if (guards === undefined || packed === undefined) return;
    guards.poison(memory, 0, align(packed.bytes, 4));
    guards.enclose(memory, packed.items.map(({ item, offset }) => ({ name: item.name, offset, bytes: tensorBytes(item) })));
  }

  /** Puts data on the device, if no other program of the function has the same. */
  private async placeConstants(): Promise<void> {
    if (this.constants !== undefined) return;
    const { constants } = this.packed;
    const data = constants.flatMap(({ items }) => items.flatMap(({ item: { place } }) => (place.kind === 'data' ? [place.data] : [])));
    const known = this.shared.shareConstants(data);
    if (known !== undefined) {
      this.constants = known;
      return;
    }
    const memories: Memory[] = [];
    try {
      for (const { bytes } of constants) {
        const memory = this.gpu.allocate(bytes, 'data of a function');
        memory.hold();
        memories.push(memory);
      }
      await settle(memories);
    } catch (error) {
      for (const memory of memories) memory.release();
      throw error;
    }
    for (const [k, memory] of memories.entries()) this.enclose(memory, constants[k]);
    for (const [buffer, place] of placesIn(constants, memories))
      if (buffer.place.kind === 'data') this.gpu.write(place, toWords(buffer.place.data));
    this.shared.addConstants(data, memories);
    this.constants = memories;
  }

  private async bindTo(reservation: Reservation, room: Room): Promise<Omit<Binding, 'version'>> {
    const storageOf = (variable: Variable): GpuStorage => reservation.storages.get(variable) ?? this.storageOf(variable);
    const storages = this.source.variables.map(storageOf);
    const { packed } = this;
    const places = new Map([
      ...placesIn(packed.inputs, room.blocks('inputs')),
      ...placesIn(packed.outputs, room.blocks('outputs')),
      ...placesIn(packed.temporaries, room.blocks('temporaries')),
      ...placesIn(packed.constants, this.constants ?? []),
    ]);
    const gathered = new LateMemory();
    const [scratch] = room.blocks('partial results');
    const dispatches = this.plan((variable) => storageOf(variable).place, places, scratch, gathered);
    const sources = new Set(dispatches.map(({ text }) => text.source));
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
      if (gathered.bytes > 0) gathered.memory = room.add('tensors of a kernel', gathered.bytes);
      const commands = new Commands(dispatches, this.gpu, take);
      await Promise.all([this.pipelines.prepare(dispatches), settle([...reservation.memories, ...room.memories, ...memories])]);
      commands.bind(this.pipelines);
      return { storages, places, commands, memories };
    } catch (error) {
      for (const memory of memories) memory.release();
      throw error;
    }
  }

  private plan(
    placeOf: (variable: Variable) => Place | undefined,
    places: ReadonlyMap<Buffer, Place>,
    scratch: Memory | undefined,
    gathered: LateMemory,
  ): Dispatch[] {
    const place = (buffer: Buffer): Place => {
      const found = buffer.place.kind === 'variable' ? placeOf(buffer.place.variable) : places.get(buffer);
      if (found === undefined) throw new BackendError(`${buffer.name} has no memory on the GPU`);
      return found;
    };
    const {
      limits,
      info: { subgroupSize },
    } = this.gpu;
    const context: PlanContext = {
      names: kernelNames(this.source.kernels),
      kernel: '',
      limits,
      subgroupSize,
      place,
      offsetRange: () => [0, 0],
      scratch,
      gathered,
      guards: this.gpu.guards,
      isRead: (buffer) => this.read.has(buffer),
      planRoutine: this.planRoutine,
    };
    return this.source.kernels.flatMap((kernel) => planKernel(kernel, context));
  }

  private writeInputs(
    inputs: readonly (TypedArray | DeviceTensor)[],
    places: ReadonlyMap<Buffer, Place>,
    encoder: GPUCommandEncoder,
  ): void {
    for (const buffer of this.source.buffers) {
      if (buffer.place.kind !== 'input') continue;
      const value = inputs[buffer.place.position];
      const place = places.get(buffer);
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
