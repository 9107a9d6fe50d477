/** A program made ready to run: its memory, its dispatches, and what the host does around the one submit of a step. */
import { type Buffer, describeProgram, kernelAccesses, type MemoryLayout, type Program } from '@pappus/compiler';
import { type Backend, BackendError, type DeviceTensor, type DType, type Executable, type ProgramDescription, sizeOf, type TypedArray, type Variable } from '@pappus/core';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { fromWords, rounded, scalarArray, toWords } from '../device/elements.js';
import type { Gpu } from '../device/gpu.js';
import { LateMemory, type Memory, type Place } from '../device/memory.js';
import type { Pipelines } from '../device/pipelines.js';
import { Commands } from './commands.js';
import type { Dispatch, Ground } from './dispatch.js';
import { planKernel, scratchBytes } from './plan.js';
import { GpuStorage } from './storage.js';
import { tensorBytes } from './windows.js';

export const LAYOUT: MemoryLayout = { elementBytes: ELEMENT_BYTES, line: 256 };

/** An output on the device, or a scalar that the host has computed. */
class GpuTensor implements DeviceTensor {
  private held: number | undefined;
  private runs = 0;

  constructor(
    readonly backend: Backend,
    readonly dtype: DType,
    readonly shape: readonly number[],
    private readonly gpu: Gpu,
    readonly place: Place | undefined,
  ) {}

  /** The value of a scalar, if the host knows it. */
  get scalar(): number | undefined {
    return this.held;
  }

  /** Begins the next run, whose value the host knows or not. */
  renew(scalar: number | undefined): void {
    this.runs++;
    this.held = scalar;
  }

  /** Has the host know a scalar that the device has computed; undefined if it does. */
  learn(): Promise<void> | undefined {
    if (this.held !== undefined) return undefined;
    const { runs } = this;
    return this.read().then(([value]) => {
      if (this.runs === runs) this.held = value;
    });
  }

  async read(): Promise<TypedArray> {
    this.gpu.check();
    if (this.place === undefined) return scalarArray(this.dtype, this.held ?? NaN);
    const { memory, offset } = this.place;
    return fromWords(this.dtype, await this.gpu.read(memory.buffer, offset, sizeOf(this.shape) * ELEMENT_BYTES[this.dtype]));
  }
}

/** Memory of executables that are gone. */
const collected = new FinalizationRegistry<readonly Memory[]>((memories) => {
  for (const memory of memories) memory.release();
});

function unknown(what: string): never {
  throw new TypeError(`${what} is not known on the host; 'ready' sees to that`);
}

