/** The WebAssembly module of a program: a function for each kernel, and `step`, which runs them all. */
import { type Body, bodyBuffers, type Buffer, itemAt, type Kernel, kernelNames, lost, type MatmulKernel, type Program, required, type RoutineKernel, type ScanKernel, type ScatterKernel, type Segmented } from '@pappus/compiler';
import { type DType } from '@pappus/core';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import type { Checks } from '../debug/checks.js';
import { MathLibrary } from '../math/index.js';
import { emitMatmul } from '../matmul/index.js';
import { i32, v128, type Value } from '../wasm/instructions.js';
import { type FunctionBuilder, type Local, ModuleBuilder, type WasmFunction } from '../wasm/module.js';
import { type BlockLayout, segmentBytes } from './block.js';
import { type Environment, lanesOf } from './body-emitter.js';
import { reachableBytes } from './bounds.js';
import type { Room } from './flat-values.js';
import { emitElementwise, emitSegments, forEach, type SegmentTable } from './elementwise.js';
import { emitMatmulKernel, emitRightPacking, type MatmulParts, type ProductParts } from './matmul.js';
import { planMatmul } from './matmul-plan.js';
import { matmulType } from './matmul-type.js';
import { packingName, uniformKey } from './names.js';
import { emitReduce } from './reduce.js';
import { layOutScatter } from './scatter-layout.js';
import type { OnDemand } from './on-demand.js';
import type { ScratchLayout } from './scratch.js';

/** The name of the exported function; it takes the address of the program's block. */
export const STEP = 'step';

export interface ModuleOptions {
  /** Whether multiply-adds of relaxed SIMD are there. */
  readonly relaxed: boolean;
  /** Has every access checked. */
  readonly makeChecks?: ((module: ModuleBuilder) => Checks) | undefined;
  /** What the program has that few have. */
  readonly onDemand: OnDemand;
  /** Whether the functions of kernels are exported under their names, too: for whoever runs them one by one. */
  readonly exportsKernels?: boolean | undefined;
}

export function emitModule(program: Program, block: BlockLayout, scratch: ScratchLayout, options: ModuleOptions): Uint8Array<ArrayBuffer> {
  return new ProgramEmitter(program, block, scratch, options).emit();
}

/** Where a kernel's code is written, and where it finds the addresses of its buffers. */
interface KernelSite {
  readonly f: FunctionBuilder;
  readonly block: Local<'i32'>;
  readonly addressAt: Local<'i32'>;
  /** From `addressAt` on. */
  readonly addresses: ReadonlyMap<Buffer, number>;
}

class ProgramEmitter {
  private readonly module = new ModuleBuilder({ initialPages: 1 });
  private readonly math: MathLibrary;
  /** Code that several kernels share, by its key. */
  private readonly shared = new Map<string, WasmFunction<undefined>>();
  private readonly products = new Map<string, WasmFunction<undefined>>();
  private readonly checks: Checks | undefined;

  constructor(
    private readonly program: Program,
    private readonly block: BlockLayout,
    private readonly scratch: ScratchLayout,
    private readonly options: ModuleOptions,
  ) {
    this.math = new MathLibrary(this.module, options.onDemand.math);
    this.checks = options.makeChecks?.(this.module);
  }

  emit(): Uint8Array<ArrayBuffer> {
    const kernels = this.program.kernels.map((kernel) => ({ code: this.kernel(kernel), table: this.block.tables.get(kernel), when: kernel.when }));
    const step = this.module.function({ name: STEP, parameters: ['i32'] }, (f, block) => {
      for (const { code, table, when } of kernels) {
        const run = (): void => f.run(code, block, table === undefined ? block : i32.add(block, i32.const(table.at)));
        if (when === undefined) run();
        else f.if(i32.load(block, this.uniformAt(when, 'bool')), run);
      }
    });
    this.module.export(STEP, step);
    return this.module.encode();
  }

  private kernel(kernel: Kernel): WasmFunction<undefined> {
    if (kernel.kind === 'scan') return this.repeat(kernel);
    const code = this.codeOf(kernel);
    if (this.options.exportsKernels === true) this.module.export(this.nameOf(kernel), code);
    return code;
  }

