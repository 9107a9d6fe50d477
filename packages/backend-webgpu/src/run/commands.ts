/**
 * Dispatches bound to memory: their pipelines, bind groups, tables and words. All are made once; a step uploads the words that the
 * host computes, and encodes.
 */
import { BackendError, type DType } from '@pappus/core';
import type { Word } from '../codegen/shader.js';
import type { Gpu } from '../device/gpu.js';
import { align, ALIGNMENT, type Memory, USAGE } from '../device/memory.js';
import type { Pipelines } from '../device/pipelines.js';
import type { Tracer } from '../trace/index.js';
import type { Copy, Dispatch } from './dispatch.js';
import type { Range } from './windows.js';
import { itemAt, lost } from '@pappus/compiler';

interface Command {
  /** The name of its kernel. */
  readonly kernel: string;
  /** The scalar of the host without which it is left out. */
  readonly when: number | undefined;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Where its words begin, in bytes. */
  readonly words: readonly [number];
  readonly size: readonly [number, number];
  readonly before: readonly Copy[];
  readonly after: readonly Copy[];
}

const PASS = { label: 'kernels of a step' };

/** A binding begins at a multiple of so many words. */
const WORDS_APART = ALIGNMENT / 4;

/** Places of dispatches' words or tables in one buffer, in words; each begins where a binding may. */
interface Regions<K> {
  readonly at: ReadonlyMap<K, number>;
  readonly length: number;
}

function regionsOf<K>(keys: Iterable<readonly [K, number]>): Regions<K> {
  const at = new Map<K, number>();
  let length = 0;
  for (const [key, words] of keys) {
    if (at.has(key) || words === 0) continue;
    at.set(key, length);
    length += align(words, WORDS_APART);
  }
  return { at, length };
}

const hasUniforms = ({ text }: Dispatch): boolean => text.words.some((word) => word.kind === 'uniform');

export class Commands {
  private list: readonly Command[] = [];
  private readonly memory: Memory;
  private readonly tables: Memory | undefined;
  private readonly tableRegions: Regions<readonly number[]>;
  private readonly wordRegions: Regions<Dispatch>;
  private readonly words: Uint32Array<ArrayBuffer>;
  /** Words that the host computes before every step; those of all dispatches that have any come first in the buffer. */
  private readonly scalars: { readonly at: number; readonly index: number; readonly dtype: DType }[] = [];
  private readonly changing: number;

  /** @param take memory that is there when `bind` is called */
  constructor(
    private readonly planned: readonly Dispatch[],
    private readonly gpu: Gpu,
    take: (bytes: number, what: string, usage: number) => Memory,
  ) {
    // Dispatches of a scan are one and the same in each of its steps where nothing that they reach moves.
    const distinct = [...new Set(planned)];
    const withUniforms = distinct.filter(hasUniforms);
    this.wordRegions = regionsOf([...withUniforms, ...distinct.filter((d) => !hasUniforms(d))].map((d) => [d, d.text.words.length] as const));
    this.changing = regionsOf(withUniforms.map((d) => [d, d.text.words.length] as const)).length;
    this.words = new Uint32Array(Math.max(WORDS_APART, this.wordRegions.length));
    for (const [dispatch, region] of this.wordRegions.at) this.fill(dispatch, region);
    this.memory = take(this.words.byteLength, 'words', USAGE.uniform | USAGE.copyTarget);
    this.tableRegions = regionsOf(distinct.map((d) => [d.table, d.table.length] as const));
    this.tables =
      this.tableRegions.length === 0 ? undefined : take(this.tableRegions.length * 4, 'tables', USAGE.storage | USAGE.copyTarget);
  }

  /** Every shader with the kernel that it is of, in the order in which they run. */
  get shaders(): readonly { readonly kernel: string; readonly source: string }[] {
    return this.planned.map(({ kernel, text: { source } }) => ({ kernel, source }));
  }

  /** Uploads what never changes, and makes the bind groups. */
  bind(pipelines: Pipelines): void {
    const { device } = this.gpu;
    device.queue.writeBuffer(this.memory.buffer, 0, this.words);
    for (const [rows, at] of this.tableRegions.at)
      if (this.tables !== undefined) device.queue.writeBuffer(this.tables.buffer, at * 4, Uint32Array.from(rows));
    const groups = new Map<readonly Range[], GPUBindGroup>();
    const commands = new Map<Dispatch, Command>();
    for (const dispatch of new Set(this.planned)) {
      const { text, ranges, before, after, kernel, when } = dispatch;
      const { pipeline, layout } = pipelines.get(text);
      // What differs from step to step of a scan is in the words: one bind group is enough.
      const group = groups.get(ranges) ?? device.createBindGroup({ label: kernel, layout, entries: this.entries(dispatch) });
      groups.set(ranges, group);
      commands.set(dispatch, {
        kernel,
        when,
        pipeline,
        group,
        words: [this.wordsAt(dispatch) * 4],
        size: this.gridOf(dispatch.groups),
        before,
        after,
      });
    }
    this.list = this.planned.map((dispatch) => commands.get(dispatch) ?? lost(`the command of ${dispatch.kernel}`));
  }

