/** A step that runs its kernels one by one and takes their times; of `compile(..., { trace: true })`. */
import { type Buffer, type Kernel, kernelNames, lost, type MatmulKernel, type Program, required, type ScanKernel } from '@pappus/compiler';
import { Clocks, Timeline } from '@pappus/compiler/trace';
import { BackendError } from '@pappus/core';
import { BYTES_PER_ELEMENT, type KernelTimes } from '@pappus/core/backend';
import type { BlockLayout } from '../codegen/block.js';
import { packingName, uniformKey } from '../codegen/names.js';

export interface TracedStep {
  /** Runs all kernels, given the address of the block. */
  readonly step: (block: number) => void;
  readonly times: () => KernelTimes;
}

type KernelFunction = (block: number, table: number) => void;

/** The code of a kernel, and where its table of addresses is in the block. */
interface Call {
  readonly code: KernelFunction;
  readonly table: number;
}

/**
 * @param exports functions of the module
 * @param words the memory as 32-bit words, as it is now
 */
export function traceStep({ kernels }: Program, layout: BlockLayout, exports: WebAssembly.Exports, words: () => Int32Array): TracedStep {
  const names = kernelNames(kernels);
  const timeline = new Timeline();
  const clocks = new Clocks(kernels);
  const calls = new Map<Kernel, Call>();
  const packings = new Map<MatmulKernel, KernelFunction>();
  const functionOf = (name: string): KernelFunction => {
    const found = exports[name];
    if (!isKernelFunction(found)) throw new BackendError(`the module of a program has no function '${name}'`);
    return found;
  };
  const nameOf = (kernel: Kernel): string => required(names.get(kernel), 'the name of a kernel');
  const prepare = (list: readonly Kernel[]): void => {
    for (const kernel of list) {
      if (kernel.kind === 'scan') {
        prepare(kernel.kernels);
        continue;
      }
      const table = layout.tables.get(kernel);
      calls.set(kernel, { code: functionOf(nameOf(kernel)), table: table === undefined ? 0 : table.at });
      const packing = packingName(nameOf(kernel));
      if (kernel.kind === 'matmul' && packing in exports) packings.set(kernel, functionOf(packing));
    }
  };
  prepare(kernels);

  const time = (kernel: Kernel, { code, table }: Call, block: number): void => {
    const start = performance.now();
    code(block, block + table);
    clocks.of(nameOf(kernel)).add(performance.now() - start);
  };
  const run = (kernel: Kernel, block: number): void => {
    if (kernel.kind === 'scan') scan(kernel, block);
    else time(kernel, required(calls.get(kernel), 'the code of a kernel'), block);
  };
  /** As the module's own function of a scan does. */
  const scan = ({ count, kernels: inside, slices }: ScanKernel, block: number): void => {
    const at = words();
    const slot = (buffer: Buffer): number => (block + (layout.address.get(buffer) ?? lost(`the address of ${buffer.name}`))) / 4;
    const move = (buffer: Buffer, from: Buffer, elements: number): void => {
      at[slot(buffer)] = required(at[slot(from)], from.name) + elements * BYTES_PER_ELEMENT[buffer.dtype];
    };
    for (const { buffer, of, start } of slices) move(buffer, of, start);
    for (const kernel of inside) {
      const pack = kernel.kind === 'matmul' ? packings.get(kernel) : undefined;
      if (pack !== undefined) time(kernel, { code: pack, table: 0 }, block);
    }
    for (let step = 0; step < count; step++) {
      for (const kernel of inside) run(kernel, block);
      for (const { buffer, stride } of slices) move(buffer, buffer, stride);
    }
  };
  return {
    step(block) {
      const start = performance.now();
      for (const kernel of kernels) {
        if (kernel.when !== undefined && words()[(block + required(layout.uniform.get(uniformKey(kernel.when, 'bool')), 'the place of a condition')) / 4] === 0) continue;
        const before = performance.now();
        run(kernel, block);
        timeline.add(nameOf(kernel), 'kernels', before, performance.now());
      }
      timeline.add('step', 'steps', start, performance.now());
      clocks.endStep();
    },
    times: () => clocks.times(),
  };
}

function isKernelFunction(value: unknown): value is KernelFunction {
  return typeof value === 'function';
}