  private codeOf(kernel: Exclude<Kernel, ScanKernel>): WasmFunction<undefined> {
    const shared = this.block.tables.get(kernel);
    const known = shared === undefined ? undefined : this.shared.get(shared.key);
    if (known !== undefined) return known;
    const narrow = kernel.kind === 'matmul' ? this.scratch.narrow.get(kernel) : undefined;
    const multiply = kernel.kind === 'matmul' && narrow === undefined ? this.product(matmulType(kernel)) : undefined;
    const name = this.nameOf(kernel);
    this.checks?.enter(`kernel ${name}`);
    const code = this.module.function({ name, parameters: ['i32', 'i32'] }, (f, block, own) => {
      const addresses = shared === undefined ? this.block.address : new Map(shared.buffers.map((buffer, k) => [buffer, 4 * k]));
      const site = { f, block, addressAt: shared === undefined ? block : own, addresses };
      switch (kernel.kind) {
        case 'elementwise': {
          const environment = this.environment(site, [kernel.body]);
          const table = this.table(environment, block, kernel);
          if (table === undefined) emitElementwise(environment, kernel);
          else emitSegments(table, kernel);
          break;
        }
        case 'scatter':
          required(this.options.onDemand.scatter, 'the code of scatters')(this.environment(site, [kernel.body]), kernel, this.scatterRoom(f, block, kernel));
          break;
        case 'reduce': {
          const environment = this.environment(site, [...kernel.parts.map((part) => part.body), kernel.epilogue]);
          emitReduce(environment, kernel, (part) => this.table(environment, block, part));
          break;
        }
        case 'routine':
          this.routine(site, kernel);
          break;
        case 'matmul':
          if (narrow !== undefined) required(this.options.onDemand.narrow, 'the code of narrow products')(this.productParts(site, kernel), kernel, narrow);
          else if (multiply !== undefined) emitMatmulKernel(this.matmulParts(site, kernel, multiply), kernel);
          break;
      }
    });
    if (shared !== undefined) this.shared.set(shared.key, code);
    return code;
  }

  private routine({ f, addressAt, addresses }: KernelSite, kernel: RoutineKernel): void {
    const { checks } = this;
    const emit = required(this.options.onDemand.routine, 'the code of routines');
    const bases = kernel.buffers.map((buffer) => f.let(i32.load(addressAt, addresses.get(buffer) ?? lost(`the place of the address of ${buffer.name}`))));
    emit(f, kernel, bases, (array) => checks?.ofBuffer(itemAt(kernel.buffers, array, 'buffer'), itemAt(bases, array, 'address')));
  }

  /** The kernel's own name, or that of the first of those that share its code. */
  private nameOf(kernel: Kernel): string {
    return required(kernelNames(this.program.kernels).get(kernel), 'the name of a kernel');
  }

  /** The scratch memory of a scatter. */
  private scatterRoom(f: FunctionBuilder, block: Local<'i32'>, kernel: ScatterKernel): Room {
    const start = f.let(i32.load(block, this.block.scratch));
    return { start, bounds: this.checks?.bounds('scratch memory', start, i32.const(layOutScatter(kernel).bytes)) };
  }

  private productParts(site: KernelSite, kernel: MatmulKernel): ProductParts {
    return {
      left: this.environment(site, [kernel.left]),
      right: this.environment(site, [kernel.right]),
      epilogue: this.environment(site, [kernel.epilogue]),
      scratch: site.f.let(i32.load(site.block, this.block.scratch)),
      relaxed: this.options.relaxed,
      checks: this.checks,
    };
  }

  private matmulParts(site: KernelSite, kernel: MatmulKernel, multiply: WasmFunction<undefined>): MatmulParts {
    const { f } = site;
    const parts = this.productParts(site, kernel);
    const packed = this.scratch.packed.get(kernel);
    return {
      ...parts,
      packedRight: packed === undefined ? undefined : f.let(i32.add(parts.scratch, i32.const(packed))),
      multiply,
      plan: planMatmul(kernel, this.options.relaxed),
    };
  }

  /** Packs what the products of a scan find packed. */
  private packing(kernel: MatmulKernel): WasmFunction<undefined> {
    const multiply = this.product(matmulType(kernel));
    const name = packingName(this.nameOf(kernel));
    const code = this.module.function({ name, parameters: ['i32', 'i32'] }, (f, block) =>
      emitRightPacking(this.matmulParts({ f, block, addressAt: block, addresses: this.block.address }, kernel, multiply), kernel));
    if (this.options.exportsKernels === true) this.module.export(name, code);
    return code;
  }

