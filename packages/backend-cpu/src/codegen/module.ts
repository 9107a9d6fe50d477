/** The WebAssembly module of a program: a function for each kernel, and `step`, which runs them all. */
import { type Body, type Buffer, bodyBuffers, type Kernel, type MatmulKernel, type Program, type RepeatKernel, type Segmented } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, type DType } from '@pappus/core';
import { MathLibrary } from '../math/index.js';
import { emitMatmul } from '../matmul/index.js';
import { i32, v128, type Value } from '../wasm/instructions.js';
import { type FunctionBuilder, type Local, ModuleBuilder, type WasmFunction } from '../wasm/module.js';
import { type BlockLayout, segmentBytes, uniformKey } from './block.js';
import { type Environment, lanesOf } from './body-emitter.js';
import { emitLoop, emitSegments, forEach, type SegmentTable } from './loop.js';
import { emitMatmulKernel, emitRightPacking, type MatmulParts } from './matmul.js';
import { matmulType, planMatmul } from './matmul-plan.js';
import { emitReduce } from './reduce.js';
import { emitScatter } from './scatter.js';
import type { ScratchLayout } from './scratch.js';

/** The name of the exported function; it takes the address of the program's block. */
export const STEP = 'step';

export function emitModule(program: Program, block: BlockLayout, scratch: ScratchLayout, relaxed: boolean): Uint8Array<ArrayBuffer> {
  return new ProgramEmitter(program, block, scratch, relaxed).emit();
}

class ProgramEmitter {
  private readonly module = new ModuleBuilder({ initialPages: 1 });
  private readonly math = new MathLibrary(this.module);
  private readonly products = new Map<string, WasmFunction<undefined>>();

  constructor(
    private readonly program: Program,
    private readonly block: BlockLayout,
    private readonly scratch: ScratchLayout,
    private readonly relaxed: boolean,
  ) {}

  emit(): Uint8Array<ArrayBuffer> {
    const kernels = this.program.kernels.map((kernel) => this.kernel(kernel));
    const step = this.module.function({ parameters: ['i32'] }, (f, block) => {
      for (const kernel of kernels) f.run(kernel, block);
    });
    this.module.export(STEP, step);
    return this.module.encode();
  }

  private kernel(kernel: Kernel): WasmFunction<undefined> {
    if (kernel.kind === 'repeat') return this.repeat(kernel);
    const multiply = kernel.kind === 'matmul' ? this.product(matmulType(kernel)) : undefined;
    return this.module.function({ parameters: ['i32'] }, (f, block) => {
      switch (kernel.kind) {
        case 'loop': {
          const environment = this.environment(f, block, [kernel.body]);
          const table = this.table(environment, block, kernel);
          if (table === undefined) emitLoop(environment, kernel);
          else emitSegments(table, kernel);
          break;
        }
        case 'scatter':
          emitScatter(this.environment(f, block, [kernel.body]), kernel, f.let(i32.load(block, this.block.scratch)));
          break;
        case 'reduce': {
          const environment = this.environment(f, block, [...kernel.parts.map((part) => part.body), kernel.epilogue]);
          emitReduce(environment, kernel, (part) => this.table(environment, block, part));
          break;
        }
        case 'matmul':
          if (multiply !== undefined) emitMatmulKernel(this.matmulParts(f, block, kernel, multiply), kernel);
          break;
      }
    });
  }

  private matmulParts(f: FunctionBuilder, block: Local<'i32'>, kernel: MatmulKernel, multiply: WasmFunction<undefined>): MatmulParts {
    const scratch = f.let(i32.load(block, this.block.scratch));
    const packed = this.scratch.packed.get(kernel);
    return {
      left: this.environment(f, block, [kernel.left]),
      right: this.environment(f, block, [kernel.right]),
      epilogue: this.environment(f, block, [kernel.epilogue]),
      scratch,
      packedRight: packed === undefined ? undefined : f.let(i32.add(scratch, i32.const(packed))),
      multiply,
      plan: planMatmul(kernel, this.relaxed),
    };
  }

  /** Packs what the products of a loop find packed. */
  private packing(kernel: MatmulKernel): WasmFunction<undefined> {
    const multiply = this.product(matmulType(kernel));
    return this.module.function({ parameters: ['i32'] }, (f, block) => emitRightPacking(this.matmulParts(f, block, kernel, multiply), kernel));
  }

  /** Kernels read addresses from the block as they begin: a part of a tensor moves there. */
  private repeat({ count, kernels, slices }: RepeatKernel): WasmFunction<undefined> {
    const before = kernels.flatMap((kernel) => (kernel.kind === 'matmul' && this.scratch.packed.has(kernel) ? [this.packing(kernel)] : []));
    const inside = kernels.map((kernel) => this.kernel(kernel));
    const at = (buffer: Buffer): number => this.block.address.get(buffer) ?? 0;
    return this.module.function({ parameters: ['i32'] }, (f, block) => {
      const move = (buffer: Buffer, from: Buffer, elements: number): void =>
        f.emit(i32.store(block, i32.add(i32.load(block, at(from)), i32.const(elements * BYTES_PER_ELEMENT[buffer.dtype])), at(buffer)));
      for (const { buffer, of, start } of slices) move(buffer, of, start);
      for (const pack of before) f.run(pack, block);
      forEach(f, count, () => {
        for (const kernel of inside) f.run(kernel, block);
        for (const { buffer, stride } of slices) move(buffer, buffer, stride);
      });
    });
  }

  /** The table of a piece of code that runs over several tensors. */
  private table(environment: Environment, block: Local<'i32'>, part: Segmented): SegmentTable | undefined {
    const at = this.block.segments.get(part);
    if (at === undefined) return undefined;
    const { f } = environment;
    const order = bodyBuffers(part.body);
    return {
      address: f.let(i32.add(block, i32.const(at))),
      rowBytes: segmentBytes(part),
      environment: (row) => ({ ...environment, base: (buffer) => f.let(i32.load(row, 4 + 4 * order.indexOf(buffer))) }),
    };
  }

  private product(type: 'float32' | 'float64' | 'int32'): WasmFunction<undefined> {
    const known = this.products.get(type) ?? emitMatmul(this.module, { type, relaxed: this.relaxed });
    this.products.set(type, known);
    return known;
  }

  /** Addresses come from the block, each read once where a kernel begins. */
  private environment(f: FunctionBuilder, block: Local<'i32'>, bodies: readonly Body[]): Environment {
    const addresses = new Map<Buffer, Local<'i32'>>();
    for (const body of bodies) {
      for (const buffer of bodyBuffers(body)) addresses.set(buffer, f.let(i32.load(block, this.block.address.get(buffer) ?? 0)));
    }
    return {
      f,
      math: this.math,
      lanes: lanesOf(...bodies),
      base: (buffer) => addresses.get(buffer) ?? f.let(i32.load(block, this.block.address.get(buffer) ?? 0)),
      uniform: (index, dtype) => this.uniform(block, index, dtype),
    };
  }

  private uniform(block: Local<'i32'>, index: number, dtype: DType): Value<'v128'> {
    const at = this.block.uniform.get(uniformKey(index, dtype)) ?? 0;
    return dtype === 'float64' || dtype === 'bool' ? v128.load64Splat(block, at) : v128.load32Splat(block, at);
  }
}