  /** Uploads the words that the host has computed. */
  tell(values: Float64Array): void {
    if (this.changing === 0) return;
    const floats = new Float32Array(this.words.buffer);
    for (const { at, index, dtype } of this.scalars) {
      const value = itemAt(values, index, 'scalar');
      if (dtype === 'float32') floats[at] = value;
      else this.words[at] = dtype === 'bool' && value !== 0 ? 1 : value;
    }
    this.gpu.device.queue.writeBuffer(this.memory.buffer, 0, this.words, 0, this.changing);
  }

  /**
   * @param values the scalars of the host
   * @param tracer times the dispatches, each in a pass of its own
   */
  encode(encoder: GPUCommandEncoder, values: Float64Array, tracer?: Tracer): void {
    // A call more for each kernel: in debug builds alone.
    const grouped = this.gpu.guards !== undefined;
    let pass: GPUComputePassEncoder | undefined;
    const copy = (copies: readonly Copy[]): void => {
      if (copies.length === 0) return;
      pass?.end();
      pass = undefined;
      for (const { from, to, bytes } of copies)
        encoder.copyBufferToBuffer(from.memory.buffer, from.offset, to.memory.buffer, to.offset, bytes);
    };
    for (const { kernel, when, pipeline, group, words, size, before, after } of this.list) {
      if (when !== undefined && values[when] === 0) continue;
      copy(before);
      pass ??= encoder.beginComputePass(tracer?.pass(kernel) ?? PASS);
      if (grouped) pass.pushDebugGroup(kernel);
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group, words);
      pass.dispatchWorkgroups(...size);
      if (grouped) pass.popDebugGroup();
      if (tracer !== undefined) {
        pass.end();
        pass = undefined;
      }
      copy(after);
    }
    pass?.end();
  }

  /** Where the words of a dispatch are, if it has any. */
  private wordsAt(dispatch: Dispatch): number {
    return dispatch.text.words.length === 0 ? 0 : (this.wordRegions.at.get(dispatch) ?? lost(`the words of ${dispatch.kernel}`));
  }

  private fill(dispatch: Dispatch, region: number): void {
    for (const [k, word] of dispatch.text.words.entries()) {
      const at = region + k;
      if (word.kind === 'uniform') this.scalars.push({ at, index: word.index, dtype: word.dtype });
      else this.words[at] = fixedWord(word, dispatch);
    }
  }

  private entries({ text, ranges, table }: Dispatch): GPUBindGroupEntry[] {
    const bindings: GPUBufferBinding[] = [
      { buffer: this.memory.buffer, size: align(text.words.length, 4) * 4 },
      ...ranges.map(({ memory, start, bytes }) => ({ buffer: memory.buffer, offset: start, size: bytes })),
    ];
    const at = this.tableRegions.at.get(table);
    if (this.tables !== undefined && at !== undefined)
      bindings.push({ buffer: this.tables.buffer, offset: at * 4, size: table.length * 4 });
    if (text.reports && this.gpu.guards !== undefined) bindings.push({ buffer: this.gpu.guards.report });
    return bindings.map((resource, binding) => ({ binding, resource }));
  }

  /** Workgroups in two dimensions, where one does not count so far. */
  private gridOf(groups: number): readonly [number, number] {
    const most = this.gpu.limits.maxComputeWorkgroupsPerDimension;
    const rows = Math.ceil(groups / most);
    if (rows > most) throw new BackendError(`a kernel of ${groups} workgroups is more than this GPU counts; use smaller tensors`);
    return [Math.ceil(groups / rows), rows];
  }
}

function fixedWord(word: Exclude<Word, { kind: 'uniform' }>, { offsets, extents, numbers }: Pick<Dispatch, 'offsets' | 'extents' | 'numbers'>): number {
  switch (word.kind) {
    case 'zero':
      return 0;
    case 'size':
      return word.value;
    case 'offset':
      return itemAt(offsets, word.operand, 'the offset of operand');
    case 'end':
      return itemAt(offsets, word.operand, 'the offset of operand') + itemAt(extents, word.operand, 'the extent of operand');
    case 'number':
      return numbers[word.name] ?? lost(`the number ${word.name} of a dispatch`);
  }
}