  /** Kernels read addresses from the block as they begin: a part of a tensor moves there. */
  private repeat(scan: ScanKernel): WasmFunction<undefined> {
    const { count, kernels, slices } = scan;
    const name = this.nameOf(scan);
    const before = kernels.flatMap((kernel) => (kernel.kind === 'matmul' && this.scratch.packed.has(kernel) ? [this.packing(kernel)] : []));
    const inside = kernels.map((kernel) => this.kernel(kernel));
    const at = (buffer: Buffer): number => this.slotOf(buffer);
    this.checks?.enter(`kernel ${name}`);
    return this.module.function({ name, parameters: ['i32', 'i32'] }, (f, block) => {
      const move = (buffer: Buffer, from: Buffer, elements: number): void =>
        f.emit(i32.store(block, i32.add(i32.load(block, at(from)), i32.const(elements * BYTES_PER_ELEMENT[buffer.dtype])), at(buffer)));
      for (const { buffer, of, start } of slices) move(buffer, of, start);
      for (const pack of before) f.run(pack, block, block);
      forEach(f, count, () => {
        for (const { buffer, of } of slices) this.checkSlice(f, block, buffer, of);
        for (const kernel of inside) f.run(kernel, block, block);
        for (const { buffer, stride } of slices) move(buffer, buffer, stride);
      });
    });
  }

  /** Where the block has the address of a buffer. */
  private slotOf(buffer: Buffer): number {
    return this.block.address.get(buffer) ?? lost(`the place of the address of ${buffer.name}`);
  }

  /** In debug builds: a part lies in its tensor. */
  private checkSlice(f: FunctionBuilder, block: Local<'i32'>, buffer: Buffer, of: Buffer): void {
    const { checks } = this;
    if (checks === undefined || buffer.size === 0) return;
    const start = f.let(i32.load(block, this.slotOf(of)));
    const part = f.let(i32.load(block, this.slotOf(buffer)));
    f.set(part, checks.ofBuffer(of, start).checked(part, reachableBytes(buffer), 'read'));
  }

  /** The table of a piece of code that runs over several tensors. */
  private table(environment: Environment, block: Local<'i32'>, part: Segmented): SegmentTable | undefined {
    const at = this.block.segments.get(part);
    if (at === undefined) return undefined;
    const { f } = environment;
    const order = bodyBuffers(part.body);
    const { checks } = this;
    const scalarsAt = 4 + 4 * order.length * (checks === undefined ? 1 : 2);
    return {
      address: f.let(i32.add(block, i32.const(at))),
      rowBytes: segmentBytes(part, this.checks !== undefined),
      environment: (row) => {
        const base = (buffer: Buffer): Local<'i32'> => f.let(i32.load(row, 4 + 4 * order.indexOf(buffer)));
        const parameter = (index: number, dtype: DType): Value<'v128'> => splat(f.let(i32.load(row, scalarsAt + 4 * index)), 0, dtype);
        if (checks === undefined) return { ...environment, base, parameter };
        const bounds = new Map(order.map((buffer, k) => [buffer, checks.ofBuffer(buffer, base(buffer), i32.load(row, 4 + 4 * (order.length + k)))]));
        return { ...environment, base, parameter, bounds: (buffer) => bounds.get(buffer) ?? checks.ofBuffer(buffer, base(buffer)) };
      },
    };
  }

  private product(type: 'float32' | 'float64' | 'int32'): WasmFunction<undefined> {
    const known = this.products.get(type) ?? emitMatmul(this.module, { type, relaxed: this.options.relaxed, bounds: this.checks?.product });
    this.products.set(type, known);
    return known;
  }

  /** Addresses come from the block or the kernel's table, each read once where a kernel begins. */
  private environment({ f, block, addressAt, addresses }: KernelSite, bodies: readonly Body[]): Environment {
    const load = (buffer: Buffer): Local<'i32'> => f.let(i32.load(addressAt, (addresses.get(buffer) ?? lost(`the place of the address of ${buffer.name}`))));
    const loaded = new Map<Buffer, Local<'i32'>>();
    for (const body of bodies) {
      for (const buffer of bodyBuffers(body)) loaded.set(buffer, load(buffer));
    }
    const base = (buffer: Buffer): Local<'i32'> => loaded.get(buffer) ?? load(buffer);
    const { checks } = this;
    return {
      f,
      math: this.math,
      lanes: lanesOf(...bodies),
      base,
      bounds: checks === undefined ? undefined : (buffer) => checks.ofBuffer(buffer, base(buffer)),
      uniform: (index, dtype) => this.uniform(block, index, dtype),
    };
  }

  private uniformAt(index: number, dtype: DType): number {
    return this.block.uniform.get(uniformKey(index, dtype)) ?? lost(`the place of scalar ${index}`);
  }

  private uniform(block: Local<'i32'>, index: number, dtype: DType): Value<'v128'> {
    return splat(block, this.uniformAt(index, dtype), dtype);
  }
}

/** A host scalar in every lane. */
function splat(block: Local<'i32'>, at: number, dtype: DType): Value<'v128'> {
  return dtype === 'float64' || dtype === 'bool' ? v128.load64Splat(block, at) : v128.load32Splat(block, at);
}
