/** Gives memory to variables: those that are updated together lie side by side. It goes back when a variable has moved away or is collected. */
import { type Program, withRoom } from '@pappus/compiler';
import { type Backend, BackendError, type TypedArray, type Variable } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import type { Gpu } from '../device/gpu.js';
import { GUARD } from '../debug/guards.js';
import { isFull, type Memory, type Place, settle } from '../device/memory.js';
import { noFloat64 } from '../errors.js';
import { pack } from './pack.js';
import { GpuStorage } from './storage.js';
import { tensorBytes } from './windows.js';

/** Places for variables that are not there yet; nothing has changed for anybody until they are taken. */
export interface Reservation {
  readonly storages: ReadonlyMap<Variable, GpuStorage>;
  readonly memories: readonly Memory[];
  /** Puts the variables there, when the memory has settled: those that nobody else has moved meanwhile. */
  take(): void;
  /** Gives back what was not taken. */
  release(): void;
}

/** Of all backends: an engine may stop finalizing when a registry is itself collected while it has something to do. */
const collected = new FinalizationRegistry<Memory>((memory) => memory.release());

export class VariableStore {
  constructor(
    private readonly backend: Backend,
    private readonly gpu: Gpu,
  ) {}

  /** A variable by itself, which the functions that use it may place beside others. */
  store(variable: Variable, values: TypedArray): Promise<GpuStorage> {
    return withRoom(() => this.tryToStore(variable, values), isFull);
  }

  private async tryToStore(variable: Variable, values: TypedArray): Promise<GpuStorage> {
    const { storages, memories, guard, hold, release } = this.reserve([[variable]], true);
    try {
      await settle(memories);
      guard();
      const storage = storages.get(variable);
      if (storage === undefined) throw new BackendError(`no memory for variable ${variable.name}`);
      hold(storage);
      storage.write(values);
      return storage;
    } finally {
      release();
    }
  }

  /**
   * Places for those variables of a program that are on no backend yet, and for those that came one by one from another one.
   *
   * @throws {BackendError} if one lives on another backend
   */
  reserveFor(program: Program): Reservation {
    for (const { name, storage } of program.variables) {
      if (storage !== undefined && !(storage instanceof GpuStorage && storage.backend === this.backend)) {
        throw new BackendError(
          `variable ${name} lives on the backend ${storage.backend.name}, and this function is compiled for ${this.backend.name}; move it with await ${name}.to(backend)`,
        );
      }
    }
    const seen = new Set<Variable>();
    const groups = [...program.arenas, ...program.variables.map((v) => [v])].map((group) =>
      group.filter((variable) => {
        const { storage } = variable;
        if (seen.has(variable) || (storage instanceof GpuStorage && !storage.isAlone)) return false;
        seen.add(variable);
        return true;
      }),
    );
    const { storages, memories, guard, hold, release } = this.reserve(
      groups.filter((group) => group.length > 0),
      false,
    );
    const before = new Map([...storages.keys()].map((variable) => [variable, variable.storage]));
    const take = (): void => {
      const encoder = this.gpu.device.createCommandEncoder();
      const own = [...storages].filter(([variable]) => variable.storage === before.get(variable));
      // Before anything changes: one may have been disposed of.
      for (const [variable] of own) variable.hostValue();
      guard();
      for (const [variable, storage] of own) {
        fill(storage, variable, encoder);
        hold(storage);
        variable.place(storage);
      }
      if (own.length > 0) this.gpu.device.queue.submit([encoder.finish()]);
      for (const [variable] of own) before.get(variable)?.release?.();
    };
    return { storages, memories, take, release };
  }

  private reserve(
    groups: readonly (readonly Variable[])[],
    isAlone: boolean,
  ): Omit<Reservation, 'take'> & { readonly guard: () => void; readonly hold: (storage: GpuStorage) => void } {
    const storages = new Map<Variable, GpuStorage>();
    const memoryOf = new Map<GpuStorage, Memory>();
    const memories: Memory[] = [];
    const { guards } = this.gpu;
    const enclosures: (() => void)[] = [];
    for (const { items, bytes } of pack(groups, bytesOf, this.gpu.limits, guards === undefined ? 0 : GUARD)) {
      const [first] = items;
      const what = items.length === 1 && first !== undefined ? `variable ${first.item.name}` : 'variables';
      const memory = bytes === 0 ? undefined : this.gpu.allocate(bytes, what);
      memory?.hold();
      if (memory !== undefined) memories.push(memory);
      if (memory !== undefined) enclosures.push(() => guards?.enclose(memory, items.map(({ item, offset }) => ({ name: `variable ${item.name}`, offset, bytes: bytesOf(item) }))));
      for (const { item, offset } of items) {
        const place: Place | undefined = memory === undefined ? undefined : { memory, offset };
        const storage = new GpuStorage(this.backend, this.gpu, item, place, isAlone);
        storages.set(item, storage);
        if (memory !== undefined && place !== undefined) memoryOf.set(storage, memory);
      }
    }
    /** In debug builds, when the memory has settled. */
    const guard = (): void => {
      for (const enclose of enclosures.splice(0)) enclose();
    };
    const hold = (storage: GpuStorage): void => {
      const memory = memoryOf.get(storage);
      if (memory === undefined) return;
      memory.hold();
      collected.register(storage, memory, storage);
      storage.holds(() => {
        collected.unregister(storage);
        memory.release();
      });
    };
    const release = (): void => {
      for (const memory of memories.splice(0)) memory.release();
    };
    return { storages, memories, guard, hold, release };
  }
}

/** Gives a storage the value of its variable, from the host or from another place on the device. */
function fill(storage: GpuStorage, variable: Variable, encoder: GPUCommandEncoder): void {
  const from = variable.storage;
  const values = variable.hostValue();
  if (values !== undefined) storage.write(values);
  if (!(from instanceof GpuStorage)) return;
  from.syncDevice();
  storage.continueFrom(from);
  if (from.place === undefined || storage.place === undefined) return;
  encoder.copyBufferToBuffer(
    from.place.memory.buffer,
    from.place.offset,
    storage.place.memory.buffer,
    storage.place.offset,
    bytesOf(variable),
  );
}

/** On the device, where a float64 scalar is float32. */
function bytesOf({ dtype, shape, name }: Variable): number {
  if (dtype === 'float64' && shape.length > 0) throw noFloat64(`variable ${name}`);
  return tensorBytes({ dtype: dtype === 'float64' ? 'float32' : dtype, size: sizeOf(shape) });
}
