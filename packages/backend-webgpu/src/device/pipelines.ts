/** Pipelines of a device, each made once for its source; made side by side before a function first runs. */
import type { ShaderText } from '../codegen/shader.js';
import { ShaderError } from '../errors.js';

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** GPUShaderStage.COMPUTE */
const COMPUTE = 4;

export class Pipelines {
  private readonly known = new Map<string, Pipeline>();
  private readonly compiling = new Map<string, Promise<Pipeline>>();
  private readonly layouts = new Map<string, GPUBindGroupLayout>();

  constructor(private readonly device: GPUDevice) {}

  /** Makes those that are not there yet; each is called by the first kernel that needs it. */
  async prepare(kernels: Iterable<{ readonly text: ShaderText; readonly kernel: string }>): Promise<void> {
    const makings = new Map<ShaderText, Promise<Pipeline>>();
    for (const { text, kernel } of kernels) if (!makings.has(text)) makings.set(text, this.make(text, kernel));
    await Promise.all(makings.values());
  }

  /** A pipeline that was prepared. */
  get({ source }: ShaderText): Pipeline {
    const known = this.known.get(source);
    if (known === undefined) throw new TypeError('a pipeline is used that was not prepared');
    return known;
  }

  /** Holds none any more. */
  clear(): void {
    this.known.clear();
    this.layouts.clear();
  }

  private async make(text: ShaderText, label: string): Promise<Pipeline> {
    const { source } = text;
    const known = this.known.get(source) ?? this.compiling.get(source);
    if (known !== undefined) return known;
    const making = this.compile(text, label).finally(() => this.compiling.delete(source));
    this.compiling.set(source, making);
    return making;
  }

  private async compile(text: ShaderText, label: string): Promise<Pipeline> {
    this.device.pushErrorScope('validation');
    const layout = this.layout(text);
    const module = this.device.createShaderModule({ label, code: text.source });
    const descriptor = {
      label,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    };
    const problem = this.device.popErrorScope();
    let pipeline: GPUComputePipeline;
    try {
      pipeline = await this.device.createComputePipelineAsync(descriptor);
    } catch (error) {
      const { messages } = await module.getCompilationInfo().catch(() => ({ messages: [] }));
      const said = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join('\n');
      const reason = said === '' ? String(error) : said;
      throw new ShaderError(`the GPU's driver refused a shader; please report it with its source (error.source): ${reason}`, text.source);
    }
    await problem;
    const made = { pipeline, layout };
    this.known.set(text.source, made);
    return made;
  }

  private layout({ types, usesTable, reports }: ShaderText): GPUBindGroupLayout {
    const stored = (writable: boolean, count = 1): GPUBufferBindingType[] =>
      Array<GPUBufferBindingType>(count).fill(writable ? 'storage' : 'read-only-storage');
    const tensors = types.flatMap(({ writable, pages }) => stored(writable, pages?.count));
    const kinds: GPUBufferBindingType[] = ['uniform', ...tensors, ...stored(false, usesTable ? 1 : 0), ...stored(true, reports ? 1 : 0)];
    const key = kinds.join();
    const entries = kinds.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type, hasDynamicOffset: binding === 0 } }));
    const layout = this.layouts.get(key) ?? this.device.createBindGroupLayout({ entries });
    this.layouts.set(key, layout);
    return layout;
  }
}