export class GpuExecutable implements Executable {
  readonly program: ProgramDescription;
  private readonly places = new Map<Buffer, Place>();
  private readonly own: Memory[] = [];
  /** Brings together what is in too many blocks, for the dispatches as they are bound now. */
  private gathered: Memory | undefined;
  private readonly scratch: Memory | undefined;
  private readonly read = new Set<Buffer>();
  private readonly outputs: readonly GpuTensor[];
  private readonly hostVariables: readonly Variable[];
  private readonly hostInputs: readonly number[];
  private readonly deviceVariables: ReadonlySet<Variable>;
  private readonly written: ReadonlySet<Variable>;
  private bound: readonly GpuStorage[] | undefined;
  /** Dispatches that were planned when the variables were there, until they are bound. */
  private planned: readonly Dispatch[] | undefined;
  private readonly plannedFor: readonly GpuStorage[];
  private commands: Commands | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly gpu: Gpu,
    private readonly pipelines: Pipelines,
    private readonly source: Program,
    private readonly adopt: () => void,
  ) {
    const kinds = ['input', 'output', 'data'] as const;
    for (const kind of kinds) this.allocate(source.buffers.filter((b) => b.place.kind === kind), `${kind}s of a function`);
    this.allocateTemporaries();
    const scratch = scratchBytes(source.kernels);
    this.scratch = scratch === 0 ? undefined : this.take(scratch, 'partial results');
    for (const buffer of source.buffers) {
      const place = this.places.get(buffer);
      if (buffer.place.kind === 'data' && place !== undefined) gpu.device.queue.writeBuffer(place.memory.buffer, place.offset, toWords(buffer.place.data));
    }
    const accesses = source.kernels.map(kernelAccesses);
    for (const { reads } of accesses) for (const buffer of reads) this.read.add(buffer);
    this.outputs = source.outputs.map((o) => new GpuTensor(backend, o.dtype, o.shape, gpu, o.kind === 'host' ? undefined : this.places.get(o.buffer)));
    const { instructions } = source.host;
    this.hostVariables = instructions.flatMap((i) => (i.kind === 'variable' ? [i.variable] : []));
    this.hostInputs = instructions.flatMap((i) => (i.kind === 'input' ? [i.position] : []));
    const variables = (buffers: readonly Buffer[]): Variable[] => buffers.flatMap((b) => (b.place.kind === 'variable' ? [b.place.variable] : []));
    this.deviceVariables = new Set(accesses.flatMap((a) => variables([...a.reads, ...a.writes])));
    this.written = new Set(accesses.flatMap((a) => variables(a.writes)));
    this.plannedFor = source.variables.map((v) => this.storageOf(v));
    this.planned = this.plan();
    this.program = describeProgram(source, [...new Set(this.planned.map((d) => d.text.source))].reduce((sum, source) => sum + source.length, 0), LAYOUT);
    collected.register(this, this.own);
  }

  /** Makes the pipelines, and sees whether there was room for all. */
  async prepare(): Promise<void> {
    await this.pipelines.prepare(new Set((this.planned ?? []).map((d) => d.text)));
    await Promise.all(this.own.map((memory) => memory.settled));
    for (const { failure } of this.own) if (failure !== undefined) throw failure;
    this.gpu.check();
  }

  ready(inputs: readonly (TypedArray | DeviceTensor)[]): Promise<void> | undefined {
    const waits: Promise<unknown>[] = [];
    const room = this.gpu.room();
    if (room !== undefined) waits.push(room);
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
    this.bind();
    for (const variable of this.source.variables) this.storageOf(variable).check();
    for (const variable of this.deviceVariables) this.storageOf(variable).tellDevice();
    const values = this.evaluateHost(inputs);
    const encoder = this.gpu.device.createCommandEncoder();
    this.writeInputs(inputs, encoder);
    this.commands?.tell(values);
    this.commands?.encode(encoder);
    this.gpu.submit(encoder.finish());
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
    this.own.push(memory);
    return memory;
  }

  /** Tensors side by side, in blocks that a binding holds. */
  private allocate(buffers: readonly Buffer[], what: string): void {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    let group: { readonly buffer: Buffer; readonly offset: number }[] = [];
    let bytes = 0;
    const close = (): void => {
      if (group.length === 0) return;
      const memory = this.take(bytes, what);
      for (const { buffer, offset } of group) this.places.set(buffer, { memory, offset });
      [group, bytes] = [[], 0];
    };
    for (const buffer of buffers) {
      const size = tensorBytes(buffer);
      if (bytes > 0 && bytes + size > most) close();
      group.push({ buffer, offset: bytes });
      bytes += size;
    }
    close();
  }

  private allocateTemporaries(): void {
    const { offsets, bytes } = this.source.temporaries;
    if (bytes === 0) return;
    if (bytes > this.gpu.limits.maxBufferSize) {
      this.allocate([...offsets.keys()], 'temporaries of a function');
      return;
    }
    const memory = this.take(bytes, 'temporaries of a function');
    for (const [buffer, offset] of offsets) this.places.set(buffer, { memory, offset });
  }

  private storageOf(variable: Variable): GpuStorage {
    const { storage } = variable;
    if (storage instanceof GpuStorage && storage.backend === this.backend) return storage;
    throw new BackendError(`variable ${variable.name} lives on another backend than this function (${this.backend.name}); move it with await ${variable.name}.to(backend)`);
  }

  private plan(): Dispatch[] {
    const place = (buffer: Buffer): Place => {
      const found = buffer.place.kind === 'variable' ? this.storageOf(buffer.place.variable).place : this.places.get(buffer);
      if (found === undefined) throw new BackendError(`${buffer.name} has no memory on the GPU`);
      return found;
    };
    const gathered = new LateMemory();
    const { limits, info: { subgroupSize } } = this.gpu;
    const ground: Ground = { limits, subgroupSize, place, drift: () => [0, 0], scratch: this.scratch, gathered, isRead: (buffer: Buffer) => this.read.has(buffer) };
    const dispatches = this.source.kernels.flatMap((kernel) => planKernel(kernel, ground));
    this.gathered?.release();
    this.gathered = gathered.bytes === 0 ? undefined : this.gpu.allocate(gathered.bytes, 'tensors of a kernel');
    gathered.memory = this.gathered;
    return dispatches;
  }

  /** Binds the dispatches to memory, if a variable has moved since the last step. */
  private bind(): void {
    const { variables } = this.source;
    const { bound } = this;
    if (bound !== undefined && variables.every((v, k) => v.storage === bound[k])) return;
    this.adopt();
    const storages = variables.map((v) => this.storageOf(v));
    const moved = this.plannedFor.some((storage, k) => storage !== storages[k]);
    this.commands?.release();
    this.commands = new Commands(moved || this.planned === undefined ? this.plan() : this.planned, this.gpu, this.pipelines);
    this.planned = undefined;
    this.bound = storages;
  }

  private writeInputs(inputs: readonly (TypedArray | DeviceTensor)[], encoder: GPUCommandEncoder): void {
    for (const buffer of this.source.buffers) {
      if (buffer.place.kind !== 'input') continue;
      const value = inputs[buffer.place.position];
      const place = this.places.get(buffer);
      if (value === undefined || place === undefined || buffer.size === 0) continue;
      if (!('backend' in value)) this.gpu.device.queue.writeBuffer(place.memory.buffer, place.offset, toWords(value));
      else if (value instanceof GpuTensor) this.copyInput(value, buffer, place, encoder);
    }
  }

  private copyInput(value: GpuTensor, buffer: Buffer, { memory, offset }: Place, encoder: GPUCommandEncoder): void {
    if (value.place === undefined) {
      this.gpu.device.queue.writeBuffer(memory.buffer, offset, toWords(scalarArray(buffer.dtype, value.scalar ?? NaN)));
      return;
    }
    encoder.copyBufferToBuffer(value.place.memory.buffer, value.place.offset, memory.buffer, offset, buffer.size * ELEMENT_BYTES[buffer.dtype]);
  }

  private evaluateHost(inputs: readonly (TypedArray | DeviceTensor)[]): Float64Array {
    const values = this.source.host.evaluate(
      (position) => {
        const value = inputs[position];
        const scalar = value instanceof GpuTensor ? value.scalar : value === undefined || 'backend' in value ? undefined : value[0];
        return scalar ?? unknown(`input ${position}`);
      },
      (variable) => this.storageOf(variable).scalar ?? unknown(`variable ${variable.name}`),
    );
    return values;
  }
}
